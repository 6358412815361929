"""The last part of the road: retention falls due, a hold wins, and then destruction is proved."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from demo.cast import hold, refused, until
from demo.telling import Act, Line

if TYPE_CHECKING:
    from demo.road import Road

READ_ROUTES = (
    "?purpose=service",
    "?purpose=service&fields=basic.name",
    "/timeline",
    "/consents",
    "/versions?purpose=service",
    "/explain?purpose=service",
)
ELEVEN_YEARS = "P4018D"


class Ending:
    """The acts after the return of the loan."""

    def __init__(self, road: Road) -> None:
        self.road, self.cast = road, road.cast

    def acts(self) -> list[Act]:
        """In their order."""
        return [
            (("Retention falls due", "保管期满"), self.end),
            (("A hold wins", "冻结优先"), self.freeze),
            (("Release", "解除冻结"), self.release),
            (("Destruction: list, approval, witness, execution", "销毁：清册、审批、监销、执行"), self.destroy),
            (("Gone", "已不可读"), self.gone),
            (("Proof for a stranger", "供外人核验的证明"), self.verify),
        ]

    def end(self) -> Iterator[Line]:
        """The relation ends, and eleven years later retention falls due."""
        today = self.cast["ma"].post("/demo/clock", {"advance": "P0D"})["now"][:10]
        self.cast["zheng"].post(f"/v1/records/{self.road.record}/events", {"event": "ended", "date": today})
        verdict = self.cast["he"].get(f"/v1/records/{self.road.record}/verdict")
        hold(verdict["outcome"] == "not_eligible", "before its time a record is kept")
        no = refused(lambda: self._list(), 409, "disposal.not_due")
        yield Line(
            "zheng", "notes that the relation ended; wu lists it", "登记关系终止；提请销毁", f"{no.status} {no.code}"
        )
        self.road.advance(ELEVEN_YEARS)
        verdict = self.cast["he"].get(f"/v1/records/{self.road.record}/verdict")
        hold(verdict["outcome"] == "eligible", "after its period a record may go")
        yield Line("–", "eleven years later", "十一年以后", f"{verdict['outcome']} since {verdict.get('earliest')}")

    def freeze(self) -> Iterator[Line]:
        """A hold is placed: destruction is refused."""
        asked = {"records": [self.road.record], "title": "Audit 2037", "matter": "tax", "reason": "tax audit announced"}
        placed = self.cast["he"].post("/v1/holds", asked)
        until(lambda: self._hold_state(placed["hold"]) == "active", "the hold")
        self.road.facts["hold"] = placed["hold"]
        no = refused(lambda: self._list(), 409, "hold.active")
        yield Line("he, wu", "a hold is placed; destruction is refused", "设置冻结；销毁被拒", f"{no.status} {no.code}")

    def release(self) -> Iterator[Line]:
        """It is lifted by another person than who placed it."""
        path = f"/v1/holds/{self.road.facts['hold']}/release"
        no = refused(lambda: self.cast["he"].post(path, {"reason": "the audit is over"}), 403)
        self.cast["gao"].post(path, {"reason": "the audit is over"})
        until(lambda: self._hold_state(self.road.facts["hold"]) == "released", "the release")
        yield Line(
            "he, gao",
            "he may not release the own hold; gao does",
            "本人不得解除；由高伟解除",
            f"{no.status} {no.code}; released",
        )

    def destroy(self) -> Iterator[Line]:
        """List, approval, witness, execution: four kinds of people, then the key is gone."""
        listed = self._list()
        path = f"/v1/disposals/{listed['disposal']}"
        self.cast["wu"].post(f"{path}/approval")
        request = self.road.request_of("destroy", listed["disposal"])
        no = refused(lambda: self.road.decide("wu", request), 403)
        yield Line(
            "wu", "lists it, asks for approval, approves it", "编制清册、报批、自行批准", f"{no.status} {no.code}"
        )
        self.road.decide("wang", request)
        settled = self.road.decide("gao", request)
        hold(settled["state"] == "approved", "two others approve")
        until(lambda: self.cast["he"].get(path)["state"] in ("approved", "waiting"), "the approval to arrive")
        no = refused(lambda: self.cast["gao"].post(f"{path}/witness"), 403)
        self.cast["ma"].post(f"{path}/witness")
        yield Line(
            "gao, ma",
            "an approver cannot witness; ma does",
            "审批人不得监销；由马超监销",
            f"{no.status} {no.code}; witnessed",
        )
        no = refused(lambda: self.cast["ma"].post(f"{path}/execution"), 403)
        self.cast["he"].post(f"{path}/execution")
        done = until(lambda: self._done(path), "the execution")
        self.road.certificate = done["certificate"]
        yield Line(
            "ma, he",
            "the witness cannot execute; he does",
            "监销人不得执行；由何静执行",
            f"{no.status} {no.code}; {done['state']}",
        )

    def gone(self) -> Iterator[Line]:
        """Every road to the record answers 410 with the certificate."""
        path = f"/v1/records/{self.road.record}"
        named = {self._certificate_at(path + road) for road in READ_ROUTES}
        body = {"fields": {"basic.name": "x"}, "reason": "try", "requested_by": "customer"}
        refused(lambda: self.cast["zheng"].patch(path, body, If_Match='"1"'), 410)
        hold(named == {self.road.certificate}, "every answer names the certificate")
        told = f"410, certificate {self.road.certificate[:8]}…"
        yield Line("zheng", f"reads by {len(READ_ROUTES)} routes, and writes", "以各种途径查阅与更改", told)

    def verify(self) -> Iterator[Line]:
        """Certificate and log verify offline; one changed byte is found."""
        with TemporaryDirectory() as folder:
            yield from self._verify(Path(folder))

    def _verify(self, folder: Path) -> Iterator[Line]:
        certificate = self.cast["he"].get(f"/v1/certificates/{self.road.certificate}")
        (folder / "certificate.json").write_text(json.dumps(certificate))
        hold(_muniment("audit", "verify", str(folder / "certificate.json"))[0] == 0, "the certificate verifies")
        yield Line("–", "the certificate, offline", "离线核验销毁证书", "sound")
        bundle = until(self._bundle, "the evidence bundle")
        (folder / "evidence.zip").write_bytes(bundle)
        hold(_muniment("audit", "verify", str(folder / "evidence.zip"))[0] == 0, "the log verifies")
        entries = zipfile.ZipFile(folder / "evidence.zip").read("entries.jsonl")
        hold(not any(value.encode() in entries for value in self.road.values), "the log holds no value of a record")
        yield Line(
            "–",
            f"the log of {len(entries.splitlines())} entries, offline",
            "离线核验审计日志",
            "sound, holds no value of a record",
        )
        place = _change_one_byte(folder / "evidence.zip", folder / "changed.zip")
        code, said = _muniment("audit", "verify", str(folder / "changed.zip"))
        hold(code == 1 and f"entry {place}" in said, "the changed entry is named")
        yield Line("–", f"one byte changed in entry {place}", f"改动第{place}条中的一个字节", "found and named")

    def _certificate_at(self, route: str) -> str:
        no = refused(lambda: self.cast["zheng"].get(route), 410, "record.destroyed")
        return str(no.problem.get("certificate"))

    def _list(self) -> dict[str, str]:
        asked = {"records": [self.road.record], "reason": "retention has ended"}
        return dict(self.cast["wu"].post("/v1/disposals", asked))

    def _hold_state(self, wanted: str) -> str:
        return next(str(one["state"]) for one in self.cast["he"].get("/v1/holds")["items"] if one["hold"] == wanted)

    def _done(self, path: str) -> dict[str, str] | None:
        found = self.cast["he"].get(path)
        return dict(found) if found["state"] in ("executed", "partly_executed") else None

    def _bundle(self) -> bytes | None:
        asked = self.cast["ma"].post("/v1/audit/bundles")
        status, _, content = self.cast["ma"].raw("GET", f"/v1/audit/bundles/{asked['bundle']}", None, {})
        return content if status == 200 else None


def _muniment(*arguments: str) -> tuple[int, str]:
    """Exit code and output of the command as a stranger would run it."""
    code = "import sys; from cli.main import main; main(sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False)  # noqa: S603
    return done.returncode, (done.stdout + done.stderr).decode()


def _change_one_byte(source: Path, target: Path) -> int:
    """Change a letter in the middle of the log; in which entry."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "entries.jsonl":
                at = content.index(b'"type":"records.read"') + 9
                content, place = content[:at] + b"R" + content[at + 1 :], content[:at].count(b"\n")
            new.writestr(name, content)
    return place

"""Bringing the demo company's customers in: a dry run that tells what is wrong per row, then for real, then release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from cli.http import Answer
from demo import data
from demo.cast import Cast, hold, until
from demo.telling import Line

# Whose file it is: the department that keeps that class.
BROUGHT_BY = {"company.customer": "zheng", "trading.customer": "qian"}
RELEASED_BY = "he"
ENDED = ("checked", "waiting", "released", "rejected", "failed")


class Company:
    """The customers of the demo company, as two files with real dirt in them."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.cast, self.folder = cast, folder

    def bring_in(self) -> Iterator[Line]:
        """Both files: dry run, real run, release by the archivist, and once more to see that nothing doubles."""
        self.folder.mkdir(exist_ok=True)
        for record_class, path in data.write(self.folder).items():
            yield from self._one(record_class, path)

    def _one(self, record_class: str, path: Path) -> Iterator[Line]:
        clerk = BROUGHT_BY[record_class]
        dry = self.load(clerk, record_class, path, dry_run="true")
        hold(dry["state"] == "checked", "a dry run stores nothing")
        yield Line(clerk, f"tries {path.name} ({dry['encoding'] or 'workbook'})", f"试导入 {path.name}", _counts(dry))
        report = self.cast[clerk].get(f"/v1/imports/{dry['id']}/report.csv")["text"]
        yield Line(clerk, "reads what is wrong, row by row", "查看逐行问题", _first(report))
        real = self.load(clerk, record_class, path)
        hold([real[name] for name in _NAMES] == [dry[name] for name in _NAMES], "dry run and real run agree")
        self.release(real["id"])
        yield Line(RELEASED_BY, "releases the batch", "档案管理员放行批次", f"{real['accepted']} records active")
        again = self.load(clerk, record_class, path)
        hold(again["accepted"] == 0, "importing it again creates nothing")
        yield Line(clerk, "imports it again", "再次导入", _counts(again))

    def load(
        self, person: str, record_class: str, path: Path, mapping: dict[str, object] | None = None, **form: str
    ) -> Answer:
        """Upload one file and wait until every row has its outcome."""
        sent = {"class": record_class, **form, **({"mapping": json.dumps(mapping)} if mapping else {})}
        begun = self.cast[person].upload("/v1/imports", sent, path.name, path.read_bytes())
        done: Answer = until(lambda: self._ended(person, begun["id"]), f"the import of {path.name}")
        hold(done["accepted"] + done["rejected"] + done["duplicates"] == done["rows"], "every row has one outcome")
        return done

    def release(self, batch: str) -> None:
        """Approve the batch's request as archivist, and wait until its records are valid."""
        request = until(lambda: self._request(batch), "the release request")
        decided = {"decision": "approve", "reason": "counted against the source"}
        self.cast[RELEASED_BY].post(f"/v1/requests/{request}/decisions", decided)
        until(lambda: self.cast[RELEASED_BY].get(f"/v1/imports/{batch}")["state"] == "released", "the release")

    def _ended(self, person: str, batch: str) -> Answer | None:
        found = self.cast[person].get(f"/v1/imports/{batch}")
        hold(found["state"] != "failed", f"the import failed: {(found.get('problem') or {}).get('code')}")
        return found if found["state"] in ENDED else None

    def _request(self, batch: str) -> str | None:
        found = self.cast[RELEASED_BY].get("/v1/requests?awaiting=me&kind=create&state=pending&limit=500")["items"]
        return next((str(one["request"]) for one in found if one["subject"] == batch), None)


_NAMES = ("accepted", "rejected", "duplicates")


def _counts(found: Answer) -> str:
    parts = " + ".join(f"{found[name]} {name}" for name in ("accepted", "rejected", "duplicates"))
    return f"{parts} = {found['rows']} rows"


def _first(report: str) -> str:
    """The report's first line with a reason, as a clerk reads it."""
    return report.splitlines()[1].replace('"', "")[:76] if "\n" in report.strip() else ""

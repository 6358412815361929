"""What the suite itself says afterwards: the records' histories, the requests, the ledger, the dead letters."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.faults.history import History
from tests.nodes.processes import NodeFailed
from tests.system.suite import MUNIMENT, ROOT, Suite, figure_of

OWNERS = ("records", "approvals", "retention", "audit")
BEHIND = ("outbox_pending", "ledger_lag")


@dataclass
class Evidence:
    """All of it, read once the suite is quiet."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    sound: bool = False
    verdict: str = ""
    dead_letters: int = 0

    def of_type(self, *types: str) -> list[dict[str, Any]]:
        """The ledger's entries of these types."""
        return [entry for entry in self.entries if entry["type"] in types]


def gather(suite: Suite, history: History, seconds: float = 60) -> Evidence:
    """Wait until nothing moves any more, then read everything through the gateway."""
    evidence = Evidence()
    quiesce(suite, seconds)
    # The archivist reads nothing of the highest level, so that no read waits for the ledger.
    archivist = suite.gateway("he")
    for operation in history.acknowledged("create"):
        evidence.records[operation.answer["id"]] = _record(archivist, operation.answer["id"])
    for request in _requests(suite):
        evidence.requests[request["request"]] = request
    quiesce(suite, seconds)
    bundle = fetch_bundle(suite, suite.dir / "evidence.zip")
    evidence.entries = entries_of(bundle)
    evidence.sound, evidence.verdict = verified(bundle)
    evidence.dead_letters = sum(int(suite.figure("muniment_dead_letters", name)) for name in OWNERS)
    return evidence


def quiesce(suite: Suite, seconds: float = 60) -> None:
    """Until every journal is published and the ledger has acknowledged all of it."""
    suite.until(lambda: _quiet(suite), seconds, "everything to be published and acknowledged")


def fetch_bundle(suite: Suite, file: Path) -> Path:
    """All that the ledger holds, signed, as a file."""
    supervisor = suite.gateway("ma")
    bundle = supervisor.post("/v1/audit/bundles", {})["bundle"]
    status, _, body = supervisor.raw("GET", f"/v1/audit/bundles/{bundle}", None, {})
    if status != 200:
        raise NodeFailed(f"the bundle could not be fetched: {status}")
    file.write_bytes(body)
    return file


def entries_of(bundle: Path) -> list[dict[str, Any]]:
    """The entries of a bundle, oldest first."""
    with zipfile.ZipFile(bundle) as files:
        return [json.loads(line) for line in files.read("entries.jsonl").splitlines()]


def verified(bundle: Path) -> tuple[bool, str]:
    """What `muniment audit verify` says of it."""
    command = [*MUNIMENT, "audit", "verify", str(bundle)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    return done.returncode == 0, done.stdout + done.stderr


def published_types() -> set[str]:
    """The types of events that other departments get."""
    from chassis.events import REGISTRY

    for room in sorted((ROOT / "services" / "records").rglob("events.py")):  # their import fills the registry
        import_module(".".join(room.relative_to(ROOT).with_suffix("").parts))
    return {name for name, cls in REGISTRY.items() if cls.published}


def _quiet(suite: Suite) -> bool:
    try:
        # Embedded, one process says it of all.
        first = suite.metrics(OWNERS[0])
        told = {name: suite.metrics(name) if suite.distributed else first for name in OWNERS}
    except OSError:
        return False
    return not any(figure_of(told[name], f"muniment_{what}", name) for name in OWNERS for what in BEHIND)


def _record(archivist: Any, record: str) -> dict[str, Any]:
    try:
        seen = archivist.get(f"/v1/records/{record}?purpose=service")
        versions = archivist.get(f"/v1/records/{record}/versions?purpose=service&limit=500")["items"]
        consents = archivist.get(f"/v1/records/{record}/consents")["items"]
    except Exception as refused:  # why: whatever keeps an acknowledged record from being read is a finding
        return {"missing": str(refused), "versions": [], "consents": []}
    name = seen["fields"]["basic.name"].get("value")
    return {
        "state": seen["state"],
        "version": seen["version"],
        "name": name,
        "versions": versions,
        "consents": consents,
    }


def _requests(suite: Suite) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for person in ("he", "sun", "wu", "liu", "zheng"):
        path = "/v1/requests?limit=500"
        page = suite.gateway(person).get(path)
        found += page["items"]
        while page["next"]:
            page = suite.gateway(person).get(f"{path}&cursor={page['next']}")
            found += page["items"]
    return found


if __name__ == "__main__":
    print(*entries_of(Path(sys.argv[1])), sep="\n")

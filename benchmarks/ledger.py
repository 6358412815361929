"""How fast the ledger sequences and signs, and a stranger checks a bundle: `python -m benchmarks.ledger URL`."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip  (first: makes the process cooperative)

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any, cast

from chassis.actor import NOBODY
from chassis.call import Call
from chassis.clock import Clock
from chassis.codec import canonical
from chassis.db import Database
from chassis.ids import new_id
from chassis.migrate import migrate
from chassis.relay import chain
from services.audit.ledger import bundle, tiles, verify
from services.audit.ledger import store as ledger
from services.audit.store import AuditWork

BATCH = 200  # what the relay sends at once
# The peak is the process's own word: what a parent is told of its child counts the parent's memory from before.
CHECK = (
    "import runpy, sys; sys.argv = sys.argv[1:]\n"
    "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
    "except SystemExit as end: assert end.code == 0\n"
    "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')))"
)
SETTINGS = SimpleNamespace(clock=Clock(), key=lambda name: bytes(32))


def batches(count: int) -> list[list[dict[str, Any]]]:
    """Numbered and chained entries of governed reads, as the relay sends them."""
    head, entries = bytes(32), []
    for number in range(1, count + 1):
        entry = _entry(number)
        entries.append({**entry, "previous": head.hex()})
        head = chain(head, entry)
    return [entries[at : at + BATCH] for at in range(0, count, BATCH)]


def _entry(number: int) -> dict[str, Any]:
    at = datetime(2026, 11, 22, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    fields = ["contact.mobile", "contact.email", "basic.name"]
    who = {"actor": "chen", "account": "chen", "department": "sales", "session": new_id()}
    what = {"record": new_id(), "purpose": "service", "request": new_id(), "data": {"fields": fields, "masked": []}}
    entry = {"id": new_id(), "source": "records", "number": number, "type": "records.read", "version": 1, "at": at}
    return {**entry, **who, **what}


def sequence(database: Database, work: list[list[dict[str, Any]]]) -> float:
    """Seconds for sequencing and signing all of it, each batch in a transaction of its own."""
    start = perf_counter()
    for entries in work:
        with database.write() as connection:
            piece = AuditWork(connection, database, Call("audit", "bench", "bench", NOBODY), cast(Any, SETTINGS))
            piece.sequence("records", entries)
            piece.flush()
    return perf_counter() - start


def write_bundle(database: Database, target: Path) -> float:
    """Seconds for writing evidence of all that is signed."""
    start = perf_counter()
    with database.read() as connection, target.open("wb") as stream:
        signed = ledger.latest_checkpoint(connection)
        last, node = signed.size - 1, tiles.node_reader(ledger.tile_reader(connection))
        texts, hashes = ledger.texts(connection, 0, last), ledger.hashes(connection, 0, last)
        evidence = bundle.Evidence(0, last, signed.size, signed.note, texts, hashes, {}, node)
        bundle.write(stream, evidence, ledger.signing_key(SETTINGS))
    return perf_counter() - start


def check(target: Path) -> tuple[float, int]:
    """Seconds and peak kilobytes of the offline verifier in a process of its own."""
    start = perf_counter()
    command = [sys.executable, "-I", "-c", CHECK, verify.__file__, str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return perf_counter() - start, int(done.stdout.split()[-2])


def main(url: str, count: int) -> None:
    """Measure and print."""
    database = Database(url)
    migrate(database, "audit")
    work = batches(count)
    size = len(canonical(work[0][0]))
    cpu = process_time()
    seconds = sequence(database, work)
    spent = 1000 * (process_time() - cpu) / count
    kind = "SQLite" if database.sqlite else "PostgreSQL"
    print(f"sequenced and signed  {count / seconds:>9,.0f} entries/s  {kind}, batches of {BATCH}, {size} bytes, "
          f"{spent:.3f} ms CPU of ours per entry")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "evidence.zip"
        print(f"bundle written        {count / write_bundle(database, target):>9,.0f} entries/s")
        seconds, peak = check(target)
        print(f"verified offline      {count / seconds:>9,.0f} entries/s  peak {peak // 1024} MB")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50_000)

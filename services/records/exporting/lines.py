"""The records of one file, read one after another: decided and journalled in one commit, opened, sealed.

Each read is in the log once, whatever dies in between: what was decided and not yet opened is opened under the entry
that stands there, as long as it is still the same read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import eventlet

from chassis import codec
from chassis.errors import Conflict, Forbidden, NotFound
from chassis.failpoints import failpoint
from services.records import listing
from services.records.access import LEDGER_PATIENCE
from services.records.exporting.allowing import Allowed, ExportAccess
from services.records.exporting.model import DECIDED, SEALED, WRITTEN, Export, Line, leaves_encrypted, most
from services.records.model import HIDDEN, Record
from services.records.reading import Reading
from vault.envelope import PartContext, open_field

PAGE = 200
ROW = "row"
Readings = dict[int, Reading]


class Lines:
    """The reads of one export, by whoever asked for it."""

    def __init__(self, acting: Any, export: Export, allowed: Allowed) -> None:
        self.store, self.keys, self.export, self.allowed = acting.store, acting.keys, export, allowed
        self.access = ExportAccess(acting, allowed)

    def read(self) -> None:
        """Read what is left to read, beginning with what a crash left unopened."""
        self._write(self._left())
        last = self.store.last_line(self.export.id)
        if last is None:
            self._refuse_too_many()
        place, after = (last[0] + 1, last[1]) if last else (0, None)
        for page in self._pages(after):
            self._write(self._decide([(place + at, record.id) for at, record in enumerate(page)]))
            place += len(page)

    def renew(self) -> None:
        """Decide anew, and read anew, what may not leave as it was read."""
        lines = self.overtaken()
        if lines:
            self._write(self._decide([(line.place, line.record) for line in lines]))

    def overtaken(self) -> list[Line]:
        """Lines of which something may not leave any more: a consent, a part or the whole record has gone since."""
        return [line for line in self.store.touched_lines(self.export.id) if not line.holds(self._reading(line.record))]

    def rows(self, dek: bytes) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Number, what it is about, and the fields of each record in the file."""
        for line in self.store.rows_of(self.export.id):
            packed = open_field(dek, place_of(self.export.id, line.place), line.sealed or b"", ROW)
            yield tuple(codec.loads(packed))
            eventlet.sleep(0)

    def _left(self) -> Readings:
        """What was decided before and is the same read still; the rest is decided anew."""
        left = self.store.lines_in(self.export.id, DECIDED)
        found = {line.place: self._reading(line.record) for line in left}
        same = {line.place: now for line in left if (now := found[line.place]) and line.tells(now)}
        others = [(line.place, line.record) for line in left if line.place not in same]
        return same | (self._decide(others) if others else {})

    def _decide(self, placed: list[tuple[int, str]]) -> Readings:
        """Decide and journal these reads in one commit; nothing is open before it."""
        found = {place: self._reading(record) for place, record in placed}
        self.access.refuse_lagging(reading for reading in found.values() if reading)
        with self.store.begin() as work:
            lines = [self._journalled(work, Line.of(at, record, found[at]), found[at]) for at, record in placed]
            work.put_lines(self.export.id, lines)
        failpoint("export.decided")
        return {at: reading for at, reading in found.items() if reading}

    def _journalled(self, work: Any, line: Line, reading: Reading | None) -> Line:
        if reading is None:
            return line
        work.emit(*([reading.refused] if reading.refused else []), reading.entry)
        return replace(line, entry=work.rows[-1]["id"])

    def _write(self, readings: Readings) -> None:
        """Open what was decided, each under its entry, and keep it sealed."""
        waiting = self.store.lines_in(self.export.id, DECIDED)
        if waiting:
            sealer = self.keys.sealer([self.export.key])
            written = [self._sealed(line, readings[line.place], sealer) for line in waiting]
            with self.store.begin() as work:
                work.put_lines(self.export.id, written)
            failpoint("export.written")
        eventlet.sleep(0)

    def _sealed(self, line: Line, reading: Reading, sealer: Any) -> Line:
        record, shown = reading.seen.record, self._opened(line, reading)
        filled = {path: level for path, level in line.clear.items() if shown[path]["value"]}
        if self.export.asked["format"] == "csv":
            filled = self._open(filled, shown)
        packed = codec.dumps([record.number or "", record.about or "", shown])
        context = place_of(self.export.id, line.place)
        sealed = sealer.seal(self.export.key, context, {ROW: packed}).packed
        return replace(line, state=WRITTEN, clear=filled, sealed=sealed)

    def _open(self, filled: dict[str, str], shown: dict[str, Any]) -> dict[str, str]:
        """What may stand in a file that anybody could open; a record may be classified higher than its class."""
        closed = [path for path, level in filled.items() if leaves_encrypted(level, self.access.regime)]
        shown.update({path: {"state": SEALED} for path in closed})
        return {path: level for path, level in filled.items() if path not in closed}

    def _opened(self, line: Line, reading: Reading) -> dict[str, Any]:
        ticket = self.store.journal.ticket(line.entry)
        if reading.waits:
            self.store.lag.wait_for(ticket, LEDGER_PATIENCE)
        eventlet.sleep(0)
        return reading.open(lambda keys: self.keys.unwrap(list(keys), ticket))

    def _reading(self, record: str) -> Reading | None:
        """The decided read; None where the record has gone meanwhile, or nothing of it may be read."""
        try:
            return self.access.reading(record, self.export.asked["purpose"], self.export.asked["fields"])
        except (Conflict, Forbidden, NotFound):
            return None

    def _refuse_too_many(self) -> None:
        limit = most(self.export.asked["format"], self.export.asked["fields"])
        count = 0
        for page in self._pages(None):
            count += len(page)
            if count > limit:
                raise Conflict("export.too_large", "too many records for one file; narrow it by facet or fields")

    def _pages(self, after: str | None) -> Iterator[list[Record]]:
        """The records that the file is to hold, newest first."""
        where = listing.filters(self.access.regime, dict(self.export.asked["where"]))
        where["class_"] = self.export.class_
        while page := self.store.page(where, PAGE, after):
            after = page[-1].id
            taken = [record for record in page if record.state not in HIDDEN and self.allowed.takes(record)]
            if taken:
                yield taken
            eventlet.sleep(0)


def place_of(export: str, place: int) -> PartContext:
    """Where a sealed row belongs."""
    return PartContext(export, "line", place + 1)

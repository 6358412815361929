"""Running an import: 200 rows a transaction, in records itself; killed and started again it ends the same."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

import eventlet

from chassis.actor import Actor
from chassis.errors import Invalid, Refused
from chassis.failpoints import failpoint
from regimes import Regime
from services.records import events
from services.records.importing import mapping, telling
from services.records.importing.batches import Batch, Known
from services.records.importing.breathing import gently
from services.records.importing.checking import Checked, Checker, kinds, labels, words
from services.records.importing.model import Import
from services.records.importing.reading import Table, open_table
from services.records.importing.rows import Row, read
from services.records.merging.likeness import Alike, Lookalikes
from services.records.model import Record
from vault.envelope import PartContext, open_field

BATCH = 200
PIECE = "bytes"
MAPPING = -1  # in the offset's place: how the columns are meant, sealed like the file and gone with it


def chunk_context(import_id: str, offset: int) -> PartContext:
    """Where a sealed piece of a file belongs, or its mapping."""
    return PartContext(import_id, "mapping", 0) if offset == MAPPING else PartContext(import_id, "chunk", offset)


class Run:
    """One import being run by one worker."""

    def __init__(self, service: Any, taken: Import, caller: Actor, regime: Regime) -> None:
        self.store, self.keys, self.regime, self.taken = service.store, service.keys, regime, taken
        self.checker = Checker(service.store, taken, caller, regime, service.keys.blind)
        self.forced = frozenset(taken.settings.get("force") or ())
        self.tried = Known()  # marks of a dry run's rows, which no table holds

    def run(self) -> None:
        """Take rows until the file ends, another worker has it, or it turns out not to be readable."""
        try:
            self._take(self._rows())
        except Invalid as unreadable:  # anything else passes, and the next tick carries on
            self._fail(unreadable)

    def _rows(self) -> Iterator[Row]:
        room = BytesIO()  # never a temporary file: the disk must not hold plaintext
        ticket = self.store.record_event(events.OpenedForWork(None, "import", self.taken.id))
        dek = self.keys.unwrap([self.taken.key], ticket)[self.taken.key]
        for offset, sealed in self.store.chunks(self.taken.id):
            room.write(open_field(dek, chunk_context(self.taken.id, offset), sealed, PIECE))
        room.seek(0)
        if not self.taken.next_row:
            self._walk(room)
        found = self.checker.found
        plan = self._plan(dek)
        read_in = read(self._table(room), plan, labels(found), words(found, self.regime), kinds(found))
        self.taken.found = telling.understood(read_in)
        return self._left(read_in.rows)

    def _plan(self, dek: bytes) -> mapping.Plan | None:
        sealed, name = self.store.chunk(self.taken.id, MAPPING), self.checker.found.name
        wanted = open_field(dek, chunk_context(self.taken.id, MAPPING), sealed, PIECE) if sealed else None
        plan = mapping.parse(wanted.decode()) if wanted else None
        if plan and plan.record_class not in (None, name):
            raise Invalid("import.mapping", f"the mapping file is for {plan.record_class}, not for {name}")
        return plan

    def _table(self, room: BytesIO) -> Table:
        return open_table(room, self.taken.settings.get("encoding"))

    def _walk(self, room: BytesIO) -> None:
        """Read to the end once: a text that turns out broken further down is refused before a row of it is taken."""
        table = self._table(room)
        for number, _ in table.rows if table.kind == "csv" else ():
            if number % BATCH == 0:
                eventlet.sleep(0)

    def _left(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows that have no outcome yet; a dry run that was interrupted learns again what came before."""
        for row in rows:
            if row.number > self.taken.next_row:
                yield row
            elif self.taken.dry_run and isinstance(seen := self.checker.check(row), Checked):
                self._remember([seen])

    def _take(self, rows: Iterator[Row]) -> None:
        """Batch by batch; while the database writes one down, the next is checked and sealed."""
        batch, going = self._ready(rows), True
        while going:
            following = eventlet.spawn(self._ready, rows)
            try:
                going = self._step(batch)
            finally:
                batch = following.wait()  # never left alone with a connection in its hands
            failpoint("import.batch")

    def _ready(self, rows: Iterator[Row]) -> Batch:
        """The next rows, as far as they can be brought without knowing what the rows before them come to."""
        batch = self._checked(list(islice(rows, BATCH)))
        batch.weed(self.tried | self._known(self.store, batch), self.forced)
        if not self.taken.dry_run:
            batch.seal(self.keys)
        failpoint("import.keys_made")
        return batch

    def _step(self, batch: Batch) -> bool:
        """Write a batch down; whether there is more to do."""
        with self.store.begin() as work:
            taken = work.import_(self.taken.id)
            if taken.state != "running" or taken.next_row != self.taken.next_row:
                return False
            batch.weed(self.tried | self._known(work, batch), self.forced)  # somebody, or a row before, was faster
            batch.keep(work, taken, self.keys.blind)
            taken.found = self.taken.found
            if batch.over:
                work.emit(taken.finish())
            work.save_import(taken)
        return self._stepped(taken, batch)

    def _checked(self, rows: list[Row]) -> Batch:
        batch = Batch(rows[-1].number if rows else None)
        for row in gently(rows):
            checked = self.checker.check(row)
            if isinstance(checked, Checked):
                batch.fresh.append(checked)
            else:
                batch.reject(row.number, checked)
        return batch

    def _stepped(self, taken: Import, batch: Batch) -> bool:
        self.taken = taken
        if taken.dry_run:
            self._remember(batch.fresh)
        if batch.over:
            sweep(self.store, self.keys, taken)
        return not batch.over

    def _known(self, where: Any, batch: Batch) -> Known:
        """What records there are of the batch's customers; of likely ones the number, as far as the clerk may know."""
        found = self.checker.found.name
        alike = where.named_alike(found, batch.names)
        names = {token: self._number(Record(**record)) for token, record in alike.items()}
        return Known(where.known(found, batch.marks), names)

    def _number(self, record: Record) -> str:
        seen = Lookalikes.of([Alike(record)], self.checker.caller, self.regime).seen
        return (record.number or record.id) if seen else ""

    def _remember(self, rows: list[Checked]) -> None:
        for one in rows:
            self.tried.marks |= one.marks
            if one.alike:
                self.tried.names.setdefault(one.alike, f"row {one.number}")

    def _fail(self, refusal: Refused) -> None:
        with self.store.begin() as work:
            taken = work.import_(self.taken.id)
            if taken.state != "running":
                return  # another worker was first
            taken.fail(refusal.code, refusal.detail)
            work.save_import(taken)
        sweep(self.store, self.keys, taken)


def sweep(store: Any, keys: Any, taken: Import) -> None:
    """Destroy the key of a file that was read, then the file. While it lies here a crash has left something to do."""
    failpoint("import.over")
    keys.destroy([taken.key])
    failpoint("import.key_gone")
    with store.begin() as work:
        work.drop_chunks(taken.id)

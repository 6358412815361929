"""Running an import: 200 rows a transaction, in records itself; killed and started again it ends the same."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

import eventlet

from chassis import codec
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


def chunk_context(import_id: str, offset: int) -> PartContext:
    """Where a sealed piece of a file belongs."""
    return PartContext(import_id, "chunk", offset)


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
            rows = self._rows()
            while self._step(list(islice(rows, BATCH))):
                failpoint("import.batch")
                eventlet.sleep(0)
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
        read_in = read(self._table(room), self._plan(), labels(found), words(found, self.regime), kinds(found))
        self.taken.found = telling.understood(read_in)
        return self._left(read_in.rows)

    def _plan(self) -> mapping.Plan | None:
        wanted, name = self.taken.settings.get("mapping"), self.checker.found.name
        plan = mapping.parse(codec.dumps(wanted).decode()) if wanted else None
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

    def _step(self, rows: list[Row]) -> bool:
        batch = self._checked(rows)
        batch.weed(self.tried | self._known(self.store, batch), self.forced)
        if not self.taken.dry_run:
            batch.seal(self.keys)
        failpoint("import.keys_made")
        with self.store.begin() as work:
            taken = work.import_(self.taken.id)
            if taken.state != "running" or taken.next_row != self.taken.next_row:
                return False
            batch.weed(self._known(work, batch), self.forced)  # somebody may have been faster
            batch.keep(work, taken, self.keys.blind)
            taken.found = self.taken.found
            if not rows:
                work.emit(taken.finish())
            work.save_import(taken)
        return self._stepped(taken, batch, over=not rows)

    def _checked(self, rows: list[Row]) -> Batch:
        batch = Batch(rows[-1].number if rows else self.taken.next_row)
        for row in gently(rows):
            checked = self.checker.check(row)
            if isinstance(checked, Checked):
                batch.fresh.append(checked)
            else:
                batch.reject(row.number, checked)
        return batch

    def _stepped(self, taken: Import, batch: Batch, over: bool) -> bool:
        self.taken = taken
        if taken.dry_run:
            self._remember(batch.fresh)
        if over:
            sweep(self.store, self.keys, taken)
        return not over

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

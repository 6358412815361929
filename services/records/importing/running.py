"""Running an import: some rows a transaction, in records itself; killed and started again it ends the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from io import BytesIO
from typing import Any

import eventlet

from chassis.actor import Actor
from chassis.beside import Beside, Here
from chassis.breathing import gently, unwatched
from chassis.errors import Invalid, Refused
from chassis.failpoints import failpoint
from regimes import Regime
from services.records import events
from services.records.importing import mapping, telling
from services.records.importing.batches import Batch, Known, Met, own
from services.records.importing.checking import Checked, Checker, kinds, labels, words
from services.records.importing.model import Import
from services.records.importing.preparing import Preparing
from services.records.importing.reading import Table, open_table
from services.records.importing.rows import Row, read
from services.records.merging.likeness import Alike, Lookalikes
from vault.envelope import PartContext, open_field

BATCH = 200  # rows that are made ready together, and share a transaction;
ALONE = 5  # on SQLite so many share one: a read writes its entry, and waits there for whoever else writes;
QUIET = 25  # so many while nobody reads
LARGE = 32 << 10  # bytes of a file that is worth a process of its own
AHEAD = 2  # batches that are made ready while one is written down
PIECE = "bytes"
MAPPING = -1  # in the offset's place: how the columns are meant, sealed like the file and gone with it


def chunk_context(import_id: str, offset: int) -> PartContext:
    """Where a sealed piece of a file belongs, or its mapping."""
    return PartContext(import_id, "mapping", 0) if offset == MAPPING else PartContext(import_id, "chunk", offset)


class Run:
    """One import being run by one worker."""

    def __init__(self, service: Any, taken: Import, caller: Actor, regime: Regime) -> None:
        self.store, self.keys, self.regime, self.taken = service.store, service.keys, regime, taken
        organisation = service.organisation()  # looked up here: a process beside could not
        self.checker = Checker(service.store, taken, caller, regime, service.keys.blind, lambda: organisation)
        self.forced = frozenset(taken.settings.get("force") or ())
        self.tried: dict[bytes, Met] = {}  # marks of a dry run's rows, which no table holds

    def run(self) -> None:
        """Take rows until the file ends, another worker has it, or it turns out not to be readable."""
        try:
            with closing(self._preparing()) as self.preparing:
                self._learn_again()
                self._take()
        except Invalid as unreadable:  # anything else passes, and the next tick carries on
            self._fail(unreadable)

    def _preparing(self) -> Here:
        """What computes: of a large file in a copy of this process, unless it has to look something up."""
        preparing = Preparing(self._rows(), self.checker)
        alone = self.taken.size >= LARGE and not self.taken.dry_run and not self.checker.looks_up
        return Beside(preparing) if alone else Here(preparing)

    def _rows(self) -> Iterator[Row]:
        """The rows that have no outcome yet; of a dry run all, because what it has learned is nowhere."""
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
        after = 0 if self.taken.dry_run else self.taken.next_row
        return (row for row in read_in.rows if row.number > after)

    def _plan(self, dek: bytes) -> mapping.Plan | None:
        sealed, name = self.store.chunk(self.taken.id, MAPPING), self.checker.found.name
        wanted = open_field(dek, chunk_context(self.taken.id, MAPPING), sealed, PIECE) if sealed else None
        return mapping.fitted(mapping.parse(wanted.decode()), name, labels(self.checker.found)) if wanted else None

    def _table(self, room: BytesIO) -> Table:
        known = mapping.known_titles(labels(self.checker.found))
        return telling.opened(self.taken, open_table(room, self.taken.settings.get("encoding"), titles=known))

    def _walk(self, room: BytesIO) -> None:
        """Read to the end once: a text that turns out broken further down is refused before a row of it is taken."""
        table = self._table(room)
        for number, _ in table.rows if table.kind == "csv" else ():
            if number % BATCH == 0:
                eventlet.sleep(0)

    def _learn_again(self) -> None:
        """A dry run that was interrupted learns again what came before."""
        reached: int | None = 0
        while self.taken.dry_run and reached is not None and reached < self.taken.next_row:
            before = self._checked()
            self._remember(before.fresh)
            reached = before.last

    def _take(self) -> None:
        """Batch by batch; while the database writes one down, the next are checked and sealed."""
        ahead, going = deque[Any](), True
        try:
            while going:
                while len(ahead) <= AHEAD:
                    ahead.append(eventlet.spawn(self._ready, ahead[-1] if ahead else None))
                going = self._write(ahead.popleft().wait())
        finally:
            for batch in ahead:  # never left alone with a connection in its hands; what it comes to is nobody's now
                with suppress(Exception):
                    batch.wait()

    def _ready(self, before: Any) -> Batch:
        """The next rows, as far as they can be brought without knowing what the rows before them come to."""
        if before:
            before.wait()
        batch = self._checked()
        batch.weed(self._known(self.store, batch), self.forced)
        if not self.taken.dry_run:
            batch.seal(self.preparing, self.keys)
        failpoint("import.keys_made")
        return batch

    def _checked(self) -> Batch:
        return Batch.of(self.preparing.ask("check", BATCH))

    def _write(self, batch: Batch) -> bool:
        """Write a batch down; whether there is more to do."""
        return all(gently(map(self._step, batch.portions(self._together()))))

    def _together(self) -> int:
        if not self.store.database.sqlite:
            return BATCH
        return QUIET if unwatched() else ALONE

    def _step(self, batch: Batch) -> bool:
        """Write rows down in one transaction; whether there is more to do."""
        with self.store.begin() as work:
            taken = work.import_(self.taken.id)
            if taken.state != "running" or taken.next_row != self.taken.next_row:
                return False
            batch.weed(self._known(work, batch), self.forced)  # somebody, or a row before, was faster
            batch.keep(work, taken, self.checker.found)
            taken.found = self.taken.found
            if batch.over:
                work.emit(taken.finish())
            work.save_import(taken)
        return self._stepped(taken, batch)

    def _stepped(self, taken: Import, batch: Batch) -> bool:
        self.taken = taken
        if taken.dry_run:
            self._remember(batch.fresh)
        if batch.over:
            sweep(self.store, self.keys, taken)
        failpoint("import.batch")
        return not batch.over

    def _known(self, where: Any, batch: Batch) -> Known:
        """Who has the marks of the batch's customers already, as far as the clerk may know.

        A try costs nothing and could ask about every number there is: it tells nobody what he could not read anyway.
        """
        known = where.known(self.checker.found, batch.marks, batch.names)
        told = {mark: self._met(alike) for mark, alike in known.items()}
        return Known({mark: met for mark, met in told.items() if met.number or not self.taken.dry_run}, self.tried)

    def _met(self, found: list[Alike]) -> Met:
        """Of several it names the first of which the clerk could read what matches."""
        shown = Lookalikes.of(found, self.checker.caller, self.regime).seen
        number = next((one.record.number or one.record.id for one in shown), "")
        return Met(number=number, records=tuple(found))

    def _remember(self, rows: list[Checked]) -> None:
        for one in rows:
            self.tried.update(own(one))

    def _fail(self, refusal: Refused) -> None:
        with self.store.begin() as work:
            taken = work.import_(self.taken.id)
            if taken.state != "running":
                return  # another worker was first
            taken.found = self.taken.found
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

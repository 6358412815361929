"""Running an import: 200 rows a transaction, in records itself; killed and started again it ends the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Any

import eventlet

from chassis import codec
from chassis.actor import Actor
from chassis.errors import Invalid, Refused
from regimes import Regime
from regimes.model import RecordClass
from services.records import events, sealing
from services.records.creating import Draft
from services.records.importing import mapping, problems
from services.records.importing.model import Import
from services.records.importing.reading import Table, open_table
from services.records.importing.rows import Row, read
from vault.envelope import PartContext, open_field

BATCH = 200
PIECE = "bytes"


def chunk_context(import_id: str, offset: int) -> PartContext:
    """Where a sealed piece of a file belongs."""
    return PartContext(import_id, "chunk", offset)


@dataclass
class Batch:
    """Rows that share a transaction, with what is known of each before it."""

    drafts: list[tuple[Row, Draft]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    last: int = 0

    def reject(self, row: int, outcome: str, found: list[dict[str, Any]]) -> None:
        """Keep why a row was not taken."""
        self.lines.append({"row": row, "outcome": outcome, "problems": found})


class Run:
    """One import being run by one worker."""

    def __init__(self, service: Any, taken: Import, caller: Actor, regime: Regime) -> None:
        self.store, self.keys, self.regime = service.store, service.keys, regime
        self.taken, self.caller = taken, caller
        self.found: RecordClass = regime.classes[taken.class_]

    def run(self) -> None:
        """Take rows until the file ends, another worker has it, or it turns out not to be readable."""
        try:
            rows = self._rows()
            while self._step(list(islice(rows, BATCH))):
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
        wanted = self.taken.settings.get("mapping")
        plan = mapping.parse(codec.dumps(wanted).decode()) if wanted else None
        if plan and plan.record_class not in (None, self.found.name):
            raise Invalid("import.mapping", f"the mapping file is for {plan.record_class}, not for {self.found.name}")
        if not self.taken.next_row:
            self._walk(room)
        found = read(self._table(room), plan, labels(self.found), words(self.found, self.regime))
        self.taken.found = {"encoding": found.encoding, "header": found.header, "ignored": len(found.ignored)}
        return (row for row in found.rows if row.number > self.taken.next_row)

    def _table(self, room: BytesIO) -> Table:
        return open_table(room, self.taken.settings.get("encoding"))

    def _walk(self, room: BytesIO) -> None:
        """Read to the end once: a text that turns out broken further down is refused before a row of it is taken."""
        table = self._table(room)
        for number, _ in table.rows if table.kind == "csv" else ():
            if number % BATCH == 0:
                eventlet.sleep(0)

    def _step(self, rows: list[Row]) -> bool:
        batch = Batch(last=rows[-1].number if rows else self.taken.next_row)
        for row in rows:
            self._check(row, batch)
            eventlet.sleep(0)  # each row costs up to a millisecond of computing: let the others in between
        keys = self._keys(batch)
        with self.store.begin() as work:
            taken = work.import_(self.taken.id)
            if taken.state != "running" or taken.next_row != self.taken.next_row:
                return False
            self._keep(work, taken, batch, keys)
            taken.found = self.taken.found
            if not rows:
                work.emit(taken.finish())
                work.drop_chunks(taken.id)
            work.save_import(taken)
        self.taken = taken
        if not rows:
            self.keys.destroy([taken.key])
        return bool(rows)

    def _check(self, row: Row, batch: Batch) -> None:
        if row.problems:
            batch.reject(row.number, "rejected", [_told(problem) for problem in row.problems])
            return
        asked = {"class_": self.found.name, "fields_": row.fields, "department": self.taken.department}
        try:
            asked["purposes"] = purposes(self.found, self.regime)
            draft = Draft.of(asked, self.caller, self.regime, self.taken.id)
        except Refused as refusal:
            plain = [{"code": refusal.code, "detail": refusal.detail}]
            batch.reject(row.number, "rejected", refusal.facts.get("errors") or plain)
            return
        batch.drafts.append((row, draft))

    def _keys(self, batch: Batch) -> list[Any]:
        if self.taken.dry_run:
            return []
        return self.keys.create(sum(len(draft.parts) for _, draft in batch.drafts))

    def _keep(self, work: Any, taken: Import, batch: Batch, keys: list[Any]) -> None:
        fresh = self._fresh(work, batch)
        if not taken.dry_run:
            self._store(work, fresh, iter(keys))
        work.add_lines(taken.id, batch.lines)
        duplicates = sum(line["outcome"] == "duplicate" for line in batch.lines)
        taken.count(batch.last, len(fresh), len(batch.lines) - duplicates, duplicates)

    def _fresh(self, work: Any, batch: Batch) -> list[Draft]:
        """The drafts whose customer is neither known nor earlier in this batch."""
        marks = [(row, draft, self._marks(draft)) for row, draft in batch.drafts]
        seen, fresh = work.known(self.found.name, {mark for *_, own in marks for mark in own}), []
        for row, draft, own in marks:
            if seen & own:
                batch.reject(row.number, "duplicate", [_EXISTS])
            else:
                fresh.append(draft)
                seen |= own
        return fresh

    def _marks(self, draft: Draft) -> set[bytes]:
        unit = sealing.unit_of(self.found, draft.values, self.keys.blind)
        return {*sealing.tokens_of(self.found, draft.values, self.keys.blind).values(), *([unit] if unit else [])}

    def _store(self, work: Any, fresh: list[Draft], keys: Iterator[Any]) -> None:
        if not fresh:
            return
        for draft in fresh:
            draft.record.created_at = work.now
        work.add([draft.record for draft in fresh])
        rows = [row for draft in gently(fresh) for row in self._part_rows(work, draft, keys)]
        work.add_part_rows([part for part, _ in rows], [version for _, version in rows])
        blind = self.keys.blind
        work.add_tokens([(draft.record.id, sealing.tokens_of(self.found, draft.values, blind)) for draft in fresh])
        for draft in fresh:
            work.claim_unit(sealing.unit_of(self.found, draft.values, self.keys.blind), draft.record.id)
        work.emit(*(draft.record.imported() for draft in fresh))

    def _part_rows(self, work: Any, draft: Draft, keys: Iterator[Any]) -> list[Any]:
        own = [next(keys) for _ in draft.parts]
        return [work.part_rows(draft.record.id, part, 1, None, self.caller.person) for part in draft.seal(own)]

    def _fail(self, refusal: Refused) -> None:
        with self.store.begin() as work:
            taken = work.import_(self.taken.id)
            if taken.state != "running":
                return  # another worker was first
            taken.fail(refusal.code, refusal.detail)
            work.save_import(taken)
            work.drop_chunks(taken.id)
        self.keys.destroy([taken.key])


_EXISTS = {"code": "record.exists", "detail": "a record of this customer exists already", "zh": "该客户已有档案"}


def gently(drafts: list[Draft]) -> Iterator[Draft]:
    """One after the other, letting others in between: to seal two hundred takes as long as twenty reads."""
    for draft in drafts:
        yield draft
        eventlet.sleep(0)


def purposes(found: RecordClass, regime: Regime) -> list[str]:
    """What imported data is taken in for: every purpose of the class that does not need the customer's own consent."""
    return [purpose for purpose in found.collect.purposes if regime.purposes[purpose].basis != "consent"]


def labels(found: RecordClass) -> dict[str, list[str]]:
    """Each field's titles, by which a column is recognised."""
    return {path: [entry.en, entry.zh] for path, entry in found.fields.items()}


def words(found: RecordClass, regime: Regime) -> dict[str, dict[str, str]]:
    """The words of each code field: title in either language -> code."""
    listed = {path: entry.list for path, entry in found.fields.items() if entry.list in regime.lists}
    return {
        path: {title: code for code, value in regime.lists[str(name)].items() for title in (value.en, value.zh)}
        for path, name in listed.items()
    }


def _told(problem: problems.Problem) -> dict[str, Any]:
    return {"code": problem.code, "field": problem.field, "detail": problem.reason("en"), "zh": problem.reason("zh")}

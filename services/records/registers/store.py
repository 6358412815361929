"""Registers in their tables: signatures, what forms filled, and what belongs to what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from chassis.errors import Conflict
from chassis.store import Store, Work
from services.records import tables as t
from services.records.model import HIDDEN, Record
from services.records.refusals import unknown
from services.records.registers import tables as r
from services.records.registers.model import Signature
from services.records.rows import record_of

SealedPart = tuple[str, int, bytes]  # name, version, ciphertext
SIGNATURE = [column for column in r.signatures.c if column.key != "entry"]


def _holding(entry: str) -> Any:
    s = r.signatures.c
    return select(*SIGNATURE).where(s.entry == entry, s.voided_at.is_(None)).order_by(s.place)


def _sealed(record_id: str) -> Any:
    p, v = t.parts.c, t.part_versions.c
    newest = (v.part == p.id) & (v.version == p.version)
    return select(p.name, p.version, v.sealed).join(t.part_versions, newest).where(p.record == record_id)


class RegisterRows(Work):
    """The part of records' work that concerns registers."""

    def signatures(self, entry: str) -> list[Signature]:
        """The signatures that hold, in their order; the entry itself must be locked."""
        return [Signature(*row) for row in self.connection.execute(_holding(entry))]

    def add_signature(self, entry: str, signature: Signature) -> None:
        """Keep a signature."""
        self.put(r.signatures, [{"entry": entry, **vars(signature)}])

    def void_signatures(self, entry: str) -> None:
        """An edit voids them; they stay to be seen."""
        s = r.signatures.c
        self.connection.execute(
            update(r.signatures).where(s.entry == entry, s.voided_at.is_(None)).values(voided_at=self.now)
        )

    def sealed_parts(self, record_id: str) -> list[SealedPart]:
        """The parts of a record as they lie sealed."""
        return [(row.name, row.version, row.sealed) for row in self.connection.execute(_sealed(record_id))]

    def add_filling(self, entry: str, record_id: str, change: str | None = None) -> None:
        """Note what a form filled; who comes second with the same form is told so."""
        row = {"entry": entry, "record": record_id, "change": change, "at": self.now}
        kept = self.database.insert(r.fillings).values(row).on_conflict_do_nothing()
        if self.connection.execute(kept).rowcount == 0:
            raise Conflict("entry.used", "this form has filled a record already; fill in a new one")

    def lock_parent(self, record_id: str) -> None:
        """What a new record belongs to stays until this work ends; what is gone or merged takes nothing in."""
        found = select(t.records.c.state).where(t.records.c.id == record_id).with_for_update()
        if self.connection.execute(found).scalar() in (None, *HIDDEN):
            raise unknown(record_id)


class RegisterQueries(Store[Any]):
    """Reads of registers."""

    def signatures_of(self, entry: str) -> list[Signature]:
        """Every signature that was given, also those that an edit voided."""
        s = r.signatures.c
        found = select(*SIGNATURE).where(s.entry == entry).order_by(s.at, s.place)
        with self.reading() as connection:
            return [Signature(*row) for row in connection.execute(found)]

    def holding_signatures(self, entry: str) -> list[Signature]:
        """The signatures that hold, in their order."""
        with self.reading() as connection:
            return [Signature(*row) for row in connection.execute(_holding(entry))]

    def sealed_of(self, record_id: str) -> list[SealedPart]:
        """The parts of a record as they lie sealed."""
        with self.reading() as connection:
            return [(row.name, row.version, row.sealed) for row in connection.execute(_sealed(record_id))]

    def filling_of(self, entry: str) -> str | None:
        """The record that a form filled."""
        with self.reading() as connection:
            found = select(r.fillings.c.record).where(r.fillings.c.entry == entry)
            filled: str | None = connection.execute(found).scalar()
            return filled

    def children(self, record_id: str, classes: list[str] | None) -> list[Record]:
        """What belongs to a record, oldest first; of these classes, or of any."""
        c = t.records.c
        found = select(t.records).where(c.about == record_id, c.state.not_in(HIDDEN)).order_by(c.id)
        if classes is not None:
            found = found.where(c.class_.in_(classes))
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(found)]

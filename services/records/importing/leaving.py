"""Which records of an import may go with it: all that wait, and of a released one those that nobody has relied on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from chassis.store import Work
from services.records import tables as t
from services.records.classifying.tables import downgrades, suggestions
from services.records.closing.tables import pending_moves
from services.records.consents.tables import collections, consents
from services.records.documents.tables import checklist_answers, document_acts, documents
from services.records.erasing.tables import erasures
from services.records.merging.tables import merges
from services.records.registers.tables import fillings
from services.records.verifying.tables import verifications

r = t.records.c
OTHERS = t.records.alias("others")

# A row here is the work of somebody who took the record for valid; what counts a version up needs no line.
LIVED = (
    t.freezes.c.record,
    t.grants.c.record,
    t.changes.c.record,
    verifications.c.record,
    documents.c.record,
    document_acts.c.record,
    checklist_answers.c.record,
    suggestions.c.record,
    downgrades.c.record,
    pending_moves.c.record,
    erasures.c.record,
    fillings.c.record,
    merges.c.survivor,
    merges.c.merged,
    OTHERS.c.about,
    OTHERS.c.merged_into,
)
# Of these an import makes rows itself, in the instant in which it makes the record.
MADE_BY_IMPORT = (consents.c, collections.c)

AS_IMPORTED = or_(and_(r.state == "pending", r.version == 1), and_(r.state == "active", r.version == 2))
WAITING = r.state == "pending"


def _relied_on() -> ColumnElement[bool]:
    since = [exists().where(made.record == r.id, made.at > r.created_at) for made in MADE_BY_IMPORT]
    return or_(*(exists().where(column == r.id) for column in LIVED), *since)


FREE = and_(WAITING, ~exists().where(t.freezes.c.record == r.id))
UNTOUCHED = and_(AS_IMPORTED, ~_relied_on())


class LeavingRows(Work):
    """The part of records' work that concerns imports that are taken back."""

    def leaving_of(self, import_id: str, state: str, after: str, limit: int, released: bool = False) -> list[str]:
        """Records of an import in this state that nothing keeps from going, oldest first; from one on."""
        found = self._of(import_id, released).where(r.state == state, r.id > after).order_by(r.id).limit(limit)
        return list(self.connection.execute(found).scalars())

    def still_leaving(self, records: list[str], released: bool = False) -> set[str]:
        """Which of these, locked by now, nothing has come between since they were looked for."""
        found = select(r.id).where(r.id.in_(records), UNTOUCHED if released else FREE)
        return set(self.connection.execute(found).scalars())

    def going_of(self, import_id: str) -> int:
        """How many records of a released import would go."""
        found = select(func.count()).select_from(self._of(import_id, released=True).subquery())
        return int(self.connection.execute(found).scalar_one())

    def kept_of(self, import_id: str) -> int:
        """How many records of an import are there and stay."""
        there = select(func.count()).where(r.import_id == import_id, r.state.not_in(("destroying", "destroyed")))
        return int(self.connection.execute(there).scalar_one())

    def gone_with(self, import_id: str) -> int:
        """How many have gone with it; those that a destruction list took are not among them."""
        gone = (r.import_id == import_id) & (r.state == "destroyed") & r.disposal.is_(None)
        return int(self.connection.execute(select(func.count()).where(gone)).scalar_one())

    def held_of(self, import_id: str, *states: str) -> int:
        """How many records of an import a hold protects."""
        held = r.id.in_(select(t.freezes.c.record))
        found = select(func.count()).where(r.import_id == import_id, r.state.in_(states or ("pending",)), held)
        return int(self.connection.execute(found).scalar_one())

    def waits_of(self, import_id: str) -> bool:
        """Whether a record of an import that goes before its release is there still: held, or free since a moment."""
        found = select(r.id).where(r.import_id == import_id, WAITING).limit(1)
        return self.connection.execute(found).first() is not None

    def _of(self, import_id: str, released: bool) -> Any:
        return select(r.id).where(r.import_id == import_id, UNTOUCHED if released else FREE)

"""Answers, collections and withdrawals in their tables: rows are added, never changed, never taken away."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, func, literal, select, tuple_, update

from chassis import codec
from chassis.ids import new_id
from chassis.store import Store, Work
from chassis.tables import texts
from regimes import Regime
from services.records import tables as t
from services.records.consents.collecting import Collection
from services.records.consents.model import Consent
from services.records.consents.notices import Notices
from services.records.consents.tables import collections, consents, withdrawals
from services.records.model import Record
from services.records.parties.store import names_of
from services.records.refusals import unknown

C = consents.c
ORDER = (func.coalesce(C.ordinal, 0), C.id)
ANSWER = [C[name] for name in Consent.__dataclass_fields__]


class ConsentRows(Work):
    """The part of records' work that concerns lawful collection."""

    def kinds_given(self, record_id: str, purposes: Iterable[str]) -> set[str]:
        """How explicit the consents to these purposes are that are in force."""
        return given_in(self.connection, record_id, purposes)

    def take_answers(self, record: Record, answers: Iterable[Consent], new: bool = False) -> list[Consent]:
        """Let the customer's answers count: each sealed to the one before it, kept, and told."""
        dated = [one.dated(self.now, f"/consents/{at}" if new else "") for at, one in enumerate(answers)]
        dated += self._taken_back_since(record, dated)
        before, rows = None if new else self._last(record.id), []
        for one in dated:
            head = {"record": record.id, "subject": record.subject, "at": self.now, "by": self._noted_by(record)}
            sealed = one.sealed(head, before)
            self.emit(sealed.take_effect(record))
            before = {**head, **vars(sealed)}
            rows.append(before)
        self.put(consents, rows)
        return dated

    def take_in(self, taken: Iterable[tuple[Record, Collection, list[Consent]]], at: str = "/collection") -> None:
        """Keep where data came from, each with the answers that came with it; `at` = where that was sent."""
        rows = []
        for record, collection, answers in taken:
            dated = collection.dated(self.now, answers, at)
            rows.append({**vars(dated), "at": self.now})
            if record.import_id is None:  # a file's rows are told of with the file
                self.emit(dated.told(record))
        self.put(collections, rows)

    def consent(self, consent_id: str, record_id: str) -> Consent:
        """One answer of a record."""
        row = self.connection.execute(select(*ANSWER).where(C.id == consent_id, C.record == record_id)).one_or_none()
        if row is None:
            raise unknown(record_id)
        return Consent(**row._mapping)

    def in_force(self, record_id: str, purpose: str) -> Consent | None:
        """The newest answer about a purpose."""
        found = select(*ANSWER).where(C.record == record_id, C.purpose == purpose)
        row = self.connection.execute(found.order_by(*(one.desc() for one in ORDER)).limit(1)).one_or_none()
        return Consent(**row._mapping) if row else None

    def spread(self, record: Record, regime: Regime) -> None:
        """What belongs to a record, and is collected for nothing of its own, stands for what the record stands for."""
        r, above = t.records.c, [record.id]
        own = [name for name, found in regime.classes.items() if found.collect.purposes]
        while above:
            below = select(r.id).where(r.about.in_(above), r.class_.not_in(own)).order_by(r.id).with_for_update()
            above = list(self.connection.execute(below).scalars())
            if above:
                standing = update(t.records).where(r.id.in_(above)).values(purposes=record.purposes)
                self.connection.execute(standing)

    def withdraw_everywhere(self, subjects: Iterable[str], purpose: str) -> None:
        """Keep that a customer took a purpose back wherever it was given."""
        rows = [{"subject": subject, "purpose": purpose, "at": self.now} for subject in sorted(subjects)]
        kept = self.database.insert(withdrawals).values(rows)
        key = [withdrawals.c.subject, withdrawals.c.purpose]
        self.connection.execute(kept.on_conflict_do_update(index_elements=key, set_={"at": self.now}))

    def _noted_by(self, record: Record) -> str | None:
        return self.caller.person or (record.creator if record.import_id else None)

    def _last(self, record_id: str) -> dict[str, Any] | None:
        found = select(C.id, C.ordinal, C.seal).where(C.record == record_id)
        row = self.connection.execute(found.order_by(*(one.desc() for one in ORDER)).limit(1)).one_or_none()
        return dict(row._mapping) if row else None

    def _taken_back_since(self, record: Record, answers: list[Consent]) -> list[Consent]:
        """The ends of those answers that are older than what the customer has taken back everywhere."""
        late = {one.purpose: one for one in answers if one.state == "given" and one.answered_at != self.now}
        if not late:
            return []
        locked = select(t.subjects.c.id).where(t.subjects.c.id == record.subject).with_for_update()
        self.connection.execute(locked)
        w = withdrawals.c
        names = names_of(self.connection, record.subject)
        known = select(w.purpose, w.at).where(w.subject.in_(names), w.purpose.in_(late))
        ended = [late[row.purpose] for row in self.connection.execute(known) if late[row.purpose].answered_at < row.at]
        return [one.ended(new_id(), one.channel).dated(self.now) for one in ended]


class ConsentQueries(Store[Any]):
    """Reads of lawful collection."""

    def kinds_given(self, record_id: str, purposes: Iterable[str]) -> set[str]:
        """How explicit the consents to these purposes are that are in force."""
        with self.reading() as connection:
            return given_in(connection, record_id, purposes)

    def consents(self, record_id: str, after: str | None = None, limit: int | None = None) -> list[dict[str, Any]]:
        """The answers that the customer gave about a record, oldest first; from a place on, and so many, if asked."""
        found = select(consents).where(C.record == record_id, *from_place(after)).order_by(*ORDER).limit(limit)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]

    def consents_standing(self, record_ids: Iterable[str]) -> list[dict[str, Any]]:
        """The newest answer about each purpose of these records, by record and then oldest first."""
        newest = [one.desc() for one in ORDER]
        rank = func.row_number().over(partition_by=(C.record, C.purpose), order_by=newest).label("rank")
        ranked = select(C.id, rank).where(C.record.in_(list(record_ids))).subquery().c
        found = select(consents).join(ranked.id.table, ranked.id == C.id).where(ranked.rank == 1)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found.order_by(C.record, *ORDER)).mappings()]

    def collections(self, record_id: str, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Each time that data of a record came in, oldest first, from one on."""
        c = collections.c
        found = select(collections).where(c.record == record_id, c.id > (after or "")).order_by(c.id).limit(limit)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]

    def notices(self, regime: Regime) -> Notices:
        """Every version of every notice that was ever in force here."""
        if regime.digest not in self._notices:
            self._notices[regime.digest] = self._told() or Notices.of(regime)
        return self._notices[regime.digest]

    @cached_property
    def _notices(self) -> dict[str, Notices]:
        return {}

    def _told(self) -> Notices | None:
        x, now = texts.c, self.settings.clock.now()
        found = select(x.in_force_from, x.digest, x.text).where(x.kind == "regime", x.in_force_from <= now)
        with self.reading() as connection:
            rows = connection.execute(found.order_by(x.in_force_from, x.digest)).all()
        told = [(row.in_force_from, row.digest, codec.loads(row.text.encode()).get("notices", {})) for row in rows]
        return Notices.through(told) if told else None


def from_place(after: str | None) -> list[Any]:
    """The condition that an answer stands behind that place."""
    ordinal, _, id = (after or "").partition(".")
    return [tuple_(*ORDER) > tuple_(literal(int(ordinal)), literal(id))] if after else []


def given_in(connection: Connection, record_id: str | None, purposes: Iterable[str]) -> set[str]:
    """How explicit the consents in force are: the customer's own answers, else those to what the record belongs to."""
    named = list(purposes)
    while record_id:
        found = select(C.purpose, C.state, C.kind).where(C.record == record_id, C.purpose.in_(named))
        newest = {row.purpose: row for row in connection.execute(found.order_by(*ORDER))}
        if newest:
            return {row.kind for row in newest.values() if row.state == "given"}
        record_id = connection.execute(select(t.records.c.about).where(t.records.c.id == record_id)).scalar()
    return set()

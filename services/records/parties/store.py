"""Parties in their tables: found or made by blind marks, in the transaction that keeps the record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, delete, exists, select, update

from chassis.breathing import gently
from chassis.store import Store, Work
from services.records import tables as t
from services.records.model import Record
from services.records.parties.model import FIELD, PROOF, Marks, Registry, moved
from services.records.parties.tables import identities
from services.records.rows import RECORD, record_of

M, S, T, R = identities.c, t.subjects.c, t.tokens.c, t.records.c
PROVING = [FIELD + kind for kind in PROOF]


class PartyRows(Work):
    """The part of records' work that concerns parties."""

    def resolve(self, entered: list[tuple[Record, Marks]]) -> None:
        """Give each new record the party that its marks name, or one of its own.

        Two who enter the same customer at the same time meet at his mark: the second waits, and takes the first's.
        """
        new = {record.id: record.subject for record, _ in entered}
        registry = Registry()  # most customers are new: nothing is looked for before a mark turns out to be taken
        while not self._settle(entered, new, registry):
            registry = self._registry({token for _, own in entered for token in own})
        self._add_subjects({record.subject for record, _ in entered} & set(new.values()))
        self.mark(entered)

    def mark(self, entered: list[tuple[Record, Marks]]) -> None:
        """Keep by what records identify their customers."""
        rows = [
            {"token": token, "record": record.id, "field": FIELD + kind}
            for record, own in entered
            for token, kind in own.items()
        ]
        self.put(t.tokens, rows)

    def identify(self, record: Record, own: Marks, new: str) -> None:
        """Follow a change of what identifies the customer: the same party's record still, another's, or a new one's."""
        mine = (T.record == record.id) & T.field.startswith(FIELD)
        known = set(self.connection.execute(select(T.token).where(mine)).scalars())
        if known == own.keys():
            return
        [party] = _roots(self.connection, {record.subject}).values()
        registry = self._registry(own)
        record.subject = moved(party, own, registry, self._proofs_beside(record, party)) or new
        self._add_subjects({record.subject} & {new})
        self.connection.execute(delete(t.tokens).where(mine))
        self.mark([(record, own)])
        self._forget(known - own.keys())
        self._insert({token: (kind, record.subject) for token, kind in own.items()})
        if record.subject != party:
            self._take_along(record, own, party)

    def unmark(self, records: Collection[str], kinds: Collection[str] | None = None) -> None:
        """Forget by what these records identified their customers, or by these kinds, unless others do so, too."""
        which = T.field.startswith(FIELD) if kinds is None else T.field.in_([FIELD + kind for kind in kinds])
        mine = T.record.in_(records) & which
        known = set(self.connection.execute(select(T.token).where(mine)).scalars())
        self.connection.execute(delete(t.tokens).where(mine))
        self._forget(known)

    def join_parties(self, stays: Record, goes: Record) -> None:
        """Two records turned out to be one customer's: so are the others of either, unless those prove otherwise."""
        roots = _roots(self.connection, {stays.subject, goes.subject})
        one, other = roots[stays.subject], roots[goes.subject]
        if one == other:
            return
        for party in sorted((one, other)):
            self.lock_party(party)
        here, there = self._proofs_beside(goes, one), self._proofs_beside(goes, other)
        if any(set(here[kind]).isdisjoint(there[kind]) for kind in here.keys() & there.keys()):
            goes.subject = one
            return
        self.connection.execute(update(t.subjects).where(S.merged_into == other).values(merged_into=one))
        self.connection.execute(update(t.subjects).where(S.id == other).values(merged_into=one))

    def lock_party(self, party: str) -> list[str]:
        """Every name of a party, locked: nothing else is decided about it meanwhile."""
        names = sorted(names_of(self.connection, party))
        self.connection.execute(select(S.id).where(S.id.in_(names)).order_by(S.id).with_for_update())
        return names

    def records_of_party(self, names: Iterable[str]) -> list[str]:
        """The ids of all records under these names."""
        found = select(R.id).where(R.subject.in_(list(names))).order_by(R.id)
        return list(self.connection.execute(found).scalars())

    def _settle(self, entered: list[tuple[Record, Marks]], new: dict[str, str], registry: Registry) -> bool:
        for record, own in gently(entered):
            record.subject = registry.enter(new[record.id], own)
        taken = self._insert(registry.fresh)
        if len(taken) < len(registry.fresh):
            self.connection.execute(delete(identities).where(M.token.in_(taken)))
            return False
        return True

    def _registry(self, tokens: Collection[bytes]) -> Registry:
        """What is known of the parties that these marks lead to."""
        registry = Registry()
        if not tokens:
            return registry
        led = select(M.subject).where(M.token.in_(list(tokens)))
        rows = self.connection.execute(select(M.token, M.kind, M.subject).where(M.subject.in_(led))).all()
        roots = _roots(self.connection, {row.subject for row in rows})
        for row in rows:
            registry.learn(row.token, row.kind, roots[row.subject])
        return registry

    def _insert(self, marks: dict[bytes, tuple[str, str]]) -> list[bytes]:
        """Write marks down; those that were there already stay as they are. In one order, so that nobody deadlocks."""
        rows = [{"token": token, "kind": kind, "subject": party} for token, (kind, party) in sorted(marks.items())]
        if not rows:
            return []
        return self.database.put_new(self.connection, identities, rows, "token")

    def _add_subjects(self, new: set[str]) -> None:
        self.put(t.subjects, ({"id": subject} for subject in sorted(new)), over=())

    def _proofs_beside(self, record: Record, party: str) -> dict[str, list[bytes]]:
        """What the party's other records prove about it."""
        names = names_of(self.connection, party)
        theirs = select(T.field, T.token).join(t.records, R.id == T.record)
        theirs = theirs.where(R.subject.in_(names), R.id != record.id, T.field.in_(PROVING))
        found: dict[str, list[bytes]] = {}
        for row in self.connection.execute(theirs):
            found.setdefault(row.field.removeprefix(FIELD), []).append(row.token)
        return found

    def _take_along(self, record: Record, own: Marks, left: str) -> None:
        """Marks of a party that none of its records has any more lead to where the record went."""
        names = names_of(self.connection, left)
        theirs = select(T.token).join(t.records, R.id == T.record).where(R.subject.in_(names), R.id != record.id)
        lost = update(identities).where(M.token.in_(list(own)), M.subject.in_(names), M.token.not_in(theirs))
        self.connection.execute(lost.values(subject=record.subject))

    def _forget(self, tokens: Collection[bytes]) -> None:
        """Take away those marks by which no record identifies its customer any more."""
        if tokens:
            left = exists(select(T.token).where(T.token == M.token))
            self.connection.execute(delete(identities).where(M.token.in_(list(tokens)), ~left))


class PartyQueries(Store[Any]):
    """Reads of parties."""

    def party(self, subject: str) -> tuple[str, list[str]]:
        """The name that stays of a party, and all its names."""
        with self.reading() as connection:
            names = names_of(connection, subject)
            return _roots(connection, {subject})[subject], sorted(names)

    def records_of(self, names: Collection[str], after: str = "", limit: int | None = None) -> list[Record]:
        """The records under these names, oldest first; from one on, and so many, if asked."""
        found = select(*RECORD).where(R.subject.in_(list(names)), R.id > after).order_by(R.id).limit(limit)
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(found)]

    def records_among(self, names: Collection[str], ids: Collection[str]) -> list[Record]:
        """Those of these records that are under these names."""
        found = select(*RECORD).where(R.subject.in_(list(names)), R.id.in_(list(ids)))
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(found)]

    def party_holds(self, records: Collection[str]) -> list[Any]:
        """The holds in force on these records."""
        f = t.freezes.c
        found = select(f.hold, f.record, f.part).where(f.record.in_(list(records))).order_by(f.hold, f.record, f.part)
        with self.reading() as connection:
            return list(connection.execute(found).all())

    def party_candidates(self, records: Collection[str], names: Collection[str]) -> list[str]:
        """Other parties that share a mark with these records: likely, not proved, the same."""
        found = select(M.subject).join(t.tokens, T.token == M.token).where(T.record.in_(list(records)))
        with self.reading() as connection:
            likely = set(connection.execute(found.where(M.subject.not_in(list(names)))).scalars())
            return sorted(set(_roots(connection, likely).values()) - set(names))


def _roots(connection: Connection, subjects: set[str]) -> dict[str, str]:
    """For each name the one that stays, however often it was merged."""
    roots, open_ = {name: name for name in subjects}, set(subjects)
    while open_:
        rows = connection.execute(select(S.id, S.merged_into).where(S.id.in_(open_), S.merged_into.is_not(None))).all()
        onward = {row.id: row.merged_into for row in rows}
        roots = {name: onward.get(root, root) for name, root in roots.items()}
        open_ = set(onward.values())
    return roots


def names_of(connection: Connection, subject: str) -> set[str]:
    """Every name of the party that this name belongs to."""
    names = set(_roots(connection, {subject}).values())
    while more := set(connection.execute(select(S.id).where(S.merged_into.in_(names))).scalars()) - names:
        names |= more
    return names

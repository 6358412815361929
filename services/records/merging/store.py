"""Duplicates and merges in their tables, and everything of a merged record that goes over or goes away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, false, insert, literal, or_, select, union_all, update

from chassis.errors import NotFound
from chassis.store import Store, Work
from services.records import tables as core
from services.records.merging import tables as t
from services.records.merging.likeness import Alike
from services.records.merging.model import Merge
from services.records.model import HIDDEN, Record
from services.records.parties.model import FIELD, PROOF
from services.records.rows import RECORD, record_of
from services.records.verifying.store import LIVING
from services.records.verifying.tables import held_back, scores

R, T, A, M = core.records.c, core.tokens.c, t.alike.c, t.merges.c
MERGE = [M[name] for name in Merge.__dataclass_fields__]
MOST = 20  # lookalikes that are told of
STEP, STEPS = 2_000, 50  # records that one statement looks at, and statements that one page may cost


def own_and_merged(record: str) -> Any:
    """The ids under which things of a record lie: its own, and those of the records it stands for."""
    return select(R.id).where(or_(R.id == record, R.merged_into == record))


def lookalikes_in(
    connection: Connection, record: Record, exact: Mapping[str, bytes], name: bytes | None
) -> list[Alike]:
    """Records of the same class with one of these blind tokens, those that match exactly first."""
    if not _any_alike(connection, record.id, exact, name):
        return []  # as for most new records: the join below costs many times this look
    others = (R.class_ == record.class_, R.id != record.id, R.state.not_in(HIDDEN))
    same = select(*RECORD, T.field).join(core.tokens, T.record == R.id).where(*others)
    same = same.where(or_(false(), *((T.token == token) & (T.field == path) for path, token in exact.items())))
    called = select(*RECORD).join(t.alike, A.record == R.id).where(*others, A.token == name)
    found: dict[str, tuple[Record, list[str]]] = {}
    for row in connection.execute(same.order_by(R.id.desc()).limit(MOST)) if exact else ():
        found.setdefault(row.id, (record_of(row), []))[1].append(row[-1])
    namesakes = connection.execute(called.order_by(R.id.desc()).limit(MOST)).all() if name else []
    for row in namesakes:
        found.setdefault(row.id, (record_of(row), []))
    named = {row.id for row in namesakes}
    return [Alike(one, tuple(sorted(fields)), one.id in named) for one, fields in found.values()]


def _any_alike(connection: Connection, record: str, exact: Mapping[str, bytes], name: bytes | None) -> bool:
    own: dict[str, Any] = {"record": record, "name": name}
    own |= {f"t{number}": token for number, token in enumerate(exact.values())}
    own |= {f"f{number}": field for number, field in enumerate(exact)}
    return connection.execute(_alike(len(exact)), own).first() is not None


def _marks(connection: Connection, record: Record, fields: Collection[str]) -> tuple[dict[str, bytes], bytes | None]:
    """By what a record is found: the tokens of these fields, and that of its name."""
    mine = select(T.field, T.token).where(T.record == record.id, T.field.in_(list(fields)))
    exact = {row.field: row.token for row in connection.execute(mine)}
    return exact, connection.execute(select(A.token).where(A.record == record.id)).scalar()


def _all_alike(
    connection: Connection, record: Record, exact: Mapping[str, bytes], name: bytes | None, where: list[Any], limit: int
) -> list[Alike]:
    same = or_(false(), *((T.token == token) & (T.field == path) for path, token in exact.items()))
    called = A.token == name if name else false()
    marked = R.id.in_(union_all(select(T.record).where(same), select(A.record).where(called)))
    others = (R.class_ == record.class_, R.id != record.id, R.state.not_in(HIDDEN), marked, *where)
    found = [
        record_of(row) for row in connection.execute(select(*RECORD).where(*others).order_by(R.id.desc()).limit(limit))
    ]
    ids, fields = [one.id for one in found], defaultdict[str, list[str]](list)
    for row in connection.execute(select(T.record, T.field).where(same, T.record.in_(ids)).order_by(T.field)):
        fields[row.record].append(row.field)
    named = {*connection.execute(select(A.record).where(called, A.record.in_(ids))).scalars()}
    return [Alike(one, tuple(fields[one.id]), one.id in named) for one in found]


@cache
def _alike(exact: int) -> Any:
    """Whether any other record has one of so many tokens, or the name's; made once, as making it costs most."""
    tokens = ((T.token == bindparam(f"t{n}")) & (T.field == bindparam(f"f{n}")) for n in range(exact))
    same = [select(literal(1)).where(T.record != bindparam("record"), one) for one in tokens]
    called = select(literal(1)).where(A.record != bindparam("record"), A.token == bindparam("name"))
    return union_all(*same, called).limit(1)


def edge_after(connection: Connection, after: str | None) -> str | None:
    """The record that many further on; None where there are no more."""
    ids = select(R.id).order_by(R.id.desc()).offset(STEP - 1).limit(1)
    return connection.execute(ids.where(R.id < after) if after else ids).scalar()


def _marked_alike(
    connection: Connection, where: Mapping[str, Any], below: str | None, edge: str | None, limit: int
) -> list[str]:
    """Living records between these two, of which another living one of the class has a mark."""
    theirs = core.tokens.alias()
    same = exists().where(T.record == R.id, theirs.c.token == T.token, theirs.c.field == T.field)
    same = same.where(theirs.c.record != R.id, marked(theirs, R.class_, _lives))
    found = select(R.id).where(R.state.in_(LIVING), same)
    found = found.where(*(R[name] == value for name, value in where.items()))
    found = found.where(*([R.id < below] if below else []), *([R.id >= edge] if edge else []))
    return list(connection.execute(found.order_by(R.id.desc()).limit(limit)).scalars())


def _twins(connection: Connection, record: Record) -> tuple[str, ...]:
    """Some records with a mark of this one's; of a mark that thousands have, not all of them are looked at."""
    theirs = core.tokens.alias()
    same = select(theirs.c.record).join(core.tokens, (T.token == theirs.c.token) & (T.field == theirs.c.field))
    same = same.where(
        T.record == record.id, theirs.c.record != record.id, marked(theirs, literal(record.class_), _lives)
    )
    return tuple(sorted({*connection.execute(same.limit(3 * MOST)).scalars()})[-MOST:])


def marked(theirs: Any, class_: Any, lives: Callable[[Any], Any]) -> Any:
    """Whether the record that has a mark is of the class, and in a state in which it `lives`."""
    # A question of its own: joined, SQLite would begin with all records of the class, for each record anew.
    other = core.records.alias()
    found = select(other.c.id).where(other.c.id == theirs.c.record, other.c.class_ == class_, lives(other.c.state))
    return found.correlate(theirs, core.records).exists()


def _lives(state: Any) -> Any:
    return state.in_(LIVING)


def _with_figures(connection: Connection, ids: list[str]) -> list[tuple[Record, Any]]:
    found = select(*RECORD, scores.c.confirmed_at).outerjoin(scores, scores.c.record == R.id).where(R.id.in_(ids))
    return [(record_of(row), row[-1]) for row in connection.execute(found.order_by(R.id.desc()))] if ids else []


class MergingRows(Work):
    """The part of records' work that concerns duplicates and merges."""

    def liken(self, names: Iterable[tuple[str, bytes | None]]) -> None:
        """Keep the tokens of new records' plain names."""
        self.put(t.alike, [{"record": record, "token": token} for record, token in names if token])

    def rename(self, record_id: str, token: bytes | None) -> None:
        """The plain name is another one now, or none."""
        self.connection.execute(delete(t.alike).where(A.record == record_id))
        self.liken([(record_id, token)])

    def lookalikes(self, record: Record, exact: Mapping[str, bytes], name: bytes | None) -> list[Alike]:
        """Records that are likely the same customer's."""
        # What this work has yet to put in is about the record itself: it need not be there for a look at others.
        return lookalikes_in(self._connection, record, exact, name)

    def add_likeness(self, row: dict[str, Any]) -> None:
        """Keep that a record was saved beside its lookalikes."""
        self.put(t.likenesses, [{**row, "by": self.caller.person, "at": self.now}])

    def add_merge(self, merge: Merge) -> None:
        """Keep a merge that waits."""
        self.put(t.merges, [{**vars(merge), "at": self.now}])

    def merge(self, id: str) -> Merge | None:
        """One merge, locked; None where it is not known."""
        row = self.connection.execute(select(*MERGE).where(M.id == id).with_for_update()).one_or_none()
        return Merge(*row) if row else None

    def merge_in_the_way(self, stays: str, goes: str) -> str | None:
        """A waiting merge that cannot be done beside this: of two, one record goes twice, or goes and stays."""
        against = or_(M.merged.in_((stays, goes)), M.survivor == goes)
        return self.connection.execute(select(M.id).where(M.state == "pending", against).limit(1)).scalar()

    def save_merge(self, merge: Merge) -> None:
        """Keep what became of it."""
        kept = {"state": merge.state, "decided_by": merge.decided_by}
        self.connection.execute(update(t.merges).where(M.id == merge.id).values(kept))

    def proofs(self, record_id: str) -> dict[str, set[bytes]]:
        """By which codes a record proves whose it is."""
        found = select(T.field, T.token).where(T.record == record_id, T.field.in_([FIELD + kind for kind in PROOF]))
        told: dict[str, set[bytes]] = {}
        for row in self.connection.execute(found):
            told.setdefault(row.field.removeprefix(FIELD), set()).add(row.token)
        return told

    def unindex(self, records: Collection[str]) -> None:
        """Nothing finds these records any more: tokens, plain name, facets, filing unit, figures."""
        for table in (core.tokens, core.facets, core.units, core.filings, t.alike, scores, held_back):
            self.connection.execute(delete(table).where(table.c.record.in_(records)))

    def stand_for(self, survivor: Record, merged: Record) -> None:
        """What belonged to a merged record belongs to the one that stays, and its clock is that one's."""
        self.connection.execute(update(core.records).where(R.merged_into == merged.id).values(merged_into=survivor.id))
        self.connection.execute(update(core.records).where(R.about == merged.id).values(about=survivor.id))
        own = {"merged_into": survivor.id, "milestones": survivor.milestones}
        self.connection.execute(update(core.records).where(R.id == merged.id).values(own))
        for id in self.merged_ids(survivor.id):
            self._clock(id, survivor.milestones)

    def merged_ids(self, survivor: str) -> list[str]:
        """The records that a record stands for."""
        found = select(R.id).where(R.merged_into == survivor).order_by(R.id)
        return list(self.connection.execute(found).scalars())

    def follow_clock(self, survivor: Record) -> None:
        """A fact of the one that stays is a fact of those it stands for."""
        ids = self.merged_ids(survivor.id)
        if ids:
            told = update(core.records).where(R.id.in_(ids)).values(milestones=survivor.milestones)
            self.connection.execute(told)
        for id in ids:
            self._clock(id, survivor.milestones)

    def _clock(self, id: str, milestones: Mapping[str, str]) -> None:
        m = core.milestones
        self.connection.execute(delete(m).where(m.c.record == id))
        rows = [{"record": id, "name": name, "on": date.fromisoformat(on)} for name, on in milestones.items()]
        if rows:
            self.connection.execute(insert(m), rows)


class MergingQueries(Store[Any]):
    """Reads of duplicates and merges."""

    def lookalikes(self, where: Mapping[str, Any], after: str | None, limit: int) -> tuple[list[Any], str | None]:
        """Living records that share a mark with another of their class, newest first, each with some of those others.

        Beside them where the list goes on: a page looks at so many records and no more, so it may be a short one.
        """
        found: list[str] = []
        edge: str | None = after
        with self.reading() as connection:
            for _ in range(STEPS):
                below, edge = edge, edge_after(connection, edge)
                found += _marked_alike(connection, where, below, edge, limit + 1 - len(found))
                if edge is None or len(found) > limit:
                    break
            rows = [(*row, _twins(connection, row[0])) for row in _with_figures(connection, found[:limit])]
        return rows, found[limit - 1] if len(found) > limit else edge

    def alike_to(self, record: Record, fields: Collection[str]) -> list[Alike]:
        """Records that are likely the same customer's as this one."""
        with self.reading() as connection:
            return lookalikes_in(connection, record, *_marks(connection, record, fields))

    def alike_page(self, record: Record, fields: Collection[str], after: str | None, limit: int) -> list[Alike]:
        """All of them, newest first, from one on: their order does not tell by what they are alike."""
        with self.reading() as connection:
            marks = _marks(connection, record, fields)
            return _all_alike(connection, record, *marks, [R.id < after] if after else [], limit)

    def alike_among(self, record: Record, fields: Collection[str], ids: Collection[str]) -> list[Alike]:
        """Those of these records that are likely the same customer's."""
        with self.reading() as connection:
            return _all_alike(connection, record, *_marks(connection, record, fields), [R.id.in_(list(ids))], len(ids))

    def likenesses(self, record_id: str) -> list[dict[str, Any]]:
        """Beside which a record was saved all the same."""
        found = select(t.likenesses).where(t.likenesses.c.record == record_id).order_by(t.likenesses.c.id)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]

    def merge(self, id: str) -> Merge:
        """One merge, as it stands."""
        with self.reading() as connection:
            row = connection.execute(select(*MERGE).where(M.id == id)).one_or_none()
        if row is None:
            raise NotFound("merge.unknown", f"no merge {id}")
        return Merge(*row)

    def merges_of(self, record_id: str, after: str | None, limit: int) -> list[dict[str, Any]]:
        """The merges that a record had part in, oldest first, from one on."""
        found = select(t.merges, R.number.label("merged_number")).outerjoin(core.records, R.id == M.merged)
        found = found.where(or_(M.survivor == record_id, M.merged == record_id), M.id > (after or ""))
        found = found.order_by(M.id).limit(limit)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]

    def merged_records(self, survivor: str) -> list[Record]:
        """The records that a record stands for, as they stood when they were merged."""
        with self.reading() as connection:
            rows = connection.execute(select(*RECORD).where(R.merged_into == survivor).order_by(R.id)).all()
            return [record_of(row) for row in rows]

    def home_of(self, record_id: str) -> str:
        """The id under which a record answers now."""
        with self.reading() as connection:
            home = connection.execute(select(R.merged_into).where(R.id == record_id)).scalar()
        return home or record_id

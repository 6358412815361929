"""The index in its tables: written with the record, asked for the rarest first, gone with the part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import eventlet
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    and_,
    bindparam,
    cast,
    delete,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from chassis.store import Store, Work
from services.records import tables as core
from services.records.classifying.presenting import Unset
from services.records.model import HIDDEN
from services.records.searching import words
from services.records.searching.indexing import Indexed
from services.records.searching.tables import figures, search_parts

S, R, F = search_parts.c, core.records.c, core.facets.c
ALL = ARRAY(BigInteger)
COUNTED = 1_000  # records of one look on SQLite
Ways = Sequence[list[int]]  # alternatives; all tokens of one must be there


class SearchRows(Work):
    """The part of records' work that concerns the index."""

    def add_index(self, made: Iterable[Indexed]) -> None:
        """Keep what new records, or new parts, are found by."""
        made = list(made)
        self._add_parts([(one.record, part, one.generation, t) for one in made for part, t in one.parts.items()])
        rows = [{"pseudonym": name, "value": value} for one in made for name, value in one.figures.items()]
        self.put(figures, rows)

    def renew_index(self, made: Iterable[Indexed]) -> None:
        """Put what parts are found by now in the place of what they were found by."""
        made = list(made)
        for one in made:
            self.forget_index([one.record], list(one.parts))
        self.forget_measures(name for one in made for name in one.stale)
        self.add_index(made)

    def forget_index(self, records: Collection[str], parts: Collection[str] | None = None) -> None:
        """Take away what records, or some of their parts, are found by."""
        mine = S.record.in_(records) if parts is None else and_(S.record.in_(records), S.part.in_(parts))
        if self.database.sqlite:
            words.take(self.connection, mine)
        self.connection.execute(delete(search_parts).where(mine))

    def forget_measures(self, pseudonyms: Iterable[bytes]) -> None:
        """Take away figures."""
        gone = list(pseudonyms)
        if gone:
            self.connection.execute(delete(figures).where(figures.c.pseudonym.in_(gone)))

    def _add_parts(self, rows: list[tuple[str, str, int, list[int]]]) -> None:
        if rows:
            kept = words.add(self.connection, rows) if self.database.sqlite else words.rows_of(rows)
            self.put(search_parts, kept)


class SearchQueries(Store[Any]):
    """Reads of the index."""

    looked = False  # whether this process has seen that every part is indexed

    def has_looked(self) -> None:
        """From now on only a new key leaves something to do."""
        self.looked = True

    def oldest_generation(self) -> int | None:
        """The oldest key that something is still indexed under."""
        with self.reading() as connection:
            return connection.execute(select(func.min(S.generation))).scalar()

    def found_by(self, conditions: Sequence[Ways], plain: dict[str, Any], limit: int) -> list[str]:
        """Up to `limit` living records that fit all conditions by their tokens, and the plain ones; in no order."""
        living = (R.state.not_in(HIDDEN), *map(_clear, plain, plain.values()))
        with self.reading() as connection:
            if self.database.sqlite and conditions:
                return _few(connection, words.found(connection, conditions, limit), living, limit)
            found = select(R.id).where(*living).limit(limit)
            if conditions:
                first, *others = sorted(
                    conditions, key=lambda ways: _count(connection, ways, limit) if conditions[1:] else 0
                )
                rows = _rows(first)
                found = found.join(rows, rows.c.record == R.id).where(*map(_has, others))
            return list(connection.execute(found).scalars())

    def figures_of(self, pseudonyms: Collection[bytes]) -> dict[bytes, int]:
        """Figures by their pseudonyms."""
        f = figures.c
        with self.reading() as connection:
            rows = connection.execute(select(f.pseudonym, f.value).where(f.pseudonym.in_(list(pseudonyms)))).all()
            return {bytes(row.pseudonym): row.value for row in rows}

    def coded(self, records: Collection[str], part: str, tokens: dict[int, str]) -> dict[str, str]:
        """For each of these records what the tokens say that it is, if one of them is among those of its part."""
        found = select(S.record, S.tokens).where(S.part == part, S.record.in_(records))
        with self.reading() as connection:
            told = ((row.record, tokens.keys() & row.tokens) for row in connection.execute(found))
            return {record: tokens[some.pop()] for record, some in told if some}

    def answers_for(self, class_: str, person: str | None) -> bool:
        """Whether a person is responsible for a living record of the class, or entered one."""
        mine = or_(R.responsible == person, R.creator == person)
        found = select(R.id).where(R.class_ == class_, R.state.not_in(HIDDEN), mine).limit(1)
        with self.reading() as connection:
            return connection.execute(found).first() is not None

    def counted(self, classes: list[str], facet: str | None, person: str | None) -> Iterator[Any]:
        """How many living records are alike in all that rights can tell them by, and in a facet; one group may come
        in several pieces."""
        head = (R.class_, R.department, R.state, R.level, R.complete, R.schemes)
        own = (func.coalesce(R.responsible == person, False), R.creator == person)
        value = F.value if facet else literal(None)
        joined = core.records.outerjoin(core.facets, and_(F.record == R.id, F.name == facet)) if facet else core.records
        found = select(*head, *own, value, func.count()).select_from(joined).where(R.state.not_in(HIDDEN))
        found = found.group_by(*head, *own, *([value] * bool(facet)))
        if not self.database.sqlite:
            with self.reading() as connection:
                yield from connection.execute(found.where(R.class_.in_(classes))).all()
            return
        for span in self._spans():
            with self.reading() as connection:
                rows = connection.execute(found.where(literal_column("+records.class").in_(classes), span)).all()
            yield from rows
            eventlet.sleep(0)

    def _spans(self) -> Iterator[Any]:
        """Stretches of ids with so many records each: SQLite works in this process, and others wait meanwhile."""
        after: str | None = ""
        while after is not None:
            ends = select(R.id).where(R.id > after).order_by(R.id).offset(COUNTED).limit(1)
            with self.reading() as connection:
                last = connection.execute(ends).scalar()
            yield and_(R.id > after, R.id <= last if last else true())
            after = last

    def behind(self, generation: int, after: str, limit: int) -> list[str]:
        """Living records, by id, of which a part is not indexed under the newest key."""
        p = core.parts.c
        joined = core.parts.join(core.records, R.id == p.record).outerjoin(
            search_parts, and_(S.record == p.record, S.part == p.name)
        )
        old = or_(S.generation.is_(None), S.generation < generation)
        found = select(p.record).select_from(joined).where(p.record > after, R.state.not_in(HIDDEN), old)
        with self.reading() as connection:
            return list(connection.execute(found.distinct().order_by(p.record).limit(limit)).scalars())


def _few(connection: Connection, records: Iterator[str], living: tuple[Any, ...], limit: int) -> list[str]:
    """The first of these records that are also as the rest asks; SQLite would rather walk all of them."""
    found: list[str] = []
    while len(found) < limit and (some := list(islice(records, words.AT_ONCE))):
        found += connection.execute(select(R.id).where(R.id.in_(some), *living)).scalars()
    return found[:limit]


def _count(connection: Connection, ways: Ways, limit: int) -> int:
    some = _rows(ways).select().limit(limit).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _rows(ways: Ways) -> Any:
    """Which records one condition is true of; `record` is the column."""
    return select(S.record).where(_any(ways)).subquery()


def _has(ways: Ways) -> Any:
    """Whether one record fits a condition: asked of each candidate by itself, however many others fit it."""
    one = select(1).where(S.record == R.id, _any(ways)).limit(1).correlate(core.records)
    return one.scalar_subquery() == 1


def _any(ways: Ways) -> Any:
    # The tokens stand in the text: a plan that is kept for any tokens walks all records instead of the index.
    return or_(false(), *(S.tokens.op("@>")(_told(way)) for way in ways if way))


def _told(way: list[int]) -> Any:
    return cast(bindparam(None, way, ALL, unique=True, literal_execute=True), ALL)


def _clear(name: str, value: Any) -> Any:
    if isinstance(value, Unset):
        others = select(F.record).where(F.name == name, F.value != value.value)
        return and_(R.class_.in_(value.classes), R.id.not_in(others))
    if "." in name:
        return R.id.in_(select(F.record).where(F.name == name, F.value == value))
    return R[name] == value

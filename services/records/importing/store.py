"""Imports in their tables: the file in sealed pieces, progress, and what became of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, any_, bindparam, delete, func, insert, select, update
from sqlalchemy.types import UserDefinedType

from chassis.errors import NotFound
from chassis.store import Store, Work
from regimes.model import RecordClass
from services.records import tables as t
from services.records.filing import taken
from services.records.importing.model import Import
from services.records.merging.tables import alike
from services.records.model import HIDDEN
from services.records.verifying.tables import held_back

RECEIVING, RUNNING, RELEASING = "receiving", "running", "releasing"
HELD = select(t.freezes.c.record)
T = t.tokens.c


class Listed(UserDefinedType[list[bytes]]):
    """Many tokens as one text that the server takes for an array of them. A cast would hide from its planner which."""

    cache_ok = True

    def bind_processor(self, dialect: Any) -> Any:
        """As PostgreSQL writes an array of bytes."""
        return lambda tokens: "{" + ",".join([f'"\\\\x{token.hex()}"' for token in tokens]) + "}"


def _import_of(row: Any) -> Import:
    return Import(**dict(zip((column.key for column in t.imports.c), row, strict=True)))


class ImportRows(Work):
    """The part of records' work that concerns imports."""

    def import_(self, import_id: str) -> Import:
        """One import, locked until this piece of work ends."""
        found = select(t.imports).where(t.imports.c.id == import_id).with_for_update()
        row = self.connection.execute(found).one_or_none()
        if row is None:
            raise NotFound("import.unknown", f"no import {import_id}")
        return _import_of(row)

    def add_import(self, taken: Import) -> None:
        """Keep a new import."""
        self.connection.execute(insert(t.imports).values({**vars(taken), "at": self.now}))

    def save_import(self, taken: Import) -> None:
        """Keep how far it has come."""
        kept = {name: value for name, value in vars(taken).items() if name not in ("id", "at")}
        self.connection.execute(update(t.imports).where(t.imports.c.id == taken.id).values(kept))

    def put_chunk(self, import_id: str, offset: int, sealed: bytes) -> bool:
        """Keep a piece of the file; the same piece again changes nothing."""
        row = {"import_id": import_id, "offset": offset, "sealed": sealed}
        kept = self.database.insert(t.import_chunks).values(row).on_conflict_do_nothing()
        return self.connection.execute(kept).rowcount == 1

    def drop_chunks(self, import_id: str) -> None:
        """The file is read; nothing of it is kept."""
        self.connection.execute(delete(t.import_chunks).where(t.import_chunks.c.import_id == import_id))

    def add_lines(self, import_id: str, lines: Iterable[dict[str, Any]]) -> None:
        """Keep why rows were not taken."""
        rows = [{"import_id": import_id, **line} for line in lines]
        if rows:
            self.connection.execute(insert(t.import_rows), rows)

    def known(self, class_: str, tokens: set[bytes]) -> set[bytes]:
        """Which of these blind tokens belong to a living record of the class already."""
        return _known(self.connection, class_, tokens)

    def named_alike(self, class_: str, names: set[bytes]) -> dict[bytes, dict[str, Any]]:
        """For each of these plain names a living record of the class that has it."""
        return _named_alike(self.connection, class_, names)

    def claim_units(self, units: dict[bytes, str], found: RecordClass) -> None:
        """Take the filing units of many new records at once; one that somebody took meanwhile is refused."""
        rows = [{"token": token, "record": record} for token, record in sorted(units.items())]
        if rows and len(self.database.put_new(self.connection, t.units, rows, "token")) < len(rows):
            raise taken(found)

    def pending_of(self, import_id: str, limit: int) -> list[str]:
        """Records of an import that wait for their release, oldest first."""
        r = t.records.c
        held = select(held_back.c.record)  # approved, and not valid before what its class needs is there
        waiting = select(r.id).where(r.import_id == import_id, r.state == "pending", r.id.not_in(held))
        waiting = waiting.order_by(r.id).limit(limit)
        return list(self.connection.execute(waiting).scalars())

    def leaving_of(self, import_id: str, limit: int) -> list[str]:
        """Records of an import that nothing keeps from going, oldest first."""
        r = t.records.c
        free = select(r.id).where(r.import_id == import_id, r.state == "pending", r.id.not_in(HELD))
        return list(self.connection.execute(free.order_by(r.id).limit(limit)).scalars())

    def held_of(self, import_id: str) -> int:
        """How many records of an import a hold protects."""
        r = t.records.c
        held = select(func.count()).where(r.import_id == import_id, r.state == "pending", r.id.in_(HELD))
        return int(self.connection.execute(held).scalar_one())


def _one_of(connection: Connection, column: Any, tokens: Iterable[bytes]) -> Any:
    """Whether a column is one of many tokens; on a server the same statement for any number of them."""
    if connection.dialect.name == "sqlite":
        return column.in_(tokens)
    return column == any_(bindparam(None, list(tokens), Listed(), unique=True))


def _known(connection: Connection, class_: str, tokens: set[bytes]) -> set[bytes]:
    if not tokens:
        return set()
    # In two steps: joined, a planner may begin with all records of the class, for every batch anew.
    seen = connection.execute(select(T.token, T.record).where(_one_of(connection, T.token, tokens))).all()
    owners = {row.record for row in seen}
    same = select(t.records.c.id).where(t.records.c.id.in_(owners), t.records.c.class_ == class_)
    alive = set(connection.execute(same).scalars()) if owners else set()
    units = select(t.units.c.token).where(_one_of(connection, t.units.c.token, tokens))
    return {*(row.token for row in seen if row.record in alive), *connection.execute(units).scalars()}


def _named_alike(connection: Connection, class_: str, names: set[bytes]) -> dict[bytes, dict[str, Any]]:
    if not names:
        return {}
    same_name = _one_of(connection, alike.c.token, names)
    met = dict(connection.execute(select(alike.c.record, alike.c.token).where(same_name)).all())
    if not met:
        return {}
    r = t.records.c
    same = select(*t.records.c).where(r.id.in_(met), r.class_ == class_, r.state.not_in(HIDDEN)).order_by(r.id.desc())
    columns = [column.key for column in t.records.c]
    return {met[row.id]: dict(zip(columns, row, strict=True)) for row in connection.execute(same)}


class ImportQueries(Store[Any]):
    """Reads of imports."""

    def named_alike(self, class_: str, names: set[bytes]) -> dict[bytes, dict[str, Any]]:
        """For each of these plain names a living record of the class that has it, as it stands."""
        with self.reading() as connection:
            return _named_alike(connection, class_, names)

    def known(self, class_: str, tokens: set[bytes]) -> set[bytes]:
        """Which of these blind tokens belong to a living record of the class already, as it stands."""
        with self.reading() as connection:
            return _known(connection, class_, tokens)

    def gone_of(self, import_id: str) -> list[str]:
        """Records of an import past the point of no return, whose keys and rows may still be there."""
        r = t.records.c
        begun = select(r.id).where(r.import_id == import_id, r.state == "destroying", r.disposal.is_(None))
        with self.reading() as connection:
            return list(connection.execute(begun).scalars())

    def abandoned(self, before: datetime) -> list[Import]:
        """Imports of which nothing has come since."""
        waits = (t.imports.c.state == RECEIVING) & (t.imports.c.at < before)
        with self.reading() as connection:
            return [_import_of(row) for row in connection.execute(select(t.imports).where(waits))]

    def import_(self, import_id: str) -> Import:
        """One import, as it stands."""
        with self.reading() as connection:
            row = connection.execute(select(t.imports).where(t.imports.c.id == import_id)).one_or_none()
        if row is None:
            raise NotFound("import.unknown", f"no import {import_id}")
        return _import_of(row)

    def imports_in(self, *states: str) -> list[Import]:
        """Imports in these states, oldest first."""
        found = select(t.imports).where(t.imports.c.state.in_(states)).order_by(t.imports.c.id)
        with self.reading() as connection:
            return [_import_of(row) for row in connection.execute(found)]

    def unswept(self) -> list[Import]:
        """Imports that are over and whose files still lie here."""
        left = t.imports.c.id.in_(select(t.import_chunks.c.import_id))
        over = t.imports.c.state.not_in((RECEIVING, RUNNING))
        with self.reading() as connection:
            return [_import_of(row) for row in connection.execute(select(t.imports).where(left, over))]

    def chunk(self, import_id: str, offset: int) -> bytes | None:
        """One sealed piece; None where there is none."""
        c = t.import_chunks.c
        with self.reading() as connection:
            found = select(c.sealed).where(c.import_id == import_id, c.offset == offset)
            return connection.execute(found).scalar_one_or_none()

    def chunks(self, import_id: str) -> Iterator[tuple[int, bytes]]:
        """The pieces of a file in their order, one at a time."""
        c, offset = t.import_chunks.c, -1
        while True:
            found = select(c.offset, c.sealed).where(c.import_id == import_id, c.offset > offset).order_by(c.offset)
            with self.reading() as connection:
                row = connection.execute(found.limit(1)).one_or_none()
            if row is None:
                return
            offset = row.offset
            yield row.offset, row.sealed

    def lines(self, import_id: str) -> list[Any]:
        """What became of the rows that were not taken."""
        found = select(t.import_rows).where(t.import_rows.c.import_id == import_id).order_by(t.import_rows.c.row)
        with self.reading() as connection:
            return list(connection.execute(found).all())

"""Imports in their tables: the file in sealed pieces, progress, and what became of each row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, any_, bindparam, delete, func, insert, select, update
from sqlalchemy.types import UserDefinedType

from chassis.errors import NotFound
from chassis.store import Store
from regimes.model import RecordClass
from services.records import tables as t
from services.records.filing import taken
from services.records.importing.leaving import LeavingRows
from services.records.importing.model import Import
from services.records.merging.likeness import Alike
from services.records.merging.tables import alike
from services.records.model import HIDDEN, Record
from services.records.rows import RECORD, record_of
from services.records.verifying.tables import held_back

RECEIVING, RUNNING, RELEASING = "receiving", "running", "releasing"
AT_ONCE = 200

# Statements of every portion of a file, made once: making one costs more than running it.
_MINE = t.imports.c.id == bindparam("mine")
LOCKED = select(t.imports).where(_MINE).with_for_update()
KEPT = (
    update(t.imports)
    .where(_MINE)
    .values({one.key: bindparam(one.key) for one in t.imports.c if one.key not in ("id", "at")})
)


class Listed(UserDefinedType[list[bytes]]):
    """Many tokens as one text that the server takes for an array of them. A cast would hide from its planner which."""

    cache_ok = True

    def bind_processor(self, dialect: Any) -> Any:
        """As PostgreSQL writes an array of bytes."""
        return lambda tokens: "{" + ",".join([f'"\\\\x{token.hex()}"' for token in tokens]) + "}"


def _import_of(row: Any) -> Import:
    return Import(**dict(zip((column.key for column in t.imports.c), row, strict=True)))


class ImportRows(LeavingRows):
    """The part of records' work that concerns imports."""

    def import_(self, import_id: str) -> Import:
        """One import, locked until this piece of work ends."""
        row = self.connection.execute(LOCKED, {"mine": import_id}).one_or_none()
        if row is None:
            raise NotFound("import.unknown", f"no import {import_id}")
        return _import_of(row)

    def add_import(self, taken: Import) -> None:
        """Keep a new import."""
        self.connection.execute(insert(t.imports).values({**vars(taken), "at": self.now}))

    def receiving_of(self, person: str) -> list[str]:
        """The imports of a person that are on their way in; until this piece of work ends he begins no other."""
        if not self.database.sqlite:  # there, only one writes at a time
            self.connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"imports of {person}"))))
        return _receiving_of(self.connection, person)

    def save_import(self, taken: Import) -> None:
        """Keep how far it has come."""
        kept = {name: value for name, value in vars(taken).items() if name not in ("id", "at")}
        self.connection.execute(KEPT, {**kept, "mine": taken.id})

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

    def known(self, found: RecordClass, marks: set[bytes], names: set[bytes]) -> dict[bytes, list[Alike]]:
        """For each of these blind tokens the records of the class that have it already."""
        return _known(self.connection, found, marks, names)

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


def _receiving_of(connection: Connection, person: str | None) -> list[str]:
    i = t.imports.c
    found = select(i.id).where(i.state == RECEIVING, i.by == person).order_by(i.id)
    return list(connection.execute(found).scalars())


@cache
def _having(table: Any, server: bool) -> Any:
    """The rows of many tokens, made once; on a server the same statement for any number of them."""
    if server:
        return select(table).where(table.c.token == any_(bindparam("tokens", type_=Listed())))
    return select(table).where(table.c.token.in_(bindparam("tokens", expanding=True)))


def _known(
    connection: Connection, found: RecordClass, marks: set[bytes], names: set[bytes]
) -> dict[bytes, list[Alike]]:
    unit = tuple(found.one_per.fields) if found.one_per else ()
    led: list[tuple[bytes, Record, tuple[str, ...]]]
    led = [(row.token, record, (row.field,)) for row, record in _led(connection, t.tokens, marks)]
    led = [one for one in led if one[1].class_ == found.name]
    led += [(row.token, record, unit) for row, record in _led(connection, t.units, marks)]
    called = [(row.token, record, ()) for row, record in _led(connection, alike, names)]
    led += [one for one in called if one[1].class_ == found.name and one[1].state not in HIDDEN]
    told: dict[bytes, list[Alike]] = {}
    for token, record, fields in led:
        told.setdefault(token, []).append(Alike(record, fields))
    return told


def _led(connection: Connection, table: Any, tokens: Collection[bytes]) -> list[tuple[Any, Record]]:
    """The rows of these tokens, each with the record that it leads to."""
    # In two steps: joined, a planner may begin with all records of the class, for every batch anew.
    asked = _having(table, connection.dialect.name != "sqlite")
    rows = connection.execute(asked, {"tokens": list(tokens)}).all() if tokens else ()
    found = select(*RECORD).where(t.records.c.id.in_({row.record for row in rows})) if rows else None
    records = {row.id: record_of(row) for row in connection.execute(found)} if found is not None else {}
    return [(row, records[row.record]) for row in rows if row.record in records]


class ImportQueries(Store[Any]):
    """Reads of imports."""

    def known(self, found: RecordClass, marks: set[bytes], names: set[bytes]) -> dict[bytes, list[Alike]]:
        """For each of these blind tokens the records of the class that have it already, as it stands."""
        with self.reading() as connection:
            return _known(connection, found, marks, names)

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

    def imports_page(self, after: str | None, state: str | None, limit: int) -> list[Import]:
        """Imports newest first, of one state if it is named."""
        i = t.imports.c
        found = select(t.imports).order_by(i.id.desc()).limit(limit)
        found = found.where(i.id < after) if after else found
        found = found.where(i.state == state) if state else found
        with self.reading() as connection:
            return [_import_of(row) for row in connection.execute(found)]

    def receiving_of(self, person: str | None) -> list[str]:
        """The imports of a person that are on their way in."""
        with self.reading() as connection:
            return _receiving_of(connection, person)

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

    def lines(self, import_id: str, after: int = 0) -> Iterator[Any]:
        """What became of the rows that were not taken, from a row on; a few at a time, as they are asked for."""
        r = t.import_rows.c
        while True:
            found = select(t.import_rows).where(r.import_id == import_id, r.row > after).order_by(r.row).limit(AT_ONCE)
            with self.reading() as connection:
                rows = connection.execute(found).all()
            yield from rows
            if len(rows) < AT_ONCE:
                return
            after = rows[-1].row

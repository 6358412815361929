"""Imports in their tables: the file in sealed pieces, progress, and what became of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import delete, insert, select, update

from chassis.errors import NotFound
from chassis.store import Store, Work
from services.records import tables as t
from services.records.importing.model import Import

RUNNING, RELEASING = "running", "releasing"


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
        if not tokens:
            return set()
        alive = select(t.tokens.c.token).join(t.records, t.records.c.id == t.tokens.c.record)
        alive = alive.where(t.tokens.c.token.in_(tokens), t.records.c.class_ == class_)
        units = select(t.units.c.token).where(t.units.c.token.in_(tokens))
        return {*self.connection.execute(alive).scalars(), *self.connection.execute(units).scalars()}

    def pending_of(self, import_id: str, limit: int) -> list[str]:
        """Records of an import that wait for their release, oldest first."""
        r = t.records.c
        waiting = select(r.id).where(r.import_id == import_id, r.state == "pending").order_by(r.id).limit(limit)
        return list(self.connection.execute(waiting).scalars())


class ImportQueries(Store[Any]):
    """Reads of imports."""

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

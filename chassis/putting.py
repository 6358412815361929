"""What one piece of work puts into its tables: kept until something depends on it, then put in by one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

from chassis.breathing import gently
from chassis.copying import copy
from chassis.db import Database

FEW = 50  # rows of one table; more are cheaper as arrays
Row = dict[str, Any]
Over = tuple[str, ...] | None  # a row that is there already: None = refused, () = left as it is, else these columns set
Kind = tuple[Table, tuple[str, ...], Over]


class Waiting:
    """Rows for several tables. On a server few of each are one statement for all: one trip, one plan."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rows: dict[Kind, list[Row]] = {}

    def add(self, table: Table, rows: Iterable[Row], over: Over = None) -> None:
        """Keep rows as they are now."""
        names, alike = None, list[Row]()
        for row in rows:
            if (own := tuple(row)) != names:
                names, alike = own, self.rows.setdefault((table, own, over), [])
            alike.append(dict(row))

    def put(self, connection: Connection) -> None:
        """Put in all that wait; nothing does afterwards."""
        waiting, self.rows = self.rows, {}
        few = [] if self.database.sqlite else [kind for kind, rows in waiting.items() if len(rows) <= FEW]
        for kind in gently([kind for kind in waiting if kind not in few]):
            self._put_many(connection, kind, waiting[kind])
        if few:
            connection.exec_driver_sql(_whole(tuple(few)), tuple(_text(kind, waiting[kind]) for kind in few))

    def _put_many(self, connection: Connection, kind: Kind, rows: list[Row]) -> None:
        table, _, over = kind
        if over is None and not self.database.sqlite:
            copy(connection, table, rows)
        elif over is None or not over:
            self.database.put(connection, table, rows, new=over is not None)
        else:
            connection.execute(self._beside(table, over), rows)

    def _beside(self, table: Table, over: tuple[str, ...]) -> Any:
        adding = self.database.insert(table)
        if not over:
            return adding.on_conflict_do_nothing()
        set_ = {name: adding.excluded[name] for name in over}
        return adding.on_conflict_do_update(index_elements=[*table.primary_key], set_=set_)


@cache
def _whole(kinds: tuple[Kind, ...]) -> str:
    """One statement for all these tables. Its text is the same for any number of rows, so it is planned once."""
    *firsts, last = [_adding(*kind) for kind in kinds]
    beside = ", ".join(f"p{number} AS ({one})" for number, one in enumerate(firsts))
    return f"WITH {beside} {last}" if beside else last


def _adding(table: Table, names: tuple[str, ...], over: Over) -> str:
    show = postgresql.dialect().identifier_preparer
    into, columns = show.format_table(table), _listed(table.c[name] for name in names)
    rows = f"INSERT INTO {into} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{into}, %s)"  # noqa: S608
    if not over:
        return rows if over is None else f"{rows} ON CONFLICT DO NOTHING"
    taken = _listed((table.c[name] for name in over), "{0} = excluded.{0}")
    return f"{rows} ON CONFLICT ({_listed(table.primary_key)}) DO UPDATE SET {taken}"


def _listed(columns: Iterable[Any], each: str = "{0}") -> str:
    show = postgresql.dialect().identifier_preparer
    return ", ".join(each.format(show.format_column(column)) for column in columns)


def _text(kind: Kind, rows: list[Row]) -> str:
    """The rows as one JSON text, from which the server reads each column as what it is."""
    shown = _shown(kind[0], kind[1])
    return orjson.dumps([{name: show(row[key]) for key, name, show in shown} for row in rows]).decode()


@cache
def _shown(table: Table, names: tuple[str, ...]) -> list[tuple[str, str, Callable[[Any], Any]]]:
    return [(name, str(table.c[name].name), _reading(table.c[name].type)) for name in names]


def _reading(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, TypeDecorator):
        return partial(kind.process_bind_param, dialect=postgresql.dialect())
    return _hex if isinstance(kind, LargeBinary) else _as_it_is


def _hex(value: bytes | None) -> str | None:
    return None if value is None else f"\\x{value.hex()}"


def _as_it_is(value: Any) -> Any:
    return value

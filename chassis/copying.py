"""Many rows into one table of a server by COPY: half the work of a statement, on either side of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import psycopg
from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from chassis.breathing import gently

DIALECT = postgresql.dialect()
Turn = Callable[[Any], Any]


def copy(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert all rows, on the connection of the caller's transaction; one that is there already is refused."""
    statement, types, turned = _copying(table, tuple(rows[0]))
    raw: Any = connection.connection
    with _refused(statement), raw.cursor() as cursor, cursor.copy(statement) as into:
        into.set_types(types)
        for row in gently(rows):
            into.write_row([turn(row[name]) if turn else row[name] for name, turn in turned])


@cache
def _copying(table: Table, names: tuple[str, ...]) -> tuple[str, list[str], list[tuple[str, Turn | None]]]:
    show, columns = DIALECT.identifier_preparer, [table.c[name] for name in names]
    listed = ", ".join(map(show.format_column, columns))
    statement = f"COPY {show.format_table(table)} ({listed}) FROM STDIN (FORMAT BINARY)"
    return statement, [_type(one) for one in columns], [(name, _turn(table.c[name].type)) for name in names]


def _type(column: Column[Any]) -> str:
    """What the server calls the type, without its length: binary values are sent as exactly that."""
    return column.type.compile(DIALECT).lower().partition("(")[0]


def _turn(kind: Any) -> Turn | None:
    return partial(kind.process_bind_param, dialect=DIALECT) if isinstance(kind, TypeDecorator) else None


@contextmanager
def _refused(statement: str) -> Iterator[None]:
    """The driver is asked by itself here; what it raises is what any other statement raises."""
    try:
        yield
    except psycopg.Error as error:
        raise DBAPIError.instance(statement, None, error, psycopg.Error) from error

"""Rows for a table as the driver takes them: making a statement of them anew each time costs more than running it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator

SERVER, FILE = postgresql.dialect(), sqlite.dialect()
Turn = Callable[[Any], Any]
Rows = Sequence[dict[str, Any]]


def put(connection: Connection, table: Table, rows: Rows, new: bool) -> None:
    """Insert all rows, or the `new` ones among them."""
    beside = " ON CONFLICT DO NOTHING" if new else ""
    if connection.dialect.name == FILE.name:
        statement, turned = _listing(table, tuple(rows[0]))
        told = [tuple([turn(row[name]) if turn else row[name] for name, turn in turned]) for row in rows]
        connection.exec_driver_sql(statement + beside, told)
        return
    statement, shown = _unnesting(table, tuple(rows[0]))
    connection.exec_driver_sql(statement + beside, _arrays(shown, rows))


def put_new(connection: Connection, table: Table, rows: Rows, told: str) -> list[Any]:
    """Insert those rows that are not there yet; the `told` column of each that was put in."""
    if connection.dialect.name == FILE.name:
        return list(connection.execute(_returning(table, told), rows).scalars())
    statement, shown = _unnesting(table, tuple(rows[0]))
    statement += f" ON CONFLICT DO NOTHING RETURNING {table.c[told].name}"
    return list(connection.exec_driver_sql(statement, _arrays(shown, rows)).scalars())


@cache
def _returning(table: Table, told: str) -> Any:
    return sqlite.insert(table).on_conflict_do_nothing().returning(table.c[told])


@cache
def _listing(table: Table, names: tuple[str, ...]) -> tuple[str, list[tuple[str, Turn | None]]]:
    """An INSERT of one row, run for each of many; how each of its values is turned."""
    into, columns = _named(table, names, FILE)
    values = ", ".join("?" for _ in names)
    turned: list[tuple[str, Turn | None]]
    turned = [(name, table.c[name].type.dialect_impl(FILE).bind_processor(FILE)) for name in names]
    return f"INSERT INTO {into} ({columns}) VALUES ({values})", turned  # noqa: S608


@cache
def _unnesting(table: Table, names: tuple[str, ...]) -> tuple[str, list[tuple[str, Turn]]]:
    """An INSERT of one array per column: its text is the same for any number of rows; how each column is shown."""
    into, listed = _named(table, names, SERVER)
    columns = [table.c[name] for name in names]
    # Text without its length: a cast would cut what is too long, where the column itself refuses it.
    kinds = ["TEXT" if issubclass(c.type.python_type, str) else c.type.compile(SERVER) for c in columns]
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    shown = [(column.key, _shown(column.type)) for column in columns]
    return f"INSERT INTO {into} ({listed}) SELECT * FROM unnest({arrays})", shown  # noqa: S608


def _named(table: Table, names: tuple[str, ...], dialect: Any) -> tuple[str, str]:
    show = dialect.identifier_preparer
    return show.format_table(table), ", ".join(show.format_column(table.c[name]) for name in names)


def _arrays(shown: list[tuple[str, Turn]], rows: Rows) -> tuple[Any, ...]:
    return tuple(show([row[name] for row in rows]) for name, show in shown)


def _shown(kind: Any) -> Turn:
    # Bytes travel as the driver sends them; of all else it would ask for each value anew what it is.
    if isinstance(kind, LargeBinary):
        return list
    if isinstance(kind, TypeDecorator):
        return partial(_array, turned=partial(kind.process_bind_param, dialect=SERVER))
    return _array


def _array(values: list[Any], turned: Turn | None = None) -> str:
    """The values as PostgreSQL writes an array."""
    return "{" + ",".join(map(_element, map(turned, values) if turned else values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'

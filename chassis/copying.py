"""Many rows into one table of a server in its own binary form: half the work of a statement, on either side of it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Connection, Date, Integer, LargeBinary, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

from chassis.db import MANY, turns

HEAD, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
BIGINT = 20  # what the server calls the type of an array's members
EPOCH = date(2000, 1, 1)
Pack = Callable[[Any], bytes]
DIALECT = postgresql.dialect()


def copy(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert all rows, on the connection of the caller's transaction; one that is there already is refused."""
    statement, packs = _copying(table, tuple(rows[0]))
    raw: Any = connection.connection
    with raw.cursor() as cursor, cursor.copy(statement) as into:
        into.write(HEAD)
        for some in turns(rows, MANY):
            into.write(_packed(some, packs))
        into.write(END)


def _packed(rows: Sequence[dict[str, Any]], packs: list[tuple[str, Pack]]) -> bytes:
    columns = [_column([row[name] for row in rows], pack) for name, pack in packs]
    count = struct.pack("!h", len(packs))
    return b"".join([part for row in zip(*columns, strict=True) for part in (count, *row)])


def _column(values: Iterable[Any], pack: Pack) -> list[bytes]:
    packed, last, again = list[bytes](), None, NULL
    for one in values:
        if one is not last:  # most columns hold the very same value in many rows
            last, again = one, _sized(None if one is None else pack(one))
        packed.append(again)
    return packed


def _sized(raw: bytes | None) -> bytes:
    return NULL if raw is None else len(raw).to_bytes(4, "big") + raw


@cache
def _copying(table: Table, names: tuple[str, ...]) -> tuple[str, list[tuple[str, Pack]]]:
    show = DIALECT.identifier_preparer
    columns = ", ".join(show.format_column(table.c[name]) for name in names)
    packs = [(name, _pack(table.c[name].type)) for name in names]
    return f"COPY {show.format_table(table)} ({columns}) FROM STDIN (FORMAT BINARY)", packs


def _pack(kind: Any) -> Pack:
    if isinstance(kind, TypeDecorator):
        plain, turned = _pack(kind.load_dialect_impl(DIALECT)), kind.process_bind_param
        return lambda value: plain(turned(value, DIALECT))
    return next((pack for known, pack in PACKS if isinstance(kind, known)), str.encode)


def _array(values: list[int]) -> bytes:
    size = len(values)
    head = struct.pack("!iiIii", 1, 0, BIGINT, size, 1) if size else struct.pack("!iiI", 0, 0, BIGINT)
    return head + b"".join([MEMBER(8, one) for one in values])


MEMBER = struct.Struct("!iq").pack
PACKS: tuple[tuple[Any, Pack], ...] = (
    (Boolean, lambda value: b"\1" if value else b"\0"),
    (BigInteger, struct.Struct("!q").pack),
    (Integer, struct.Struct("!i").pack),
    (LargeBinary, bytes),
    (Date, lambda value: (value - EPOCH).days.to_bytes(4, "big", signed=True)),
    (ARRAY, _array),
)

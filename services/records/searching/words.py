"""The index on SQLite: every part a text of words, each word a token; written as it comes, merged by SQLite."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select, text

from chassis.db import FEW, portions
from services.records.searching.tables import search_parts

S = search_parts.c
Ways = Sequence[list[int]]
AT_ONCE = 900  # parameters of one statement
ADD = "INSERT INTO search_words (rowid, words) VALUES (?, ?)"
TAKE = "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', ?, ?)"
LAST = select(func.coalesce(func.max(S.doc), 0))
FOUND = text("SELECT rowid FROM search_words WHERE search_words MATCH :words LIMIT :most")
BETWEEN = text("SELECT rowid FROM search_words WHERE search_words MATCH :words AND rowid BETWEEN :low AND :high")


def add(connection: Connection, rows: Sequence[tuple[str, str, int, list[int]]]) -> list[dict[str, Any]]:
    """Index parts; the rows to be kept of them. There is one writer at a time, so numbers are taken one by one."""
    first = int(connection.execute(LAST).scalar_one()) + 1
    for some in portions([(doc, _text(tokens)) for doc, (*_, tokens) in enumerate(rows, first)], FEW):
        connection.exec_driver_sql(ADD, list(some))
    return [row | {"doc": doc} for doc, row in enumerate(rows_of(rows), first)]


def rows_of(parts: Sequence[tuple[str, str, int, list[int]]]) -> list[dict[str, Any]]:
    """Parts as rows of their table."""
    return [dict(zip(("record", "part", "generation", "tokens"), part, strict=True)) for part in parts]


def take(connection: Connection, mine: Any) -> None:
    """Take parts out of the index again; it has to be told what stood there."""
    gone = connection.execute(select(S.doc, S.tokens).where(mine)).all()
    if gone:
        connection.exec_driver_sql(TAKE, [(row.doc, _text(row.tokens)) for row in gone])


def found(connection: Connection, conditions: Sequence[Ways], limit: int) -> Iterator[str]:
    """The records that fit all conditions, the rarest condition asked first."""
    asked = [query(ways) for ways in conditions]
    if not all(asked):
        return
    docs = [(_docs(connection, words, limit), words) for words in asked]
    (few, first), *others = sorted(docs, key=lambda one: len(one[0]))
    few = few if len(few) < limit else _docs(connection, first, -1)
    for some in _portions(few):
        records = set(connection.execute(select(S.record).where(S.doc.in_(some))).scalars())
        for _, words in others:
            records = fitting(connection, records, words)
        yield from records


def fitting(connection: Connection, records: Collection[str], words: str) -> set[str]:
    """Which of these records have a part that fits."""
    fit: set[str] = set()
    for some in _portions(list(records)):
        rows = connection.execute(select(S.doc, S.record).where(S.record.in_(some))).all()
        docs = {row.doc: row.record for row in rows}
        span = {"words": words, "low": min(docs, default=0), "high": max(docs, default=0)}
        fit |= {docs[doc] for doc in connection.execute(BETWEEN, span).scalars() if doc in docs}
    return fit


def query(ways: Ways) -> str:
    """Alternatives of words that must all be there; empty where nothing could fit."""
    told = [" AND ".join(f'"{_word(token)}"' for token in way) for way in ways if way]
    return " OR ".join(f"({one})" for one in told)


def _docs(connection: Connection, words: str, most: int) -> list[int]:
    return list(connection.execute(FOUND, {"words": words, "most": most}).scalars())


def _text(tokens: list[int]) -> str:
    return " ".join(map(_word, tokens))


def _word(token: int) -> str:
    return f"{token & 0xFFFFFFFFFFFFFFFF:x}"


def _portions(whole: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(whole)
    while some := list(islice(rest, AT_ONCE)):
        yield some

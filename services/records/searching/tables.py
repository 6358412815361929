"""Tables of search: blind tokens by part, so that they die with it; figures under pseudonyms; searches people keep."""

from __future__ import annotations

import struct
from typing import Any

from sqlalchemy import ARRAY, DDL, BigInteger, Column, Index, Integer, LargeBinary, String, Table, event
from sqlalchemy.types import TypeDecorator

from chassis.db import Instant
from services.records.tables import Id, metadata


class Tokens(TypeDecorator[list[int]]):
    """Tokens of one part: an array where the server can index one, packed bytes elsewhere."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        """What the column is there."""
        kind = ARRAY(BigInteger) if dialect.name == "postgresql" else LargeBinary()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: list[int] | None, dialect: Any) -> Any:
        """Eight bytes a token."""
        return value if dialect.name == "postgresql" or value is None else struct.pack(f">{len(value)}q", *value)

    def process_result_value(self, value: Any, dialect: Any) -> list[int] | None:
        """The numbers again."""
        if dialect.name == "postgresql" or value is None:
            return value
        return list(struct.unpack(f">{len(value) // 8}q", value))


# One row a part, also where nothing of it is searched: a part without a row waits to be indexed.
search_parts = Table(
    "search_parts",
    metadata,
    Column("record", Id, primary_key=True),
    Column("part", String(40), primary_key=True),
    Column("generation", Integer, nullable=False, index=True),
    Column("tokens", Tokens, nullable=False),
    Column("doc", Integer),  # on SQLite: the number of its text
)
# Small pending lists: a search reads them from end to end, and who fills one up merges it.
Index(
    "search_parts_by_token",
    search_parts.c.tokens,
    postgresql_using="gin",
    postgresql_with={"gin_pending_list_limit": 512},
).ddl_if(dialect="postgresql")

# SQLite has no index over the members of a list, but one over words: there each token is a word of a numbered text,
# and the text itself is kept nowhere. What a deleted text leaves behind before the index merges leads to no record.
WORDS = "CREATE VIRTUAL TABLE IF NOT EXISTS search_words USING fts5 (words, content='', detail=none, columnsize=0)"
Index("search_parts_by_doc", search_parts.c.doc, unique=True).ddl_if(dialect="sqlite")
event.listen(search_parts, "after_create", DDL(WORDS).execute_if(dialect="sqlite"))

# What can be added up: under a pseudonym that only the index key leads to, and nothing beside it.
figures = Table(
    "figures",
    metadata,
    Column("pseudonym", LargeBinary(16), primary_key=True),
    Column("value", BigInteger, nullable=False),  # in units of a ten-thousandth
)

# A search somebody keeps; what is looked for is people's data, so it is sealed under a key of its own.
saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", String(40), nullable=False, index=True),
    Column("department", String(40), index=True),  # whom it is shared with; NULL is nobody
    Column("class", String(80), nullable=False, key="class_"),
    Column("purpose", String(80), nullable=False),
    Column("key", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

"""Tables of exports: what was asked for, and the file in sealed pieces until it is fetched."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

exports = Table(
    "exports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("class", String(80), nullable=False, key="class_"),
    Column("state", String(12), nullable=False, index=True),
    Column("asked", Json, nullable=False),  # filters by facet, fields, purpose, format, language, roles: names only
    Column("by", String(40), nullable=False),
    Column("department", String(40)),
    Column("grant", Id),
    Column("key", Id, nullable=False),  # of the file; destroyed when it is fetched
    Column("lock", Id, nullable=False),  # of its password; destroyed when the export ends
    Column("password", LargeBinary),
    Column("count", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("problem", Json),
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
)

export_pieces = Table(
    "export_pieces",
    metadata,
    Column("export", Id, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# One record each, as its read was decided; its row of the file is sealed until the file is fetched or its time is over.
export_lines = Table(
    "export_lines",
    metadata,
    Column("export", Id, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("record", Id, nullable=False),
    Column("state", String(12), nullable=False),  # decided, written, left_out
    Column("entry", Id),  # of the read in the journal
    Column("version", Integer, nullable=False),
    Column("purposes", Json, nullable=False),  # as they stood when it was decided
    Column("clear", Json, nullable=False),  # {field that stands in clear: its level in this record}
    Column("parts", Json, nullable=False),  # names of the parts of which anything is shown
    Column("sealed", LargeBinary),
)

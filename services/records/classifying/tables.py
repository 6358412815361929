"""Tables of classification: what was set, by whom, when; what waits for approval; why, sealed."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

# Append-only. `scheme` is "level" where the level itself was set.
classifications = Table(
    "classifications",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False),
    Column("scheme", String(80), nullable=False),
    Column("before", String(80)),  # what was set; NULL: nothing was
    Column("value", String(80), nullable=False),
    Column("level", String(40), nullable=False),  # the record's own, from then on
    Column("until", Date),  # when its term of secrecy is to be looked at
    Column("criteria", String(64)),  # digest of the criteria that were in force
    Column("suggested", String(80)),  # what those criteria came to
    Column("downgrade", Id),  # what was approved
    Column("by", String(40)),
    Column("record_version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Index("classifications_of", "record", "scheme", "id"),
)

# What criteria came to for one version of a record; a person confirms it, or sets something else.
suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("scheme", String(80), nullable=False),
    Column("value", String(80)),
    Column("criteria", String(64), nullable=False),
    Column("record_version", Integer, nullable=False),
    Column("by", String(40)),
    Column("at", Instant, nullable=False),
)

# A lower value or level that waits for its approval.
downgrades = Table(
    "downgrades",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("scheme", String(80), nullable=False),
    Column("before", String(80)),
    Column("value", String(80), nullable=False),
    Column("suggestion", Json),
    Column("by", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("at", Instant, nullable=False),
)

# Why: sealed under a key of the record. The id is that of what it explains.
reasons = Table(
    "reasons",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("key", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# Every change of state; append-only.
moves = Table(
    "moves",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("before", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("by", String(40)),
    Column("record_version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

"""Tables of duplicates and merges: ids, names of fields and blind tokens; no value. Why is a reason, sealed."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

# The blind token of each customer's plain name: whose meet are likely the same, and no more than that.
alike = Table(
    "alike",
    metadata,
    Column("record", Id, primary_key=True),
    Column("token", LargeBinary(16), nullable=False, index=True),
)

# Append-only: a record that was saved although others were likely the same customer's.
likenesses = Table(
    "likenesses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("of", Json, nullable=False),
    Column("unseen", Integer, nullable=False),  # how many more there were that the person could not be told of
    Column("by", String(40)),
    Column("at", Instant, nullable=False),
)

merges = Table(
    "merges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("survivor", Id, nullable=False),
    Column("merged", Id, nullable=False),
    Column("survivor_version", Integer, nullable=False),  # as they were when it was asked for
    Column("merged_version", Integer, nullable=False),
    Column("fields", Json, nullable=False),  # what the survivor takes over
    Column("by", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("decided_by", Json),
    Column("at", Instant, nullable=False),
    Index("merges_of_survivor", "survivor"),
    Index("merges_of_merged", "merged"),
)

"""Tables of verification and quality: names of fields, methods and figures, never a value."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

# Append-only: one field checked once. Why it was not possible is a reason, sealed.
verifications = Table(
    "verifications",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False),
    Column("field", String(80), nullable=False),
    Column("part_version", Integer, nullable=False),  # the version of the part that was checked
    Column("method", String(40)),
    Column("source", String(40), nullable=False),
    Column("result", String(12), nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Index("verifications_of", "record", "id"),
)

# Approved, but not valid before what its class needs is there.
held_back = Table(
    "held_back",
    metadata,
    Column("record", Id, primary_key=True),
    Column("at", Instant, nullable=False),
)

# The figures of one record, as its last change left them; of living records only.
scores = Table(
    "scores",
    metadata,
    Column("record", Id, primary_key=True),
    Column("core", Integer, nullable=False),
    Column("core_filled", Integer, nullable=False),
    Column("missing", Integer, nullable=False),  # core fields without a value
    Column("fields", Integer, nullable=False),
    Column("filled", Integer, nullable=False),
    Column("to_verify", Integer, nullable=False),
    Column("verified", Integer, nullable=False),
    Column("unchecked", Integer, nullable=False),  # filled fields to verify that nobody has looked at
    Column("confirmed_at", Instant, nullable=False),
    Index("scores_missing", "missing", "record"),
    Index("scores_unchecked", "unchecked", "record"),
    Index("scores_confirmed", "confirmed_at", "record"),
)

# How far a walk over all records has come; one row for each walk, taken up where it stopped.
walks = Table(
    "walks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("after", String(36), nullable=False),
    Column("sums", Json, nullable=False),  # {department: {class: figures}} of the records walked so far
    Column("ended_at", Instant),
)

# Sums of the figures of one department's records of one class, as the last walk of the month found them.
quality = Table(
    "quality",
    metadata,
    Column("period", String(7), primary_key=True),
    Column("department", String(40), primary_key=True),
    Column("class", String(80), primary_key=True, key="class_"),
    Column("sums", Json, nullable=False),
    Column("at", Instant, nullable=False),
)

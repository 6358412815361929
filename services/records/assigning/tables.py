"""Who answered for a record, and since when. Why is a reason, sealed."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from chassis.db import Instant
from services.records.tables import Id, metadata

# Append-only.
assignments = Table(
    "assignments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("before_department", String(40), nullable=False),
    Column("before_responsible", String(40)),
    Column("department", String(40), nullable=False),
    Column("responsible", String(40), nullable=False),
    Column("by", String(40)),
    Column("record_version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

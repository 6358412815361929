"""Changes of state that wait for a decision. Why is a reason, sealed."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

pending_moves = Table(
    "pending_moves",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("to", String(12), nullable=False),
    Column("version", Integer, nullable=False),  # the record's version it was asked for
    Column("by", String(40), nullable=False),
    Column("evidence", Json, nullable=False),
    Column("state", String(12), nullable=False),
    Column("decided_by", Json),
    Column("at", Instant, nullable=False),
)

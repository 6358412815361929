"""Requests for erasure and what became of them: names of parts, people, dates, fingerprints of keys. No value."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

erasures = Table(
    "erasures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("parts", Json, nullable=False),
    Column("version", Integer, nullable=False),  # the record's version it was asked for
    Column("requested_by", String(40), nullable=False),  # customer, or staff under the company's rule
    Column("evidence", Json, nullable=False),
    Column("by", String(40), nullable=False),
    Column("state", String(12), nullable=False),  # pending, erasing, erased, lapsed
    Column("why", String(80)),  # why it was not done
    Column("holds", Json, nullable=False),  # what held it up
    Column("keys", Json, nullable=False),  # while erasing: the keys that have to go
    Column("fingerprints", Json, nullable=False),  # of the keys that went
    Column("decided_by", Json),
    Column("executed_at", Instant),
    Column("told_at", Instant),
    Column("told_by", String(40)),
    Column("told_through", String(40)),
    Column("at", Instant, nullable=False),
    Index("erasures_by_state", "state"),
)

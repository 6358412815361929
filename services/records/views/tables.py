"""Analyses on file: what they were made of stands in clear, what they came to is sealed."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

view_reports = Table(
    "view_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("view", String(80), nullable=False, index=True),
    Column("digest", String(64), nullable=False),  # of the view as it was
    Column("regime", String(64), nullable=False),
    Column("criteria", Json, nullable=False),  # the view itself: what it asks, sums, shares
    Column("period", String(20)),
    Column("data_date", Instant, nullable=False),
    Column("result", String(64), nullable=False),  # digest of what it came to
    Column("by", String(40), nullable=False),
    Column("department", String(40)),
    Column("purpose", String(80), nullable=False),
    Column("key", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

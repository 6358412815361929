"""What identifies a party, blind: one row a mark, so that two who enter the same customer meet at it."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from services.records.tables import Id, metadata

identities = Table(
    "identities",
    metadata,
    Column("token", LargeBinary(16), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("subject", Id, nullable=False, index=True),
)

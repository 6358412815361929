"""The keystore's only table, in a database of its own with a backup window of its own."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

keys = Table(
    "keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kek_version", Integer, nullable=False),
    Column("wrapped", LargeBinary),  # NULL once destroyed; the row stays as the proof's other half
    Column("fingerprint", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),  # microseconds since 1970, UTC
    Column("destroyed_at", BigInteger),
    Index("keys_by_kek_version", "kek_version"),
)

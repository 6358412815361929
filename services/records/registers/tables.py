"""Tables of registers: signatures and what forms filled. Ids, people and digests of ciphertext; no value."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from chassis.db import Instant
from services.records.tables import Id, metadata

# Append-only but for `voided_at`: a signature that an edit voided stays to be seen.
signatures = Table(
    "signatures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry", Id, nullable=False, index=True),
    Column("place", Integer, nullable=False),  # which of the signatures that the class wants, from 0
    Column("person", String(40), nullable=False),
    Column("version", Integer, nullable=False),  # of the entry, as it was signed
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("voided_at", Instant),
)

# A form fills one record or proposes one change, never two.
fillings = Table(
    "fillings",
    metadata,
    Column("entry", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("change", Id),
    Column("at", Instant, nullable=False),
)

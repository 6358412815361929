"""Tables of lawful collection: the customer's answers, where data came from, and what was taken back for good."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

# Append-only: a withdrawal is a row of its own that names the receipt it ends. Each row seals the one before it.
consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("subject", Id, nullable=False, index=True),
    Column("purpose", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("notice", String(80), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("receipt", Id),
    Column("by", String(40)),
    Column("at", Instant, nullable=False),
    Column("how", String(12)),
    Column("document", Id),
    Column("told_at", Instant),
    Column("answered_at", Instant),
    Column("regime", String(64)),  # pins the text of the notice, whatever becomes of its version
    Column("ordinal", Integer),  # place in the record's chain
    Column("previous", Id),
    Column("seal", String(64)),
)

# Append-only: every time that data came in, from where, by whom, on what ground. Names of fields, never contents.
collections = Table(
    "collections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("origin", String(12)),
    Column("channel", String(40), nullable=False),
    Column("method", String(40), nullable=False),
    Column("provider", String(40)),
    Column("by", String(40), nullable=False),
    Column("department", String(40), nullable=False),
    Column("collected_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Column("items", Json, nullable=False),
    Column("grounds", Json, nullable=False),  # {purpose: {basis, parts}}
    Column("documents", Json, nullable=False),  # {name: id of the document}
    Column("declared", Boolean, nullable=False),
)

# What a customer took back wherever it was given: an older answer that comes in later does not revive it.
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("subject", Id, primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("at", Instant, nullable=False),
)

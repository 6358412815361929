"""The tables of the audit service, both engines'; what its migrations create."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

from chassis.db import Instant, Json

metadata = MetaData()

# One row, locked by whoever appends: there is one sequencer at a time, whatever runs.
ledger_state = Table(
    "ledger_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", Json, nullable=False),  # the frontier, hexadecimal, from large to small
    Column("signed", BigInteger, nullable=False),  # size of the last checkpoint
    Column("news", BigInteger, nullable=False),  # entries since then that are not about checkpoints
)

ledger_sources = Table(
    "ledger_sources",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("chain", LargeBinary(32), nullable=False),
)

# An entry's text is what was hashed; the other columns only find it.
ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("source", String(40), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("id", String(36), nullable=False),
    Column("type", String(80), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(96)),
    Column("record", String(36)),
    Column("text", Text, nullable=False),
    UniqueConstraint("source", "number"),
    Index("ledger_entries_id", "id"),
    Index("ledger_entries_record", "record", "position"),
    Index("ledger_entries_actor", "actor", "position"),
    Index("ledger_entries_type", "type", "position"),
)

# Up to 256 hashes of one level side by side (C2SP tlog-tiles).
ledger_tiles = Table(
    "ledger_tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

ledger_checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# A source, or this ledger's own database, contradicts what was sequenced.
ledger_alarms = Table(
    "ledger_alarms",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("source", String(40), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("seen", String(64), nullable=False),
    Column("kept", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("source", "number", "kind", "seen"),
)

# What was asked for; the bytes are made from the ledger whenever they are fetched.
bundles = Table(
    "bundles",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("person", String(96), nullable=False),
    Column("at", Instant, nullable=False),
)

violations = Table(
    "violations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("type", String(80), nullable=False),
    Column("offender", String(96), nullable=False),
    Column("record", String(36)),
    Column("duty", String(36), nullable=False),
    Column("due", String(40), nullable=False),
    Column("clause", String(80), nullable=False),
    Column("amount", String(20)),  # a decimal; NULL where the regime names none
    Column("unit", String(20)),
    Column("per", String(20), nullable=False),
    Column("tariff", String(80), nullable=False),
    Column("decided_by", Json, nullable=False),  # whom the tariff lets decide, as it stood then
    Column("regime", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("person", String(96)),
    Column("reason", Text),
    Column("decided_at", Instant),
    UniqueConstraint("duty", "type"),
    Index("violations_offender", "offender", "id"),
)

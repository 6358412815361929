"""The tables that chassis keeps in every service's database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from chassis.db import Instant, Json

metadata = MetaData()

# Everything that happened, in the transaction in which it happened: outbox and journal are one row.
journal = Table(
    "journal",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("number", BigInteger, unique=True),  # given by the relay; gapless per service
    Column("previous", LargeBinary(32)),  # chain hash before this entry
    Column("type", String(80), nullable=False),
    Column("published", Boolean, nullable=False),
    Column("record", String(36)),
    Column("at", Instant, nullable=False),
    Column("entry", Json, nullable=False),
    Column("sent", Boolean, nullable=False),
    Index("journal_by_record", "record"),
)

# Of what waits only: an index of all rows keeps what each once was, and every look would walk through that.
_J = journal.c
WAITING = Index("journal_waiting", _J.id, postgresql_where=_J.number.is_(None), sqlite_where=_J.number.is_(None))
UNSENT = Index("journal_unsent", _J.number, postgresql_where=~_J.sent, sqlite_where=~_J.sent)

# One row: how far the relay and the ledger have come with this service's journal.
relay = Table(
    "relay",
    metadata,
    Column("service", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("chain", LargeBinary(32), nullable=False),
    Column("acknowledged", BigInteger, nullable=False),
)

# What has been consumed: the effect and this row share a transaction.
inbox = Table(
    "inbox",
    metadata,
    Column("handler", String(80), primary_key=True),
    Column("message", String(36), primary_key=True),
    Column("done", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Index("inbox_at", "at"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("handler", String(80), nullable=False),
    Column("message", String(36), nullable=False),
    Column("body", Text, nullable=False),  # an event: ids and names, never contents
    Column("error", String(120), nullable=False),  # the type of what was raised, never its text
    Column("replays", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("caller", String(80), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("answer", Json),
    Column("at", Instant, nullable=False),
    Index("idempotency_at", "at"),
)

# Texts that one service publishes and the others keep by digest.
texts = Table(
    "texts",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("in_force_from", Instant, nullable=False),
)

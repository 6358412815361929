"""The tables of approvals: requests with what was ruled, decisions, grants, facts, accounts and sessions."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table, Text

from chassis.db import Instant, Json

metadata = MetaData()

requests = Table(
    "requests",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("about", String(20), nullable=False),
    Column("subject", String(80)),  # id of the pending thing at its owner
    Column("class", String(80)),
    Column("records", Json, nullable=False),
    Column("list_hash", String(64)),
    Column("raised_by", String(80), nullable=False),
    Column("creator", String(80)),
    Column("purpose", String(80)),
    Column("reason", Text),
    Column("fields", Json),
    Column("period", String(40)),
    Column("evidence", Json, nullable=False),
    Column("ruled", Json, nullable=False),  # the rule as it stood; nobody reads the regime again to decide
    Column("raised_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("refusal", String(80)),
    Column("grants", Json, nullable=False),
    Column("act", String(40)),  # what a right that is asked for lets its holder do
    Column("opening", Json),  # the word of whoever opens the grant, once he has given it
    Index("requests_by", "raised_by", "id"),
    Index("requests_state", "state", "id"),
    Index("requests_subject", "subject", "about"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("request", String(36), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("by", String(80), nullable=False),
    Column("acting_for", String(80), nullable=False),
    Column("decision", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# Who could decide each pending request now; written with the request, so that "what waits for me" is one look.
waits = Table(
    "waits",
    metadata,
    Column("person", String(80), primary_key=True),
    Column("request", String(36), primary_key=True),
    Index("waits_request", "request"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("request", String(36), nullable=False),
    Column("person", String(80), nullable=False),
    Column("mode", String(40), nullable=False),
    Column("records", Json, nullable=False),
    Column("fields", Json),
    Column("purpose", String(80)),
    Column("place", String(80)),
    Column("start", Instant, nullable=False),
    Column("end", Instant, nullable=False),
    Column("once", Boolean, nullable=False),
    Column("regime", String(64), nullable=False),
    Column("class", String(80)),
    Column("list_hash", String(64)),
    Column("signature", String(128), nullable=False),
    Column("deciders", Json, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", String(80)),
    Column("revoke_reason", Text),
    Column("entry", String(36)),
    Column("applicant", Json),
    Column("used_at", Instant),
    Index("grants_person", "person", "end"),
)

grant_records = Table(
    "grant_records",
    metadata,
    Column("record", String(36), primary_key=True),
    Column("grant", String(36), primary_key=True),
)

# What is known, by id of its source, of a person or a record: entries that hold, documents on file, loans that are out.
facts = Table(
    "facts",
    metadata,
    Column("source", String(36), primary_key=True),
    Column("holder", String(80), primary_key=True),
    Column("as", String(10), primary_key=True),
    Column("sort", String(10), nullable=False),
    Column("name", String(120), nullable=False),
    Column("until", Date),
    Index("facts_holder", "holder", "sort"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("person", String(80), nullable=False),
    Column("hash", String(200)),
    Column("closed", Boolean, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(80), nullable=False),
    Column("person", String(80), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("factors", Integer, nullable=False),
    Column("closed_at", Instant),
    Index("sessions_account", "account"),
)

"""Retention's own tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, false, text

from chassis.db import Instant, Json

metadata = MetaData()

duties = Table(
    "duties",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("record", String(36)),
    Column("subject", String(36)),  # what the duty is about where that is no record: a loan
    Column("owner", String(80)),
    Column("role", String(120)),
    Column("state", String(20), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("due", String(40), nullable=False),
    Column("done_by", String(120)),
    Column("needs", Json, nullable=False),
    Column("violation", String(80)),
    Column("overdue_at", Instant),
    Column("closed_at", Instant),
    Column("closed_by", String(80)),
    Column("on_time", Boolean),
    Column("evidence", Json),
    Column("finding", String(80)),
    Column("confirm", Json),
    Column("done_at", Instant),
    Column("done_who", String(80)),
    Column("provisional", Boolean, nullable=False, server_default=false()),
    Column("reminders", Json),
    Column("again", Json),
    Column("escalation", Json),
    Column("escalated_to", String(400)),
    Column("wakes_at", Instant),
    # One event opens a duty of one name once, whatever is redelivered.
    Column("opened_by", String(120), nullable=False),
    Index("duties_opened_once", "opened_by", "name", unique=True),
    Index("duties_due", "state", "due_at"),
    Index("duties_wake", "wakes_at"),
    Index("duties_owner", "owner", "state", "id"),
    Index("duties_done", "done_by", "record", "state"),
    Index("duties_record", "record", "id"),  # every record that goes or is merged asks for its own
    Index("duties_subject", "subject"),
)

# What happened that fulfils duties, the newest of each for a record: an opening may be heard of after it.
fulfilments = Table(
    "fulfilments",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("record", String(36), primary_key=True),
    Column("event", String(120)),  # NULL until it has happened
    Column("at", Instant),
    Column("kept_at", Instant, nullable=False),
    Index("fulfilments_kept", "kept_at"),
)

# How far the duties of one period, one for each record of a class, have been opened.
rounds = Table(
    "rounds",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("after", String(36), nullable=False),
    Column("done", Boolean, nullable=False),
)

loans = Table(
    "loans",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("record", String(36), nullable=False),
    Column("borrower", String(80), nullable=False),
    Column("lender", String(80), nullable=False),
    Column("grant", String(36), nullable=False),
    Column("grants", Json, nullable=False),
    Column("items", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("lent_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("given_back_at", Instant),
    Column("given_back_items", Integer),
    Column("keeper", String(80)),
    Column("returned_at", Instant),
    Column("returned_items", Integer),
    # Two loans of one record cannot be open, whatever two archivists do at once.
    Index(
        "loans_open_once",
        "record",
        unique=True,
        sqlite_where=text("state = 'out'"),
        postgresql_where=text("state = 'out'"),
    ),
    Index("loans_borrower", "borrower", "id"),
)

# What a grant to borrow was used for; no record stands where the grant is for one use in all.
grants_spent = Table(
    "grants_spent",
    metadata,
    Column("grant", String(36), primary_key=True),
    Column("record", String(36), primary_key=True),
    Column("loan", String(36), nullable=False),
)

# Records of one customer that were merged, each with the one that stands for it.
homes = Table(
    "homes",
    metadata,
    Column("record", String(36), primary_key=True),
    Column("home", String(36), nullable=False),
    Index("homes_home", "home"),
)

holds = Table(
    "holds",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("matter", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("subjects", Json, nullable=False),
    Column("state", String(20), nullable=False),
    Column("placed_by", String(80), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("active_at", Instant),
    Column("released_by", String(80)),
    Column("release_reason", Text),
    Column("released_at", Instant),
    Index("holds_state", "state", "id"),
)

hold_records = Table(
    "hold_records",
    metadata,
    Column("hold", String(36), ForeignKey("holds.id"), primary_key=True),
    Column("record", String(36), primary_key=True),
    Index("hold_records_record", "record"),
)

disposals = Table(
    "disposals",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("class", String(120), nullable=False),
    Column("author", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("regime", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("envelope", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("request", String(36)),
    Column("grant", String(36)),
    Column("approvals", Json, nullable=False),
    Column("decided_at", Instant),
    Column("wait_until", Instant),
    Column("witness", String(80)),
    Column("witnessed_at", Instant),
    Column("executor", String(80)),
    Column("started_at", Instant),
    Column("certificate", String(36), unique=True),
    Column("finished_at", Instant),
    Index("disposals_state", "state", "id"),
)

disposal_items = Table(
    "disposal_items",
    metadata,
    Column("disposal", String(36), ForeignKey("disposals.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("record", String(36), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", String(80)),
    Column("evidence", Json),
    Column("settled_at", Instant),
    # True while the list means to destroy the record; NULL afterwards, so that one record stands on one list.
    Column("listed", Boolean),
    Index("disposal_items_once", "record", "listed", unique=True),
)

certificates = Table(
    "certificates",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("disposal", String(36), ForeignKey("disposals.id"), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("body", Json, nullable=False),
    Column("issued_at", Instant, nullable=False),
)

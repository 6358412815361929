"""Tables of records. Only facets, states, dates and ids stand in clear; all else is sealed or a blind token."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from chassis.db import Instant, Json

metadata = MetaData()
Id = String(36)

# A person or company; merged ones point to the one that stays.
subjects = Table("subjects", metadata, Column("id", Id, primary_key=True), Column("merged_into", Id))

records = Table(
    "records",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", Id, nullable=False, index=True),
    Column("class", String(80), nullable=False, key="class_"),
    Column("department", String(40), nullable=False),
    Column("responsible", String(40)),
    Column("creator", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("level", String(40), nullable=False),
    Column("number", String(40)),
    Column("version", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("facets", Json, nullable=False),
    Column("milestones", Json, nullable=False),  # {name: date}, newest of each
    Column("purposes", Json, nullable=False),  # {purpose: named|given|refused|withdrawn}, as it stands
    Column("regime", String(64), nullable=False),
    Column("import_id", Id),
    Column("disposal", Id),
    Column("certificate", Id),
    Column("created_at", Instant, nullable=False),
    Column("schemes", Json, nullable=False, server_default="{}"),  # {scheme: value}: those that were set
    Column("raised", String(40)),  # the level that somebody raised it to, whatever its fields say
    Column("about", String(80), index=True),  # the record, person or room that it belongs to
    Column("source", Json),  # the form that its values came from: ids and its number
    Column("valid_until", Date),
    Column("origin", String(12)),  # who its data came from first; NULL where nobody said
    Column("numbered_by", String(64)),  # the regime under whose scheme its number was given
    Column("merged_into", Id, index=True),  # the record that stands for it
    Column("stub", Json),  # the values that stay of a destroyed record; NULL before its destruction has looked
    UniqueConstraint("class_", "number"),
    Index("records_by_class", "class_", "state", "id"),
    Index("records_of_class", "class_", "id"),  # a list has one order, and no database sorts all of a class for a page
    Index("records_by_state", "state", "id"),
    Index("records_by_number", "number"),
    Index("records_by_import", "import_id", "state", "id"),
)

parts = Table(
    "parts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("level", String(40), nullable=False),
    Column("key", Id, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("record", "name"),
)

# Immutable. `sealed` holds the values and masks of one part version (vault.envelope).
part_versions = Table(
    "part_versions",
    metadata,
    Column("part", Id, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("record_version", Integer, nullable=False),
    Column("changed", Json, nullable=False),  # names of the fields this version set
    Column("by", String(40)),
    Column("change", Id),
    Column("at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token", LargeBinary(16), primary_key=True),
    Column("record", Id, primary_key=True, index=True),
    Column("field", String(80), primary_key=True),
)

facets = Table(
    "facets",
    metadata,
    Column("record", Id, primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("value", String(200), nullable=False),
    Index("facets_by_value", "name", "value", "record"),
)

# Business facts the class declares; the only dates that duties and schedules count from.
happenings = Table(
    "happenings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("event", String(40), nullable=False),
    Column("on", Date, nullable=False),
    Column("by", String(40)),
    Column("at", Instant, nullable=False),
)

# For `due`: which records of a class reached a milestone by when.
milestones = Table(
    "milestones",
    metadata,
    Column("record", Id, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("on", Date, nullable=False),
    Index("milestones_by_date", "name", "on", "record"),
)

# A change that waits for a decision; its values are sealed under the keys of the parts they belong to.
changes = Table(
    "changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("version", Integer, nullable=False),  # the record's version it was proposed against
    Column("mode", String(12), nullable=False),
    Column("fields", Json, nullable=False),
    Column("requested_by", String(40), nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("evidence", Json, nullable=False),
    Column("sealed", Json, nullable=False),  # {part: base64 of a sealed part}
    Column("state", String(12), nullable=False),
    Column("source", Json),  # the form that proposes it
    Column("decided_by", Json),  # those who had a part in the decision
    Column("kind", String(20), nullable=False, server_default="change"),  # or correct_original, merge
    Column("at", Instant, nullable=False),
)

freezes = Table(
    "freezes",
    metadata,
    Column("hold", Id, primary_key=True),
    Column("record", Id, primary_key=True, index=True),
    Column("part", String(40), primary_key=True),  # '' is the whole record
    Column("at", Instant, nullable=False),
)

# Signed grants as approvals issued them; verified when read.
grants = Table(
    "grants",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, primary_key=True),
    Column("person", String(40), nullable=False),
    Column("body", Json, nullable=False),
    Column("until", Instant, nullable=False),
    Column("used", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Index("grants_by_person", "record", "person"),
)

numbers = Table(
    "numbers",
    metadata,
    Column("series", String(200), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

# One open file per filing unit, as the class says; the token is blind.
units = Table(
    "units",
    metadata,
    Column("token", LargeBinary(16), primary_key=True),
    Column("record", Id, nullable=False, index=True),
)

# The filing unit of every record, open or not, so that one that comes back can take it again; the token is blind.
filings = Table(
    "filings",
    metadata,
    Column("record", Id, primary_key=True),
    Column("token", LargeBinary(16), nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("class", String(80), nullable=False, key="class_"),
    Column("state", String(12), nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("key", Id, nullable=False),
    Column("settings", Json, nullable=False),  # encoding, source, forced rows, roles
    Column("found", Json, nullable=False),  # encoding, columns: names only
    Column("size", BigInteger, nullable=False),
    Column("next_row", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("duplicates", Integer, nullable=False),
    Column("by", String(40), nullable=False),
    Column("department", String(40), nullable=False),
    Column("problem", Json),
    Column("at", Instant, nullable=False),
    Column("withdrawal", Json),  # who takes it back, when, why (sealed); what has gone and what stayed
)

import_chunks = Table(
    "import_chunks",
    metadata,
    Column("import_id", Id, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# One row per row of the file that was not accepted: number and reasons, never a value.
import_rows = Table(
    "import_rows",
    metadata,
    Column("import_id", Id, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("outcome", String(12), nullable=False),
    Column("problems", Json, nullable=False),
)

"""Tables of documents: what was handed in, its sealed pieces, what became of it, and the answers about what is not."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, String, Table

from chassis.db import Instant, Json
from services.records.tables import Id, metadata

# Never edited: a newer one supersedes it. Neither the file's name nor a hash of its contents is kept.
documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("kind", String(80), nullable=False),  # its name in the class's list
    Column("state", String(12), nullable=False),
    Column("form", String(12), nullable=False),
    Column("sides", Integer, nullable=False),
    Column("pages", Integer),
    Column("signed_by", Json, nullable=False),
    Column("dated", Date),
    Column("paper", Boolean, nullable=False),  # the sheet itself is on file
    Column("with", Id, key="together"),  # the text of an annex, the request of a reply
    Column("supersedes", Id),
    Column("suffix", String(12), nullable=False),  # of the file's name: must fit what the file is
    Column("media", String(100)),
    Column("size", BigInteger, nullable=False),  # bytes that have arrived
    Column("address", String(64)),  # SHA-256 of all sealed pieces
    Column("whole", LargeBinary),  # sealed: how many pieces and bytes it has
    Column("key", Id, nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("touched", Instant, nullable=False),  # when a piece came last
    Index("documents_under_way", "state", "touched"),
)

document_chunks = Table(
    "document_chunks",
    metadata,
    Column("document", Id, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("mark", LargeBinary),  # blind, of this document alone: whether a repeated piece is the same
)

# Append-only: who accepted, returned or withdrew what, and what a checker found. The words are sealed.
document_acts = Table(
    "document_acts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record", Id, nullable=False, index=True),
    Column("document", Id),  # none: the fault is that there is none
    Column("kind", String(80), nullable=False),
    Column("act", String(12), nullable=False),
    Column("faults", Json, nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("sealed", LargeBinary),
)

# Whether an item that the regime only asks for applies to this customer.
checklist_answers = Table(
    "checklist_answers",
    metadata,
    Column("record", Id, primary_key=True),
    Column("kind", String(80), primary_key=True),
    Column("applies", Boolean, nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
)

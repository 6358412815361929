"""What records tells the others of documents: their kind, form and state; never a name of a file, never contents."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import Event, event
from services.records.events import RecordEvent


@dataclass(frozen=True)
class FileEvent(RecordEvent):
    """Something about a record's file; `complete` = it has every core field and every item of its checklist."""

    complete: bool


@dataclass(frozen=True)
class DocumentEvent(FileEvent):
    """What happened to one document of a record; `kind` is its name in the class's list."""

    document: str
    kind: str


@event("records.document_added")
@dataclass(frozen=True)
class DocumentAdded(DocumentEvent):
    """A document came in whole; whoever needs a proof of this kind has it."""

    form: str
    signed_by: list[str]
    supersedes: str | None


@event("records.document_accepted")
@dataclass(frozen=True)
class DocumentAccepted(DocumentEvent):
    """The archivist examined a document and took it over; `paper` = the sheet itself is on file."""

    paper: bool


@event("records.document_returned")
@dataclass(frozen=True)
class DocumentReturned(DocumentEvent):
    """The archivist sent a document back to whoever handed it in."""

    faults: list[str]
    sender: str


@event("records.document_withdrawn")
@dataclass(frozen=True)
class DocumentWithdrawn(DocumentEvent):
    """A document counts no longer; it stays as it was until its record is destroyed."""


@event("records.document_faulted")
@dataclass(frozen=True)
class DocumentFaulted(FileEvent):
    """A checker found an item of the checklist missing, wrong or not signed."""

    document: str | None
    kind: str
    faults: list[str]


@event("records.item_answered")
@dataclass(frozen=True)
class ItemAnswered(FileEvent):
    """Somebody said whether a conditional item of the checklist applies to this customer."""

    kind: str
    applies: bool


@event("records.file_checked")
@dataclass(frozen=True)
class FileChecked(FileEvent):
    """The department that hands a file over has gone through its checklist; what it found missing."""

    missing: list[str]


@event("records.completed")
@dataclass(frozen=True)
class Completed(FileEvent):
    """The record has every core field and every item of its checklist."""


@event("records.became_incomplete")
@dataclass(frozen=True)
class BecameIncomplete(FileEvent):
    """Something that was there counts no longer, or more is needed than before."""


@event("records.document_read", published=False)
@dataclass(frozen=True)
class DocumentRead(Event):
    """Somebody was shown a document: its contents, or the words with which it was returned or withdrawn."""

    record: str
    purpose: str
    document: str
    kind: str
    shown: str
    level: str
    by_right: list[str]
    by_grant: list[str]

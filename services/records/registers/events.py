"""What registers tell the others: that an entry was signed, is valid, failed a check, or filled a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.events import Event, event
from services.records.events import RecordEvent


@dataclass(frozen=True)
class EntryEvent(RecordEvent):
    """The envelope of an entry, what it is about (a record, person or room), and its number."""

    about: str | None
    number: str | None


@event("records.entry_signed")
@dataclass(frozen=True)
class EntrySigned(EntryEvent):
    """Somebody signed an entry as it stands; the digest is of what lies sealed, so it tells nothing of the values."""

    signer: str
    place: int
    left: int
    digest: str


@event("records.entry_valid")
@dataclass(frozen=True)
class EntryValid(EntryEvent):
    """Everybody who had to sign has signed: from now on the entry proves something, until its day if it has one."""

    signers: list[str]
    valid_until: str | None


@event("records.entry_reopened")
@dataclass(frozen=True)
class EntryReopened(EntryEvent):
    """An entry was edited after it was signed: these signatures no longer hold, and it waits for new ones."""

    voided: list[str]


@event("records.check_failed")
@dataclass(frozen=True)
class CheckFailed(EntryEvent):
    """An entry names what did not pass, and what the regime opens for it: the finding, who sees to it, until when."""

    items: list[str]
    finding: str | None
    owner: dict[str, Any] | None
    due: str | None


@event("records.form_used")
@dataclass(frozen=True)
class FormUsed(EntryEvent):
    """The values of a form went into a record, or into a change that waits for its decision."""

    filled: str
    change: str | None


@event("records.labelled")
@dataclass(frozen=True)
class Labelled(RecordEvent):
    """Somebody put a label on a file that says exactly what the record says now; the text is not told."""


@event("records.register_exported", published=False)
@dataclass(frozen=True)
class RegisterExported(Event):
    """Somebody took entries of a register away in a file; each was journalled as a read of its own before."""

    class_: str
    purpose: str
    records: list[str]
    mark: str


@event("records.contents_ordered", published=False)
@dataclass(frozen=True)
class ContentsOrdered(Event):
    """The page or day of each place in a record's contents list was opened, so that they could be put in order."""

    record: str
    purpose: str
    records: list[str]
    clear: list[str]
    masked: list[str]
    by_right: list[str]
    by_grant: list[str]

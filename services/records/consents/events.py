"""What consents tell the others: purposes, receipts, names of fields; never contents."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import event
from services.records.events import RecordEvent


@event("records.consent_given")
@dataclass(frozen=True)
class ConsentGiven(RecordEvent):
    """The customer agreed to a purpose, told by a fixed version of the notice."""

    consent: str
    consented: str
    notice: str
    seal: str | None = None


@event("records.consent_refused")
@dataclass(frozen=True)
class ConsentRefused(RecordEvent):
    """The customer was asked and said no; the other purposes are none the worse for it."""

    consent: str
    consented: str
    notice: str
    seal: str | None = None


@event("records.consent_withdrawn")
@dataclass(frozen=True)
class ConsentWithdrawn(RecordEvent):
    """The customer took a consent back; the earlier receipt stays as it was."""

    consent: str
    consented: str
    seal: str | None = None


@event("records.collected", published=False)
@dataclass(frozen=True)
class Collected(RecordEvent):
    """Data came in: which fields, from where, through which channel, for what."""

    collection: str
    origin: str | None
    channel: str
    items: list[str]
    purposes: list[str]


@event("records.use_refused")
@dataclass(frozen=True)
class UseRefused(RecordEvent):
    """Somebody tried to use a record for a purpose that it does not stand for: nobody's consent, or no source."""

    used_for: str
    code: str

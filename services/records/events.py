"""What records tells the others: ids, states, names of fields, declared milestones; never contents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.events import Event, event


@dataclass(frozen=True)
class RecordEvent(Event):
    """The envelope that every event of a record carries, so that nobody has to call back for it."""

    record: str
    class_: str
    state: str
    level: str
    department: str
    responsible: str | None
    creator: str
    record_version: int


@event("records.created")
@dataclass(frozen=True)
class Created(RecordEvent):
    """A record exists and waits for its approval."""


@event("records.imported")
@dataclass(frozen=True)
class Imported(RecordEvent):
    """A record came in with a file; it waits for the release of its batch."""

    import_id: str


@event("records.activated")
@dataclass(frozen=True)
class Activated(RecordEvent):
    """A record is valid and may be used; it has its number from now on."""

    number: str | None


@event("records.rejected")
@dataclass(frozen=True)
class Rejected(RecordEvent):
    """Whoever had to approve a new record did not; it is a draft again."""


@event("records.change_proposed")
@dataclass(frozen=True)
class ChangeProposed(RecordEvent):
    """Somebody asks for a change; its values wait sealed in records until approvals has settled it."""

    change: str
    mode: str
    fields: list[str]
    evidence: list[str]


@event("records.changed")
@dataclass(frozen=True)
class Changed(RecordEvent):
    """A change has taken effect."""

    change: str
    fields: list[str]


@event("records.change_lapsed")
@dataclass(frozen=True)
class ChangeLapsed(RecordEvent):
    """A proposed change will not take effect: rejected, withdrawn, or the record moved on meanwhile."""

    change: str
    why: str


@event("records.consent_given")
@dataclass(frozen=True)
class ConsentGiven(RecordEvent):
    """The customer agreed to a purpose, told by a fixed version of the notice."""

    consent: str
    consented: str
    notice: str


@event("records.consent_withdrawn")
@dataclass(frozen=True)
class ConsentWithdrawn(RecordEvent):
    """The customer took a consent back; the earlier receipt stays as it was."""

    consent: str
    consented: str


@event("records.event_recorded")
@dataclass(frozen=True)
class EventRecorded(RecordEvent):
    """A business fact that the class declares, with its date: what duties and schedules count from."""

    happened: str
    on: str


@event("records.state_changed")
@dataclass(frozen=True)
class StateChanged(RecordEvent):
    """Suspended, past, archived, or active again."""

    before: str


@event("records.frozen")
@dataclass(frozen=True)
class Frozen(RecordEvent):
    """A hold is enforced here from now on."""

    hold: str


@event("records.unfrozen")
@dataclass(frozen=True)
class Unfrozen(RecordEvent):
    """A hold was lifted."""

    hold: str


@event("records.destroying")
@dataclass(frozen=True)
class Destroying(RecordEvent):
    """Destruction has begun; no route reads this record any more."""

    disposal: str
    certificate: str


@event("records.destroyed")
@dataclass(frozen=True)
class Destroyed(RecordEvent):
    """The keys are gone, and with them every copy's readability."""

    disposal: str
    certificate: str
    key_fingerprints: dict[str, str]


@event("records.import_finished")
@dataclass(frozen=True)
class ImportFinished(Event):
    """A file has been taken in; its records wait for release."""

    import_id: str
    class_: str
    department: str
    by: str
    dry_run: bool
    accepted: int
    rejected: int
    duplicates: int


@event("records.read", published=False)
@dataclass(frozen=True)
class Read(Event):
    """Somebody was shown a record: which fields in clear and which masked, by which right or grant."""

    record: str
    purpose: str
    clear: list[str]
    masked: list[str]
    withheld: list[str]
    by_right: list[str]
    by_grant: list[str]
    record_version: int


@event("records.history_read", published=False)
@dataclass(frozen=True)
class HistoryRead(Event):
    """Somebody was shown earlier values of a record."""

    record: str
    purpose: str
    clear: list[str]
    versions: int


@event("records.listed", published=False)
@dataclass(frozen=True)
class Listed(Event):
    """Somebody was shown a list: which records it named."""

    records: list[str]
    class_: str | None


@event("records.opened_for_work", published=False)
@dataclass(frozen=True)
class OpenedForWork(Event):
    """The suite itself opened sealed things to carry out a decision: an import's file, a change's values."""

    record: str | None
    work: str
    subject: str


@event("records.destruction_probed", published=False)
@dataclass(frozen=True)
class DestructionProbed(Event):
    """After its keys were destroyed, opening the record was tried, so that the certificate can say what came of it."""

    record: str
    certificate: str


Envelope = dict[str, Any]

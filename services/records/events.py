"""What records tells the others: ids, states, names of fields, declared milestones; never contents."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    schemes: dict[str, str]


@event("records.created")
@dataclass(frozen=True)
class Created(RecordEvent):
    """A record exists; it waits for its approval, unless the `grant` that it was entered under is that approval.

    `collected_on` is the day on which its data was taken in, where whoever entered it said so.
    """

    grant: str | None = None
    collected_on: str | None = None


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
    by: str | None = None  # who asks for it, where another's act puts it forward
    form: str | None = None  # the register whose entry proposes it
    kind: str = "change"  # or correct_original, where a slip in what stays as it is has to be put right


@event("records.changed")
@dataclass(frozen=True)
class Changed(RecordEvent):
    """A change has taken effect; `tell` are those whom the regime wants told of it, `by` who asked for it."""

    change: str
    fields: list[str]
    tell: list[dict[str, Any]] = field(default_factory=list)
    by: str | None = None


@event("records.change_lapsed")
@dataclass(frozen=True)
class ChangeLapsed(RecordEvent):
    """A proposed change will not take effect: rejected, withdrawn, or what it is about changed meanwhile.

    `by` is who asked for it: where it was approved and lapses all the same, nobody else would tell him.
    """

    change: str
    why: str
    by: str | None = None


@event("records.event_recorded")
@dataclass(frozen=True)
class EventRecorded(RecordEvent):
    """A business fact that the class declares, with its date: what duties and schedules count from."""

    happened: str
    on: str


@event("records.state_changed")
@dataclass(frozen=True)
class StateChanged(RecordEvent):
    """Suspended, past, archived, active again, or merged; `move` is the decision that it follows, if any."""

    before: str
    move: str | None = None


@event("records.assigned")
@dataclass(frozen=True)
class Assigned(RecordEvent):
    """Another department or person answers for it from now on; the envelope names the new ones."""

    before_department: str
    before_responsible: str | None


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


@event("records.import_withdrawn")
@dataclass(frozen=True)
class ImportWithdrawn(Event):
    """A file was taken back as one before its release (`asked` for by then, or not); its records go."""

    import_id: str
    class_: str
    department: str
    by: str
    records: int
    asked: bool = False


@event("records.number_voided")
@dataclass(frozen=True)
class NumberVoided(RecordEvent):
    """The number of a record that went with its import: it stands for nothing from now on, and nobody gets it again."""

    import_id: str
    number: str


@event("records.withdrawn")
@dataclass(frozen=True)
class Withdrawn(RecordEvent):
    """A record went with the file it came in: its keys are destroyed, its rows are gone."""

    import_id: str
    key_fingerprints: dict[str, str]

    def void(self, number: str) -> NumberVoided:
        """What becomes of its number."""
        told = {name: getattr(self, name) for name in NumberVoided.__dataclass_fields__ if name != "number"}
        return NumberVoided(**told, number=number)


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
    place: str | None = None  # where it was read, as the terminal said


@event("records.history_read", published=False)
@dataclass(frozen=True)
class HistoryRead(Event):
    """Somebody was shown earlier values of a record: so many, set by these versions of it, and what was before."""

    record: str
    purpose: str
    clear: list[str]
    versions: int
    set_by: list[int] = field(default_factory=list)


@event("records.reasons_read", published=False)
@dataclass(frozen=True)
class ReasonsRead(Event):
    """Somebody was shown why colleagues did what they did to a record: `of` schemes, verifications, moves."""

    record: str
    of: str
    reasons: int


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

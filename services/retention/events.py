"""What retention tells the others: ids, states, dates and counts, never contents or reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.events import Event, event


@event("retention.loan_made")
@dataclass(frozen=True)
class LoanMade(Event):
    """A record is in somebody's hands until it is due."""

    loan: str
    record: str
    borrower: str
    lender: str
    grant: str
    due: str
    items: int


@event("retention.loan_renewed")
@dataclass(frozen=True)
class LoanRenewed(Event):
    """A fresh grant moved the due date."""

    loan: str
    record: str
    borrower: str
    grant: str
    due: str


@event("retention.loan_return_confirmed")
@dataclass(frozen=True)
class LoanReturnConfirmed(Event):
    """One side of a return has signed."""

    loan: str
    record: str
    side: str
    person: str
    items: int


@event("retention.loan_returned")
@dataclass(frozen=True)
class LoanReturned(Event):
    """Both sides have signed: the record is back."""

    loan: str
    record: str
    borrower: str
    keeper: str
    grant: str
    on_time: bool


@event("retention.hold_asked", published=False)
@dataclass(frozen=True)
class HoldAsked(Event):
    """A hold is written down and on its way to the records."""

    hold: str
    records: tuple[str, ...]
    subjects: tuple[str, ...]
    placed_by: str


@event("retention.hold_placed")
@dataclass(frozen=True)
class HoldPlaced(Event):
    """The records are frozen: nothing of them can be destroyed."""

    hold: str
    records: tuple[str, ...]
    subjects: tuple[str, ...]
    placed_by: str


@event("retention.hold_release_asked", published=False)
@dataclass(frozen=True)
class HoldReleaseAsked(Event):
    """Another person decided to lift the hold; it stands until the records are free."""

    hold: str
    released_by: str


@event("retention.hold_released")
@dataclass(frozen=True)
class HoldReleased(Event):
    """The hold is lifted; an overdue record is due at once."""

    hold: str
    records: tuple[str, ...]
    subjects: tuple[str, ...]
    placed_by: str
    released_by: str


@event("retention.hold_refused", published=False)
@dataclass(frozen=True)
class HoldRefused(Event):
    """The records would not take the hold; it never stood."""

    hold: str
    code: str


@event("retention.disposal_begun")
@dataclass(frozen=True)
class DisposalBegun(Event):
    """A destruction list with pinned versions exists."""

    disposal: str
    author: str
    records: tuple[str, ...]
    hash: str


@event("retention.approval_asked")
@dataclass(frozen=True)
class ApprovalAsked(Event):
    """The list waits for the decision that its hash is bound to."""

    disposal: str
    hash: str
    records: tuple[str, ...]
    class_: str
    envelope: dict[str, Any]
    author: str


@event("retention.disposal_decided")
@dataclass(frozen=True)
class DisposalDecided(Event):
    """The request for destruction was settled."""

    disposal: str
    request: str
    outcome: str
    state: str


@event("retention.disposal_witnessed")
@dataclass(frozen=True)
class DisposalWitnessed(Event):
    """A witness has signed for the list as it stands."""

    disposal: str
    witness: str
    hash: str


@event("retention.disposal_started")
@dataclass(frozen=True)
class DisposalStarted(Event):
    """Execution of an approved, witnessed list has begun."""

    disposal: str
    executor: str
    certificate: str


@event("retention.disposal_item_settled")
@dataclass(frozen=True)
class DisposalItemSettled(Event):
    """One line of the execution journal."""

    disposal: str
    record: str
    outcome: str
    reason: str | None


@event("retention.disposal_executed")
@dataclass(frozen=True)
class DisposalExecuted(Event):
    """Every item of the list has come to its end."""

    disposal: str
    certificate: str
    state: str
    destroyed: int
    skipped: int


@event("retention.disposal_aborted")
@dataclass(frozen=True)
class DisposalAborted(Event):
    """The list was given up before anything was destroyed."""

    disposal: str
    aborted_by: str


@event("retention.certificate_issued")
@dataclass(frozen=True)
class CertificateIssued(Event):
    """A signed statement of what was destroyed, and of what was not."""

    certificate: str
    disposal: str
    digest: str
    key: str

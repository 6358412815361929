"""What approvals tells the others: ids, states and periods, never a reason and never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.events import Event, event


@event("approvals.request_raised")
@dataclass(frozen=True)
class RequestRaised(Event):
    """Somebody needs permission; `chain` names who may give it, step by step."""

    request: str
    kind: str
    about: str
    subject: str | None
    record: str | None
    records: tuple[str, ...]
    purpose: str | None
    raised_by: str
    chain: tuple[dict[str, Any], ...]
    rules: tuple[str, ...]
    regime: str


@event("approvals.request_decided")
@dataclass(frozen=True)
class RequestDecided(Event):
    """One person decided one step, for himself or for whom he stands in."""

    request: str
    kind: str
    subject: str | None
    record: str | None
    step: int
    decided_by: str
    acting_for: str
    decision: str
    state: str


@event("approvals.request_settled")
@dataclass(frozen=True)
class RequestSettled(Event):
    """The request is over: the owner of the subject executes once, or lets go; `decided_by` had a part in it.

    `tells` are those whom its rules want told, as they name them, and by when.
    """

    request: str
    kind: str
    about: str
    subject: str | None
    record: str | None
    outcome: str
    grant: str | None
    list_hash: str | None
    refusal: str | None
    decided_by: tuple[str, ...]
    raised_by: str | None = None
    tells: tuple[dict[str, Any], ...] = ()


@event("approvals.request_lapsed")
@dataclass(frozen=True)
class RequestLapsed(Event):
    """It was approved, and could not take effect any more; `why` is the code of what stood against it."""

    request: str
    kind: str
    subject: str | None
    record: str | None
    why: str
    raised_by: str


@event("approvals.request_opened")
@dataclass(frozen=True)
class RequestOpened(Event):
    """Whoever keeps the thing has opened an approved request, from which its grant counts, or refused to."""

    request: str
    kind: str
    record: str | None
    opened_by: str
    verdict: str


@event("approvals.use_granted")
@dataclass(frozen=True)
class UseGranted(Event):
    """One record may be used for a purpose: told for each record of a request, so that each has its entry."""

    record: str
    request: str
    grant: str
    person: str
    purpose: str | None


@event("approvals.right_given")
@dataclass(frozen=True)
class RightGiven(Event):
    """An approved right was put into effect by whoever had to; from now on it exists."""

    request: str
    under: str
    grant: str
    person: str
    executed_by: str
    record: str | None


@event("approvals.grant_issued")
@dataclass(frozen=True)
class GrantIssued(Event):
    """A permission that began: the signed grant itself, for whoever enforces it."""

    grant: dict[str, Any]
    record: str | None
    purpose: str | None


@event("approvals.grant_revoked")
@dataclass(frozen=True)
class GrantRevoked(Event):
    """A permission that ended before its time."""

    grant: str
    record: str | None
    person: str
    revoked_by: str


@event("approvals.regime_published")
@dataclass(frozen=True)
class RegimePublished(Event):
    """Another regime is in force from now on; its text is asked for by digest."""

    digest: str
    name: str


@event("approvals.organisation_loaded")
@dataclass(frozen=True)
class OrganisationLoaded(Event):
    """Another organisation file is in force: who is who, and who stands in for whom."""

    digest: str
    name: str


@event("approvals.session_opened", published=False)
@dataclass(frozen=True)
class SessionOpened(Event):
    """A person signed in."""

    session: str
    person: str
    account: str


@event("approvals.session_closed", published=False)
@dataclass(frozen=True)
class SessionClosed(Event):
    """A person signed out, or was signed out."""

    session: str
    person: str

"""What closing tells the others."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import event
from services.records.events import RecordEvent


@dataclass(frozen=True)
class MoveEvent(RecordEvent):
    """A change of state that waits, or no longer does: `kind` is end or reactivate."""

    move: str
    kind: str
    to: str


@dataclass(frozen=True)
class StateEvent(RecordEvent):
    """A state that others wait for by its own name; `records.state_changed` tells of every other one as well."""

    before: str
    move: str | None = None


@event("records.suspended")
@dataclass(frozen=True)
class Suspended(StateEvent):
    """It may not be used until it is active again."""


@event("records.reactivated")
@dataclass(frozen=True)
class Reactivated(StateEvent):
    """It is in use again, after it was suspended or past."""


@event("records.closed")
@dataclass(frozen=True)
class Closed(StateEvent):
    """The relation is over: the record is past."""


@event("records.move_proposed")
@dataclass(frozen=True)
class MoveProposed(MoveEvent):
    """Somebody wants the relation to end, or to revive; it waits for its decision."""

    by: str
    evidence: list[str]


@event("records.move_lapsed")
@dataclass(frozen=True)
class MoveLapsed(MoveEvent):
    """It will not happen: not approved, or no longer possible."""

    why: str

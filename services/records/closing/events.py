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

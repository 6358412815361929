"""What is told of duties: who, what, about which record, by when."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import Event, event


@event("retention.duty_opened")
@dataclass(frozen=True)
class DutyOpened(Event):
    """Somebody must do something by some day."""

    duty: str
    name: str
    owner: str
    record: str | None
    due: str


@event("retention.duty_overdue")
@dataclass(frozen=True)
class DutyOverdue(Event):
    """The day has passed; `violation` is what the regime proposes for the miss, if anything."""

    duty: str
    name: str
    owner: str
    record: str | None
    due: str
    violation: str | None
    finding: str | None = None


@event("retention.duty_reminded")
@dataclass(frozen=True)
class DutyReminded(Event):
    """Its day comes near."""

    duty: str
    name: str
    owner: str
    record: str | None
    due: str


@event("retention.duty_escalated")
@dataclass(frozen=True)
class DutyEscalated(Event):
    """It was missed for so long that somebody above has to know: `to` are people, never its owner himself."""

    duty: str
    name: str
    owner: str
    record: str | None
    due: str
    to: tuple[str, ...]


@event("retention.duty_done")
@dataclass(frozen=True)
class DutyDone(Event):
    """Its owner has done it; it waits for whoever has to confirm that."""

    duty: str
    name: str
    owner: str
    record: str | None
    done_by: str | None
    on_time: bool


@event("retention.duty_closed")
@dataclass(frozen=True)
class DutyClosed(Event):
    """What had to be done is done."""

    duty: str
    name: str
    owner: str
    record: str | None
    closed_by: str | None
    on_time: bool
    confirmed_by: str | None = None


@dataclass(frozen=True)
class DutyFollowed(Event):
    """The record that a duty was about was merged; `record` is the one that stands for it, `before` what it was."""

    duty: str
    name: str
    owner: str
    record: str | None
    due: str
    before: str | None


@event("retention.duty_moved")
@dataclass(frozen=True)
class DutyMoved(DutyFollowed):
    """It is about the record that stays from now on."""


@event("retention.duty_dropped")
@dataclass(frozen=True)
class DutyDropped(DutyFollowed):
    """Nobody missed it: it is to be done about the record that stays, or its record went with its import."""

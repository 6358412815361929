"""What is told of a released import that is to be taken back; never why."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import Event, event


@event("records.withdrawal_asked")
@dataclass(frozen=True)
class WithdrawalAsked(Event):
    """Somebody wants a released import back; whoever releases decides. So many records would go, so many stay."""

    import_id: str
    class_: str
    department: str
    by: str
    creator: str  # who brought the file
    records: int
    staying: int


@event("records.withdrawal_lapsed")
@dataclass(frozen=True)
class WithdrawalLapsed(Event):
    """It was approved and does not come about: a hold came first, or nothing is left that nobody has relied on."""

    import_id: str
    class_: str
    department: str
    why: str


@event("records.import_recalled")
@dataclass(frozen=True)
class ImportRecalled(Event):
    """A released file was taken back: so many of its records went, so many stayed because they were relied on."""

    import_id: str
    class_: str
    department: str
    by: str
    gone: int
    stayed: int


@event("records.withdrawal_read", published=False)
@dataclass(frozen=True)
class WithdrawalRead(Event):
    """Somebody was shown why an import was taken back, or is to be."""

    import_id: str

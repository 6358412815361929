"""What verification and quality tell the others: names of fields and figures."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import Event, event
from services.records.events import RecordEvent


@event("records.verified")
@dataclass(frozen=True)
class Verified(RecordEvent):
    """A field was checked; `verified` names every field of the record that counts as verified after it."""

    verification: str
    field: str
    method: str | None
    source: str
    result: str
    supplied_by: str | None
    verified: list[str]


@event("records.held_back")
@dataclass(frozen=True)
class HeldBack(RecordEvent):
    """A record was approved but is not valid yet: what its class needs first is not there."""

    needs: list[str]


@event("records.scored")
@dataclass(frozen=True)
class Scored(RecordEvent):
    """The figures of a record: what is filled, what is verified, and how long ago it was last confirmed."""

    core: int
    core_filled: int
    fields: int
    filled: int
    to_verify: int
    verified: int
    age_days: int


@event("records.quality_read", published=False)
@dataclass(frozen=True)
class QualityRead(Event):
    """Somebody was shown the quality of a department's records."""

    department: str | None
    period: str

"""What audit tells the others and its own journal: ids, sizes, states, amounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.events import Event, event


@event("audit.checkpoint_signed")
@dataclass(frozen=True)
class CheckpointSigned(Event):
    """The ledger has committed itself to a size and a root; keep the note to hold it to its word."""

    size: int
    root: str
    key: str


@event("audit.alarm_raised")
@dataclass(frozen=True)
class AlarmRaised(Event):
    """A source's journal contradicts what was sequenced of it."""

    alarm: str
    of: str
    of_number: int
    kind: str


@event("audit.log_read", published=False)
@dataclass(frozen=True)
class LogRead(Event):
    """Somebody read the log; `sought` names the filters used, `shown` how many entries came back."""

    record: str | None
    sought: tuple[str, ...]
    shown: int
    first: int | None
    last: int | None

    @classmethod
    def of(cls, sought: dict[str, Any], found: list[dict[str, Any]]) -> LogRead:
        """What was asked and what came back, by places in the log."""
        record = str(sought["record"]) if sought.get("record") else None
        names = sorted(name.rstrip("_") for name in sought if name not in ("limit", "after"))
        places = [entry["index"] for entry in found]
        return cls(record, tuple(names), len(found), min(places, default=None), max(places, default=None))


@event("audit.bundle_made", published=False)
@dataclass(frozen=True)
class BundleMade(Event):
    """Somebody took evidence out of the ledger."""

    bundle: str
    first: int
    last: int
    size: int


@event("audit.violation_proposed")
@dataclass(frozen=True)
class ViolationProposed(Event):
    """The regime calls what happened a violation; a person has yet to say so."""

    violation: str
    name: str
    offender: str
    record: str | None
    duty: str
    amount: str | None
    unit: str | None
    regime: str


@event("audit.violation_decided")
@dataclass(frozen=True)
class ViolationDecided(Event):
    """A person, not the offender, confirmed or dismissed a violation."""

    violation: str
    name: str
    offender: str
    record: str | None
    state: str
    decided_by: str
    amount: str | None
    unit: str | None

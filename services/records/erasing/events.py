"""What erasures tell the others."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import event
from services.records.events import RecordEvent


@dataclass(frozen=True)
class ErasureEvent(RecordEvent):
    """Parts of a record that somebody wants erased."""

    erasure: str
    parts: list[str]


@event("records.erasure_asked")
@dataclass(frozen=True)
class ErasureAsked(ErasureEvent):
    """It waits for its decision."""

    requested_by: str
    evidence: list[str]
    by: str


@event("records.erasing")
@dataclass(frozen=True)
class Erasing(ErasureEvent):
    """It was decided: no route reads these parts any more, and their keys are being destroyed."""

    decided_by: list[str]


@event("records.erased")
@dataclass(frozen=True)
class Erased(ErasureEvent):
    """The keys are gone, and with them every copy's readability."""

    key_fingerprints: dict[str, str]


@event("records.erasure_lapsed")
@dataclass(frozen=True)
class ErasureLapsed(ErasureEvent):
    """It will not be done; `holds` are in force where that is why."""

    why: str
    holds: list[str]


@event("records.erasure_answered")
@dataclass(frozen=True)
class ErasureAnswered(ErasureEvent):
    """Whoever asked for it was told what became of it."""

    through: str
    outcome: str

"""An erasure as its rules see it: what may go, when, and in which order. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.errors import Conflict, Invalid, NotFound
from regimes.model import RecordClass
from services.records.erasing import events
from services.records.model import Record

LIVING = ("draft", "pending", "active", "suspended")


@dataclass
class Erasure:
    """Parts of one record that are to be erased."""

    id: str
    record: str
    parts: list[str]
    version: int
    requested_by: str
    evidence: list[str]
    by: str
    state: str = "pending"
    why: str | None = None
    holds: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    decided_by: list[str] | None = None
    executed_at: datetime | None = None
    told_at: datetime | None = None
    told_by: str | None = None
    told_through: str | None = None

    def ask(self, record: Record) -> events.ErasureAsked:
        """The fact that it waits."""
        told: dict[str, Any] = {"requested_by": self.requested_by, "evidence": self.evidence, "by": self.by}
        return events.ErasureAsked(**self._told(record), **told)

    def begin(self, record: Record, keys: dict[str, str], decided_by: list[str]) -> events.Erasing:
        """The point of no return: from this commit on nothing reads these parts."""
        self._be("pending")
        self.state, self.keys, self.decided_by = "erasing", keys, decided_by
        record.version += 1
        return events.Erasing(**self._told(record), decided_by=decided_by)

    def finish(self, record: Record, fingerprints: dict[str, str], at: datetime) -> events.Erased:
        """The keys are gone."""
        self._be("erasing")
        self.state, self.keys, self.fingerprints, self.executed_at = "erased", {}, fingerprints, at
        return events.Erased(**self._told(record), key_fingerprints=fingerprints)

    def lapse(self, record: Record, why: str, holds: list[str], decided_by: list[str]) -> events.ErasureLapsed:
        """It will not be done."""
        self._be("pending")
        self.state, self.why, self.holds, self.decided_by = "lapsed", why, holds, decided_by
        return events.ErasureLapsed(**self._told(record), why=why, holds=holds)

    def answer(self, record: Record, by: str, through: str, at: datetime) -> events.ErasureAnswered:
        """Whoever asked was told the outcome, once."""
        if self.state not in ("erased", "lapsed"):
            raise Conflict("erasure.open", "there is no outcome to tell yet")
        if self.told_at:
            raise Conflict("erasure.told", "the outcome was told already")
        self.told_at, self.told_by, self.told_through = at, by, through
        return events.ErasureAnswered(**self._told(record), through=through, outcome=self.state)

    def _told(self, record: Record) -> dict[str, Any]:
        return {**record.told(), "erasure": self.id, "parts": self.parts}

    def _be(self, state: str) -> None:
        if self.state != state:
            raise Conflict("erasure.settled", f"erasure {self.id} is {self.state}")


def refuse(record: Record, parts: Collection[str], found: RecordClass) -> None:
    """Refuse parts without which there would be no record: those go with the whole of it, by a destruction list."""
    record.refuse_gone()
    strange = sorted(set(parts) - found.parts.keys())
    if strange:
        errors = [{"pointer": f"/parts/{name}", "code": "part.unknown"} for name in strange]
        raise Invalid("part.unknown", f"{found.name} has no such part", {"errors": errors})
    kept = {str(found.subject).split(".")[0]}
    if record.state in LIVING:
        kept |= {path.split(".")[0] for path in found.core_for(record.facets)}
    lost = sorted(kept & set(parts))
    if lost:
        told = f"a record that is {record.state} needs {', '.join(lost)}; the whole of it goes by a destruction list"
        raise Conflict("erasure.needed", told, {"parts": lost})


def unknown(erasure: str) -> NotFound:
    """What is not there, and what may not be known to be there, answer alike."""
    return NotFound("erasure.unknown", f"no erasure {erasure}")

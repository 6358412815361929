"""A change of state that somebody else has to decide: kept until then, executed once. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden
from regimes import Regime
from regimes.envelopes import completed
from regimes.rights import applicant
from services.records.closing import events
from services.records.model import Record

END, REVIVE = "end", "reactivate"
ENDS = (("active", "past"), ("suspended", "past"))  # out of the archive a record comes closed already


@dataclass
class Move:
    """A state that somebody wants a record to have."""

    id: str
    record: str
    kind: str
    to: str
    version: int
    by: str
    evidence: list[str]
    state: str = "pending"
    decided_by: list[str] | None = None

    def proposed(self, record: Record) -> events.MoveProposed:
        """The fact that it waits."""
        told: dict[str, Any] = {"move": self.id, "kind": self.kind, "to": self.to, "evidence": self.evidence}
        return events.MoveProposed(**record.told(), by=self.by, **told)

    def lapse(self, record: Record, why: str) -> events.MoveLapsed:
        """The fact that it will not happen."""
        self.settle("lapsed")
        return events.MoveLapsed(**record.told(), move=self.id, kind=self.kind, to=self.to, why=why)

    def settle(self, outcome: str) -> None:
        """Take approvals' word once."""
        if self.state != "pending":
            raise Conflict("move.settled", f"move {self.id} is {self.state}")
        self.state = outcome


def kind_of(record: Record, to: str) -> str | None:
    """The request that such a change of state may need; None where it is nobody's decision."""
    if to == "past" and record.state != "archived":
        return END
    return REVIVE if to == "active" else None


def named(record: Record, before: str, move: str | None) -> list[events.StateEvent]:
    """The event that tells of the record's new state by a name of its own, where it has one."""
    ways = {"suspended": events.Suspended, "active": events.Reactivated}
    way = events.Closed if (before, record.state) in ENDS else ways.get(record.state)
    return [way(**record.told(), before=before, move=move)] if way else []


def decided(record: Record, kind: str | None, regime: Regime, caller: Actor) -> bool:
    """Whether the regime has somebody decide about it; refused where the regime refuses it."""
    if kind is None:
        return False
    whole, asker = completed(regime, record.envelope()), applicant(caller)
    case = {"record": whole, "applicant": asker, "request": {"kind": kind}}
    try:
        return bool(regime.rule(kind, case).chain)
    except Forbidden as refused:
        if refused.code != "rule.none":
            raise
        return False

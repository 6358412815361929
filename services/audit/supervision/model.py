"""Violations: proposed by a regime, decided by a person who is not the offender. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid
from regimes.rights import is_one
from services.audit.events import ViolationDecided, ViolationProposed

OUTCOMES = {"confirm": "confirmed", "dismiss": "dismissed"}


@dataclass
class Violation:
    """A case: what the regime calls it, whose it is, what it costs, how it stands."""

    id: str
    type: str
    offender: str
    record: str | None
    duty: str
    due: str
    clause: str
    amount: str | None
    unit: str | None
    per: str
    tariff: str
    decided_by: dict[str, Any]
    regime: str
    proposed_at: datetime
    state: str = "proposed"
    version: int = 1
    person: str | None = None
    reason: str | None = None
    decided_at: datetime | None = None

    def proposed(self) -> ViolationProposed:
        """The fact that it was proposed."""
        return ViolationProposed(
            self.id, self.type, self.offender, self.record, self.duty, self.amount, self.unit, self.regime
        )

    def is_of(self, actor: Actor) -> bool:
        """Whether this person offended, or holds the role (`role` or `role:department`) that did."""
        role, _, place = self.offender.partition(":")
        return actor.person == self.offender or is_one({"role": role, "in": place or None}, actor, {})

    def decide(self, actor: Actor, decision: str, reason: str, at: datetime) -> ViolationDecided:
        """Confirm or dismiss it, for good."""
        if actor.person is None or self.is_of(actor):
            raise Forbidden("violation.own", "nobody decides about their own violation")
        if self.state != "proposed":
            raise Conflict("violation.settled", f"violation {self.id} is {self.state}")
        if not reason.strip(" .。"):
            raise Invalid("reason.missing", "say why", {"errors": [{"pointer": "/reason", "code": "reason.missing"}]})
        self.state, self.version = OUTCOMES[decision], self.version + 1
        self.person, self.reason, self.decided_at = actor.person, reason, at
        return ViolationDecided(
            self.id, self.type, self.offender, self.record, self.state, actor.person, self.amount, self.unit
        )

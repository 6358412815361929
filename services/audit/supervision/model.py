"""Violations: proposed by a regime, decided by a person who is not the offender. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid
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

    def decide(self, actor: Actor, decision: str, reason: str, at: datetime) -> ViolationDecided:
        """Confirm or dismiss it, for good."""
        if actor.person is None or actor.person == self.offender:
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


def propose(id: str, regime: Any, duty: dict[str, Any], record: str | None, at: datetime) -> Violation | None:
    """The violation that a missed duty comes to, by the regime in force; None where the regime knows none."""
    name = duty.get("violation")
    rule = regime.violations.get(name) if name else None
    if rule is None:
        return None
    tariff = regime.tariffs.get(rule.tariff)
    return Violation(
        id, str(name), duty["owner"], record, duty["duty"], duty["due"], rule.clause, _amount(rule),
        tariff and tariff.unit, rule.per, rule.tariff, (tariff and tariff.decided_by) or {}, regime.digest, at,
    )  # fmt: skip


def _amount(rule: Any) -> str | None:
    return None if rule.fine is None else str(rule.fine)

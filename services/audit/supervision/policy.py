"""Who may read the log, and who may decide about a violation."""

from __future__ import annotations

from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden

# Until a regime's rights know the action `supervise`.
SUPERVISORS = frozenset(
    {"supervisor", "archivist", "general_manager", "leader_in_charge", "hr_officer", "security_administrator"}
)


def require_supervisor(actor: Actor) -> None:
    """Refuse whoever has no part in supervision."""
    if not supervises(actor):
        raise Forbidden("audit.supervisors_only", "the log is read by supervisors; ask one, or an archivist")


def supervises(actor: Actor) -> bool:
    """Whether this person supervises."""
    return bool(actor.roles & SUPERVISORS) or (actor.department == "hr" and "head" in actor.roles)


def require_decider(actor: Actor, decided_by: dict[str, Any]) -> None:
    """Refuse whoever the tariff does not name; where it names no role, supervisors decide."""
    role = decided_by.get("role")
    named = {role} if isinstance(role, str) else set(role or ())
    if not (actor.roles & named if named else supervises(actor)):
        raise Forbidden("violation.not_decider", "the tariff names who decides about this", {"roles": sorted(named)})


def own_unless_supervisor(actor: Actor, sought: dict[str, Any]) -> dict[str, Any]:
    """Whoever does not supervise sees their own cases only."""
    return sought if supervises(actor) else {**sought, "offender": actor.person or ""}

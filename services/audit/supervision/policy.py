"""Who may read the log and follow violations, and who may decide about one: by the regime's rights and tariffs."""

from __future__ import annotations

from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden
from regimes.rights import allowed, is_one

# Where a regime gives nobody the right to supervise.
SILENT = frozenset({"archivist", "general_manager"})


def require_supervisor(regime: Any, actor: Actor) -> None:
    """Refuse whoever has no part in supervision."""
    if not supervises(regime, actor):
        raise Forbidden("audit.supervisors_only", "the log is read by supervisors; ask one, or an archivist")


def supervises(regime: Any, actor: Actor) -> bool:
    """Whether this person supervises."""
    return allowed(regime, actor, "supervise", silent=SILENT)


def require_decider(regime: Any, actor: Actor, decided_by: dict[str, Any]) -> None:
    """Refuse whoever the tariff does not name; where it names nobody, supervisors decide."""
    if not (is_one(decided_by, actor, {}) if decided_by else supervises(regime, actor)):
        raise Forbidden("violation.not_decider", "the tariff names who decides about this", {"who": decided_by})


def own_unless_supervisor(regime: Any, actor: Actor, sought: dict[str, Any]) -> dict[str, Any]:
    """Whoever does not supervise sees their own cases only."""
    return sought if supervises(regime, actor) else {**sought, "offender": actor.person or ""}

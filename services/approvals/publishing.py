"""Publishing: what a regime must stand up to before it comes into force, and who may put it there."""

from __future__ import annotations

from functools import lru_cache

import regimes
from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from regimes import check
from services.approvals.events import RegimePublished
from services.approvals.people.organisation import Staff


def must_administer(actor: Actor) -> None:
    """Refuse anybody but a system administrator; the suite itself (no person) may."""
    if actor.person is not None and "system_administrator" not in actor.roles:
        raise Forbidden("right.missing", "regimes and organisation are put in force by a system administrator")


def checked(text: str, staff: Staff | None) -> tuple[regimes.Regime, RegimePublished]:
    """The regime of a text, fit to be in force."""
    regime = regimes.parse(text)
    if errors := _errors(regime, staff):
        lines = [
            {"pointer": f"/{one.where.replace('.', '/')}", "code": one.code, "detail": one.detail} for one in errors
        ]
        raise Invalid("regime.unfit", "the regime does not stand up to its own check", {"errors": lines})
    return regime, RegimePublished(regime.digest, regime.name)


@lru_cache(maxsize=8)
def _errors(regime: regimes.Regime, staff: Staff | None) -> list[check.Finding]:
    """What makes it unfit among these people; either is the same object whenever its text is."""
    return [one for one in check.run(regime, staff.organisation if staff else None) if one.grade == "error"]

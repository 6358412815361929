"""Keep or let go: every part of a record judged on one day, with all reasons. No I/O."""

from __future__ import annotations

from datetime import date
from typing import Any

from regimes import schedules

CONFLICT = "max_before_min_conflict"


def judge(regime: Any, envelope: dict[str, Any], holds: list[str], on: date) -> dict[str, Any]:
    """The verdict on a record and on each of its parts; a hold is a reason whatever else is true."""
    known = regime.classes.get(envelope["class"])
    parts = {name: _part(regime, envelope, part, holds, on) for name, part in known.parts.items()} if known else {}
    verdict = {**schedules.whole(list(parts.values())).as_dict(), "on": on.isoformat(), "holds": holds}
    if CONFLICT in verdict["flags"]:
        # A ceiling that lies before the floor is for a person to settle, not for a list.
        verdict |= {"outcome": "not_eligible", "reasons": [*verdict["reasons"], CONFLICT]}
    named = {"record": envelope["id"], "regime": regime.digest}
    return {**named, **verdict, "parts": {name: one.as_dict() for name, one in parts.items()}}


def shown(schedule: Any) -> dict[str, Any]:
    """A schedule for people to read."""
    words = {name: value for name, value in vars(schedule.words).items() if value}
    names = ("name", "en", "zh", "at_most", "confirm", "then", "mandate")
    return {**{name: getattr(schedule, name) for name in names}, "counted": words}


def _part(regime: Any, envelope: dict[str, Any], part: Any, holds: list[str], on: date) -> schedules.Verdict:
    state = schedules.PartState(envelope["class"], part.name, envelope["milestones"], part.schedule)
    return schedules.verdict(state, regime.schedules.get(part.schedule), holds, on, regime.calendar)

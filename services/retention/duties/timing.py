"""When somebody has to hear of a duty: before its day, after a miss, again; and who confirms it. No I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chassis.clock import rfc3339
from chassis.codec import loads
from regimes import dates, organisation
from regimes.people import Organisation
from services.retention.duties.model import Duty

MISSES = 12  # how often a miss is told again before somebody has to look at the regime instead


def staff_of(text: str) -> Organisation:
    """The people of an organisation's canonical text."""
    return organisation.build(loads(text))


def timed(duty: Duty, rule: Any, regime: Any, department: str | None) -> Duty:
    """The duty with everything that its rule says beside who, what and when."""
    day = duty.due_at.astimezone(ZoneInfo(regime.timezone)) - timedelta(microseconds=1)
    escalation = None
    if rule.escalate:
        at = _from(regime, dates.add(day.date(), rule.escalate.after, regime.calendar))
        escalation = {"to": placed(rule.escalate.to, department), "at": rfc3339(at)}
    kept = replace(
        duty,
        confirm=placed(rule.confirm, department) if rule.confirm else None,
        provisional=provisional(regime.calendar, day.date()),
        reminders=tuple(rfc3339(_before(regime, words, day)) for words in rule.remind),
        escalation=escalation,
        again=tuple(rfc3339(at) for at in _again(duty, rule, regime)) if rule.again else (),
    )
    kept.wakes_at = kept.next_wake()
    return kept


def provisional(calendar: Any, day: date) -> bool:
    """Whether the working days of that year are guessed: none of its make-up days is published, nobody reviewed it."""
    return not calendar.is_published(day.year)


def placed(who: dict[str, Any], department: str | None) -> dict[str, Any]:
    """The same people, with the record's own department in place of the word for it."""
    kept: dict[str, Any] = {
        name: [placed(one, department) for one in who[name]] for name in ("any_of", "all_of") if name in who
    }
    if who.get("in") == "record":
        kept["in"] = department or ""
    return {**who, **kept}


def above(duty: Duty, staff: Organisation) -> tuple[str, ...]:
    """Who has to hear of a missed duty: whom the rule names, but the superior where that is its owner himself."""
    owners = _people(duty, staff)
    named: set[str] = set()
    for owner in owners or [""]:
        named |= staff.deciders((duty.escalation or {})["to"], {"applicant": {"person": owner}})
    return tuple(sorted(named))


def _people(duty: Duty, staff: Organisation) -> list[str]:
    if duty.owner:
        return [duty.owner]
    role, _, place = (duty.role or "").partition(":")
    return sorted(staff.holders(role, place or None))


def _from(regime: Any, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(regime.timezone))


def _before(regime: Any, words: Any, day: datetime) -> datetime:
    found = dates.due(words, day.date(), regime.calendar)
    return found if isinstance(found, datetime) else _from(regime, found)


def _again(duty: Duty, rule: Any, regime: Any) -> list[datetime]:
    told, day = [], duty.due_at.astimezone(ZoneInfo(regime.timezone))
    for _ in range(MISSES):
        day = dates.add(day, rule.again, regime.calendar)  # type: ignore[assignment]
        told.append(day)
    return told

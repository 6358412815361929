"""Whether a part of a record may be disposed of on a day: pure, and with every reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from regimes import dates
from regimes.calendar import WorkCalendar
from regimes.process import Schedule

DISPOSING = ("destroy", "transfer", "return")


@dataclass(frozen=True)
class PartState:
    """What retention knows of a part: its class and the days on which events happened."""

    record_class: str
    part: str
    events: dict[str, str] = field(default_factory=dict)
    schedule: str | None = None
    decided: str | None = None

    def day_of(self, event: str) -> date | None:
        """The day of an event named as in a schedule; `record.ended` and `CLASS.ended` mean this record's."""
        day = self.events.get(event.rpartition(".")[2])
        return date.fromisoformat(day) if day else None


@dataclass(frozen=True)
class Verdict:
    """eligible, not_eligible, review_due or cannot_evaluate; with all reasons, flags and days."""

    outcome: str
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    earliest: date | None = None
    confirm_by: date | None = None
    ceiling: date | None = None
    action: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON types only."""
        days = {name: getattr(self, name) for name in ("earliest", "confirm_by", "ceiling")}
        return {
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "flags": list(self.flags),
            "action": self.action,
            **{name: day.isoformat() if day else None for name, day in days.items()},
        }


def verdict(
    part: PartState, schedule: Schedule | None, holds: Sequence[Any], on: date, calendar: WorkCalendar
) -> Verdict:
    """Judge one part on one day. A hold stops disposal whatever else is true; the clock runs on under it."""
    held = ("held",) if holds else ()
    if schedule is None:
        return Verdict("cannot_evaluate", ("unknown_series" if part.schedule else "no_series", *held))
    if schedule.then == "keep":
        return Verdict("not_eligible", ("permanent", *held), action="keep")
    try:
        start = part.day_of(schedule.words.since or "")
        if start is None:
            return Verdict("not_eligible", ("awaiting_event", *held), action=schedule.then)
        return _counted(schedule, start, held, on, calendar)
    except (ValueError, OverflowError):
        return Verdict("cannot_evaluate", ("series_not_computable", *held), action=schedule.then)


def _counted(schedule: Schedule, start: date, held: tuple[str, ...], on: date, calendar: WorkCalendar) -> Verdict:
    earliest = dates.due(schedule.words, start, calendar)
    confirm_by = dates.add(earliest, schedule.confirm, calendar) if schedule.confirm else None
    ceiling = dates.add(start, schedule.at_most, calendar) if schedule.at_most else None
    early = ("period_not_elapsed",) if on < earliest else ()
    flags = (
        *(["past_maximum"] if ceiling and on > ceiling else []),
        *(["max_before_min_conflict"] if ceiling and ceiling < earliest else []),
        *(["confirmation_overdue"] if confirm_by and on > confirm_by else []),
    )
    return Verdict(
        _outcome(schedule.then, early + held, early), early + held, flags, earliest, confirm_by, ceiling, schedule.then
    )


def _outcome(then: str, reasons: tuple[str, ...], early: tuple[str, ...]) -> str:
    if then == "review" and not early:
        return "review_due"
    return "not_eligible" if reasons else "eligible"


def whole(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a record: eligible only if every part is; the last day any part is kept to."""
    order = ("cannot_evaluate", "not_eligible", "review_due", "eligible")
    worst = min((one.outcome for one in verdicts), key=order.index, default="cannot_evaluate")
    reasons = tuple(dict.fromkeys(reason for one in verdicts for reason in one.reasons))
    flags = tuple(dict.fromkeys(flag for one in verdicts for flag in one.flags))
    known = [one.earliest for one in verdicts if one.earliest]
    last = max(known) if known and len(known) == len(verdicts) else None
    return Verdict(worst, reasons or (() if verdicts else ("no_series",)), flags, last)

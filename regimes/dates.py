"""Dates in six words: from an event, to the end of a unit, after or before a period, to the next fixed day, rolled."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from regimes.calendar import WorkCalendar

UNITS = ("day", "week", "month", "quarter", "half_year", "year", "fiscal_year")
MONTHS_IN = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
NOTATION = re.compile(r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:(\d{1,4})B)?(T.+)?")
CLOCK = re.compile(r"T(?=.)(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?")


@dataclass(frozen=True)
class Period:
    """A length of time in ISO 8601, plus B for working days."""

    text: str
    months: int = 0
    days: int = 0
    workdays: int = 0
    seconds: int = 0

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def period(text: str) -> Period:
    """Read a period such as P3B, P7D, P1M, P5Y, PT2H."""
    found = NOTATION.fullmatch(text)
    clock = CLOCK.fullmatch(found[6]) if found and found[6] else None
    if not found or (found[6] and not clock):
        raise ValueError(f"{text!r} is no period; write P3B, P7D, P1M, P5Y or PT2H")
    years, months, weeks, days, workdays = (int(part or 0) for part in found.groups()[:5])
    hours, minutes, seconds = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    return Period(text, 12 * years + months, 7 * weeks + days, workdays, 3600 * hours + 60 * minutes + seconds)


@dataclass(frozen=True)
class DateWords:
    """How a date is counted; `since` is the event it counts from (the word `from`)."""

    since: str | None = None
    end_of: str | None = None
    after: str | None = None
    before: str | None = None
    next: str | None = None
    roll: str | None = None


def words(spoken: DateWords | dict[str, Any]) -> DateWords:
    """Date words from a mapping as a regime writes them."""
    if isinstance(spoken, DateWords):
        return spoken
    return DateWords(**{"since" if key == "from" else key: value for key, value in spoken.items()})


def due(spoken: DateWords | dict[str, Any], start: date, calendar: WorkCalendar) -> date:
    """The date the words lead to from `start`; a datetime only when a period of hours was added to one."""
    counted = words(spoken)
    day = end_of(counted.end_of, start, calendar) if counted.end_of else start
    day = add(day, counted.after, calendar) if counted.after else day
    day = subtract(day, counted.before, calendar) if counted.before else day
    if isinstance(day, datetime):
        if counted.after and period(counted.after).seconds:
            return day
        day = day.date()
    day = next_day(counted.next, day) if counted.next else day
    return calendar.roll(day, counted.roll) if counted.roll else day


def add(start: date, length: str, calendar: WorkCalendar, sign: int = 1) -> date:
    """`start` plus a period; a missing day of the month becomes its last day."""
    span = period(length)
    day = _months_later(start, sign * span.months) + timedelta(days=sign * span.days)
    if span.workdays:
        worked = calendar.worked(day.date() if isinstance(day, datetime) else day, sign * span.workdays)
        day = datetime.combine(worked, day.timetz()) if isinstance(day, datetime) else worked
    if not span.seconds:
        return day
    if not isinstance(day, datetime):
        raise ValueError(f"{length} counts hours, so it needs a moment to count from")
    return day + timedelta(seconds=sign * span.seconds)


def subtract(start: date, length: str, calendar: WorkCalendar) -> date:
    """`start` minus a period."""
    return add(start, length, calendar, sign=-1)


def _months_later(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def end_of(unit: str, start: date, calendar: WorkCalendar) -> date:
    """The last day of the unit that contains `start`."""
    day = start.date() if isinstance(start, datetime) else start
    if unit == "day":
        return day
    if unit == "week":
        return day + timedelta(days=6 - day.weekday())
    if unit == "fiscal_year":
        return _fiscal_end(day, calendar.fiscal_year)
    size = MONTHS_IN[unit]
    last = day.month + (-day.month) % size
    return date(day.year, last, monthrange(day.year, last)[1])


def _fiscal_end(day: date, starts: str) -> date:
    month, first = int(starts[:2]), int(starts[3:])
    begins = date(day.year, month, first)
    if begins <= day:
        begins = date(day.year + 1, month, first)
    return begins - timedelta(days=1)


def next_day(wanted: str, start: date) -> date:
    """The first "MM-DD" or "MM-last" on or after `start`; 29 February is the 28th in other years."""
    for year in (start.year, start.year + 1):
        month = int(wanted[:2])
        last = monthrange(year, month)[1]
        day = date(year, month, last if wanted[3:] == "last" else min(int(wanted[3:]), last))
        if day >= start:
            return day
    raise ValueError(f"{wanted!r} is no day of the year")


def starts(unit: str, first: date, last: date, calendar: WorkCalendar, months: tuple[int, ...] = ()) -> Iterator[date]:
    """The first days of the units that begin in first..last; `months` picks some months."""
    day = first
    if first != unit_start(unit, first, calendar):
        day = end_of(unit, first, calendar) + timedelta(days=1)
    while day <= last:
        if not months or day.month in months:
            yield day
        day = end_of(unit, day, calendar) + timedelta(days=1)


def unit_start(unit: str, day: date, calendar: WorkCalendar) -> date:
    """The first day of the unit that contains the day."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "fiscal_year":
        after = end_of(unit, day, calendar) + timedelta(days=1)
        return replace_year(after, after.year - 1)
    size = MONTHS_IN[unit]
    return date(day.year, day.month - (day.month - 1) % size, 1)


def replace_year(day: date, year: int) -> date:
    """The same day in another year; 29 February becomes the 28th."""
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def without_start(spoken: DateWords) -> DateWords:
    """The words alone, when the caller knows where the count starts."""
    return replace(spoken, since=None)

"""Conditions: whether a `when` holds for a case. Values are text; numbers, dates, periods compare as such.

`older` and `coming` compare with the case's `today`, which whoever asks has to say.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from regimes import dates
from regimes.calendar import WorkCalendar

ABSENT = None
EVERY_DAY = WorkCalendar()  # the words of dates count in days; working days are no such word


def holds(when: Any, case: dict[str, Any]) -> bool:
    """Whether all conditions of one of the alternatives hold; no condition always holds."""
    alternatives = when if isinstance(when, list) else [when]
    alternatives = [one for one in alternatives if one]
    return not alternatives or any(_all_hold(one, case) for one in alternatives)


def _all_hold(conditions: dict[str, Any], case: dict[str, Any]) -> bool:
    return all(_holds(test, value_at(case, path), case) for path, test in conditions.items())


def value_at(case: dict[str, Any], path: str) -> Any:
    """The value a path such as record.state names; None where there is none."""
    head, _, rest = path.partition(".")
    group = case.get(head)
    if not isinstance(group, dict):
        return case.get(path)
    return group.get(rest, ABSENT)


def _holds(test: Any, actual: Any, case: dict[str, Any]) -> bool:
    if not isinstance(test, dict):
        return _equals(actual, test)
    word, wanted = next(iter(test.items()))
    if word == "field":
        return _equals(actual, value_at(case, wanted))
    if word in DATED:
        return DATED[word](actual, wanted, case["today"])
    if isinstance(wanted, dict) and "field" in wanted:
        wanted = value_at(case, wanted["field"])
    return TESTS[word](actual, wanted)


def _equals(actual: Any, wanted: Any) -> bool:
    """Equal to one of the wanted values; of several actual values one is enough."""
    if actual is None:
        return False
    choices = {_text(value) for value in (wanted if isinstance(wanted, list | tuple) else [wanted])}
    return not choices.isdisjoint(_texts(actual))


def _texts(actual: Any) -> list[str]:
    many = isinstance(actual, list | tuple | set | frozenset)
    return [_text(value) for value in (actual if many else [actual])]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def measured(value: Any) -> Any:
    """A number, or a period as its approximate days, or the text itself (which orders dates)."""
    text = _text(value)
    try:
        number = Decimal(text)
        if number.is_finite():  # NaN is no number that anything could be compared with
            return number
    except InvalidOperation:
        pass
    try:
        span = dates.period(text)
    except ValueError:
        return text
    # A working week has five days; months are counted as thirty: only for comparing lengths.
    return Decimal(span.months * 30 + span.days) + Decimal(span.workdays) * 7 / 5 + Decimal(span.seconds) / 86400


def _compared(actual: Any, wanted: Any) -> int | None:
    if actual is None or wanted is None:
        return None
    one, other = measured(actual), measured(wanted)
    if isinstance(one, str) != isinstance(other, str):
        return None
    return int(one > other) - int(one < other)


TESTS = {
    "not": lambda actual, wanted: not _equals(actual, wanted),
    "above": lambda actual, wanted: _compared(actual, wanted) == 1,
    "below": lambda actual, wanted: _compared(actual, wanted) == -1,
    "at_least": lambda actual, wanted: _compared(actual, wanted) in (0, 1),
    "at_most": lambda actual, wanted: _compared(actual, wanted) in (0, -1),
    "has": lambda actual, wanted: actual is not None and _text(wanted) in _texts(actual),
    "lacks": lambda actual, wanted: actual is None or _text(wanted) not in _texts(actual),
    "known": lambda actual, wanted: (actual not in (None, "")) == (_text(wanted) == "true"),
}


def _older(actual: Any, length: str, today: date) -> bool:
    """Further back than the period; what is not known is not old."""
    day = _day(actual)
    return day is not None and dates.add(day, length, EVERY_DAY) < today


def _coming(actual: Any, length: str, today: date) -> bool:
    """Before the period from today is over: the day itself, or its anniversary where the day is past."""
    day = _day(actual)
    if day is None:
        return False
    coming = day if day >= today else dates.next_day(f"{day:%m-%d}", today)
    return coming <= dates.add(today, length, EVERY_DAY)


def _day(actual: Any) -> date | None:
    try:
        return date.fromisoformat(str(actual)[:10])
    except ValueError:
        return None


DATED = {"older": _older, "coming": _coming}

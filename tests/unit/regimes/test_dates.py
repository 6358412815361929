"""Deadlines: six words, one pure function, against a naive oracle that walks day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regimes import dates
from regimes.calendar import WorkCalendar

CALENDAR = WorkCalendar(fiscal_year="04-01")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("words", "start", "falls_on"),
    [
        ({"after": "P3B"}, "2026-09-30", "2026-10-10"),  # 8 and 9 October, and the make-up Saturday
        ({"after": "P1B"}, "2026-02-13", "2026-02-14"),  # a make-up Saturday
        ({"after": "P0D"}, "2026-10-01", "2026-10-01"),
        ({"after": "P0B"}, "2026-10-01", "2026-10-01"),
        ({"after": "P0D", "roll": "forward"}, "2026-10-01", "2026-10-08"),
        ({"after": "P0D", "roll": "back"}, "2026-10-01", "2026-09-30"),
        ({"end_of": "year", "next": "03-31"}, "2026-05-20", "2027-03-31"),
        ({"end_of": "year", "next": "02-last"}, "2027-05-20", "2028-02-29"),
        ({"next": "02-29"}, "2027-01-01", "2027-02-28"),
        ({"end_of": "year", "after": "P10Y"}, "2026-05-20", "2036-12-31"),
        ({"end_of": "fiscal_year"}, "2026-03-31", "2026-03-31"),
        ({"end_of": "fiscal_year"}, "2026-04-01", "2027-03-31"),
        ({"end_of": "half_year"}, "2026-06-30", "2026-06-30"),
        ({"end_of": "quarter", "roll": "back"}, "2026-08-01", "2026-09-30"),
        ({"end_of": "week", "roll": "back"}, "2026-11-11", "2026-11-13"),
        ({"after": "P1M"}, "2026-01-31", "2026-02-28"),
        ({"after": "P1Y"}, "2028-02-29", "2029-02-28"),
        ({"end_of": "month", "before": "P5B"}, "2026-08-01", "2026-08-24"),
        ({"after": "P1W"}, "2026-11-02", "2026-11-09"),
    ],
)
def test_words_fall_on(words: dict[str, str], start: str, falls_on: str) -> None:
    assert dates.due(words, date.fromisoformat(start), CALENDAR).isoformat() == falls_on


def test_hours_count_from_a_moment() -> None:
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert dates.due({"after": "PT2H"}, noon, CALENDAR) == noon + timedelta(hours=2)
    with pytest.raises(ValueError, match="moment"):
        dates.due({"after": "PT2H"}, date(2026, 11, 2), CALENDAR)


@pytest.mark.parametrize("text", ["", "P", "PT", "3D", "P-3D", "P3X", "P1D2M", "p3d", "P99999Y", "PT5D"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        dates.period(text)


def test_the_company_wins_over_the_country() -> None:
    calendar = WorkCalendar(shut=("2026-11-03",), extra=("2026-10-01",))
    assert calendar.is_workday(date(2026, 10, 1))
    assert calendar.worked(date(2026, 11, 2), 1) == date(2026, 11, 4)


@pytest.mark.covers("Q-135")
def test_survey_opens_in_its_months_only() -> None:
    found = dates.starts("month", date(2026, 1, 1), date(2027, 12, 31), CALENDAR, months=(2, 8))
    assert [day.isoformat() for day in found] == ["2026-02-01", "2026-08-01", "2027-02-01", "2027-08-01"]


days = st.dates(date(2020, 1, 1), date(2027, 6, 30))


@given(start=days, count=st.integers(0, 40))
def test_working_days_agree_with_counting_on_fingers(start: date, count: int) -> None:
    counted, day = 0, start
    while counted < count:
        day += DAY
        counted += CALENDAR.is_workday(day)
    assert dates.due({"after": f"P{count}B"}, start, CALENDAR) == day


@given(start=days, unit=st.sampled_from(dates.UNITS))
def test_end_of_unit_agrees_with_walking_to_it(start: date, unit: str) -> None:
    """The last day before the unit changes."""

    def label(day: date) -> object:
        return {
            "day": day,
            "week": day.isocalendar()[:2],
            "month": (day.year, day.month),
            "quarter": (day.year, (day.month - 1) // 3),
            "half_year": (day.year, day.month > 6),
            "year": day.year,
            "fiscal_year": day.year - (day.month < 4),
        }[unit]

    end = first = start
    while label(end + DAY) == label(start):
        end += DAY
    while label(first - DAY) == label(start):
        first -= DAY
    assert dates.end_of(unit, start, CALENDAR) == end
    assert dates.unit_start(unit, start, CALENDAR) == first


@given(start=days, months=st.integers(0, 40))
def test_months_agree_with_stepping_month_by_month(start: date, months: int) -> None:
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = start.day
    while True:
        try:
            expected = date(year, month, day)
            break
        except ValueError:
            day -= 1
    assert dates.due({"after": f"P{months}M"}, start, CALENDAR) == expected


@given(start=days, roll=st.sampled_from(["forward", "back"]))
def test_rolled_days_are_worked_and_nearest(start: date, roll: str) -> None:
    rolled = dates.due({"roll": roll}, start, CALENDAR)
    assert CALENDAR.is_workday(rolled)
    between = [start + DAY * n for n in range(1, 15)] if roll == "forward" else [start - DAY * n for n in range(1, 15)]
    passed = [start, *between][: abs((rolled - start).days)]
    assert not any(CALENDAR.is_workday(day) for day in passed)


@given(start=days, month=st.integers(1, 12), day=st.integers(1, 28))
def test_next_fixed_day_is_the_first_on_or_after(start: date, month: int, day: int) -> None:
    walked = start
    while (walked.month, walked.day) != (month, day):
        walked += DAY
    assert dates.due({"next": f"{month:02}-{day:02}"}, start, CALENDAR) == walked

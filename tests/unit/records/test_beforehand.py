"""What the tables are asked of a view's conditions: never anything that would leave a record of the view out."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from regimes.conditions import holds
from services.records.views.beforehand import beforehand

REGIME: Any = SimpleNamespace(schemes={"stage": SimpleNamespace(unset="potential")})
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ([{"record.state": "active"}], {"state": ["active"]}),
        ([{"record.state": ("a", "b"), "record.complete": False}], {"state": ["a", "b"], "complete": [False]}),
        ([{"record.complete": "true"}], {"complete": [True]}),
        ([{"record.verified": "false"}], {"verified": [False]}),
        ([{"record.duplicate": "true"}], {"duplicate": True}),
        ([{"record.duplicate": "false"}], {}),
        ([{"record.state": {"not": "active"}}], {}),
        ([{"record.stage": ["contacted", "signed"]}], {"stage": ["contacted", "signed"]}),
        ([{"record.stage": ["potential", "signed"]}], {}),
        ([{"record.number": {"known": True}, "credit.grade": "a"}], {}),
        ([{"record.state": "active"}, {"record.complete": False}], {}),
        ([], {}),
    ],
)  # fmt: skip
def test_only_what_all_records_of_the_view_have_is_asked_of_the_tables(when: Any, told: dict[str, Any]) -> None:
    assert beforehand(REGIME, when, TODAY) == told


@pytest.mark.parametrize("length", ["P1Y", "P6M", "P1M", "P30D", "P10Y"])
@pytest.mark.parametrize("today", [TODAY, date(2024, 2, 29), date(2023, 3, 1), date(2026, 12, 31)])
def test_the_last_day_that_is_old_enough_is_the_one_that_the_condition_itself_says(length: str, today: date) -> None:
    when = [{"record.changed": {"older": length}}]
    last = beforehand(REGIME, when, today)["changed"]

    old = [holds(when, {"record": {"changed": f"{last + timedelta(days=n)}"}, "today": today}) for n in range(-3, 4)]
    assert old == [True] * 4 + [False] * 3

"""Conditions over a case."""

from __future__ import annotations

from typing import Any

import pytest

from regimes.conditions import holds

CASE = {
    "record": {"state": "active", "complete": False, "class": "visit"},
    "request": {"period": "P30D", "count": "12", "fields": ["tenant.name", "tenant.phone"]},
    "applicant": {"class": "subject"},
    "setting": {"rule": "both"},
}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, True),
        ([], True),
        ({"record.state": "active"}, True),
        ({"record.state": "past"}, False),
        ({"record.state": ["past", "active"]}, True),
        ({"record.complete": "false"}, True),
        ({"record.state": "active", "applicant.class": "agent"}, False),
        ([{"record.state": "past"}, {"applicant.class": "subject"}], True),
        ({"record.state": {"not": "past"}}, True),
        ({"record.state": {"not": ["active", "past"]}}, False),
        ({"record.absent": {"not": "past"}}, True),
        ({"record.absent": "past"}, False),
        ({"request.period": {"above": "P7D"}}, True),
        ({"request.period": {"at_most": "P7D"}}, False),
        ({"request.period": {"at_most": "P30D"}}, True),
        ({"request.period": {"below": "P2M"}}, True),
        ({"request.count": {"at_least": "9"}}, True),
        ({"request.count": {"above": "P9D"}}, True),
        ({"request.count": {"below": "abc"}}, False),
        ({"request.absent": {"at_most": "P7D"}}, False),
        ({"request.fields": {"has": "tenant.name"}}, True),
        ({"request.fields": {"has": "tenant.fax"}}, False),
        ({"request.fields": {"lacks": "tenant.fax"}}, True),
        ({"request.fields": "tenant.phone"}, True),
        ({"request.absent": {"lacks": "x"}}, True),
        ({"record.state": {"known": "true"}}, True),
        ({"record.absent": {"known": "true"}}, False),
        ({"record.absent": {"known": "false"}}, True),
        ({"setting.rule": ["tier", "both"]}, True),
        ({"record.class": {"field": "record.class"}}, True),
        ({"record.class": {"not": {"field": "record.state"}}}, True),
    ],
)
def test_condition(when: Any, expected: bool) -> None:
    assert holds(when, CASE) is expected

"""By when what is learned of customers is entered, on both databases: counted from the day on which it was known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.clock import rfc3339
from chassis.errors import Invalid
from chassis.ids import new_id
from tests.nodes.prepared import leave
from tests.service.given_retention import REGIME, Suite

DAY = timedelta(days=1)
CUSTOMER = {"class": "company.customer", "state": "active", "department": "service", "responsible": "zheng",
            "creator": "sun", "level": "sensitive", "complete": True, "schemes": {}}  # fmt: skip


@pytest.fixture
def suite(lent):
    """Retention on each database."""
    suite = Suite(lent("retention"))
    yield suite
    leave(suite.database)


@pytest.mark.covers("Q-128")
@pytest.mark.parametrize(("day", "late"), [("2026-11-19", False), ("2026-10-08", True)])
def test_what_staff_knew_is_due_from_the_day_they_knew_it_and_overdue_where_it_is_told_too_late(suite, day, late):
    """
    It may be overdue on the day that it is told: then the miss is told too, though it is entered before any sweep.
    """
    record = suite.records.add(state="active")

    suite.hears("on_event_recorded", {**CUSTOMER, "happened": "learned", "on": day}, record=record)
    suite.clock.advance(timedelta(minutes=1))
    suite.hears("on_changed", {**CUSTOMER, "change": "c-1", "fields": ["contact.mobile"], "tell": []}, record=record)
    suite.calls(None, "sweep")

    missed = [one for one in suite.told("retention.duty_overdue") if one["name"] == "update_record"]
    assert [(one["owner"], one["violation"]) for one in missed] == ([("zheng", "not_updated")] if late else [])
    [closed] = [one for one in suite.told("retention.duty_closed") if one["name"] == "update_record"]
    assert closed["on_time"] is not late


@pytest.mark.covers("Q-025", "Q-026", "Q-029")
@pytest.mark.parametrize(
    ("limit", "taken", "late"),
    [
        ("P0D", "2026-11-20", False),  # at the first contact
        ("P0D", "2026-11-19", True),
        ("P7D", "2026-11-13", False),  # within a week
        ("P7D", "2026-11-12", True),
        ("P5B", "2026-11-13", False),  # promptly, as this company counts it
        ("P5B", "2026-11-12", True),
    ],
)
def test_a_new_customer_is_entered_in_time_or_late_as_the_company_counts(suite, limit, taken, late):
    """
    Whoever was in touch with him answers for it; where nobody says when his data was taken in, nothing is judged.
    """
    suite.law = REGIME.with_settings({"register_limit": limit})
    said, unsaid = (event_of(suite, record, on) for record, on in ((new_id(), taken), (new_id(), None)))

    suite.calls(None, "on_created", [said, unsaid])
    suite.calls(None, "sweep")

    [opened] = [one for one in suite.told("retention.duty_opened") if one["name"] == "enter_customer"]
    [closed] = [one for one in suite.told("retention.duty_closed") if one["name"] == "enter_customer"]
    missed = [one["record"] for one in suite.told("retention.duty_overdue") if one["name"] == "enter_customer"]
    assert (opened["owner"], opened["record"], closed["closed_by"]) == ("sun", said["record"], "sun")
    assert (closed["on_time"], missed) == (not late, [said["record"]] if late else [])


def event_of(suite, record, taken):
    data = {**CUSTOMER, "state": "pending", "collected_on": taken}
    return {"id": new_id(), "at": rfc3339(suite.clock.now()), "record": record, "data": data, "type": ""}


@pytest.mark.covers("Q-128")
def test_what_staff_knew_and_never_entered_is_missed(suite):
    record = suite.records.add(state="active")
    suite.hears("on_event_recorded", {**CUSTOMER, "happened": "learned", "on": "2026-11-20"}, record=record)

    suite.clock.advance(8 * DAY)
    suite.calls(None, "sweep")

    [missed] = [one for one in suite.told("retention.duty_overdue") if one["name"] == "update_record"]
    assert (missed["record"], missed["violation"], missed["due"]) == (record, "not_updated", "2026-11-27")


@pytest.mark.covers("Q-130")
def test_what_somebody_reports_of_a_trading_customer_is_for_finance_to_enter_promptly(suite):
    card = {**CUSTOMER, "class": "trading.customer", "department": "sales"}
    record = suite.records.add(**{"class": "trading.customer", "state": "active"})
    suite.hears("on_event_recorded", {**card, "happened": "learned", "on": "2026-11-20"}, record=record)

    [duty] = [one for one in suite.told("retention.duty_opened") if one["name"] == "enter_reported"]
    assert (duty["owner"], duty["due"]) == ("head:finance_section", "2026-11-27")
    suite.clock.advance(DAY)
    suite.hears("on_changed", {**card, "change": "c-1", "fields": ["contact.mobile"], "tell": []}, record=record)

    assert [one["on_time"] for one in suite.told("retention.duty_closed") if one["duty"] == duty["duty"]] == [True]


@pytest.mark.covers("Q-138")
@pytest.mark.parametrize(("every", "due"), [("month", "2026-11-30"), ("quarter", "2026-12-31"), ("year", "2026-12-31")])
def test_records_are_reviewed_as_often_as_the_company_says_and_a_miss_is_told_above(suite, every, due):
    suite.law = REGIME.with_settings({"review_every": every})
    suite.calls(None, "sweep")
    [duty] = [one for one in suite.told("retention.duty_opened") if one["name"] == "review_files"]
    assert (duty["owner"], duty["due"], duty["record"]) == ("head:office", due, None)

    suite.clock.advance(50 * DAY)
    suite.calls(None, "sweep")

    for what in ("overdue", "escalated"):
        told = [one["duty"] for one in suite.told(f"retention.duty_{what}") if one["name"] == "review_files"]
        assert duty["duty"] in told, what
    with pytest.raises(Invalid) as unproved:
        suite.calls("gao", "complete_duty", {"duty": duty["duty"]})
    done = suite.calls("gao", "complete_duty", {"duty": duty["duty"], "evidence": {"review_report": "doc-1"}})
    assert (unproved.value.code, done["on_time"]) == ("needs.missing", False)

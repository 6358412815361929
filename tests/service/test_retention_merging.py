"""Records that were merged, as retention sees it: duties, loans, holds and lists follow the one that stays."""

from __future__ import annotations

import pytest

from chassis.errors import Conflict
from tests.nodes.prepared import leave
from tests.service.given_retention import Suite


@pytest.fixture
def suite(lent):
    """Retention on each database."""
    suite = Suite(lent("retention"))
    yield suite
    leave(suite.database)


@pytest.fixture
def two(suite):
    """A record and a double of it."""
    return suite.records.add(), suite.records.add()


def merged(suite, stays, goes):
    """Records has merged them, and said so."""
    suite.records.kept[goes] |= {"state": "merged"}
    head = {"class": "company.customer", "state": "active", "department": "service", "responsible": "zheng"}
    suite.hears("on_merged", {**head, "merge": "m", "merged": goes}, record=stays)


def a_loan(suite, record):
    asked = {"record": record, "grant": suite.grant(record), "borrower": "sun"}
    return suite.calls("he", "lend", asked)["loan"]


def code_of(call, *given):
    with pytest.raises(Conflict) as refusal:
        call(*given)
    return refusal.value.code


def begins(suite, *records):
    return suite.calls("he", "begin_disposal", {"records": [*records], "reason": "retention is over"})["disposal"]


def a_survey(suite, record, **given):
    """What records says of a card that was surveyed, or opened for it."""
    suite.records.kept[record] |= {"class": "trading.customer", "state": "active", "department": "finance", **given}


@pytest.mark.parametrize("gone", ["on_withdrawn", "on_destroyed"])
def test_nothing_is_to_be_done_any_more_about_a_record_that_is_gone(suite, gone):
    """
    What is heard late opens nothing: queues of different events do not wait for each other.
    """
    record, other, third = (suite.records.add(state="active", **{"class": "tenancy"}) for _ in range(3))
    told = {"class": "tenancy", "state": "active", "department": "service", "responsible": "zheng", "creator": "zheng"}
    over = {**told, "happened": "ended", "on": "2026-11-20"}
    for one in (record, other):
        suite.hears("on_event_recorded", over, record=one)
    opened = [one["record"] for one in suite.told("retention.duty_opened")]
    assert sorted(opened) == sorted([record, other])

    for one in (record, third):
        suite.hears(gone, {**told, "state": "destroyed"}, record=one)
        suite.hears("on_event_recorded", over, record=one)
    suite.clock.at = suite.clock.at.replace(year=2028)
    suite.calls(None, "sweep")

    assert {one["record"] for one in suite.told("retention.duty_dropped")} == {record}
    assert [one["record"] for one in suite.told("retention.duty_opened") if one["record"]] == opened
    assert {one["record"] for one in suite.told("retention.duty_overdue") if one["record"]} == {other}


def test_what_was_to_be_done_about_the_one_that_goes_is_done_about_the_one_that_stays(suite, two):
    stays, goes = two
    loan = a_loan(suite, goes)

    merged(suite, stays, goes)

    (duty,) = suite.calls("sun", "duties", {"owner": "me"})["items"]
    assert (duty["record"], duty["subject"], duty["state"]) == (stays, loan, "open")
    (moved,) = suite.told("retention.duty_moved")
    assert (moved["record"], moved["before"], moved["name"]) == (stays, goes, "return_loan")


def test_what_is_to_be_done_about_both_by_one_day_is_done_once_and_nobody_missed_the_other(suite, two):
    stays, goes = two
    for record in two:
        a_survey(suite, record)
    suite.clock.at = suite.clock.at.replace(year=2027, month=2, day=1)
    suite.calls(None, "sweep")

    merged(suite, stays, goes)
    suite.clock.at = suite.clock.at.replace(month=3, day=2)
    suite.calls(None, "sweep")

    (dropped,) = suite.told("retention.duty_dropped")
    assert (dropped["record"], dropped["before"], dropped["name"]) == (stays, goes, "survey_cards")
    missed = [one for one in suite.told("retention.duty_overdue") if one["name"] == "survey_cards"]
    assert [one["record"] for one in missed] == [stays]
    gone = suite.calls("he", "duties", {"state": "dropped"})["items"]
    refused = code_of(suite.calls, "xu", "complete_duty", {"duty": gone[0]["duty"], "evidence": {}})
    assert refused in ("duty.closes_itself", "duty.closed")


def test_news_of_a_merged_record_that_comes_late_is_news_of_the_one_that_stays(suite, two):
    """
    Nothing relies on order: what happened before the merge may be heard of after it.
    """
    stays, goes = two
    merged(suite, stays, goes)
    envelope = {"class": "tenancy", "state": "active", "department": "service", "responsible": "zheng"}

    suite.hears("on_event_recorded", {**envelope, "happened": "ended", "on": "2026-11-20"}, record=goes)

    opened = [one for one in suite.told("retention.duty_opened") if one["name"] == "bind_surrendered"]
    assert [one["record"] for one in opened] == [stays]


@pytest.mark.parametrize("order", ["as it happened", "the last first"])
def test_of_three_that_became_one_all_follow_the_last_in_whatever_order_it_is_told(suite, two, order):
    stays, goes = two
    last = suite.records.add()
    a_loan(suite, goes)
    steps = [(stays, goes), (last, stays)]

    for one in steps if order == "as it happened" else reversed(steps):
        merged(suite, *one)

    assert {suite.store.home_of(one) for one in (*two, last)} == {last}
    assert suite.store.merged_into(last) == sorted(two)
    assert suite.calls("sun", "duties", {"owner": "me"})["items"][0]["record"] == last


def test_a_hold_on_either_keeps_both(suite, two):
    stays, goes = two
    hold = suite.calls("he", "place_hold", {"title": "t", "matter": "m", "reason": "a claim", "records": [goes]})

    merged(suite, stays, goes)

    assert code_of(begins, suite, stays) == "hold.active"
    assert suite.calls("he", "verdict", {"record": stays})["holds"] == [hold["hold"]]
    suite.calls("gao", "release_hold", {"hold": hold["hold"], "reason": "settled"})
    assert begins(suite, stays)


def test_while_a_merged_file_is_lent_the_one_that_stays_is_on_no_list(suite, two):
    stays, goes = two
    a_loan(suite, goes)

    merged(suite, stays, goes)

    assert code_of(begins, suite, stays) == "loan.open"


def test_a_customers_file_goes_whole_and_a_merged_record_never_by_itself(suite, two):
    """
    Else what it was merged from would outlive it, or go before it.
    """
    stays, goes = two
    merged(suite, stays, goes)

    assert code_of(begins, suite, goes) == "record.merged"
    done = suite.executed_list(stays)

    statement = suite.calls("he", "certificate", {"certificate": done["certificate"]})
    assert {line["record"]: line["outcome"] for line in statement["records"]} == dict.fromkeys(two, "destroyed")


def test_a_class_lists_what_is_due_with_what_was_merged_into_it(suite, two):
    stays, goes = two
    alone = suite.records.add()
    merged(suite, stays, goes)

    disposal = suite.calls("he", "begin_disposal", {"class": "company.customer", "reason": "due"})["disposal"]

    assert {item.record for item in suite.store.find_disposal(disposal).items} == {*two, alone}


def test_the_verdict_on_a_merged_record_leads_to_the_one_that_stays(suite, two):
    stays, goes = two
    merged(suite, stays, goes)

    with pytest.raises(Conflict) as refusal:
        suite.calls("he", "verdict", {"record": goes})

    assert refusal.value.facts == {"record": goes, "survivor": stays}

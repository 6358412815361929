"""Those concerned are told: a duty of telling for each whom a rule names, on both databases."""

from __future__ import annotations

import pytest

from chassis.errors import Conflict, Invalid, Unavailable
from chassis.ids import new_id
from tests.nodes.prepared import leave
from tests.service.given_retention import Suite

SUBJECT = {"who": {"person": "subject"}, "due": None}
BY_THE_15TH = {"who": {"person": "subject"}, "due": {"after": "P15D"}}
HEADS = {"who": {"all_of": [{"role": "head", "in": "record"}, {"superior": "applicant"}]}, "due": {"after": "P1B"}}


@pytest.fixture
def suite(lent):
    """Retention on each database."""
    suite = Suite(lent("retention"))
    yield suite
    leave(suite.database)


def changed(suite, *tell, id=None):
    """Records says that a change took effect, and whom its rule wants told."""
    record, change = suite.records.add(state="active"), new_id()
    head = {"class": "company.customer", "state": "active", "department": "service", "responsible": "zheng"}
    data = {**head, "change": change, "fields": ["contact.mobile"], "tell": [*tell], "by": "sun"}
    suite.hears("on_changed", data, record=record, id=id)
    return record, change


def settled(suite, kind, *tells, outcome="approved", subject="e-1"):
    record = suite.records.add(state="active")
    about = {"request": new_id(), "kind": kind, "subject": subject, "outcome": outcome}
    suite.hears("tell_of_request", {**about, "tells": [*tells], "raised_by": "sun"}, record=record)
    return record


def duties(suite, name):
    return [one for one in suite.calls("he", "duties", {})["items"] if one["name"] == name]


@pytest.mark.covers("Q-126")
def test_whoever_answers_for_the_record_tells_the_customer_and_shows_that_he_did(suite):
    record, change = changed(suite, SUBJECT)

    (duty,) = duties(suite, "tell_customer")

    assert (duty["owner"], duty["record"], duty["subject"], duty["due"]) == ("zheng", record, change, "2026-11-27")
    done = {"duty": duty["duty"], "evidence": {}}
    with pytest.raises(Invalid) as refusal:
        suite.calls("zheng", "complete_duty", done)
    assert refusal.value.code == "needs.missing"
    told = suite.calls("zheng", "complete_duty", {**done, "evidence": {"notice": "called back"}})
    assert (told["state"], told["on_time"]) == ("closed", True)


@pytest.mark.covers("Q-126")
def test_departments_and_people_concerned_take_note_each_by_himself(suite):
    """
    The head of the record's department, and the superior of whoever asked.
    """
    changed(suite, HEADS)

    noted = duties(suite, "take_note")

    assert sorted((one["owner"], one["due"]) for one in noted) == [("liu", "2026-11-23"), ("wu", "2026-11-23")]


def test_the_same_news_opens_its_duties_once(suite):
    for _ in range(2):
        changed(suite, SUBJECT, HEADS, id="0" * 36)

    assert len(suite.told("retention.duty_opened")) == 3


def test_an_erasure_is_answered_whatever_its_outcome_and_its_answer_closes_the_duty(suite):
    for number, outcome in enumerate(("approved", "rejected")):
        settled(suite, "erase", BY_THE_15TH, outcome=outcome, subject=f"e-{number}")
    assert [one["due"] for one in duties(suite, "tell_customer")] == ["2026-12-05"] * 2
    with pytest.raises(Conflict) as refusal:
        suite.calls("zheng", "complete_duty", {"duty": duties(suite, "tell_customer")[0]["duty"], "evidence": {}})
    assert refusal.value.code == "duty.closes_itself"

    suite.hears("on_erasure_answered", {"erasure": "e-0"})

    assert sorted((one["subject"], one["state"]) for one in duties(suite, "tell_customer")) == [
        ("e-0", "closed"),
        ("e-1", "open"),
    ]


@pytest.mark.parametrize(
    "kind, outcome", [("settle", "rejected"), ("change", "approved"), ("erase", "withdrawn"), ("settle", "withdrawn")]
)
def test_nobody_is_told_of_what_did_not_come_about_nor_of_a_change_before_it_took_effect(suite, kind, outcome):
    settled(suite, kind, SUBJECT, outcome=outcome)

    assert suite.told("retention.duty_opened") == []


def test_a_result_is_told_by_whoever_answers_for_the_customers_record(suite):
    record = settled(suite, "settle", SUBJECT)

    (duty,) = duties(suite, "tell_customer")

    assert (duty["record"], duty["owner"]) == (record, "zheng")


def test_what_became_of_a_record_is_still_told_when_it_is_gone(suite):
    record = settled(suite, "settle", SUBJECT)

    suite.hears("on_destroyed", {"class": "company.customer", "state": "destroyed"}, record=record)

    (duty,) = duties(suite, "tell_customer")
    assert (duty["record"], duty["state"]) == (record, "open")


def test_while_records_is_away_the_news_is_kept_for_later(suite):
    suite.records.away = {"envelope"}
    with pytest.raises(Unavailable):
        settled(suite, "settle", SUBJECT)

    assert suite.told("retention.duty_opened") == []


def lapses(suite, why, by="sun"):
    head = {"class": "company.customer", "state": "active", "department": "service", "responsible": "zheng"}
    record = suite.records.add(state="active")
    suite.hears("on_change_lapsed", {**head, "change": new_id(), "why": why, "by": by}, record=record)
    return record


def test_whoever_asked_for_a_change_that_was_approved_and_overtaken_is_told(suite):
    record = lapses(suite, "record.stale")

    (duty,) = duties(suite, "take_note")
    assert (duty["owner"], duty["record"], duty["due"]) == ("sun", record, "2026-11-27")
    assert suite.calls("sun", "complete_duty", {"duty": duty["duty"], "evidence": {}})["state"] == "closed"


@pytest.mark.parametrize("why", ["rejected", "withdrawn"])
def test_who_was_told_with_his_request_is_not_told_again(suite, why):
    lapses(suite, why)

    assert suite.told("retention.duty_opened") == []

"""Duties of graded sales on both databases: the same day, each month, each quarter, and those that a form documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import regimes
from chassis.clock import rfc3339
from chassis.ids import new_id
from tests.nodes.prepared import leave
from tests.service.given_retention import PEOPLE, Suite

LAW = regimes.load("graded_sales_house", Path(__file__).parents[1] / "regimes" / "adopted")
CARD = {"class": "outlet", "state": "active", "department": "sales", "responsible": "sun", "creator": "sun",
        "level": "sensitive", "complete": True}  # fmt: skip
FORM = {**CARD, "class": "combing", "responsible": None, "about": None, "number": "WC-1", "signers": ["sun", "liu"]}
DAY = timedelta(days=1)


@pytest.fixture
def suite(lent):
    """Retention under the regime of a sales company, on each database."""
    suite = Suite(lent("retention"), LAW)
    yield suite
    leave(suite.database)


def told(suite, what, name):
    return [one for one in suite.told(f"retention.duty_{what}") if one["name"] == name]


def changes(suite, card, later):
    suite.clock.advance(later)
    suite.hears(
        "on_changed", {**CARD, "schemes": {}, "change": "c-1", "fields": ["basic.size"], "tell": []}, record=card
    )


@pytest.mark.covers("Q-027")
@pytest.mark.parametrize(("event", "name"), [("visited", "enter_visit"), ("received", "enter_reception")])
@pytest.mark.parametrize(("later", "on_time"), [(timedelta(hours=11), True), (timedelta(hours=13), False)])
def test_what_a_visit_told_is_entered_the_same_day(suite, event, name, later, on_time):
    card = suite.records.add(**CARD)  # it is noon in Shanghai
    suite.hears("on_event_recorded", {**CARD, "schemes": {}, "happened": event, "on": "2026-11-20"}, record=card)

    [opened] = told(suite, "opened", name)
    assert (opened["owner"], opened["due"]) == ("sun", "2026-11-20")
    changes(suite, card, later)

    [closed] = told(suite, "closed", name)
    assert closed["on_time"] is on_time
    assert len(told(suite, "overdue", name)) == (0 if on_time else 1)


@pytest.mark.covers("Q-089")
@pytest.mark.parametrize(("days", "on_time"), [(7, True), (8, False)])
def test_a_new_dossier_is_arranged_and_filed_in_the_days_that_the_company_gives(suite, days, on_time):
    card, pending = suite.records.add(**CARD), {**CARD, "state": "pending", "schemes": {}}
    made = {"id": new_id(), "at": rfc3339(suite.clock.now()), "record": card, "data": pending, "type": ""}
    suite.calls(None, "on_created", [made])
    [opened] = told(suite, "opened", "arrange_dossier")
    assert (opened["owner"], opened["due"]) == ("sun", "2026-11-27"), "five working days"

    suite.clock.advance(days * DAY)
    suite.hears("on_activated", {**CARD, "schemes": {}, "number": "TC-00001"}, record=card)

    assert [one["on_time"] for one in told(suite, "closed", "arrange_dossier")] == [on_time]
    assert len(told(suite, "overdue", "arrange_dossier")) == (0 if on_time else 1)


@pytest.mark.covers("Q-133")
def test_what_is_not_yet_comprehensive_is_completed_each_month(suite):
    unfinished = suite.records.add(**CARD, fullness="unfinished")
    unset, full = suite.records.add(**CARD), suite.records.add(**CARD, fullness="comprehensive")
    draft = suite.records.add(**{**CARD, "state": "draft"})

    suite.calls(None, "sweep")
    suite.calls(None, "sweep")
    opened = {one["record"]: one for one in told(suite, "opened", "complete_dossier")}

    assert opened.keys() == {unfinished, unset} and not {full, draft} & opened.keys()
    assert {(one["owner"], one["due"]) for one in opened.values()} == {("sun", "2026-11-30")}
    changes(suite, unfinished, DAY)
    suite.clock.at = datetime(2026, 11, 30, 16, 1, tzinfo=UTC)
    suite.calls(None, "sweep")
    assert [one["record"] for one in told(suite, "overdue", "complete_dossier")] == [unset]
    again = [one["record"] for one in told(suite, "opened", "complete_dossier") if one["due"] == "2026-12-31"]
    assert sorted(again) == sorted([unfinished, unset])


@pytest.mark.covers("Q-132")
def test_a_long_term_partners_file_is_supplemented_each_quarter_and_its_keeper_confirms_it(suite):
    partner, other = suite.records.add(**CARD, partner="long_term"), suite.records.add(**CARD)
    suite.calls(None, "sweep")
    [opened] = told(suite, "opened", "supplement_partner")
    assert (opened["record"], opened["owner"], opened["due"]) == (partner, "sun", "2026-12-31") and other

    handed = {**CARD, "schemes": {}, "happened": "supplemented", "on": "2026-11-20"}
    suite.hears("on_event_recorded", handed, record=partner)
    assert told(suite, "closed", "supplement_partner") == []
    suite.calls("he", "confirm_duty", {"duty": opened["duty"]})

    [closed] = told(suite, "closed", "supplement_partner")
    assert (closed["on_time"], closed["confirmed_by"]) == (True, "he")


# -- done by a form


def signed(suite, entry=None):
    """A combing form that everybody has signed."""
    entry = entry or new_id()
    suite.hears("on_entry_valid", {**FORM, "schemes": {}, "valid_until": None}, record=entry)
    return entry


@pytest.mark.covers("Q-134")
def test_a_week_is_combed_when_its_form_is_signed(suite):
    suite.calls(None, "sweep")
    [opened] = told(suite, "opened", "comb_weekly")
    assert (opened["owner"], opened["due"]) == ("head:sales", "2026-11-22")

    entry = signed(suite)

    [closed] = told(suite, "closed", "comb_weekly")
    assert (closed["duty"], closed["closed_by"], closed["on_time"]) == (opened["duty"], "sun", True)
    [duty] = [one for one in suite.store.duties({"limit": 50}, PEOPLE["he"]) if one.name == "comb_weekly"]
    assert duty.evidence == {"entry": entry}


@pytest.mark.covers("Q-134")
def test_one_form_stands_for_one_week_the_oldest_first_however_often_it_is_signed(suite):
    """
    Who missed a week does not make up for this one with the form of the last, nor by signing it again.
    """
    suite.calls(None, "sweep")
    suite.clock.advance(7 * DAY)
    suite.calls(None, "sweep")
    first, second = [one["duty"] for one in told(suite, "opened", "comb_weekly")]
    assert [one["duty"] for one in told(suite, "overdue", "comb_weekly")] == [first]

    entry = signed(suite)
    signed(suite, entry)
    assert [(one["duty"], one["on_time"]) for one in told(suite, "closed", "comb_weekly")] == [(first, False)]
    signed(suite)

    assert [one["duty"] for one in told(suite, "closed", "comb_weekly")] == [first, second]


def test_another_form_documents_nothing(suite):
    suite.calls(None, "sweep")

    suite.hears(
        "on_entry_valid", {**FORM, "class": "viewing_form", "schemes": {}, "valid_until": None}, record=new_id()
    )

    assert told(suite, "closed", "comb_weekly") == []

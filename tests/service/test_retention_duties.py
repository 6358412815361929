"""Duties and loans on both databases: every deadline is kept by somebody, and missed once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import eventlet
import pytest

from chassis.errors import Conflict, Forbidden, Invalid
from chassis.ids import new_id
from services.retention.duties import rounds
from tests.nodes.prepared import leave
from tests.service.given_plans import plans
from tests.service.given_retention import Suite, a_store

WEEK, DAY = timedelta(days=7), timedelta(days=1)


@pytest.fixture
def suite(lent):
    """Retention on each database."""
    suite = Suite(lent("retention"))
    yield suite
    leave(suite.database)


def a_loan(suite):
    record = suite.records.add()
    asked = {"record": record, "grant": suite.grant(record), "borrower": "sun"}
    return record, suite.calls("he", "lend", asked)["loan"]


def test_a_loan_opens_the_borrowers_duty_to_return(suite):
    record, loan = a_loan(suite)

    (duty,) = suite.calls("sun", "duties", {"owner": "me"})["items"]

    assert (duty["name"], duty["owner"], duty["record"], duty["subject"]) == ("return_loan", "sun", record, loan)
    assert duty["due"] == "2026-11-27"


def test_a_loan_not_brought_back_proposes_the_regimes_violation_once(suite):
    record, _ = a_loan(suite)
    suite.clock.advance(8 * DAY)

    suite.calls(None, "sweep")
    suite.calls(None, "sweep")

    (overdue,) = [one for one in suite.told("retention.duty_overdue") if one["name"] == "return_loan"]
    assert (overdue["owner"], overdue["violation"], overdue["record"]) == ("sun", "overdue_loan", record)


def test_two_replicas_fire_an_overdue_duty_once(suite):
    """
    Both find the duty before either has marked it; the row's own condition decides.
    """
    for _ in range(5):
        a_loan(suite)
    suite.clock.advance(8 * DAY)
    replica = Suite.__new__(Suite)
    replica.__dict__ = {**vars(suite), "store": a_store(suite.database, suite.settings)}

    threads = [eventlet.spawn(one.calls, None, "sweep") for one in (suite, replica, suite, replica)]
    for thread in threads:
        thread.wait()

    told = [duty["duty"] for duty in suite.told("retention.duty_overdue") if duty["name"] == "return_loan"]
    assert len(told) == len(set(told)) == 5


def test_no_sweep_is_needed_for_a_loan_to_be_overdue(suite):
    _, loan = a_loan(suite)
    suite.clock.advance(WEEK)

    (overdue,) = suite.calls("he", "loans", {"overdue": True})["items"]

    assert overdue["loan"] == loan


def test_a_returned_loan_closes_its_duty_and_says_whether_on_time(suite):
    _, loan = a_loan(suite)
    suite.clock.advance(8 * DAY)
    suite.calls(None, "sweep")

    suite.calls("sun", "return_loan", {"loan": loan, "items": 1})
    answer = suite.calls("he", "return_loan", {"loan": loan, "items": 1})

    assert answer["state"] == "returned"
    assert [closed["on_time"] for closed in suite.told("retention.duty_closed")] == [False]
    assert [side["side"] for side in suite.told("retention.loan_return_confirmed")] == ["borrower", "archivist"]
    assert suite.told("retention.loan_returned")[0]["on_time"] is False


def test_the_same_person_does_not_sign_both_sides(suite):
    _, loan = a_loan(suite)
    suite.calls("sun", "return_loan", {"loan": loan, "items": 1})

    with pytest.raises(Forbidden) as refusal:
        suite.calls("sun", "return_loan", {"loan": loan, "items": 1})

    assert refusal.value.code == "approvals.kept_apart"


def test_the_archivist_does_not_sign_first(suite):
    _, loan = a_loan(suite)

    with pytest.raises(Conflict) as refusal:
        suite.calls("he", "return_loan", {"loan": loan, "items": 1})

    assert refusal.value.code == "custody.unsigned"


def test_a_third_person_does_not_sign_for_the_archive(suite):
    _, loan = a_loan(suite)
    suite.calls("sun", "return_loan", {"loan": loan, "items": 1})

    with pytest.raises(Forbidden) as refusal:
        suite.calls("zheng", "confirm_return", {"loan": loan, "items": 1})

    assert refusal.value.code == "right.missing"


def test_a_record_is_lent_once_at_a_time(suite):
    record, _ = a_loan(suite)

    with pytest.raises(Conflict) as refusal:
        suite.calls(
            "gao", "lend", {"record": record, "grant": suite.grant(record, person="zheng"), "borrower": "zheng"}
        )

    assert refusal.value.code == "loan.open"
    assert [entry["code"] for entry in suite.told("retention.refused")] == ["loan.open"]


def test_two_archivists_at_once_lend_a_record_once(suite):
    record = suite.records.add()
    asked = [{"record": record, "grant": suite.grant(record, person=who), "borrower": who} for who in ("sun", "zheng")]

    def lend(who, args):
        try:
            return suite.calls(who, "lend", args)["state"]
        except Conflict as refusal:
            return refusal.code

    threads = [eventlet.spawn(lend, who, args) for who, args in zip(("he", "gao"), asked, strict=True)]

    assert sorted(thread.wait() for thread in threads) == ["loan.open", "out"]


def test_nothing_is_lent_without_a_grant(suite):
    record = suite.records.add()

    with pytest.raises(Forbidden) as refusal:
        suite.calls("he", "lend", {"record": record, "grant": new_id(), "borrower": "sun"})

    assert (refusal.value.code, refusal.value.facts) == ("right.missing", {"request": "borrow"})


def test_a_grant_lends_to_its_holder_only(suite):
    record = suite.records.add()
    asked = {"record": record, "grant": suite.grant(record), "borrower": "qian"}

    with pytest.raises(Forbidden) as refusal:
        suite.calls("he", "lend", asked)

    assert refusal.value.code == "right.missing"


def test_an_archivist_need_only_name_the_grant(suite):
    record = suite.records.add()
    grant = suite.grant(record)

    assert suite.calls("he", "lend", {"record": record, "grant": grant})["state"] == "out"


def test_only_the_keepers_of_the_archive_lend(suite):
    record = suite.records.add()

    with pytest.raises(Forbidden) as refusal:
        suite.calls("zheng", "lend", {"record": record, "grant": suite.grant(record), "borrower": "sun"})

    assert refusal.value.code == "right.missing"


def test_a_renewal_needs_a_fresh_grant_and_moves_the_duty(suite):
    record, loan = a_loan(suite)
    first = suite.approvals.grants[0]["id"]
    suite.clock.advance(6 * DAY)

    with pytest.raises(Conflict) as refusal:
        suite.calls("he", "renew_loan", {"loan": loan, "grant": first})
    assert refusal.value.code == "loan.grant_spent"
    suite.calls("he", "renew_loan", {"loan": loan, "grant": suite.grant(record)})
    suite.clock.advance(2 * DAY)
    suite.calls(None, "sweep")

    assert suite.told("retention.duty_overdue") == []


def test_a_repeated_call_lends_once(suite):
    record = suite.records.add()
    asked = {"record": record, "grant": suite.grant(record), "borrower": "sun"}

    answers = [suite.calls("he", "lend", asked, key="k-1") for _ in range(2)]

    assert answers[0] == answers[1] and len(suite.told("retention.loan_made")) == 1


def test_a_yearly_duty_opens_once_a_year_for_the_role(suite):
    suite.calls(None, "sweep")
    suite.calls(None, "sweep")

    (duty,) = suite.calls("he", "duties", {"owner": "me"})["items"]
    assert (duty["name"], duty["role"], duty["due"]) == ("yearly_check", "archivist", "2026-12-31")
    suite.clock.advance(60 * DAY)
    suite.calls(None, "sweep")
    assert len([one for one in suite.told("retention.duty_opened") if one["name"] == "yearly_check"]) == 2


def test_a_duty_by_hand_is_done_by_who_owns_it_and_closed_by_who_confirms_it(suite):
    """
    On time is when it was done, not when somebody found the time to confirm it.
    """
    suite.calls(None, "sweep")
    (duty,) = suite.calls("he", "duties", {"owner": "me"})["items"]
    mine = {"duty": duty["duty"]}
    with pytest.raises(Forbidden):
        suite.calls("sun", "complete_duty", mine)
    with pytest.raises(Conflict) as early:
        suite.calls("ma", "confirm_duty", mine)

    done = suite.calls("he", "complete_duty", {**mine, "evidence": {"report": "doc-1"}})
    refusals = []
    for person in ("he", "sun"):
        with pytest.raises(Forbidden) as refusal:
            suite.calls(person, "confirm_duty", mine)
        refusals.append(refusal.value.code)
    suite.clock.advance(60 * DAY)
    suite.calls(None, "sweep")
    closed = suite.calls("ma", "confirm_duty", mine)

    assert (early.value.code, refusals) == ("duty.not_done", ["approvals.kept_apart", "duty.not_yours"])
    assert (done["state"], closed["state"], closed["on_time"]) == ("done", "closed", True)
    [told] = [one for one in suite.told("retention.duty_closed") if one["duty"] == duty["duty"]]
    assert (told["closed_by"], told["confirmed_by"]) == ("he", "ma")
    assert [one for one in suite.told("retention.duty_overdue") if one["duty"] == duty["duty"]] == []


def february(suite):
    """The first of February 2027, local morning."""
    suite.clock.at = datetime(2027, 2, 1, 1, tzinfo=UTC)


def told(suite, what):
    return [one for one in suite.told(f"retention.{what}") if one["name"] == "survey_cards"]


@pytest.mark.covers("Q-135")
def test_a_survey_opens_a_duty_for_each_living_card_once_and_not_for_others(suite):
    card = {"class": "trading.customer", "department": "sales"}
    cards = sorted(suite.records.add(**card, state="active") for _ in range(3))
    suite.records.add(**card, state="past")
    suite.records.add(state="active")
    suite.calls(None, "sweep")
    assert told(suite, "duty_opened") == [], "not in November"

    february(suite)
    suite.calls(None, "sweep")
    late = suite.records.add(**card, state="active")
    suite.calls(None, "sweep")

    opened = told(suite, "duty_opened")
    assert [one["record"] for one in opened] == cards and late not in cards
    assert {(one["owner"], one["due"]) for one in opened} == {("head:finance_section", "2027-02-28")}
    (duty,) = suite.calls("xu", "duties", {"record": cards[0]})["items"]
    assert duty["provisional"], "no make-up days of 2027 are published"


def test_a_walk_over_the_cards_that_broke_off_goes_on_where_it_stopped(suite, monkeypatch):
    monkeypatch.setattr(rounds, "PAGE", 2)
    cards = {suite.records.add(**{"class": "trading.customer", "state": "active"}) for _ in range(5)}
    february(suite)
    suite.records.away.add("envelopes")
    suite.calls(None, "sweep")
    suite.records.away.clear()

    suite.calls(None, "sweep")
    suite.calls(None, "sweep")

    opened = [one["record"] for one in told(suite, "duty_opened")]
    assert sorted(opened) == sorted(cards)


def test_a_missed_survey_is_reminded_of_before_and_told_above_after_but_never_to_its_owner_himself(suite):
    """
    The rule names the head of finance, who owns the duty: her superior hears of it.
    """
    card = suite.records.add(**{"class": "trading.customer", "state": "active"})
    february(suite)
    suite.calls(None, "sweep")
    suite.clock.at = datetime(2027, 2, 26, 1, tzinfo=UTC)
    suite.calls(None, "sweep")
    suite.calls(None, "sweep")
    assert [one["record"] for one in told(suite, "duty_reminded")] == [card]
    assert told(suite, "duty_escalated") == []

    suite.clock.at = datetime(2027, 2, 28, 16, tzinfo=UTC)  # midnight of 1 March in Shanghai
    suite.calls(None, "sweep")
    suite.calls(None, "sweep")

    [overdue], [escalated] = told(suite, "duty_overdue"), told(suite, "duty_escalated")
    assert (overdue["record"], escalated["to"]) == (card, ["wang"])
    found = suite.calls("he", "duties", {"record": card, "owner": "wang"})["items"]
    assert [one["escalated_to"] for one in found] == [["wang"]]


def test_a_survey_that_was_done_is_neither_missed_nor_told_above(suite):
    card = suite.records.add(**{"class": "trading.customer", "state": "active"})
    february(suite)
    suite.calls(None, "sweep")
    data = {"class": "trading.customer", "state": "active", "department": "sales", "responsible": "sun"}
    suite.hears("on_event_recorded", {**data, "creator": "qian", "level": "general", "happened": "confirmed",
                                      "on": "2027-02-03"}, record=card)  # fmt: skip

    suite.clock.at = datetime(2027, 3, 20, 1, tzinfo=UTC)
    suite.calls(None, "sweep")

    assert [one["on_time"] for one in told(suite, "duty_closed")] == [True]
    assert told(suite, "duty_overdue") == told(suite, "duty_escalated") == []


@pytest.mark.covers("Q-345")
def test_what_a_form_says_did_not_pass_is_put_right_by_whom_its_class_names(suite):
    """
    Once, however often the form is signed anew; and shown by what was done about it.
    """
    entry = suite.records.add()
    head = {"class": "use_review", "department": "finance", "responsible": "xu", "creator": "xu", "about": None}
    for items in (["form.lawful"], ["form.lawful", "form.well_kept"]):
        failed = {"items": items, "finding": "use_reviewed", "owner": {"role": "head", "in": "finance"}}
        suite.hears("on_check_failed", {**head, **failed, "due": "2026-11-25"}, record=entry)

    (duty,) = [one for one in suite.calls("xu", "duties", {"owner": "me"})["items"] if one["name"] == "use_reviewed"]
    assert (duty["role"], duty["due"], duty["finding"]) == ("head:finance", "2026-11-25", "use_reviewed")
    with pytest.raises(Invalid):
        suite.calls("xu", "complete_duty", {"duty": duty["duty"], "evidence": {}})
    done = {"duty": duty["duty"], "evidence": {"measure": "staff instructed, sample repeated"}}
    assert suite.calls("xu", "complete_duty", done)["state"] == "closed"


def test_what_did_not_pass_in_a_form_without_a_finding_opens_nothing(suite):
    head = {"class": "use_review", "department": "finance", "responsible": "xu", "creator": "xu"}
    failed = {"items": ["form.lawful"], "finding": None, "owner": None, "due": None}
    suite.hears("on_check_failed", {**head, **failed}, record=suite.records.add())

    assert suite.told("retention.duty_opened") == []


def test_the_borrower_cannot_tick_off_his_own_return(suite):
    a_loan(suite)
    (duty,) = suite.calls("sun", "duties", {"owner": "me"})["items"]

    with pytest.raises(Conflict) as refusal:
        suite.calls("sun", "complete_duty", {"duty": duty["duty"]})

    assert refusal.value.code == "duty.closes_itself"


def test_duties_are_paged_newest_first_without_gaps(suite):
    for _ in range(5):
        a_loan(suite)

    seen, after = [], None
    while True:
        page = suite.calls("he", "duties", {"limit": 2, "after": after})
        seen += [duty["duty"] for duty in page["items"]]
        after = page["next"]
        if not after:
            break

    assert seen == sorted(seen, reverse=True) and len(set(seen)) == 5


def test_what_is_badly_asked_is_refused_with_its_pointer(suite):
    with pytest.raises(Invalid) as refusal:
        suite.calls("he", "lend", {"record": "x", "grant": new_id(), "colour": "red"})

    assert {error["pointer"].split("/")[1] for error in refusal.value.facts["errors"]} == {"record", "colour"}


def test_whoever_does_not_keep_archives_finds_his_own_duties_and_loans_only(suite):
    """
    Who owes what is between him and those who oversee it.
    """
    a_loan(suite)
    asked = ("duties", "loans")

    assert [len(suite.calls("sun", method)["items"]) for method in asked] == [1, 1]
    assert [len(suite.calls("he", method)["items"]) for method in asked] == [1, 1]
    assert [suite.calls("zheng", method)["items"] for method in asked] == [[], []]
    assert suite.calls("zheng", "duties", {"owner": "sun"})["items"] == []


def given_back(suite, loan):
    for person in ("sun", "he"):
        suite.calls(person, "return_loan", {"loan": loan, "items": 1})


def test_a_grant_serves_one_loan_of_a_record(suite):
    record = suite.records.add()
    asked = {"record": record, "grant": suite.grant(record), "borrower": "sun"}
    given_back(suite, suite.calls("he", "lend", asked)["loan"])

    with pytest.raises(Conflict) as refusal:
        suite.calls("he", "lend", asked)

    assert refusal.value.code == "loan.grant_spent"


def test_a_grant_for_one_use_serves_one_record_of_those_it_names(suite):
    first, second = suite.records.add(), suite.records.add()
    once, often = suite.grant(first, second, once=True), suite.grant(first, second)
    given_back(suite, suite.calls("he", "lend", {"record": first, "grant": once, "borrower": "sun"})["loan"])

    with pytest.raises(Conflict) as refusal:
        suite.calls("he", "lend", {"record": second, "grant": once, "borrower": "sun"})

    assert refusal.value.code == "loan.grant_spent"
    for record in (first, second):
        assert suite.calls("he", "lend", {"record": record, "grant": often, "borrower": "sun"})["state"] == "out"


def test_a_renewals_grant_lends_nothing_afterwards(suite):
    record, loan = a_loan(suite)
    renewal = suite.grant(record)
    suite.calls("he", "renew_loan", {"loan": loan, "grant": renewal})
    given_back(suite, loan)

    with pytest.raises(Conflict) as refusal:
        suite.calls("he", "lend", {"record": record, "grant": renewal, "borrower": "sun"})

    assert refusal.value.code == "loan.grant_spent"


@pytest.mark.parametrize("lent", ["sqlite"], indirect=True)
def test_the_duties_of_a_record_and_of_a_thing_are_found_by_an_index(suite):
    """
    Each record that goes asks for its own: where 20,000 go, all duties were looked through 20,000 times.
    """
    (_, loan), record = a_loan(suite), new_id()

    asked = (
        partial(suite.hears, "on_withdrawn", {"import_id": new_id()}, record),
        partial(suite.calls, "he", "duties", {"record": record}),
        partial(suite.calls, "sun", "return_loan", {"loan": loan, "items": 1}),
        partial(suite.calls, "he", "confirm_return", {"loan": loan, "items": 1}),
    )
    for one in asked:
        ways = [way for way in plans(suite, one) if " duties " in way]
        assert all("INDEX duties_record" in way or "INDEX duties_subject" in way or "(id=?)" in way for way in ways), (
            ways
        )

"""Who may see and do what with duties, lists and holds, and what a list may claim, whatever comes in what order."""

from __future__ import annotations

import pytest

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from chassis.ids import new_id
from tests.service.given_retention import PEOPLE, Suite

ASKED = {"title": "Dispute", "matter": "m-1", "reason": "the court asks"}


@pytest.fixture
def suite(tmp_path):
    """Retention on a file of its own."""
    return Suite(f"sqlite:///{tmp_path / 'retention.db'}")


def test_holds_and_lists_are_shown_to_those_who_keep_or_supervise(suite):
    """
    Which records an investigation is about is told to few.
    """
    record = suite.records.add()
    suite.calls("he", "place_hold", {**ASKED, "records": [record]})
    suite.calls("he", "begin_disposal", {"records": [suite.records.add()], "reason": "due"})

    with pytest.raises(Forbidden):
        suite.calls("zheng", "holds")
    assert suite.calls("zheng", "disposals")["items"] == []
    assert [len(suite.calls("xu", method)["items"]) for method in ("holds", "disposals")] == [1, 1]


def test_who_may_not_list_a_record_learns_nothing_about_it(suite):
    record = suite.records.add()
    suite.calls("he", "place_hold", {**ASKED, "records": [record]})

    for id in (record, suite.records.add(milestones={})):
        with pytest.raises(Forbidden) as refusal:
            suite.calls("zheng", "begin_disposal", {"records": [id], "reason": "due"})
        assert refusal.value.code == "right.missing" and not refusal.value.facts


def test_nothing_is_listed_before_its_day_whatever_day_is_asked_for(suite):
    with pytest.raises(Invalid):
        suite.calls("he", "begin_disposal", {"records": [suite.records.add()], "reason": "due", "on": "2099-01-01"})


CLERK_AND_PARTNER = (("qian", "finance_clerk"), ("lu",))  # who lists cards, and who reads his own where the cards are


def test_a_verdict_is_for_those_who_may_look_at_the_record(suite):
    closed, active = suite.records.add(), suite.records.add(state="active", milestones={})

    with pytest.raises(Forbidden):
        suite.calls("sun", "verdict", {"record": closed})
    assert suite.calls("sun", "verdict", {"record": active})["outcome"] == "not_eligible"


def test_an_act_of_the_archives_on_other_records_shows_no_verdict_on_this_one(suite, monkeypatch):
    """Whoever lists the trading cards that are to be destroyed has nothing to do with the company's customers."""
    clerk, partner = (Actor(who, who, "finance", frozenset({"employee", *roles})) for who, *roles in CLERK_AND_PARTNER)
    monkeypatch.setitem(PEOPLE, "qian", clerk)
    monkeypatch.setitem(PEOPLE, "lu", partner)
    customer = suite.records.add()
    card = suite.records.add(**{"class": "trading.customer", "state": "past", "department": "finance"})
    lus = suite.records.add(**{"class": "trading.customer", "state": "pending", "responsible": "lu"})

    for person, record in (("qian", customer), ("lu", card), ("lu", lus)):
        with pytest.raises(Forbidden) as refusal:
            suite.calls(person, "verdict", {"record": record})
        assert refusal.value.code == "right.missing"
    assert suite.calls("qian", "verdict", {"record": card})["record"] == card


def test_of_a_record_that_went_with_its_import_the_verdict_says_so(suite):
    record = suite.records.add(state="destroyed", went_with="i-1")

    with pytest.raises(Conflict) as refusal:
        suite.calls("he", "verdict", {"record": record})

    assert (refusal.value.code, refusal.value.facts) == ("record.withdrawn", {"import": "i-1"})


def test_of_a_destroyed_record_the_verdict_is_its_certificate(suite):
    record = suite.records.add()
    done = suite.executed_list(record)
    suite.records.kept[record]["state"] = "destroyed"

    with pytest.raises(Conflict) as gone:
        suite.calls("he", "verdict", {"record": record})
    assert (gone.value.code, gone.value.facts) == ("record.destroyed", {"certificate": done["certificate"]})


def test_a_destroyed_record_is_not_lent(suite):
    record = suite.records.add()
    suite.executed_list(record)

    with pytest.raises(Conflict) as refusal:
        suite.calls("he", "lend", {"record": record, "grant": suite.grant(record), "borrower": "sun"})

    assert refusal.value.code == "record.destroyed"


def test_who_decided_is_known_with_the_outcome_whatever_comes_first(suite):
    """
    An approver must not witness, and the certificate must name him, though the news of his decision is late.
    """
    record = suite.records.add()
    disposal = suite.calls("he", "begin_disposal", {"records": [record], "reason": "due"})["disposal"]
    suite.calls("he", "ask_approval", {"disposal": disposal})
    found = suite.store.find_disposal(disposal)
    settled = {"request": "q-1", "kind": "destroy", "subject": disposal, "outcome": "approved", "grant": "g-1"}
    suite.hears("on_request_settled", {**settled, "list_hash": found.hash, "decided_by": ["gao", "ma"]})

    with pytest.raises(Forbidden) as refusal:
        suite.calls("ma", "witness", {"disposal": disposal})
    assert refusal.value.code == "approvals.kept_apart"
    about = {"kind": "destroy", "subject": disposal, "decision": "approve"}
    for step, person in enumerate(("ma", "gao")):
        suite.hears("on_request_decided", {**about, "decided_by": person, "acting_for": person, "step": step})
    told = suite.calls("he", "disposal", {"disposal": disposal})["approvals"]
    assert [(one["person"], one["step"]) for one in told] == [("ma", 0), ("gao", 1)]


def test_a_revoked_approval_stops_an_execution_but_not_the_truth_about_what_was_begun(suite):
    first, second = sorted([suite.records.add(), suite.records.add()])
    disposal = suite.approved_list(first, second)
    suite.calls("ma", "witness", {"disposal": disposal})
    suite.records.before_destroying = lambda record: suite.records.away.update({"destroy"} if record == second else ())
    with pytest.raises(Unavailable):
        suite.calls("he", "execute", {"disposal": disposal})

    suite.approvals.grants.clear()
    suite.records.before_destroying = None
    suite.records.away.clear()
    done = suite.calls("he", "execute", {"disposal": disposal})

    certificate = suite.calls("he", "certificate", {"certificate": done["certificate"]})
    assert done["state"] == "partly_executed" and set(suite.records.gone) == {first}
    assert [line["outcome"] for line in certificate["records"]] == ["destroyed", "skipped"]
    assert certificate["records"][1]["reason"] == "not_granted"


def test_one_hold_that_the_records_refuse_keeps_none_of_the_others_back(suite):
    gone, record = suite.records.add(), suite.records.add()
    suite.records.away, suite.records.gone = {"freeze"}, {gone: "c-1"}
    for records in ([gone], [record]):
        with pytest.raises(Unavailable):
            suite.calls("he", "place_hold", {**ASKED, "records": records})
    suite.records.away = set()

    suite.calls(None, "sweep")

    assert {one["state"] for one in suite.calls("he", "holds")["items"]} == {"refused", "active"}


def test_a_hold_on_nothing_is_refused_however_often_it_is_asked_for(suite):
    asked = {**ASKED, "records": [new_id()]}

    for _ in range(2):
        with pytest.raises(NotFound):
            suite.calls("he", "place_hold", asked, key="k-1")
    assert suite.calls("he", "holds")["items"] == []


def test_a_repeated_call_gets_its_first_list_though_its_records_are_listed_now(suite):
    asked = {"records": [suite.records.add()], "reason": "due"}

    first, second = (suite.calls("he", "begin_disposal", asked, key="k-1") for _ in range(2))

    assert first == second and len(suite.calls("he", "disposals")["items"]) == 1

"""Holds, destruction lists and certificates: a hold always wins, and nothing is claimed that is not so."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count

import eventlet
import pytest
from eventlet import sleep as give_way

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from chassis.ids import new_id
from services.retention.disposal import store
from services.retention.disposal.certificate import verify_certificate
from tests.service.given_retention import SIGNER, Suite

ASKED = {"title": "Dispute", "matter": "m-1", "reason": "the court asks"}


@pytest.fixture
def suite(tmp_path):
    """Retention on a file of its own."""
    return Suite(f"sqlite:///{tmp_path / 'retention.db'}")


def hold(suite, record, person="he"):
    return suite.calls(person, "place_hold", {**ASKED, "records": [record]})["hold"]


def item_states(suite, disposal):
    return [item["state"] for item in suite.calls("he", "disposal", {"disposal": disposal})["items"]]


def refused(suite, person, method, args):
    with pytest.raises((Conflict, Forbidden, Invalid, NotFound)) as refusal:
        suite.calls(person, method, args)
    return refusal.value


# verdicts


def test_a_verdict_names_outcome_reasons_flags_and_earliest_day_of_every_part(suite):
    record = suite.records.add()

    verdict = suite.calls("he", "verdict", {"record": record})

    assert (verdict["outcome"], verdict["reasons"], verdict["earliest"]) == ("eligible", [], "2020-12-31")
    assert "past_maximum" in verdict["flags"] and verdict["parts"]["contact"]["earliest"] == "2010-05-05"


def test_a_verdict_can_be_asked_for_another_day(suite):
    record = suite.records.add(milestones={"ended": "2026-01-01"})

    now = suite.calls("he", "verdict", {"record": record})
    later = suite.calls("he", "verdict", {"record": record, "on": "2036-12-31"})

    assert (now["outcome"], now["reasons"]) == ("not_eligible", ["period_not_elapsed"])
    assert later["outcome"] == "eligible"


def test_a_record_whose_relation_never_ended_waits_for_that(suite):
    record = suite.records.add(milestones={})

    assert suite.calls("he", "verdict", {"record": record})["reasons"] == ["awaiting_event"]


def test_a_held_record_is_not_eligible_and_says_all_reasons(suite):
    record = suite.records.add(milestones={"ended": "2026-01-01"})
    hold(suite, record)

    verdict = suite.calls("he", "verdict", {"record": record})

    assert verdict["reasons"] == ["period_not_elapsed", "held"]


# holds


def test_a_hold_is_acknowledged_once_the_records_are_frozen(suite):
    record = suite.records.add()

    answer = suite.calls("he", "place_hold", {**ASKED, "records": [record]})

    assert answer["state"] == "active" and suite.records.freezes == {answer["hold"]: {record}}
    assert [placed["hold"] for placed in suite.told("retention.hold_placed")] == [answer["hold"]]


def test_a_hold_that_could_not_reach_the_records_is_carried_there_later(suite):
    """
    Until then it stands: nothing that it names gets on a list.
    """
    record = suite.records.add()
    suite.records.away = {"freeze"}
    with pytest.raises(Unavailable):
        hold(suite, record)
    assert refused(suite, "he", "begin_disposal", {"records": [record], "reason": "due"}).code == "hold.active"

    suite.records.away = set()
    suite.calls(None, "sweep")
    suite.calls(None, "sweep")

    assert len(suite.told("retention.hold_placed")) == 1 and len(suite.records.freezes) == 1


def test_a_repeated_call_places_one_hold(suite):
    record = suite.records.add()
    asked = {**ASKED, "records": [record]}

    first, second = (suite.calls("he", "place_hold", asked, key="k-1") for _ in range(2))

    assert first["hold"] == second["hold"] and len(suite.told("retention.hold_placed")) == 1


def test_who_placed_a_hold_does_not_lift_it(suite):
    record = suite.records.add()
    held = hold(suite, record)

    assert refused(suite, "he", "release_hold", {"hold": held, "reason": "over now"}).code == "approvals.kept_apart"
    assert suite.calls("gao", "release_hold", {"hold": held, "reason": "over now"})["state"] == "released"
    assert suite.records.freezes == {held: set()}


def test_a_release_that_could_not_reach_the_records_still_holds(suite):
    record = suite.records.add()
    held = hold(suite, record)
    suite.records.away = {"unfreeze"}
    with pytest.raises(Unavailable):
        suite.calls("gao", "release_hold", {"hold": held, "reason": "over now"})
    assert suite.calls("he", "verdict", {"record": record})["reasons"] == ["held"]

    suite.records.away = set()
    suite.calls(None, "sweep")

    assert len(suite.told("retention.hold_released")) == 1


def test_a_record_in_three_holds_is_free_after_the_third_release(suite):
    record = suite.records.add()
    holds = [hold(suite, record) for _ in range(3)]

    for held in holds:
        assert suite.calls("he", "verdict", {"record": record})["outcome"] == "not_eligible"
        suite.calls("gao", "release_hold", {"hold": held, "reason": "over now"})

    assert suite.calls("he", "verdict", {"record": record})["outcome"] == "eligible"


def test_a_hold_on_nothing_and_on_the_unknown_is_refused(suite):
    assert refused(suite, "he", "place_hold", ASKED).code == "hold.empty"
    assert refused(suite, "he", "place_hold", {**ASKED, "records": [new_id()]}).code == "record.unknown"
    assert suite.calls("he", "holds")["items"] == []


def test_not_everybody_places_holds(suite):
    assert refused(suite, "sun", "place_hold", {**ASKED, "records": [suite.records.add()]}).code == "right.missing"


# lists


def test_a_record_not_due_is_refused_with_the_verdicts_reasons(suite):
    record = suite.records.add(milestones={"ended": "2026-01-01"})

    refusal = refused(suite, "he", "begin_disposal", {"records": [record], "reason": "due"})

    assert refusal.code == "disposal.not_due"
    assert refusal.facts == {"record": record, "reasons": ["period_not_elapsed"], "earliest": "2036-12-31"}


def test_a_held_a_lent_and_a_listed_record_get_on_no_list(suite):
    held, lent, listed = (suite.records.add() for _ in range(3))
    hold(suite, held)
    suite.calls("he", "lend", {"record": lent, "grant": suite.grant(lent), "borrower": "sun"})
    suite.calls("he", "begin_disposal", {"records": [listed], "reason": "due"})

    codes = [
        refused(suite, "he", "begin_disposal", {"records": [record], "reason": "due"}).code
        for record in (held, lent, listed)
    ]

    assert codes == ["hold.active", "loan.open", "disposal.listed"]


def test_a_class_lists_what_is_due_and_leaves_out_the_rest(suite):
    due = {suite.records.add() for _ in range(5)}
    held, young = suite.records.add(), suite.records.add(milestones={"ended": "2026-01-01"})
    hold(suite, held)

    disposal = suite.calls("he", "begin_disposal", {"class": "company.customer", "reason": "yearly"})["disposal"]

    listed = {item["record"] for item in suite.calls("he", "disposal", {"disposal": disposal})["items"]}
    assert listed == due and young not in listed


def test_a_class_of_which_nothing_is_due_makes_no_list(suite):
    asked = {"class": "company.customer", "reason": "yearly"}

    assert refused(suite, "he", "begin_disposal", asked).code == "disposal.nothing_due"


def test_a_destroyed_record_gets_on_no_list(suite):
    record = suite.records.add(state="destroyed")

    assert refused(suite, "he", "begin_disposal", {"records": [record], "reason": "due"}).code == "record.destroyed"


def test_records_of_two_departments_make_two_lists(suite):
    records = [suite.records.add(), suite.records.add(department="sales")]

    assert refused(suite, "he", "begin_disposal", {"records": records, "reason": "due"}).code == "disposal.mixed"


def test_a_rejected_list_frees_its_records_for_another(suite):
    record = suite.records.add()
    disposal = suite.calls("he", "begin_disposal", {"records": [record], "reason": "due"})["disposal"]
    suite.calls("he", "ask_approval", {"disposal": disposal})
    suite.settle(disposal, "rejected")

    again = suite.calls("he", "begin_disposal", {"records": [record], "reason": "due"})

    assert again["state"] == "new"


def test_what_is_asked_of_approvals_is_ids_hash_class_and_envelope(suite):
    record = suite.records.add()
    disposal = suite.calls("he", "begin_disposal", {"records": [record], "reason": "due"})

    suite.calls("he", "ask_approval", {"disposal": disposal["disposal"]})

    (asked,) = suite.told("retention.approval_asked")
    assert (asked["hash"], asked["records"], asked["author"]) == (disposal["hash"], [record], "he")
    assert asked["class"] == "company.customer" and asked["envelope"]["department"] == "service"
    assert "due" not in str(asked.values())


def test_witnesses_are_not_author_approver_or_executor(suite):
    disposal = suite.approved_list(suite.records.add())

    assert refused(suite, "wu", "witness", {"disposal": disposal}).code == "approvals.kept_apart"
    assert refused(suite, "sun", "witness", {"disposal": disposal}).code == "right.missing"
    assert refused(suite, "he", "execute", {"disposal": disposal}).code == "disposal.unwitnessed"
    suite.calls("ma", "witness", {"disposal": disposal})
    assert refused(suite, "ma", "execute", {"disposal": disposal}).code == "right.missing"


# execution


def test_an_executed_list_has_a_certificate_that_verifies_offline(suite):
    records = [suite.records.add() for _ in range(3)]

    done = suite.executed_list(*records)

    certificate = suite.calls("sun", "certificate", {"certificate": done["certificate"]})
    assert done["state"] == "executed" and set(suite.records.gone) == set(records)
    assert verify_certificate(certificate, SIGNER.public_key()) == []
    assert certificate["counts"] == {"listed": 3, "destroyed": 3, "skipped": 0}
    assert [approval["person"] for approval in certificate["approvals"]] == ["wu", "gao"]


def test_a_hold_placed_at_any_item_of_a_running_execution_wins(suite):
    """
    At each step of a paused execution the held record survives, the list is partly executed, the certificate says so.
    """
    for step in range(3):
        records = sorted(suite.records.add() for _ in range(3))
        moments = count()

        def place_at_step(_, step=step, moments=moments, records=records):
            if next(moments) == step:
                hold(suite, records[-1])

        suite.records.before_destroying = place_at_step
        done = suite.executed_list(*records)
        suite.records.before_destroying = None

        certificate = suite.calls("sun", "certificate", {"certificate": done["certificate"]})
        assert done["state"] == "partly_executed" and records[-1] not in suite.records.gone
        assert certificate["records"][-1]["outcome"] == "skipped" and certificate["records"][-1]["reason"] == "held"
        assert certificate["counts"]["destroyed"] == 2 and verify_certificate(certificate, SIGNER.public_key()) == []


def test_a_hold_after_approval_skips_that_record_only(suite):
    records = [suite.records.add() for _ in range(2)]
    disposal = suite.approved_list(*records)
    hold(suite, records[0])
    suite.calls("ma", "witness", {"disposal": disposal})

    assert suite.calls("he", "execute", {"disposal": disposal})["state"] == "partly_executed"
    assert item_states(suite, disposal) == ["skipped", "destroyed"]


def test_a_record_changed_after_the_list_was_written_is_skipped(suite):
    records = [suite.records.add() for _ in range(2)]
    disposal = suite.approved_list(*records)
    suite.records.kept[records[1]]["version"] += 1
    suite.calls("ma", "witness", {"disposal": disposal})

    suite.calls("he", "execute", {"disposal": disposal})

    items = suite.calls("he", "disposal", {"disposal": disposal})["items"]
    assert [item["reason"] for item in items] == [None, "changed_since_plan"]


def test_an_interrupted_execution_goes_on_where_it_stopped(suite):
    """
    The journal has a line before each record is touched, so nothing is forgotten and nothing is claimed twice.
    """
    records = [suite.records.add() for _ in range(4)]
    moments = count(1)

    def away_at_the_third(_):
        suite.records.away = {"destroy"} if next(moments) == 3 else set()

    suite.records.before_destroying = away_at_the_third
    disposal = suite.approved_list(*records)
    suite.calls("ma", "witness", {"disposal": disposal})
    with pytest.raises(Unavailable):
        suite.calls("he", "execute", {"disposal": disposal}, key="k-1")
    assert item_states(suite, disposal) == ["destroyed", "destroyed", "destroying", "planned"]
    assert suite.told("retention.certificate_issued") == []

    done = suite.calls("he", "execute", {"disposal": disposal}, key="k-1")

    assert done["state"] == "executed" and len(suite.told("retention.certificate_issued")) == 1
    settled = [item["record"] for item in suite.told("retention.disposal_item_settled")]
    assert sorted(settled) == sorted(records)
    assert suite.calls("he", "execute", {"disposal": disposal}, key="k-1") == done


def test_an_execution_reads_each_line_of_its_list_a_few_times_however_long_the_list_is(suite, monkeypatch):
    """
    It read the whole list again before and after each record: a list of 500 cost half a million lines.
    """
    disposal = suite.approved_list(*(suite.records.add() for _ in range(12)))
    suite.calls("ma", "witness", {"disposal": disposal})
    lines, line = [], store.Item
    monkeypatch.setattr(store, "Item", lambda **told: lines.append(told["record"]) or line(**told))

    assert suite.calls("he", "execute", {"disposal": disposal})["state"] == "executed"

    assert max(Counter(lines).values()) <= 5


def test_two_executors_at_once_issue_one_certificate(suite):
    disposal = suite.approved_list(*(suite.records.add() for _ in range(6)))
    suite.calls("ma", "witness", {"disposal": disposal})
    suite.records.before_destroying = lambda _: give_way(0)

    threads = [eventlet.spawn(suite.calls, who, "execute", {"disposal": disposal}) for who in ("he", "gao")]

    assert {thread.wait()["state"] for thread in threads} == {"executed"}
    assert len(suite.told("retention.certificate_issued")) == 1
    assert len(suite.told("retention.disposal_item_settled")) == 6


def test_a_list_whose_approval_was_revoked_is_not_executed(suite):
    disposal = suite.approved_list(suite.records.add())
    suite.calls("ma", "witness", {"disposal": disposal})
    suite.approvals.grants.clear()

    assert refused(suite, "he", "execute", {"disposal": disposal}).code == "right.missing"
    assert suite.records.gone == {}


def test_without_proof_for_every_copy_no_certificate_is_issued(suite):
    """
    One copy class left out: the item stays in destroying, and the list is not closed.
    """
    disposal = suite.approved_list(suite.records.add())
    suite.calls("ma", "witness", {"disposal": disposal})
    suite.records.copies = {"keys": "destroyed", "values": "present"}

    assert refused(suite, "he", "execute", {"disposal": disposal}).code == "disposal.unproven"
    assert item_states(suite, disposal) == ["destroying"] and suite.told("retention.certificate_issued") == []

    suite.records.copies = {"keys": "destroyed", "values": "destroyed"}
    assert suite.calls("he", "execute", {"disposal": disposal})["state"] == "executed"


def test_a_certificate_not_issued_does_not_exist(suite):
    assert refused(suite, "sun", "certificate", {"certificate": new_id()}).code == "certificate.unknown"


def test_an_aborted_list_is_not_executed(suite):
    disposal = suite.approved_list(suite.records.add())
    suite.calls("he", "abort_disposal", {"disposal": disposal})

    assert refused(suite, "ma", "witness", {"disposal": disposal}).code == "disposal.state"
    assert refused(suite, "he", "execute", {"disposal": disposal}).code == "disposal.state"


def test_a_destroyed_record_cannot_be_held(suite):
    record = suite.records.add()
    suite.executed_list(record)

    assert refused(suite, "he", "place_hold", {**ASKED, "records": [record]}).code == "record.destroyed"


def test_no_reason_and_no_title_reaches_journal_or_events(suite):
    record = suite.records.add()
    canary = "CANARY-71"
    asked = {"records": [record], "title": canary, "matter": canary, "reason": canary}
    held = suite.calls("he", "place_hold", asked)["hold"]
    suite.calls("gao", "release_hold", {"hold": held, "reason": canary})
    suite.calls("he", "begin_disposal", {"records": [record], "reason": canary})

    assert canary not in str(suite.everything_told())


def test_the_retention_clock_runs_on_under_a_hold(suite):
    record = suite.records.add(milestones={"ended": "2016-01-01"})
    held = hold(suite, record)
    suite.clock.advance(timedelta(days=60))

    suite.calls("gao", "release_hold", {"hold": held, "reason": "over now"})

    assert suite.calls("he", "verdict", {"record": record})["outcome"] == "eligible"

"""Who may decide a request, in which order, and what settles it."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.errors import Conflict, Forbidden, Invalid, Refused
from services.approvals.chain import joined
from services.approvals.model import Request, Subject
from services.approvals.people.model import StandIn
from tests.unit.approvals.given import NOON, RECORD, a_request, alternatives, jointly, person

WEEK = (date(2026, 10, 12), date(2026, 10, 16))


def refused(request: Request, name: str, decision: str = "approve", reason: str = "looks right", stands_in=()) -> str:
    before = (request.state, request.decisions)
    with pytest.raises(Refused) as refusal:
        request.decide(person(name), decision, reason, stands_in, NOON)
    assert (request.state, request.decisions) == before
    return refusal.value.code


def approve(request: Request, name: str, stands_in=()) -> None:
    request.decide(person(name), "approve", "looks right", stands_in, NOON)


def test_requester_cannot_approve_own_request():
    """Four eyes means two people, whatever the rule names."""
    assert refused(a_request(alternatives("sun", "liu")), "sun") == "approvals.own_request"


def test_requester_cannot_reject_own_request_either():
    assert refused(a_request(alternatives("sun", "liu")), "sun", "reject") == "approvals.own_request"


def test_creator_of_a_record_does_not_review_it_when_another_asks():
    request = a_request(alternatives("zheng", "he"), kind="create", creator="zheng")

    assert refused(request, "zheng") == "approvals.kept_apart"


def test_somebody_the_rule_does_not_name_is_refused():
    assert refused(a_request(alternatives("liu")), "wang") == "approvals.not_yours"


def test_a_later_step_waits_for_the_earlier_one():
    request = a_request(alternatives("liu"), alternatives("wu"))

    assert refused(request, "wu") == "approvals.not_yet"
    approve(request, "liu")
    approve(request, "wu")
    assert request.state == "approved"


def test_request_read_between_its_last_decision_and_its_end_awaits_nobody():
    """A list reads requests and decisions one after the other: whatever is committed in between must not break it."""
    request = a_request(alternatives("liu"))
    approve(request, "liu")
    request.state, request.settled_at = "pending", None

    assert (request.awaited, request.awaits("liu"), request.awaits("wu")) == (frozenset(), False, False)


def test_nobody_decides_twice():
    request = a_request(alternatives("liu", "wu", quorum=2))
    approve(request, "liu")

    with pytest.raises(Conflict) as refusal:
        approve(request, "liu")
    assert refusal.value.code == "approvals.decided_twice"


def test_a_settled_request_is_never_moved():
    request = a_request(alternatives("liu"))
    approve(request, "liu")

    assert refused(request, "liu") == "approvals.settled"
    with pytest.raises(Conflict):
        request.withdraw(person("sun"), NOON)


@pytest.mark.parametrize("reason", ["", ".", " - ", "。", "…"])
def test_a_reason_must_say_something(reason: str):
    with pytest.raises(Invalid) as refusal:
        a_request(alternatives("liu")).decide(person("liu"), "approve", reason, (), NOON)
    assert refusal.value.code == "reason.empty"


def test_a_reason_in_chinese_says_something():
    request = a_request(alternatives("liu"))

    request.decide(person("liu"), "reject", "不同意", (), NOON)

    assert request.state == "rejected"


def test_one_rejection_settles():
    request = a_request(alternatives("liu"), alternatives("wu"))

    decided = request.decide(person("liu"), "reject", "no need shown", (), NOON)

    assert (request.state, decided.state, request.settled().outcome) == ("rejected", "rejected", "rejected")


def test_one_of_the_alternatives_is_enough():
    request = a_request(alternatives("xu", "qian"))
    approve(request, "qian")
    assert request.state == "approved"


def test_a_joint_step_needs_both_in_any_order():
    request = a_request(jointly({"zhao"}, {"wu"}))
    approve(request, "wu")
    assert request.state == "pending"
    approve(request, "zhao")
    assert request.state == "approved"


def test_two_teams_are_both_needed():
    """Two of one team are not one of each."""
    request = a_request(jointly({"liu", "sun2"}, {"wu", "zheng"}))
    approve(request, "liu")
    assert refused(request, "sun2") == "approvals.not_yours"
    approve(request, "zheng")
    assert request.state == "approved"


def test_a_quorum_of_two_is_open_after_one():
    request = a_request(alternatives("zheng", "wu", "liu", quorum=2))
    approve(request, "wu")
    assert request.state == "pending"
    approve(request, "liu")
    assert request.state == "approved"


def test_who_is_needed_later_does_not_use_himself_up_early():
    """Else the chain would hang: two steps, and the same person the only one for the second."""
    request = a_request(alternatives("liu", "wu"), alternatives("wu"))

    assert refused(request, "wu") == "approvals.not_yet"
    approve(request, "liu")
    approve(request, "wu")
    assert request.state == "approved"


def test_a_chain_nobody_can_finish_is_refused_when_raised():
    with pytest.raises(Forbidden) as refusal:
        a_request(alternatives("sun")).open(NOON)
    assert refusal.value.code == "approvals.no_decider"


def test_a_chain_that_needs_more_people_than_there_are_is_refused_when_raised():
    with pytest.raises(Forbidden) as refusal:
        a_request(alternatives("liu", "sun", quorum=2)).open(NOON)
    assert refusal.value.code == "approvals.no_decider"


def test_a_chain_of_no_steps_is_settled_at_once():
    request = a_request()

    raised = request.open(NOON)

    assert (request.state, request.settled_at, raised.chain) == ("approved", NOON, ())


def test_only_who_raised_a_request_withdraws_it():
    request = a_request(alternatives("liu"))

    with pytest.raises(Forbidden) as refusal:
        request.withdraw(person("liu"), NOON)
    assert refusal.value.code == "approvals.not_yours"

    request.withdraw(person("sun"), NOON)
    assert request.settled().outcome == "withdrawn"


def test_the_suite_itself_decides_nothing():
    with pytest.raises(Forbidden):
        a_request(alternatives("liu")).decide(person(None), "approve", "looks right", (), NOON)  # type: ignore[arg-type]


def test_a_stand_in_decides_for_his_principal():
    request = a_request(alternatives("wu", roles=("head",)))
    gao = StandIn("wu", "gao", *WEEK, frozenset({"head"}))

    decided = request.decide(person("gao"), "approve", "for Wu Fang", (gao,), NOON)

    assert (decided.decided_by, decided.acting_for, request.state) == ("gao", "wu", "approved")


def test_a_stand_in_for_one_role_does_not_decide_in_another():
    request = a_request(alternatives("wu", roles=("customer_director",)))

    assert (
        refused(request, "gao", stands_in=(StandIn("wu", "gao", *WEEK, frozenset({"head"})),)) == "approvals.not_yours"
    )


def test_the_requester_does_not_decide_as_somebody_elses_stand_in():
    request = a_request(alternatives("wu", roles=("head",)), raised_by="gao")

    assert refused(request, "gao", stands_in=(StandIn("wu", "gao", *WEEK),)) == "approvals.own_request"


def test_a_stand_in_of_the_requester_is_kept_apart_like_him():
    request = a_request(alternatives("sun", "liu"))

    assert refused(request, "gao", stands_in=(StandIn("sun", "gao", *WEEK),)) == "approvals.kept_apart"


def test_principal_and_stand_in_are_one_voice():
    request = a_request(alternatives("wu", "liu", "zhao", quorum=2))
    approve(request, "wu")

    assert refused(request, "gao", stands_in=(StandIn("wu", "gao", *WEEK),)) == "approvals.decided_twice"


def test_a_stand_in_holds_on_the_days_of_the_period_only():
    one = StandIn("wu", "gao", *WEEK)

    assert [one.holds(date(2026, 10, day)) for day in (11, 12, 16, 17)] == [False, True, True, False]


def test_a_pending_request_says_who_is_awaited():
    request = a_request(alternatives("liu", "sun", "wu", quorum=2), alternatives("wang"))
    approve(request, "liu")

    assert request.awaited == {"wu"}
    approve(request, "wu")
    assert request.awaited == {"wang"}
    approve(request, "wang")
    assert request.awaited == frozenset()


def test_what_the_regime_refuses_is_rejected_at_once_and_says_why():
    request = a_request(kind="change", subject=Subject("change", "c-1", (RECORD,)))

    request.refuse("rule.refused", NOON)

    assert (request.settled().outcome, request.settled().refusal) == ("rejected", "rule.refused")
    assert not request.ends_in_grant


@pytest.mark.parametrize(
    ("kind", "subject", "grant"),
    [
        ("view", Subject("record", RECORD, (RECORD,)), True),
        ("destroy", Subject("disposal", "d-1", (RECORD,), list_hash="h"), True),
        ("create", Subject("class", None, (), "trading.customer"), True),
        ("create", Subject("record", RECORD, (RECORD,)), False),
        ("create", Subject("import", "i-1"), False),
        ("change", Subject("change", "c-1", (RECORD,)), False),
    ],
)
def test_what_waits_at_its_owner_ends_in_no_grant(kind: str, subject: Subject, grant: bool):
    request = a_request(kind=kind, subject=subject)
    request.open(NOON)
    assert request.ends_in_grant is grant


@pytest.mark.covers("Q-531")
def test_a_stricter_step_of_another_rule_stands_for_the_wider_one_but_not_within_one_rule():
    wide, narrow, last = alternatives("he", "liu"), alternatives("liu"), alternatives("chen")

    assert joined([[wide], [narrow, last]]) == (narrow, last)
    assert joined([[wide, narrow, last]]) == (wide, narrow, last)
    assert joined([[wide], [wide]]) == (wide, wide)
    assert joined([[alternatives("he", "liu", quorum=2)], [narrow]]) == (alternatives("he", "liu", quorum=2), narrow)


@pytest.mark.covers("Q-254")
def test_what_a_keeper_has_to_open_counts_from_his_word_and_from_nobody_elses():
    request = a_request(alternatives("liu"), grant={"for": "P1D", "opened_by": ["he"]})

    def opens(name: str) -> str:
        with pytest.raises(Refused) as refusal:
            request.open_grant(person(name), "open", "it is ready", (), NOON)
        return refusal.value.code

    assert opens("he") == "approvals.not_yet"
    approve(request, "liu")
    assert (request.openers, request.awaits("he"), request.awaits("liu")) == ({"he"}, True, False)
    assert (opens("wu"), opens("sun")) == ("approvals.not_yours", "approvals.own_request")
    opened = request.open_grant(person("he"), "refuse", "the pages are loose", (), NOON)
    assert (opened.opened_by, opened.verdict, request.openers) == ("he", "refuse", frozenset())
    assert opens("he") == "approvals.settled"

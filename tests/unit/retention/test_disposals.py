"""A destruction list: parts kept apart, nothing before its time, nothing claimed that is not proved."""

from __future__ import annotations

import pytest

from chassis.clock import rfc3339
from chassis.errors import Conflict, Forbidden
from services.retention.disposal.model import Decision, list_hash
from tests.unit.retention.given import (
    DAY,
    NOON,
    PROOF,
    a_list,
    a_person,
    an_approved_list,
    an_executed_list,
    an_executing_list,
)


def test_the_hash_names_these_records_in_these_versions():
    disposal = a_list()
    other = a_list()
    other.items[1].version += 1

    assert disposal.hash == list_hash(disposal) != list_hash(other)


def test_only_the_author_asks_for_approval():
    with pytest.raises(Forbidden) as refusal:
        a_list().ask(a_person("wu"))

    assert refusal.value.code == "disposal.not_yours"


def test_approval_is_asked_once():
    disposal = a_list()
    disposal.ask(a_person("he"))

    with pytest.raises(Conflict) as refusal:
        disposal.ask(a_person("he"))

    assert refusal.value.code == "disposal.state"


def test_what_is_asked_carries_the_hash_and_the_class_under_its_name():
    data = a_list().ask(a_person("he")).data()

    assert data["class"] == "trading.customer" and data["hash"] == a_list().hash and data["records"] == ["r-1", "r-2"]


@pytest.mark.parametrize("outcome", ["rejected", "withdrawn", "lapsed"])
def test_a_list_that_was_not_approved_is_over(outcome):
    disposal = a_list()
    disposal.ask(a_person("he"))

    disposal.settle(Decision("q-1", outcome, None), None, NOON)

    assert disposal.state == "aborted"


def test_an_approval_of_another_list_does_not_hold():
    disposal = a_list()
    disposal.ask(a_person("he"))

    with pytest.raises(Conflict) as refusal:
        disposal.settle(Decision("q-1", "approved", "g-1", "f" * 64), None, NOON)

    assert refusal.value.code == "disposal.list_changed"


@pytest.mark.parametrize("who", ["he", "wu", "gao"])
def test_author_and_approvers_do_not_witness(who):
    disposal = an_approved_list()

    with pytest.raises(Forbidden) as refusal:
        disposal.attest(a_person(who), None, NOON)

    assert (refusal.value.code, disposal.witness) == ("approvals.kept_apart", None)


def test_a_witness_who_turns_out_to_be_an_approver_is_none():
    """
    Events come in any order: the decision may be heard of after the witness signed.
    """
    disposal = an_approved_list()
    disposal.attest(a_person("ma"), None, NOON)

    disposal.note_approver("ma", 2, rfc3339(NOON))

    with pytest.raises(Conflict) as refusal:
        disposal.start(a_person("he"), "c-1", NOON)
    assert refusal.value.code == "disposal.unwitnessed"


def test_the_witness_signs_for_this_very_list():
    with pytest.raises(Conflict) as refusal:
        an_approved_list().attest(a_person("ma"), "f" * 64, NOON)

    assert refusal.value.code == "disposal.list_changed"


def test_a_list_has_one_witness():
    disposal = an_approved_list()
    disposal.attest(a_person("ma"), None, NOON)

    with pytest.raises(Conflict) as refusal:
        disposal.attest(a_person("xu"), None, NOON)

    assert refusal.value.code == "disposal.witnessed"


def test_nothing_is_witnessed_before_it_is_approved():
    with pytest.raises(Conflict) as refusal:
        a_list().attest(a_person("ma"), None, NOON)

    assert refusal.value.code == "disposal.state"


def test_nothing_is_destroyed_without_a_witness():
    with pytest.raises(Conflict) as refusal:
        an_approved_list().start(a_person("he"), "c-1", NOON)

    assert refusal.value.code == "disposal.unwitnessed"


def test_the_witness_does_not_execute():
    disposal = an_approved_list()
    disposal.attest(a_person("ma"), None, NOON)

    with pytest.raises(Forbidden) as refusal:
        disposal.start(a_person("ma"), "c-1", NOON)

    assert (refusal.value.code, disposal.state) == ("approvals.kept_apart", "approved")


def test_nothing_is_destroyed_before_the_cooling_off_is_over():
    disposal = an_approved_list(wait_until=NOON + 7 * DAY)
    disposal.attest(a_person("ma"), None, NOON)

    with pytest.raises(Conflict) as refusal:
        disposal.start(a_person("he"), "c-1", NOON + 6 * DAY)

    assert (refusal.value.code, disposal.state) == ("disposal.waiting", "waiting")
    assert disposal.start(a_person("he"), "c-1", NOON + 7 * DAY)


def test_execution_begins_once_and_keeps_its_certificate():
    disposal = an_executing_list()

    assert disposal.start(a_person("he"), "c-2", NOON) is None
    assert disposal.certificate == "c-1"


def test_a_list_is_not_finished_while_an_item_is_open():
    with pytest.raises(Conflict) as refusal:
        an_executing_list().finish(NOON)

    assert refusal.value.code == "disposal.unfinished"


@pytest.mark.parametrize(
    "gap",
    [
        {"key_fingerprints": []},
        {"copies": {}},
        {"copies": {**PROOF["copies"], "tokens": "present"}},
        {"attempt": {"failed": False}},
        {"attempt": None},
    ],
)
def test_an_item_without_all_its_proof_is_not_destroyed(gap):
    disposal = an_executing_list()
    disposal.items[0].proceed(disposal.id, False, False, NOON)

    with pytest.raises(Conflict) as refusal:
        disposal.items[0].destroyed(disposal.id, {**PROOF, **gap}, NOON)

    assert (refusal.value.code, disposal.items[0].state) == ("disposal.unproven", "destroying")


def test_an_item_comes_to_its_end_once():
    disposal = an_executing_list()
    disposal.items[0].skip(disposal.id, "held", NOON)

    with pytest.raises(Conflict) as refusal:
        disposal.items[0].destroyed(disposal.id, PROOF, NOON)

    assert refusal.value.code == "disposal.settled"


def test_a_list_with_a_skipped_item_is_partly_executed():
    disposal = an_executing_list()
    disposal.items[0].destroyed(disposal.id, PROOF, NOON)
    disposal.items[1].skip(disposal.id, "held", NOON)

    executed = disposal.finish(NOON)

    assert (executed.state, executed.destroyed, executed.skipped) == ("partly_executed", 1, 1)


def test_a_list_of_destroyed_items_is_executed():
    assert an_executed_list().state == "executed"


def test_what_is_executing_is_no_longer_aborted():
    with pytest.raises(Conflict):
        an_executing_list().abort(a_person("he"))


def test_a_stranger_does_not_abort():
    with pytest.raises(Forbidden) as refusal:
        an_approved_list().abort(a_person("sun"))

    assert refusal.value.code == "disposal.not_yours"


@pytest.mark.parametrize("who", ["he", "gao"])
def test_author_and_approvers_abort(who):
    disposal = an_approved_list(wait_until=NOON + DAY)

    disposal.abort(a_person(who))

    assert disposal.state == "aborted"

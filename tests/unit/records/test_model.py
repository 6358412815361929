"""The record's rules: each refuses first, then changes, then says what happened."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

import pytest

from chassis.errors import Conflict, Forbidden, Invalid, Refused
from regimes.model import Right
from services.records import remaining
from services.records.consents.model import Consent
from services.records.model import TRANSITIONS
from services.records.sealing import check
from tests.unit.records.given import REGIME, a_change, a_record

STATES = ("draft", "pending", "active", "suspended", "past", "archived", "destroying", "destroyed")
TODAY = date(2026, 11, 20)


def consent(**given):
    return Consent(**{"id": "n-1", "purpose": "service", "state": "given", "kind": "simple", "notice": "2026-1",
                      "channel": "counter", **given})  # fmt: skip


# Every rule with a call that holds for an active record at version 2 without a hold.
RULES = {
    "activate": lambda r: r.activate("KH-1"),
    "reject": lambda r: r.reject(),
    "expect": lambda r: r.expect(2),
    "refuse_gone": lambda r: r.refuse_gone(),
    "propose": lambda r: r.propose(a_change(), []),
    "change": lambda r: r.change(a_change(), "sensitive", True, {}),
    "consent": lambda r: consent().take_effect(r),
    "withdraw_consent": lambda r: consent(state="withdrawn", receipt="n-0").take_effect(r),
    "resubmit": lambda r: r.resubmit(),
    "happen": lambda r: r.happen("ended", TODAY, TODAY),
    "freeze": lambda r: r.freeze("h-1"),
    "begin_destruction": lambda r: r.begin_destruction(2, "d-1", "c-1", []),
}
ONLY_IN = {
    "activate": {"pending"},
    "reject": {"pending"},
    "resubmit": {"draft"},
    "happen": {"active", "suspended", "past", "archived"},
    "propose": {"draft", "pending", "active", "suspended"},
    "change": {"draft", "pending", "active", "suspended"},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("rule", RULES)
def test_a_wrong_state_is_always_refused_and_never_changes_anything(rule, state):
    record = a_record(state=state, certificate="c-0")
    before = vars(record).copy()
    allowed = ONLY_IN.get(rule, {*STATES} - {"destroying", "destroyed"})

    if state in allowed:
        RULES[rule](record)
        return
    with pytest.raises(Conflict) as refusal:
        RULES[rule](record)

    gone = state in ("destroying", "destroyed") and rule not in ("activate", "reject")
    assert refusal.value.code == ("record.destroyed" if gone else "record.state")
    assert vars(record) == before
    if gone:
        assert refusal.value.facts == {"certificate": "c-0"}


@pytest.mark.parametrize("to", ["active", "suspended", "past", "archived", "destroyed"])
@pytest.mark.parametrize("state", STATES)
def test_states_follow_their_order_only(state, to):
    record = a_record(state=state)

    if to in TRANSITIONS.get(state, ()):
        moved = record.move(to, frozen=False)
        assert (moved.before, moved.state, record.version, moved.record_version) == (state, to, 3, 3)
        return
    with pytest.raises(Conflict):
        record.move(to, frozen=False)
    assert (record.state, record.version) == (state, 2)


def test_only_archiving_is_stopped_by_a_hold():
    with pytest.raises(Conflict) as refusal:
        a_record(state="past").move("archived", frozen=True)

    assert refusal.value.code == "hold.active"
    assert a_record().move("past", frozen=True).state == "past"


def test_a_number_is_given_with_activation_and_told():
    record = a_record(state="pending", version=1)

    told = record.activate("KH-2026-000001")

    assert (record.state, record.number, record.version) == ("active", "KH-2026-000001", 2)
    assert (told.number, told.state, told.record_version) == ("KH-2026-000001", "active", 2)


def test_a_rejected_record_is_a_draft_again():
    record = a_record(state="pending", version=1)

    assert record.reject().state == record.state == "draft"


def test_an_older_version_is_refused_and_the_newer_named():
    with pytest.raises(Conflict) as refusal:
        a_record().expect(1)

    assert (refusal.value.code, refusal.value.facts) == ("record.stale", {"version": 2})


def test_originals_stay_as_they_are():
    with pytest.raises(Forbidden) as refusal:
        a_record().propose(a_change(), ["basic.scan"])

    assert (refusal.value.code, refusal.value.facts) == ("rule.refused", {"fields": ["basic.scan"]})


def test_a_proposed_change_tells_names_and_no_value():
    told = a_record().propose(a_change(sealed={"contact": b"sealed"}), [])

    assert (told.change, told.mode, told.fields, told.evidence) == (
        "c-1", "customer", ["contact.mobile"], ["customer_request"],
    )  # fmt: skip
    assert "sealed" not in {field for field in told.data() if field != "level"}


def test_a_change_makes_a_new_version_and_none_of_a_closed_record():
    record = a_record()

    told = record.change(a_change(), "highly_sensitive", False, {"basic.region": "澄州"})

    assert (told.record_version, told.level, told.fields) == (3, "highly_sensitive", ["contact.mobile"])
    assert (record.complete, record.facets) == (False, {"basic.region": "澄州"})
    record.state = "past"
    with pytest.raises(Conflict) as refusal:
        record.change(a_change(), "sensitive", True, {})
    assert refusal.value.code == "record.state"


TOUCHED = [
    ({"contact.mobile"}, True),
    ({"contact"}, True),
    ({"basic.country"}, True),
    ({"contact.email", "basic.name"}, False),
    (set(), False),
]


@pytest.mark.parametrize("touched, refused", TOUCHED)
def test_a_change_is_overtaken_by_changes_of_what_it_is_about_and_of_nothing_else(touched, refused):
    found = REGIME.classes["company.customer"]

    with pytest.raises(Conflict) if refused else nullcontext():
        a_change().refuse_overtaken(touched, found)


def test_a_change_that_lapses_says_why_and_changes_nothing():
    record = a_record()
    before = vars(record).copy()

    assert record.lapse(a_change(), "rejected").why == "rejected"
    assert vars(record) == before


def test_a_settled_change_is_not_settled_again():
    change = a_change()
    change.settle("applied")

    with pytest.raises(Conflict) as refusal:
        change.settle("lapsed")
    assert refusal.value.code == "change.settled" and change.state == "applied"


def test_consent_is_given_and_taken_back_by_receipts():
    record = a_record(purposes={})

    given = consent().take_effect(record)
    assert (given.consent, given.consented, given.notice, record.purposes) == (
        "n-1", "service", "2026-1", {"service": "given"},
    )  # fmt: skip
    withdrawn = consent(id="n-2", state="withdrawn", receipt="n-1").take_effect(record)

    assert (withdrawn.consent, withdrawn.consented, record.purposes) == ("n-2", "service", {"service": "withdrawn"})
    assert record.version == 2, "an answer of the customer makes nobody's ETag stale"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda r: consent(notice="").take_effect(r), "consent.without_notice"),
        (lambda r: consent(purpose="marketing", state="withdrawn").take_effect(r), "consent.not_given"),
        (lambda r: r.happen("ended", date(2026, 11, 21), TODAY), "event.in_future"),
        (lambda r: r.begin_destruction(2, "d-1", "c-1", ["h-1"]), "hold.active"),
        (lambda r: r.begin_destruction(1, "d-1", "c-1", []), "record.changed_since_plan"),
        (lambda r: r.begin_destruction(1, "d-1", "c-1", ["h-1"]), "hold.active"),
    ],
)
def test_what_a_rule_forbids_is_refused_and_changes_nothing(act, code):
    record = a_record()
    before = vars(record).copy()

    with pytest.raises(Refused) as refusal:
        act(record)

    assert refusal.value.code == code and vars(record) == before
    assert isinstance(refusal.value, Conflict | Invalid)


def test_a_consent_taken_back_twice_is_refused():
    record = a_record(purposes={"service": "withdrawn"})

    with pytest.raises(Conflict):
        consent(state="withdrawn").take_effect(record)


def test_a_milestone_is_the_newest_day_of_its_fact():
    record = a_record(milestones={"ended": "2026-05-05"})

    told = record.happen("ended", date(2026, 1, 1), TODAY)

    assert record.milestones == {"ended": "2026-05-05"} and (told.happened, told.on) == ("ended", "2026-01-01")


@pytest.mark.parametrize(
    ("right", "shown"),
    [
        (Right("all"), {"basic.region", "contact.since"}),
        (Right("some", parts=("contact",)), {"contact.since"}),
        (Right("others", parts=("credit",)), set()),
        (Right("there", place="reading_room"), set()),
    ],
)
def test_what_stays_is_told_as_far_as_a_right_would_have_shown_it_anywhere(right, shown):
    told = remaining.told({"basic.region": "澄州", "contact.since": "2024-03-01"}, [right])

    assert told.get("stub", {}).keys() == shown


def test_what_was_kept_first_stays():
    record = a_record(state="destroying")

    record.keep({"basic.region": "澄州"})
    record.keep({})

    assert record.stub == {"basic.region": "澄州"}


def test_destruction_leaves_a_stub():
    record = a_record(facets={"basic.region": "澄州"})

    begun = record.begin_destruction(2, "d-1", "c-1", [])
    done = record.finish_destruction("d-1", {"basic": "ab"})

    assert (begun.state, begun.disposal, begun.certificate) == ("destroying", "d-1", "c-1")
    assert (done.state, done.certificate, done.key_fingerprints) == ("destroyed", "c-1", {"basic": "ab"})
    assert (record.facets, record.purposes, record.state) == ({}, {}, "destroyed")


def test_the_other_facts_carry_the_envelope():
    record = a_record(import_id="i-1")

    told = [record.created(), record.imported(), record.freeze("h-1"), record.unfreeze("h-1")]

    assert {one.record for one in told} == {"r-1"} and {one.record_version for one in told} == {2}
    assert told[1].import_id == "i-1" and [one.hold for one in told[2:]] == ["h-1", "h-1"]
    assert a_record().envelope()["class"] == "company.customer" and "facets" not in a_record().envelope()


def test_a_core_table_with_a_wrong_cell_is_not_called_missing():
    plan = REGIME.classes["follow_up_plan"]

    with pytest.raises(Invalid) as refusal:
        check(plan, {"form.date": "2026-11-20", "form.plan": [{"measure": "call"}]}, REGIME)

    told = {error["pointer"] for error in refusal.value.facts["errors"]}
    assert told == {"/fields/form.plan/0/owner", "/fields/form.plan/0/until"}

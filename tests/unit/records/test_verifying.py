"""Facts about fields without their values: who supplied, who verified, what is stale; and what counts as a check."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.errors import Refused
from services.records.verifying.model import Checked, Facts, PartVersion, Verification, methods_of, state_of
from services.records.verifying.needs import Proofs
from tests.unit.records.classified import TOGETHER, regime
from tests.unit.records.given import COMPANY, NOON, REGIME, a_record

MOBILE, NAME = "contact.mobile", "basic.name"
LENIENT = regime({}, apart=TOGETHER)


def facts(*looks, changes=(), mobile=True, **more):
    contact = ("contact.person", MOBILE) if mobile else ("contact.person",)
    versions = [
        PartVersion("basic", 1, [NAME], (NAME, "~reason"), "zheng", NOON),
        PartVersion("contact", 1, [*contact], () if changes else contact, "zheng", NOON),
        *changes,
    ]
    return Facts(COMPANY, tuple(versions), looks, **more)


def changed(by="wu", filled=("contact.person", MOBILE)):
    return PartVersion("contact", 2, [MOBILE], filled, by, NOON + timedelta(days=9), "c-1")


def a_look(field=MOBILE, result="confirmed", version=1, id="v-1", by="he"):
    return Verification(id, "r-1", field, version, "call_back", "customer", result, by, NOON + timedelta(days=1))


def said(**given):
    return Checked(
        **{"id": "v-1", "field": MOBILE, "result": "confirmed", "source": "customer", "method": "call_back", **given}
    )


@pytest.mark.covers("Q-033", "Q-040")
def test_each_field_keeps_who_supplied_and_who_verified_it():
    known = facts(a_look(), changes=[changed()])

    assert (known.supplied[MOBILE].by, known.supplied[NAME].by, known.supplied[MOBILE].change) == ("wu", "zheng", "c-1")
    assert facts(a_look()).live[MOBILE].by == "he"


@pytest.mark.covers("Q-033")
def test_a_change_of_the_field_makes_its_verification_stale_and_a_new_look_makes_it_good_again():
    assert facts(a_look()).verified == {MOBILE}
    assert facts(a_look(), changes=[changed()]).verified == frozenset()
    assert facts(a_look(), a_look(version=2, id="v-2"), changes=[changed()]).verified == {MOBILE}
    assert facts(a_look(), changes=[changed(filled=("contact.person",))]).verified == frozenset()


STATES = [
    ((), (), "unverified"),
    ((a_look(),), (), "verified"),
    ((a_look(result="wrong"),), (), "wrong"),
    ((a_look(result="wrong"),), (changed(),), "corrected"),
    ((a_look(),), (changed(),), "stale"),
    ((a_look(result="not_possible"),), (), "not_possible"),
    ((), (changed(filled=("contact.person",)),), "empty"),
]


@pytest.mark.covers("Q-034", "Q-039")
@pytest.mark.parametrize("looks, changes, state", STATES, ids=[state for *_, state in STATES])
def test_a_field_says_how_far_it_is(looks, changes, state):
    assert state_of(facts(*looks, changes=changes), MOBILE) == state


NO_CHECK = [
    (said(method="in_person"), "verification.method"),
    (said(method=None), "verification.method"),
    (said(field=NAME, method=None), "verification.method"),
    (said(result="not_possible", method=None), "verification.reason"),
    (said(field="contact.shoe"), "field.unknown"),
    (said(field="contact.fax"), "verification.nothing"),
]


@pytest.mark.covers("Q-034")
@pytest.mark.parametrize("one, code", NO_CHECK, ids=[f"{one.field} {code}" for one, code in NO_CHECK])
def test_a_key_field_is_checked_by_its_own_method_and_what_is_not_possible_needs_a_reason(one, code):
    with pytest.raises(Refused) as refused:
        facts().check(one, a_record(), "he", NOON, REGIME)

    assert refused.value.code == code


@pytest.mark.covers("Q-033", "Q-035")
def test_whoever_supplied_a_field_does_not_verify_it_where_the_regime_keeps_the_two_apart():
    with pytest.raises(Refused) as refused:
        facts().check(said(), a_record(), "zheng", NOON, REGIME)

    assert refused.value.code == "verification.own"
    assert facts().check(said(), a_record(), "zheng", NOON, LENIENT).by == "zheng"
    assert facts().check(said(), a_record(), "he", NOON, REGIME).part_version == 1
    assert facts(changes=[changed(by="he")]).check(said(), a_record(), "zheng", NOON, REGIME).part_version == 2


@pytest.mark.covers("Q-041", "Q-200")
def test_figures_count_core_and_key_fields_and_how_long_ago_anybody_confirmed_anything():
    later = NOON + timedelta(days=41)

    one = facts(a_look()).figures(later, 365)

    assert (one.core, one.core_filled, one.to_verify, one.verified, one.age_days) == (2, 2, 3, 1, 40)
    assert facts(mobile=False).figures(later, 365).to_verify == 2, "what nobody gave need not be verified"
    assert facts(stated_at=later).figures(later, 365).age_days == 0
    assert facts(a_look()).unchecked == ["basic.name", "contact.person"]
    assert facts(a_look(result="not_possible"), mobile=True).unchecked == ["basic.name", "contact.person"]


def test_the_methods_of_a_class_are_a_closed_list_with_what_the_regime_names():
    assert "call_back" in methods_of(COMPANY) and len(methods_of(COMPANY)) == len(set(methods_of(COMPANY)))


class Look:
    """What a piece of work would look up."""

    def facts(self, record, regime):
        return facts(a_look())

    def was_read(self, person, classes, since, now, record):
        asked = (person, classes, record) == ("zheng", ["company.customer"], a_record().id)
        return asked and since == NOON - timedelta(days=30)

    def has_entry(self, classes, record, person, on, this):
        return False

    def kinds_given(self, record, purposes):
        return {"express"} if "service" in purposes else set()

    def file_of(self, record):
        return type("File", (), {"held": staticmethod(lambda kind: [kind] if kind == "identity" else [])})


NEEDED = [
    ({"filled": "core"}, []),
    ({"filled": ["contact.fax"]}, ["filled contact.fax"]),
    ({"verified": [MOBILE, NAME]}, ["verified basic.name"]),
    ({"read": "company.customer", "within": "P30D"}, []),
    ({"read": "trading.customer", "within": "P30D"}, ["read trading.customer"]),
    ({"document": "identity"}, []),
    ({"document": ["agreement", "evidence"]}, []),
    ({"document": "agreement"}, ["document agreement"]),
    ({"consent": "simple"}, []),
    ({"consent": "express"}, []),
    ({"consent": "own"}, ["consent own"]),
    ({"entry": "training", "by": "applicant"}, ["entry training"]),
    ({"without": "loan.open"}, ["without loan.open"]),
]


@pytest.mark.covers("Q-033", "Q-037")
@pytest.mark.parametrize("need, lacking", NEEDED, ids=[str(need) for need, _ in NEEDED])
def test_a_proof_that_records_cannot_see_counts_as_missing(need, lacking):
    proofs = Proofs(Look(), a_record(complete=True), REGIME, "zheng", NOON, ("evidence",))

    assert proofs.unmet((need,)) == lacking

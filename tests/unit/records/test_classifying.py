"""Schemes and levels: who may set them, what they demand, what a lower one needs."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.errors import Refused
from regimes.envelopes import completed
from services.records.classifying import grading, levels
from services.records.classifying.model import Suggestion, Wanted, scheme_named, spoken
from tests.unit.records.classified import SCHEMES, only, regime
from tests.unit.records.given import COMPANY, PEOPLE, REGIME, a_record

TODAY = date(2026, 11, 20)
HE = PEOPLE["he"]


def wanted(record, regime, name, value, **other):
    return Wanted(record, regime, value, scheme_named(record, regime, name), **other)


def refusal(call, *args):
    with pytest.raises(Refused) as refused:
        call(*args)
    return refused.value


WORDS = [
    ("secrecy", "public", "general"),
    ("secrecy", "company_secret", "sensitive"),
    ("secrecy", None, "highly_sensitive"),
    ("privacy", "intimate", "highly_sensitive"),
    ("content", "business", "sensitive"),
    ("nature", "transaction", None),
    ("tier", "company", "highly_sensitive"),
    ("storage", "important", "sensitive"),
    ("storage", "retired_word", "highly_sensitive"),
]


@pytest.mark.covers("Q-092", "Q-093", "Q-094", "Q-095", "Q-096", "Q-097", "Q-099")
@pytest.mark.parametrize("scheme, value, level", WORDS)
def test_every_secrecy_wording_maps_to_one_ranked_list_and_what_is_unset_or_unknown_to_its_word_for_that(
    scheme, value, level
):
    found = only(scheme)

    assert levels.of_value(found, found.schemes[scheme], value) == level


@pytest.mark.covers("Q-098")
def test_a_record_is_as_high_as_its_highest_field_and_its_schemes():
    found = only("storage")

    for storage, fields, level in [
        ("core", "general", "highly_sensitive"),
        ("general", "sensitive", "sensitive"),
        ("important", "general", "sensitive"),
    ]:
        assert levels.of_record(a_record(schemes={"storage": storage}), fields, found) == level


@pytest.mark.covers("Q-098")
def test_a_change_raises_a_level_and_never_lowers_it():
    """
    The value that was taken away is still in the version before.
    """
    assert levels.risen(a_record(level="highly_sensitive"), "general", REGIME) == "highly_sensitive"
    assert levels.risen(a_record(level="general"), "sensitive", REGIME) == "sensitive"


@pytest.mark.covers("Q-096", "Q-098")
def test_what_is_classified_higher_protects_every_field_and_shows_no_mask_of_a_lower_style():
    name, mobile = COMPANY.fields["basic.name"], COMPANY.fields["contact.mobile"]

    assert levels.protected(name, "sensitive", REGIME).level == "sensitive"
    assert levels.protected(name, "sensitive", REGIME).mask == "all"
    assert levels.protected(mobile, "sensitive", REGIME) is mobile
    assert levels.protected(mobile, None, REGIME) is mobile


@pytest.mark.covers("Q-090")
def test_a_scheme_is_set_by_whom_the_regime_names_and_a_refusal_names_them():
    found, record = only("nature"), a_record()

    assert refusal(wanted(record, found, "nature", "basic").refuse, PEOPLE["zheng"]).facts["set_by"] == "archivist"
    assert refusal(wanted(record, found, "nature", "basic").refuse, PEOPLE["zheng"]).code == "scheme.set_by"
    assert refusal(wanted(record, found, "nature", "secret").refuse, HE).code == "scheme.value"
    assert refusal(scheme_named, record, found, "colour").code == "scheme.unknown"
    wanted(record, found, "nature", "basic").refuse(HE)
    assert (
        spoken({"any_of": [{"role": "head", "in": "sales"}, {"person": "keeper"}]}) == "head in sales or person keeper"
    )


@pytest.mark.covers("Q-090", "Q-101")
def test_a_value_that_is_set_leaves_a_line_with_who_from_what_and_to_what():
    found, record = only("nature"), a_record()

    line, told = wanted(record, found, "nature", "transaction").take("c-1", "he", TODAY)

    assert (line.before, line.value, line.by, line.record_version) == (None, "transaction", "he", 3)
    assert record.schemes == {"nature": "transaction"} and record.version == 3
    assert [one.type for one in told] == ["records.scheme_set"]
    assert record.envelope()["nature"] == "transaction"


@pytest.mark.covers("Q-096")
def test_a_record_is_kept_by_whom_its_scheme_value_names():
    found, record = only("tier"), a_record(schemes={"tier": "individual"})

    for value, keeper in [("individual", {"person": "responsible"}), ("company", {"role": "head", "in": "sales"})]:
        record.schemes = {"tier": value}
        assert completed(found, record.envelope())["keeper"] == keeper
    record.schemes = {}
    assert completed(found, record.envelope())["tier"] == "department"


@pytest.mark.covers("Q-100")
def test_less_protection_is_a_proposal_and_more_is_done_at_once():
    found, record = only("storage"), a_record(schemes={"storage": "important"})

    assert wanted(record, found, "storage", "general").lowers
    assert not wanted(record, found, "storage", "core").lowers
    assert Wanted(record, found, "general").lowers and not Wanted(record, found, "highly_sensitive").lowers
    first = wanted(a_record(), only("secrecy"), "secrecy", "company_secret")
    assert not first.lowers, "what nobody classified is the highest only until somebody who may does"


@pytest.mark.covers("Q-098", "Q-100")
def test_nobody_can_lower_a_record_below_its_fields_or_schemes():
    found = only("storage")
    record = a_record(level="highly_sensitive", raised="highly_sensitive", schemes={"storage": "important"})

    assert refusal(Wanted(record, found, "general").refuse_below, "general").facts == {"level": "sensitive"}
    Wanted(record, found, "sensitive").refuse_below("sensitive")
    line, told = Wanted(record, found, "sensitive").take("c-1", "he", TODAY, "sensitive", "c-1")

    assert (record.level, record.raised, line.before, line.downgrade) == ("sensitive", None, "highly_sensitive", "c-1")
    assert [one.before for one in told] == ["highly_sensitive"]


def test_a_term_of_secrecy_is_a_milestone_for_its_review_and_goes_with_the_value():
    found, record = only("tier"), a_record()

    line, told = wanted(record, found, "tier", "company").take("c-1", "he", TODAY)
    assert (line.until, record.milestones) == (date(2027, 11, 20), {"tier_review": "2027-11-20"})
    assert [one.type for one in told] == ["records.scheme_set", "records.classified"]
    assert (record.level, told[0].until) == ("highly_sensitive", "2027-11-20")

    wanted(record, found, "tier", "department").take("c-2", "he", TODAY, "sensitive", "c-2")
    assert record.milestones == {} and record.level == "sensitive"


@pytest.mark.covers("Q-101")
def test_the_first_criteria_that_hold_are_the_grade_and_another_wording_is_another_version():
    scheme = only("grade").schemes["grade"]
    other = regime({"grade": {**SCHEMES["grade"], "values": {**SCHEMES["grade"]["values"], "top": {
        "en": "Top", "zh": "顶级", "criteria": {"credit.limit": {"above": "900000"}}}}}}).schemes["grade"]  # fmt: skip

    assert [grading.fitting(scheme, {"credit": {"limit": limit}}) for limit in ("500000.00", "12")] == ["key", "plain"]
    assert grading.fitting(scheme, {"credit": {}}) is None
    assert grading.digest_of(scheme) not in (None, grading.digest_of(other))
    assert grading.digest_of(only("nature").schemes["nature"]) is None


@pytest.mark.covers("Q-101")
def test_a_suggestion_is_confirmed_only_for_the_version_and_criteria_it_was_made_for():
    found, record = only("grade"), a_record()
    scheme, digest = found.schemes["grade"], grading.digest_of(found.schemes["grade"])
    made = Suggestion("s-1", "r-1", "grade", "key", str(digest), 2)

    line, _ = grading.wanted(record, found, scheme, "plain", made).take("c-1", "he", TODAY)
    assert (line.criteria, line.suggested, line.value) == (digest, "key", "plain")

    stale = [
        (made, 3),
        (Suggestion("s-1", "r-1", "grade", "key", "0" * 64, 2), 2),
        (Suggestion("s", "r-2", "grade", "key", str(digest), 2), 2),
    ]
    for suggestion, version in stale:
        record.version = version
        assert refusal(grading.wanted, record, found, scheme, "key", suggestion).code == "suggestion.stale"


def test_nobody_sets_anything_on_a_record_that_is_gone():
    record = a_record(state="destroyed", certificate="f-1")

    assert refusal(wanted(record, only("nature"), "nature", "basic").refuse, HE).code == "record.destroyed"

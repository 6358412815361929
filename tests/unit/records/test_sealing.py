"""From what somebody typed to what is stored and back: any valid values survive, and masks show little."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Invalid, Refused
from demo.data import credit_code, resident_id
from services.records import sealing
from services.records.sealing import REASON
from tests.unit.records.given import COMPANY, FIELDS, REGIME, TRADING
from vault.envelope import PartContext, open_part
from vault.tokens import Blind

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
VALUES = {
    "basic.name": words,
    "basic.kind": st.sampled_from(["enterprise", "individual"]),
    "basic.credit_code": st.integers(0, 99_999_999).map(credit_code),
    "basic.id_number": st.integers(0, 999).map(resident_id),
    "contact.mobile": st.integers(0, 9999).map(lambda n: f"1990000{n:04d}"),
    "contact.email": st.from_regex(r"[a-z]{1,12}\.?[a-z0-9]{1,8}@example\.com", fullmatch=True),
    "contact.address": words,
    "business.since": st.dates().map(str),
    "credit.limit": st.decimals(0, 10**9, places=2).map(str),
    "interaction.visits": words,
    "other.remark": words,
}


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({}, optional=VALUES))
def test_any_values_the_regime_accepts_come_back_as_they_were(raw):
    try:
        values = sealing.check(COMPANY, raw, REGIME, whole=False)
    except Invalid:
        return
    dek = os.urandom(32)
    for part, own in sealing.by_part(values).items():
        context = PartContext("r-1", part, 1)
        opened = open_part(dek, context, sealing.seal(dek, context, COMPANY, own, "why", REGIME))

        assert {path: opened.value(path).decode() for path in opened.fields if path != REASON} == own
        assert opened.value(REASON) == b"why"
        for path in opened.masked:
            mask = opened.mask(path).decode()
            assert mask != own[path] and len(own[path].replace(mask.strip("*"), "", 1)) >= min(1, len(own[path]) - 1)
        general = {path for path in own if COMPANY.fields[path].level == "general"}
        assert general.isdisjoint(opened.masked)


@given(st.fixed_dictionaries({}, optional=VALUES))
@settings(max_examples=100, deadline=None)
def test_checking_twice_changes_nothing(raw):
    """
    A stored value goes through the same rules when the record is changed.
    """
    try:
        values = sealing.check(COMPANY, raw, REGIME, whole=False)
    except Invalid:
        return

    assert sealing.check(COMPANY, values, REGIME, whole=False) == values


@pytest.mark.covers("Q-108")
def test_a_version_of_another_part_record_or_number_does_not_open():
    dek, context = os.urandom(32), PartContext("r-1", "p-1", 1)
    sealed = sealing.seal(dek, context, COMPANY, {"basic.name": "星澜"}, "", REGIME)

    for other in (PartContext("r-2", "p-1", 1), PartContext("r-1", "p-2", 1), PartContext("r-1", "p-1", 2)):
        with pytest.raises(Refused):
            open_part(dek, other, sealed)


def test_every_problem_is_told_at_once_and_no_value_with_it():
    with pytest.raises(Invalid) as refusal:
        sealing.check(COMPANY, {"contact.mobile": "1990000", "basic.shoe": "42", "contact.person": None}, REGIME)

    errors = refusal.value.facts["errors"]
    assert {error["pointer"].removeprefix("/fields/") for error in errors} == {
        "contact.mobile", "basic.shoe", "basic.name", "contact.person",
    }  # fmt: skip
    assert "1990000" not in str(errors)
    assert [e["code"] for e in errors if e["pointer"] == "/fields/basic.name"] == ["field.missing"]


def test_a_record_is_as_high_as_its_highest_field():
    def level(*paths):
        return sealing.level_of(COMPANY, paths, REGIME)

    assert [level(), level("basic.name"), level("basic.name", "contact.mobile")] == ["general", "general", "sensitive"]
    assert level("contact.address", "basic.name") == "highly_sensitive"


def test_only_declared_facets_stand_in_clear():
    values = {**FIELDS, "basic.region": "澄州", "basic.kind": "enterprise"}

    assert sealing.facets_of(COMPANY, values) == {"basic.region": "澄州", "basic.kind": "enterprise"}
    assert all(COMPANY.fields[path].level == "general" for path in COMPANY.facets)


def test_two_spellings_meet_in_one_token_and_two_fields_never_do():
    blind = Blind(os.urandom(32))
    one = sealing.tokens_of(TRADING, {"basic.name": "ＡＢＣ 贸易", "basic.credit_code": "91X"}, blind)
    two = sealing.tokens_of(TRADING, {"basic.name": "abc贸易", "basic.credit_code": "abc贸易"}, blind)

    assert one["basic.name"] == two["basic.name"] != two["basic.credit_code"]
    assert set(sealing.tokens_of(COMPANY, {"basic.name": "星澜"}, blind)) == set()
    other = sealing.tokens_of(TRADING, {"basic.name": "abc贸易"}, Blind(os.urandom(32)))
    assert other["basic.name"] != one["basic.name"], "another index key"


def test_a_filing_unit_is_known_by_all_of_its_fields_only():
    blind = Blind(os.urandom(32))

    assert sealing.unit_of(COMPANY, FIELDS, blind) is None
    assert sealing.unit_of(TRADING, {"basic.name": "星澜"}, blind) is None
    one, same, other = (sealing.unit_of(TRADING, {"basic.credit_code": code}, blind) for code in ("91X", "91x ", "91Y"))
    assert one == same != other

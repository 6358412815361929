"""A new record: what must be given, by whom, for what; refused before anything is made."""

from __future__ import annotations

import pytest

from chassis.errors import Forbidden, Invalid, Refused
from services.records.consents.asking import EXPLICIT, new_consent
from services.records.creating import Draft, class_named
from tests.unit.records.given import COMPANY, CONSENT, FIELDS, PEOPLE, REGIME, keys, stored

ARGS = {"class_": "company.customer", "fields_": FIELDS, "consents": [CONSENT], "purposes": []}


def draft(person="zheng", import_id=None, granted=None, **given):
    more = {"granted": granted} if granted else {}
    return Draft.of({**ARGS, **given}, PEOPLE[person], REGIME, import_id, **more)


def test_a_draft_is_checked_and_knows_level_completeness_facets_and_purposes():
    made = draft(fields_={**FIELDS, "basic.region": " 澄州 ", "contact.address": "青榆路12号"})

    record = made.record
    assert (record.state, record.version, record.creator, record.responsible) == ("pending", 1, "zheng", "zheng")
    assert (record.level, record.complete, record.purposes) == ("highly_sensitive", True, {"service": "given"})
    assert record.facets == {"basic.region": "澄州"} and record.regime == REGIME.digest
    assert made.values["contact.mobile"] == "+8619900001234" and set(made.parts) == {"basic", "contact"}


def test_each_part_is_sealed_under_a_key_of_its_own_and_opens_again():
    made, own = draft(), keys(2)

    parts = stored(made.seal(own, "first entry"))

    assert [part.key for part in parts.values()] == ["k-0", "k-1"]
    opened = parts["contact"].open(made.record.id, own[1].dek)
    assert opened.value("contact.mobile").decode() == "+8619900001234"
    assert opened.mask("contact.mobile").decode() == "****1234" and opened.value("~reason") == b"first entry"
    with pytest.raises(Refused):
        parts["contact"].open(made.record.id, own[0].dek)
    with pytest.raises(ValueError):
        made.seal(keys(1))


@pytest.mark.parametrize(
    ("given", "refusal", "code"),
    [
        ({"class_": "company"}, Invalid, "class.unknown"),
        ({"department": "sales"}, Forbidden, "right.missing"),
        ({"consents": [], "purposes": []}, Invalid, "purpose.missing"),
        ({"purposes": ["trade"]}, Invalid, "purpose.unknown"),
        ({"consents": [], "purposes": ["service"]}, Forbidden, "consent.missing"),
        ({"consents": [], "purposes": ["contract"]}, Forbidden, "consent.missing"),
        ({"purposes": ["marketing"]}, Forbidden, "consent.missing"),
        ({"consents": [{**CONSENT, "purpose": "marketing"}]}, Forbidden, "consent.missing"),
        ({"consents": [{**CONSENT, "purpose": "trade"}]}, Invalid, "purpose.unknown"),
        ({"consents": [{**CONSENT, "notice": "2020-1"}]}, Invalid, "consent.without_notice"),
        ({"consents": [{**CONSENT, "purpose": "marketing", "kind": "express"}],
          "fields_": {**FIELDS, "credit.payment": "late"}}, Invalid, "purpose.scope"),
        ({"fields_": {**FIELDS, "basic.shoe": "42"}}, Invalid, "record.invalid"),
        ({"fields_": {"basic.name": "星澜"}}, Invalid, "record.invalid"),
        ({"fields_": {**FIELDS, "contact.person": "  "}}, Invalid, "record.invalid"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_refused(given, refusal, code):
    with pytest.raises(refusal) as refused:
        draft(**given)

    assert refused.value.code == code


def test_the_right_comes_before_what_is_wrong_with_the_fields():
    """
    Nobody learns of a class's rules who may not enter its records.
    """
    with pytest.raises(Forbidden) as refused:
        draft("sun", fields_={"basic.shoe": "42"}, consents=[], department="service")

    assert (refused.value.code, refused.value.facts) == ("right.missing", {"request_kind": "create"})


def test_only_the_departments_that_collect_a_class_own_its_records():
    """
    Finance is a department whose members serve their own records, but it collects none of this class.
    """
    assert [draft(person).record.department for person in ("sun", "he")] == ["sales", "service"]
    with pytest.raises(Forbidden):
        draft("qian")
    with pytest.raises(Forbidden) as refused:
        draft("qian", granted=lambda *_: {"id": "g-1"}, department="finance")
    assert refused.value.code == "right.missing" and "service, sales" in refused.value.detail


def test_an_import_needs_the_right_to_import_and_nobody_to_be_asked():
    made = draft(import_id="i-1", consents=[], purposes=["contract"])

    assert made.record.import_id == "i-1" and made.consents == [] and made.record.purposes == {"contract": "named"}
    with pytest.raises(Forbidden):
        draft("sun", import_id="i-1", consents=[], purposes=["contract"], department="service")


def test_without_a_right_a_grant_is_looked_for_with_class_and_purposes():
    asked = []

    def granted(record, purposes):
        asked.append((record.class_, record.department, purposes))
        return {"id": "g-1"}

    made = draft("sun", granted=granted, department="service", purposes=["contract"])

    assert made.grant == {"id": "g-1"} and made.record.creator == "sun"
    assert asked == [("company.customer", "service", ["contract", "service"])]
    assert draft(granted=granted).grant is None and len(asked) == 1, "who has a right uses no grant"


@pytest.mark.parametrize("kind", EXPLICIT)
def test_a_consent_may_be_more_explicit_than_asked_but_not_less(kind):
    given = {**CONSENT, "purpose": "marketing", "kind": kind}

    if kind == "simple":
        with pytest.raises(Forbidden) as refused:
            new_consent(COMPANY, REGIME, given)
        assert refused.value.facts == {"purpose": "marketing"}
    else:
        assert new_consent(COMPANY, REGIME, given).kind == kind


def test_an_unknown_class_is_answered_with_those_there_are():
    with pytest.raises(Invalid) as refused:
        class_named(REGIME, "customer")

    [error] = refused.value.facts["errors"]
    assert error["pointer"] == "/class" and "company.customer" in error["detail"]

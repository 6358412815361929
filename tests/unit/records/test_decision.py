"""Who sees what of which field: some ten thousand cells against an oracle written by hand from the regime's text."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from chassis.errors import Conflict, Forbidden, Invalid
from services.records.reading import Seen
from tests.unit.records.given import NOON, PEOPLE, REGIME, a_grant, a_record

LEVEL = {"basic.name": 1, "basic.id_number": 3, "contact.position": 1, "contact.mobile": 2, "contact.address": 3,
         "business.segment": 1, "credit.grade": 2}  # fmt: skip
FIELDS = list(LEVEL)
# What each may see without asking: the service department up to sensitive, whoever answers for it all of it, the
# archivist up to sensitive, every employee the general level, the system administrator nothing.
REACH = {"zheng": 3, "wu": 2, "he": 2, "sun": 1, "qian": 1, "ma": 0}
CONSENTED = {"service": ("basic", "contact", "business", "credit"), "marketing": ("basic", "contact", "business")}
PURPOSES = ("service", "marketing", "contract", "archive_use")
NAMED = {"contract": "named"}
CONSENTS = {"given": {"service": "given", "marketing": "given", **NAMED}, "none": NAMED, "nothing named": {},
            "withdrawn": {"service": "withdrawn", "marketing": "withdrawn", **NAMED}}  # fmt: skip
# Name of a grant -> the grant of a person for a purpose, and the fields it opens (None = all, "" = nothing).
GRANTS = {
    "no grant": (lambda *_: [], ""),
    "one field": (lambda p, u: [a_grant(person=p, purpose=u, fields=("contact.address",))], "contact.address"),
    "a part": (lambda p, u: [a_grant(person=p, purpose=u, fields=("contact",))], "contact"),
    "all": (lambda p, u: [a_grant(person=p, purpose=u)], None),
    "for another purpose": (lambda p, u: [a_grant(person=p, purpose="trade")], ""),
    "another's": (lambda p, u: [a_grant(person="liu", purpose=u)], ""),
    "of another record": (lambda p, u: [a_grant(person=p, purpose=u, records=("r-2",))], ""),
    "to borrow": (lambda p, u: [a_grant(person=p, purpose=u, mode="borrow")], ""),
    "over": (lambda p, u: [a_grant(person=p, purpose=u, until=NOON)], ""),
    "not begun": (lambda p, u: [a_grant(person=p, purpose=u, start=NOON + timedelta(microseconds=1))], ""),
    "revoked": (lambda p, u: [a_grant(person=p, purpose=u, revoked=True)], ""),
    "used up": (lambda p, u: [a_grant(person=p, purpose=u, once=True, used=True)], ""),
}

# What is said of a grant that is the caller's and for this record, and yet does not hold here and now.
NEARLY = {"for another purpose": "grant.scope", "over": "grant.expired", "not begun": "grant.not_open",
          "used up": "grant.used"}  # fmt: skip


def oracle(person, state, purpose, consent, grant, field):
    """What the regime's text says: (state, code), or the code alone where the person may not look at all."""
    opens = GRANTS[grant][1]
    near = NEARLY.get(grant, "right.missing") if person != "ma" else "right.missing"
    reach = REACH[person] if state == "active" else 0  # closed records are asked for by everybody
    granted = opens != "" and person != "ma"
    part = field.split(".")[0]
    if not reach and not granted:
        return near
    if purpose in CONSENTED and part not in CONSENTED[purpose]:
        return "withheld", "purpose.scope"
    if purpose == "contract" and consent == "nothing named":
        return "withheld", "purpose.not_collected"
    if purpose in CONSENTED and consent != "given":
        return "withheld", "consent.withdrawn" if consent == "withdrawn" else "consent.missing"
    if LEVEL[field] <= reach or (granted and (opens is None or opens in (field, part))):
        return "clear", None
    seen_masked = reach and LEVEL[field] == 2
    return "masked" if seen_masked else "withheld", "grant.scope" if granted else near


@pytest.mark.parametrize(("person", "purpose"), list(product(PEOPLE, PURPOSES)))
def test_every_cell_is_decided_as_the_regime_says(person, purpose):
    """
    Promise 1: a field is shown only to a person, for a purpose, that a right or a live grant covers.
    """
    wrong = []
    for state, consent, (name, (grants, _)) in product(("active", "past", "archived"), CONSENTS, GRANTS.items()):
        seen = Seen(a_record(state=state, purposes=CONSENTS[consent]), {}, grants(person, purpose))
        expected = [oracle(person, state, purpose, consent, name, field) for field in FIELDS]
        found = decided(seen, person, purpose)
        cells = zip(FIELDS, found, expected, strict=True)
        wrong += [(state, consent, name, *cell) for cell in cells if cell[1] != cell[2]]

    assert wrong == []


def decided(seen, person, purpose):
    try:
        reading = seen.decide(PEOPLE[person], FIELDS, purpose, REGIME, NOON)
    except Forbidden as refusal:
        assert refusal.facts["request_kind"] == "view"
        return [refusal.code] * len(FIELDS)
    return [(verdict.state, verdict.code) for verdict in reading.verdicts]


def test_a_grant_for_one_place_opens_nothing_elsewhere_nor_where_no_place_is_told():
    """
    Reading in the office is neither borrowing nor reading at one's desk: the place is part of the grant.
    """
    seen = Seen(a_record(state="archived"), {}, [a_grant(place="department_office")])

    for place in (None, "at_home"):
        with pytest.raises(Forbidden) as refusal:
            seen.decide(PEOPLE["sun"], ["contact.mobile"], "service", REGIME, NOON, place=place)
        assert refusal.value.code == "grant.scope"
    reading = seen.decide(PEOPLE["sun"], ["contact.mobile"], "service", REGIME, NOON, place="department_office")
    assert [v.state for v in reading.verdicts] == ["clear"]
    assert reading.entry.place == "department_office"


def test_a_grant_to_use_is_read_by_and_one_to_borrow_is_not():
    for mode, opened in (("use", True), ("borrow", False), ("copy", False)):
        seen = Seen(a_record(state="archived"), {}, [a_grant(mode=mode)])
        try:
            seen.decide(PEOPLE["sun"], ["contact.mobile"], "service", REGIME, NOON)
            assert opened
        except Forbidden as refusal:
            assert not opened and refusal.code == "right.missing"


def test_right_or_grant_is_named_by_what_opens_and_the_lift_by_what_does_not():
    seen = Seen(a_record(), {}, [a_grant(fields=("contact.mobile",))])

    reading = seen.decide(PEOPLE["sun"], ["basic.name", "contact.mobile", "credit.grade"], "service", REGIME, NOON)

    told = [(v.right, v.grant, v.lifted_by) for v in reading.verdicts]
    assert told == [("look_up", None, None), (None, "g-1", None), (None, None, "view")]
    entry = reading.entry
    assert (entry.clear, entry.masked, entry.withheld) == (["basic.name", "contact.mobile"], ["credit.grade"], [])
    assert (entry.by_right, entry.by_grant, entry.record_version) == (["look_up"], ["g-1"], 2)
    assert reading.protected and reading.wants_grant and not reading.waits


def test_only_the_highest_level_shown_in_clear_waits_for_the_ledger():
    def reading(person, *fields):
        return Seen(a_record(), {}, []).decide(PEOPLE[person], [*fields], "service", REGIME, NOON)

    assert reading("zheng", "contact.address").waits
    assert not reading("wu", "contact.address").waits
    assert not reading("sun", "basic.name").protected


@pytest.mark.parametrize(
    ("record", "fields", "purpose", "refusal", "code"),
    [
        (a_record(state="destroying"), None, "service", Conflict, "record.destroyed"),
        (a_record(state="destroyed"), None, "service", Conflict, "record.destroyed"),
        (a_record(), None, "pleasure", Invalid, "purpose.unknown"),
        (a_record(), ["basic.shoe"], "service", Invalid, "field.unknown"),
    ],
)
def test_what_is_gone_or_unknown_is_refused_before_any_field(record, fields, purpose, refusal, code):
    with pytest.raises(refusal) as refused:
        Seen(record, {}, []).decide(PEOPLE["zheng"], fields, purpose, REGIME, NOON)

    assert refused.value.code == code


def test_without_names_all_fields_are_decided():
    reading = Seen(a_record(), {}, []).decide(PEOPLE["sun"], None, "service", REGIME, NOON)

    assert {v.field.path for v in reading.verdicts} == set(REGIME.classes["company.customer"].fields)

"""Who is likely the same customer: names without spelling, and who is told of what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.errors import Conflict, Forbidden, Invalid
from services.records.merging.likeness import Alike, Lookalikes, plain, readable
from services.records.merging.model import refuse, refuse_fields, refuse_strangers
from services.records.model import DEAD
from tests.unit.records.given import COMPANY, PEOPLE, REGIME, a_record

SAME = [
    ("星澜贸易有限公司", "星瀾貿易有限責任公司"),
    ("星澜贸易（澄州）有限公司", "星澜贸易(澄州)有限公司"),
    ("Blue River Co., Ltd.", "BLUE RIVER"),
    ("Blue-River Limited", "blue river inc"),
    ("李 雪梅", "李雪梅"),
]
OTHERS = [("星澜贸易有限公司", "星澜商贸有限公司"), ("望杉机电", "星澜机电"), ("公司", "集团"), ("李雪梅", "李雪")]


@pytest.mark.covers("Q-195")
@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_two_names_do_not_meet(one: str, other: str) -> None:
    assert plain(one) != plain(other) and plain(one)


def test_each_that_was_shown_has_to_be_named_and_no_other_counts_for_it() -> None:
    shown, other = a_record(number="KH-1"), a_record(id="r-2", number="KH-2")
    both = Lookalikes.of([Alike(shown, ("contact.mobile",)), Alike(other)], PEOPLE["zheng"], REGIME)

    for accepted in (None, {"of": []}, {"of": ["r-1"]}, {"of": ["KH-1", "KH-3"]}):
        with pytest.raises(Conflict) as refusal:
            both.refuse(accepted)
        assert [one["number"] for one in refusal.value.facts["candidates"]] == ["KH-1", "KH-2"]
    both.refuse({"of": ["r-1", "KH-2"]})
    Lookalikes().refuse(None)


def test_who_may_not_know_of_one_learns_neither_id_nor_number() -> None:
    draft = Lookalikes.of([Alike(a_record(state="draft", number="KH-9"))], PEOPLE["sun"], REGIME)

    assert (draft.seen, draft.unseen) == ([], 1)
    with pytest.raises(Conflict) as refusal:
        draft.refuse(None)
    assert "KH-9" not in str(refusal.value.facts) and "r-1" not in str(refusal.value.facts)
    draft.refuse({"of": []})


FINE = {"purposes": {"service": "given"}, "origin": "customer"}
READABLE = [  # who, of which record, which field, and whether he reads it there
    ("sun", {}, "basic.name", True),
    ("sun", {}, "contact.mobile", False),
    ("sun", {}, "basic.id_number", False),
    ("sun", {"state": "pending"}, "basic.name", False),
    ("sun", {"raised": "highly_sensitive"}, "basic.name", False),
    ("zheng", {}, "contact.mobile", True),
    ("zheng", {}, "basic.id_number", True),
    ("zheng", {"state": "past"}, "contact.mobile", False),
    ("zheng", {"department": "sales", "responsible": "sun", "creator": "sun"}, "contact.mobile", False),
    ("zheng", {"purposes": {"service": "withdrawn"}}, "contact.mobile", True),  # to keep it, still
    ("zheng", {}, "basic.no_such", False),
    ("zheng", {}, None, False),
    ("ma", {}, "basic.name", False),
]


@pytest.mark.covers("Q-074", "Q-147")
@pytest.mark.parametrize(("person", "given", "path", "told"), READABLE)
def test_a_field_is_readable_where_a_standing_right_shows_it_for_a_lawful_purpose(
    person: str, given: dict, path: str | None, told: bool
) -> None:
    assert readable(a_record(**{**FINE, **given}), path, PEOPLE[person], REGIME) is told


def test_a_right_that_holds_in_one_place_or_for_what_fell_away_makes_nothing_readable(monkeypatch) -> None:
    look_up = REGIME.rights["look_up"]
    for more, told in (({}, True), ({"place": "department_office"}, False), ({"purposes": ("service",)}, False)):
        monkeypatch.setattr(REGIME, "rights", {"only": replace(look_up, **more)})
        fallen = a_record(**{**FINE, "purposes": {"service": "withdrawn"}})
        assert readable(fallen, "basic.name", PEOPLE["sun"], REGIME) is told


def test_of_a_double_only_the_fields_are_told_that_could_be_read_there() -> None:
    record = a_record(**FINE)
    both = Alike(record, ("basic.credit_code", "contact.mobile"))

    assert both.shown(PEOPLE["zheng"], REGIME) == both
    seen = both.shown(PEOPLE["sun"], REGIME)
    assert seen and seen.told()["fields"] == ["basic.credit_code"]
    assert Alike(record, ("contact.mobile",)).shown(PEOPLE["sun"], REGIME) is None
    named = Alike(record, ("contact.mobile",), named=True).shown(PEOPLE["sun"], REGIME)
    assert named and named.told() == {**both.told(), "exact": False, "fields": []}


NEVER_ONE = [
    ({}, {"id": "r-1"}, "merge.itself"),
    ({}, {"class_": "trading.customer"}, "merge.other_class"),
    ({"state": "past"}, {}, "record.state"),
    ({}, {"state": "archived"}, "record.state"),
    ({}, {"state": "destroyed"}, "record.destroyed"),
    ({}, {"state": "merged", "merged_into": "r-3"}, "record.merged"),
]


@pytest.mark.covers("Q-196")
@pytest.mark.parametrize(("one", "other", "code"), NEVER_ONE)
def test_what_can_not_be_one_is_refused(one: dict, other: dict, code: str) -> None:
    with pytest.raises((Conflict, Invalid)) as refusal:
        refuse(a_record(**one), a_record(**{"id": "r-2", **other}), COMPANY, [])

    assert refusal.value.code == code


def test_codes_of_one_kind_prove_two_customers_and_of_two_kinds_nothing() -> None:
    refuse_strangers({"credit_code": {b"1"}}, {"resident_id": {b"2"}})
    refuse_strangers({"credit_code": {b"1"}}, {"credit_code": {b"1"}})
    with pytest.raises(Conflict) as refusal:
        refuse_strangers({"credit_code": {b"1"}}, {"credit_code": {b"2"}})
    assert refusal.value.facts == {"kinds": ["credit_code"]}


def test_originals_do_not_come_over() -> None:
    found = REGIME.classes["company.customer"]
    held = {**vars(found)["parts"]}
    originals = type(found)(**{**vars_of(found), "parts": {**held, "business": _never(held["business"])}})

    with pytest.raises(Forbidden) as refusal:
        refuse_fields(["business.demand"], originals, [], ["business.demand"])
    assert refusal.value.code == "rule.refused"


def vars_of(found):
    return {name: getattr(found, name) for name in type(found).__dataclass_fields__}


def _never(part):
    return type(part)(**{**vars_of(part), "change": "never"})


def test_a_merged_record_answers_with_the_one_that_stands_for_it_to_who_might_have_seen_it() -> None:
    gone = a_record(state="merged", merged_into="r-9")

    with pytest.raises(Conflict) as refusal:
        gone.refuse_gone(PEOPLE["zheng"], REGIME)
    assert refusal.value.facts == {"record": "r-1", "survivor": "r-9"}
    with pytest.raises(Exception) as unknown:
        gone.refuse_gone(PEOPLE["ma"], REGIME)
    assert unknown.value.code == "record.unknown", "a role that reads nothing learns nothing"


@pytest.mark.covers("Q-205")
def test_what_cannot_revive_does_not() -> None:
    with pytest.raises(Conflict) as refusal:
        a_record(state="past", milestones={DEAD: "2026-11-19"}).move("active", frozen=False)

    assert refusal.value.code == "record.cannot_revive"

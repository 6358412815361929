"""Numbers and filing units on both databases: gapless, unique, never again; one open file per unit."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select, update

from services.records import tables as t
from tests.service.given_records import at_once, code_of
from tests.service.given_registers import FORMS

UNIT = {"place.floor": "12", "place.unit": "1203", "tenant.name": "星澜贸易有限公司"}


def numbers(suite, class_=None):
    rows = [row for row in suite.rows(t.records) if class_ in (None, row[2])]
    return sorted(row.number for row in rows if row.number)


@pytest.mark.covers("Q-075")
def test_of_32_clients_in_one_scheme_nobody_leaves_a_gap_and_no_two_get_one_number(forms):
    """
    Each creates and has its record activated while the others do; as many fail after they drew a number.
    """

    def fails():
        with pytest.raises(ZeroDivisionError), forms.service(None, "settle", {}).store.begin() as work:
            work.next_number("volume:2026:party")
            raise ZeroDivisionError

    def creates(n):
        forms.settles("record", forms.calls("zheng", "create", a_volume(n))["id"])

    at_once([call for n in range(32) for call in (partial(creates, n), fails)])

    assert numbers(forms) == [f"party-2026-service-{n:04}" for n in range(1, 33)]


@pytest.mark.covers("Q-075")
def test_a_number_of_a_rolled_back_activation_is_the_next_one_s(forms):
    first, second = (forms.calls("zheng", "create", a_volume(n))["id"] for n in range(2))
    service = forms.service(None, "settle", {})

    with pytest.raises(ZeroDivisionError), service.store.begin() as work:
        assert work.next_number("volume:2026:party") == 1
        raise ZeroDivisionError
    forms.settles("record", second)
    forms.settles("record", first)

    assert [forms.head(one).number[-4:] for one in (second, first)] == ["0001", "0002"]


@pytest.mark.covers("Q-075")
def test_the_number_of_a_destroyed_record_is_never_given_again(forms):
    gone = forms.opens("volume", {"volume.heading": "会议纪要"})
    with forms.database.write() as connection:
        connection.execute(update(t.records).where(t.records.c.id == gone).values(state="destroyed"))
        connection.execute(t.numbers.delete())  # as if another scheme counted anew

    assert forms.head(forms.opens("volume", {"volume.heading": "续"})).number == "party-2026-service-0002"


@pytest.mark.covers("Q-076")
def test_a_number_says_what_the_scheme_says_and_under_whose_regime_it_was_given(forms):
    volume = forms.calls("zheng", "create", a_volume(1))["id"]
    with forms.database.write() as connection:
        connection.execute(update(t.records).where(t.records.c.id == volume).values(schemes={"series": "minutes"}))
    forms.settles("record", volume)

    head = forms.calls("zheng", "read", {"record": volume, "purpose": "archive_use"})
    assert head["number"] == "minutes-2026-service-0001"
    assert re.fullmatch("[0-9a-f]{64}", head["numbered_by"]) and head["regime"] == head["numbered_by"]


@pytest.mark.covers("Q-078", "Q-075")
def test_a_record_whose_number_could_not_be_written_is_not_created(forms):
    wrong = [{**UNIT, "place.unit": "1" * 60}, {k: v for k, v in UNIT.items() if k != "place.floor"}]

    for fields in wrong:
        with pytest.raises(Exception) as refusal:
            forms.calls("zheng", "create", {"class": "tenancy", "fields": fields})
        assert {e["pointer"] for e in refusal.value.facts["errors"]} & {"/fields/place.floor", "/fields/place.unit"}
    assert forms.rows(t.records) == []


@pytest.mark.covers("Q-077", "Q-078", "Q-198")
def test_one_unit_has_one_open_file_and_its_next_tenant_gets_the_next(forms):
    first = forms.opens("tenancy", UNIT)

    with pytest.raises(Exception) as refusal:
        forms.calls("zheng", "create", {"class": "tenancy", "fields": {**UNIT, "tenant.name": "望杉机电"}})
    facts = refusal.value.facts
    assert (refusal.value.code, facts["rule"], facts["fields"]) == ("record.exists", "one_per", ["place.unit"])
    assert (facts["record"], facts["number"], facts["while"]) == (first, "12-1203-01", ["draft", "active"])

    forms.moves(first, "past")
    second = forms.opens("tenancy", {**UNIT, "tenant.name": "望杉机电"})
    assert [forms.head(one).number for one in (first, second)] == ["12-1203-01", "12-1203-02"]


@pytest.mark.covers("Q-077")
def test_a_file_that_comes_back_takes_its_unit_again_unless_it_has_another_by_now(forms):
    first = forms.opens("tenancy", UNIT)
    forms.moves(first, "past")
    second = forms.opens("tenancy", UNIT)

    assert code_of(forms.moves, first, "active") == "record.exists"
    assert forms.head(first).state == "past"
    forms.moves(second, "past")
    forms.moves(first, "active")
    assert code_of(forms.moves, second, "active") == "record.exists"
    assert len(forms.rows(t.units)) == 1


@pytest.mark.covers("Q-077")
def test_of_32_who_bring_a_file_back_or_open_a_new_one_at_once_one_succeeds(forms):
    first = forms.opens("tenancy", UNIT)
    forms.moves(first, "past")
    opens = [partial(forms.calls, "zheng", "create", {"class": "tenancy", "fields": UNIT})] * 16

    answers = at_once([*opens, *[partial(forms.moves, first, "active")] * 16])

    done = [answer for answer in answers if isinstance(answer, dict)]
    assert len(done) == 1 == len(forms.rows(t.units))
    assert {answer for answer in answers if isinstance(answer, str)} <= {
        "record.exists",
        "record.stale",
        "record.state",
    }


@pytest.mark.covers("Q-077")
def test_a_closed_file_that_was_moved_to_another_unit_comes_back_there(forms):
    """
    Suspended files may still be corrected: the unit they take on their return is the one they then belong to.
    """
    first = forms.opens("tenancy", UNIT)
    forms.moves(first, "suspended")
    forms.edits(first, {"place.unit": "1204"})
    second = forms.opens("tenancy", UNIT)

    forms.moves(first, "active")

    assert forms.head(first).facets["place.unit"] == "1204"
    assert len(forms.rows(t.units)) == 2 and forms.head(second).state == "active"


@pytest.mark.covers("Q-197")
def test_who_may_not_see_the_other_file_learns_only_that_there_is_one(forms):
    first = forms.opens("tenancy", UNIT)

    with pytest.raises(Exception) as refusal:
        forms.calls("sun", "create", {"class": "tenancy", "fields": UNIT})

    assert refusal.value.code == "record.exists"
    assert not {"record", "number"} & refusal.value.facts.keys()
    assert [(one["record"], one["fields"]) for one in forms.told("records.likeness_met")] == [(first, ["place.unit"])]
    assert [one["actor"] for one in forms.journal() if one["type"] == "records.likeness_met"] == ["sun"]


@pytest.mark.covers("Q-074", "Q-197")
def test_who_may_not_read_what_the_unit_is_made_of_is_not_told_whose_it_is(forms, monkeypatch):
    forms.opens("tenancy", UNIT)
    narrow = {name: replace(right, parts=("tenant",)) for name, right in FORMS.rights.items() if "view" in right.may}
    monkeypatch.setattr(FORMS, "rights", {**FORMS.rights, **narrow})

    with pytest.raises(Exception) as refusal:
        forms.calls("zheng", "create", {"class": "tenancy", "fields": UNIT})

    assert refusal.value.code == "record.exists"
    assert not {"record", "number"} & refusal.value.facts.keys()


def test_a_rejected_record_gives_its_unit_free_where_drafts_do_not_count(forms):
    made = forms.calls("zheng", "create", {"class": "tenancy", "fields": UNIT})["id"]

    forms.settles("record", made, "rejected")

    assert forms.head(made).state == "draft"
    with forms.database.read() as connection:
        assert connection.execute(select(t.units.c.record)).scalar() == made, "drafts count here"


def a_volume(n):
    return {"class": "volume", "fields": {"volume.heading": f"第{n}卷"}}

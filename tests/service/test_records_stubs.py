"""What stays of a destroyed record: what its class keeps in the stub, told to whoever could have read it; no more."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from chassis.errors import Conflict
from services.records import destroying
from services.records import tables as t
from tests.service.given_records import FIELDS, at_once, code_of
from tests.service.given_registers import Forms
from tests.service.test_records_destroying import destroys

LET = {"place.unit": "1204", "place.since": "2024-03-01", "place.floor": "12", "tenant.name": FIELDS["contact.person"]}
STAYS = {"place.unit": "1204", "place.since": "2024-03-01"}


class Died(Exception):
    """The process ended here."""


def a_tenancy(forms: Forms, **given: str) -> str:
    return forms.opens("tenancy", {**LET, **given})


def gone(forms: Forms, person: str, record: str) -> dict[str, Any]:
    """What somebody is told of a record that is gone."""
    with pytest.raises(Conflict) as refusal:
        forms.calls(person, "timeline", {"record": record})
    assert refusal.value.code == "record.destroyed"
    return dict(refusal.value.facts)


def row(forms: Forms, record: str) -> Any:
    return next(one for one in forms.rows(t.records) if one.id == record)


def test_what_the_class_keeps_in_the_stub_stays_and_all_else_goes(forms: Forms) -> None:
    record = a_tenancy(forms)
    assert row(forms, record).stub is None, "as long as a record lives, it is sealed"

    done = destroys(forms, record)

    assert gone(forms, "zheng", record) == {"certificate": "c".ljust(36, "-"), "stub": STAYS}
    assert (row(forms, record).stub, row(forms, record).facets) == (STAYS, {})
    assert (done["stub"], done["copies"]["stub"]) == (sorted(STAYS), "kept")
    everything = str([forms.rows(table) for table in t.metadata.sorted_tables])
    assert FIELDS["contact.person"] not in everything and record not in {one.record for one in forms.rows(t.facets)}


def test_who_could_not_have_read_it_learns_nothing_of_what_stays(forms: Forms) -> None:
    record = a_tenancy(forms)

    destroys(forms, record)

    assert code_of(forms.calls, "sun", "timeline", {"record": record}) == "record.unknown"
    assert code_of(forms.reads, "sun", record, "place.unit") == "record.unknown"


def test_it_says_what_it_was_by_then(forms: Forms) -> None:
    record = a_tenancy(forms)
    forms.edits(record, {"place.since": "2025-05-05"})

    destroys(forms, record, version=forms.head(record).version)

    assert gone(forms, "zheng", record)["stub"] == {**STAYS, "place.since": "2025-05-05"}


def test_where_nothing_was_filled_in_or_asked_for_nothing_stays(forms: Forms) -> None:
    """A certificate says so, too: nobody has to wonder."""
    customer = forms.active()

    done = destroys(forms, customer)

    assert (done["stub"], done["copies"]["stub"]) == ([], "none")
    assert "stub" not in gone(forms, "zheng", customer)


def test_what_was_raised_above_the_lowest_level_does_not_stay_in_clear(forms: Forms) -> None:
    record = a_tenancy(forms)
    forms.calls("zheng", "set_level", {"record": record, "level": "sensitive", "reason": "as agreed"})

    assert destroys(forms, record, version=forms.head(record).version)["stub"] == []


def test_it_is_opened_under_an_entry_of_its_own_and_no_value_is_told(forms: Forms) -> None:
    record = a_tenancy(forms)
    forms.keys.unwrapped.clear()

    destroys(forms, record)

    [entry] = [one for one in forms.journal() if one["type"] == "records.opened_for_work" and one["record"] == record]
    assert (entry["data"]["work"], forms.keys.unwrapped[0][0]) == ("stub", entry["id"])
    assert len(forms.keys.unwrapped[0][1]) == 1, "the one part that something stays of"
    assert "1204" not in str([one for one in forms.journal() if one["type"] == "records.destroyed"])


@pytest.mark.parametrize("place", ["destruction.begun", "destruction.stub_kept", "destruction.keys_gone"])
def test_it_stays_wherever_the_process_dies(forms: Forms, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    record = a_tenancy(forms)

    def dies(name: str) -> None:
        if name == place:
            raise Died

    monkeypatch.setattr(destroying, "failpoint", dies)
    with pytest.raises(Died):
        destroys(forms, record)
    monkeypatch.undo()
    forms.calls(None, "finish_destructions")

    assert gone(forms, "zheng", record)["stub"] == STAYS
    assert destroys(forms, record)["stub"] == sorted(STAYS)
    assert len([one for one in forms.journal() if one["type"] == "records.opened_for_work"]) == 1


def test_what_was_being_destroyed_before_anything_stayed_comes_to_its_end(
    forms: Forms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its keys are gone: nobody can open what might have stayed, and nobody waits for it."""
    record = a_tenancy(forms)

    def dies(name: str) -> None:
        if name == "destruction.keys_gone":
            raise Died

    monkeypatch.setattr(destroying, "failpoint", dies)
    with pytest.raises(Died):
        destroys(forms, record)
    monkeypatch.undo()
    with forms.database.write() as connection:
        connection.execute(update(t.records).where(t.records.c.id == record).values(stub=None))

    assert destroys(forms, record)["copies"]["stub"] == "none"


def test_two_who_destroy_at_once_keep_it_once(forms: Forms) -> None:
    record = a_tenancy(forms)

    at_once([partial(destroys, forms, record)] * 4)

    assert gone(forms, "zheng", record)["stub"] == STAYS

"""A proof is one that is on file, wherever it is named: at changes, entries, facts, moves and erasures alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.errors import Invalid
from chassis.ids import new_id
from tests.service.given_documents import hands_in, proves
from tests.service.given_registers import Forms

STRANGER = {"basic.name": "望杉二号厂", "contact.person": "周明", "contact.mobile": "19900005678"}
OPINION = {"form.date": "2026-11-19", "form.opinion": "好"}


def enters(forms: Forms, record: str, named: list[str]) -> None:
    forms.adds("feedback", OPINION, about=record, evidence=named)


def signs(forms: Forms, record: str, named: list[str]) -> None:
    visit = {"form.date": "2026-11-19", "form.kind_of_visit": "scheduled", "form.content": "客户满意"}
    forms.signs("zheng", forms.adds("visit_note", visit, about=record), evidence=named)


def notes(forms: Forms, record: str, named: list[str]) -> None:
    told = {"record": record, "event": "ended", "date": "2026-11-19", "evidence": named}
    forms.calls("he", "record_event", told)


def moves(forms: Forms, record: str, named: list[str]) -> None:
    told = {"record": record, "version": forms.head(record).version, "to": "suspended", "reason": "as agreed"}
    forms.calls("zheng", "transition", {**told, "evidence": named})


def changes(forms: Forms, record: str, named: list[str]) -> None:
    proves(forms, record, "customer_request", "evidence")
    told = {"version": forms.head(record).version, "reason": "a letter", "requested_by": "customer"}
    fields = {"contact.mobile": "19900005679"}
    brought = {"evidence": ["customer_request", "evidence", *named]}
    forms.calls("zheng", "change", {"record": record, "fields": fields, **told, **brought})


ROADS = (enters, signs, notes, moves, changes)
Road = Callable[[Forms, str, list[str]], None]


def errors_of(road: Road, *args: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        road(*args)
    assert refusal.value.code == "needs.missing"
    return [(error["code"], error["detail"]) for error in refusal.value.facts["errors"]]


@pytest.mark.parametrize("road", ROADS)
def test_what_looks_like_a_document_and_is_none_of_the_record_proves_nothing(forms: Forms, road: Road) -> None:
    """
    Another record's document and one that was never there answer alike: an id tells nobody what there is.
    """
    record, other = forms.active(), forms.active(**STRANGER)
    strange = hands_in(forms, other, "identity", person="zheng")
    told = forms.told("records.event_recorded"), forms.told("records.entry_valid")

    refused = [("needs.missing", "a document of this record")]
    assert errors_of(road, forms, record, [new_id()]) == errors_of(road, forms, record, [strange]) == refused
    assert (forms.told("records.event_recorded"), forms.told("records.entry_valid")) == told


@pytest.mark.parametrize("road", ROADS)
def test_a_document_on_file_proves_by_its_id_and_by_its_kind(forms: Forms, road: Road) -> None:
    record = forms.active()
    assert errors_of(road, forms, record, ["identity"]) == [("needs.missing", "document identity")]
    document = hands_in(forms, record, "identity", person="zheng")

    road(forms, record, [document, "identity"])


def test_who_may_not_note_a_fact_learns_nothing_of_the_papers(forms: Forms) -> None:
    record = forms.active()

    with pytest.raises(Exception, match=r"right\.missing"):
        forms.calls("sun", "record_event", {"record": record, "event": "ended", "date": "2026-11-19",
                                            "evidence": [new_id()]})  # fmt: skip

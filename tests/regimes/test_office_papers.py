"""Papers of departments (G47, G50): what is in scope, what was brought along and filed, what was copied of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.http import Refusal
from tests.regimes.house import UNFINISHED, House, living

pytestmark = pytest.mark.slow

PAPER = {"form.date": "2026-11-20", "form.brought_from": "study_visit", "form.heading": "仓储自动化考察资料"}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One such company for these tests."""
    with living("office_papers_house") as company:
        yield company


def writes(house: House, person: str, register: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A new entry."""
    return dict(house.gateway(person).post(f"/v1/registers/{register}", {"fields": fields, **more}))


def signs(house: House, entry: dict[str, Any], *people: str) -> dict[str, Any]:
    """Each signs; what came of the last signature."""
    path, body = f"/v1/entries/{entry['id']}/signatures", {"version": entry["version"]}
    return [dict(house.gateway(person).post(path, body)) for person in people][-1]


@pytest.mark.covers("Q-187")
def test_what_was_brought_from_a_visit_is_registered_and_filed_by_the_office(house: House) -> None:
    entry = writes(house, "sun", "brought_paper", PAPER)
    duty = house.duty("he", "file_brought", record=entry["id"], state=UNFINISHED)
    with pytest.raises(Refusal) as early:
        signs(house, entry, "he")

    filed = signs(house, entry, "sun", "he")

    assert early.value.code == "entry.not_yours", "whoever brought it hands it in first"
    assert (filed["state"], filed["number"][:3]) == ("active", "BP-")
    house.duty("he", "file_brought", duty=duty["duty"], state="closed")


@pytest.mark.covers("Q-186")
def test_a_paper_is_copied_for_a_department_when_its_original_is_filed_and_not_before(house: House) -> None:
    signs(house, writes(house, "gao", "brought_paper", PAPER), "gao", "he")  # another's original proves nothing
    entry = writes(house, "sun", "brought_paper", {**PAPER, "form.heading": "会议纪要"})
    copy = {"form.date": "2026-11-20", "form.copied_for": "finance", "form.pieces": "2"}

    with pytest.raises(Refusal) as unfiled:
        writes(house, "gao", "paper_copy", copy, about=entry["id"])
    signs(house, entry, "sun", "he")
    made = writes(house, "gao", "paper_copy", copy, about=entry["id"])

    assert unfiled.value.code == "needs.missing"
    assert (made["state"], made["number"][:3]) == ("active", "PC-")
    assert house.gateway("he").get("/v1/registers/brought_paper?limit=100")["items"], "the original stays"


@pytest.mark.covers("Q-189")
def test_each_department_has_one_list_of_what_is_in_scope_in_whatever_medium(house: House) -> None:
    kinds = [
        {"sort_of_paper": "合同", "medium": "paper", "worth": "查证"},
        {"sort_of_paper": "宣传片", "medium": "audio_visual"},
    ]
    scope = {"form.unit": "sales", "form.kinds": kinds}
    entry = writes(house, "liu", "filing_scope", scope)
    with pytest.raises(Refusal) as second:
        writes(house, "wu", "filing_scope", scope)
    with pytest.raises(Refusal) as empty:
        writes(house, "wu", "filing_scope", {"form.unit": "service"})
    assert signs(house, entry, "liu", "he")["state"] == "active"

    known = house.gateway("sun").get(f"/v1/registers/filing_scope/{entry['id']}?purpose=filing")["fields"]
    assert [row["medium"] for row in json.loads(known["form.kinds"]["value"])] == ["paper", "audio_visual"]
    assert (second.value.status, empty.value.code) == (409, "record.invalid")
    assert writes(house, "wu", "filing_scope", {**scope, "form.unit": "service"})["state"] == "draft"

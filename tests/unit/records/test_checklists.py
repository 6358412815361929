"""What a file must hold, item by item: needed, asked for, there, faulty, missing; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from regimes.model import Document as Listed
from regimes.model import Field, Part, RecordClass
from services.records.documents import checklist
from services.records.documents.checklist import File
from services.records.documents.model import Document

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


def a_class(**listed: Listed) -> RecordClass:
    return RecordClass(name="visit", documents={name: replace(one, name=name) for name, one in listed.items()})


def a_document(kind: str = "sheet", **told: object) -> Document:
    about = {"form": "original", "sides": 1, "state": "received", "signed_by": ["customer", "staff"], **told}
    id = str(about.pop("id", kind))
    return Document(id=id, record="r", kind=kind, key="k", by="zheng", at=NOON, touched=NOON, **about)  # type: ignore[arg-type]


def the_line(listed: Listed, file: File, **values: str) -> checklist.Item:
    found = a_class(sheet=listed)
    said = checklist.wanted(found, {**values, "record": {"class": "visit", "state": "active"}, "setting": {}})
    return checklist.items(found, said, file)[0]


OVERHAUL = [{"visit.type": "overhaul"}]
SMALL = [{"visit.type": ["minor_repair", "warranty"]}]


@pytest.mark.covers("Q-170")
@pytest.mark.parametrize(
    ("listed", "kind_of_visit", "wanted", "state"),
    [
        (Listed(), "overhaul", "needed", "missing"),
        (Listed(optional=True), "overhaul", "optional", "not_needed"),
        (Listed(needed=OVERHAUL), "overhaul", "needed", "missing"),
        (Listed(needed=OVERHAUL), "warranty", "not_needed", "not_needed"),
        (Listed(needed=OVERHAUL, ask=SMALL), "warranty", "asked", "unanswered"),
        (Listed(needed=OVERHAUL, ask=SMALL), "overhaul", "needed", "missing"),
        (Listed(needed=OVERHAUL, ask=SMALL), "first_service", "not_needed", "not_needed"),
        (Listed(ask=[]), "first_service", "asked", "unanswered"),
        (Listed(needed=[{"record.state": "active"}]), "any", "needed", "missing"),
    ],
)
def test_an_item_is_wanted_as_its_conditions_say(listed: Listed, kind_of_visit: str, wanted: str, state: str) -> None:
    line = the_line(listed, File(), **{"visit.type": kind_of_visit})

    assert (line.wanted, line.state) == (wanted, state)


@pytest.mark.covers("Q-171")
@pytest.mark.parametrize(("answer", "state", "settled"), [(False, "not_applicable", True), (True, "missing", False)])
def test_a_conditional_item_is_settled_by_a_word_or_by_the_document(answer: bool, state: str, settled: bool) -> None:
    line = the_line(Listed(ask=[]), File(answers={"sheet": answer}))

    assert (line.state, line.is_settled) == (state, settled)
    assert the_line(Listed(ask=[]), File([a_document()])).state == "present"


def test_nobody_says_away_what_is_needed() -> None:
    assert the_line(Listed(), File(answers={"sheet": False})).state == "missing"


@pytest.mark.covers("Q-086", "Q-176")
@pytest.mark.parametrize(
    ("listed", "brought", "gaps"),
    [
        (Listed(form="original"), {"form": "copy"}, ("wrong_form",)),
        (Listed(form="copy"), {"form": "original"}, ()),
        (Listed(form="either"), {"form": "copy"}, ()),
        (Listed(sides=2), {"sides": 1}, ("missing_sides",)),
        (Listed(signed_by=("customer",)), {"signed_by": ["staff"]}, ("no_customer_signature",)),
        (
            Listed(signed_by=("customer", "staff")),
            {"signed_by": []},
            ("no_customer_signature", "no_staff_signature"),
        ),
    ],
)
def test_form_sides_and_signatures_are_as_the_list_says(
    listed: Listed, brought: dict[str, object], gaps: tuple[str, ...]
) -> None:
    line = the_line(listed, File([a_document(**brought)]))

    assert (line.state, line.gaps) == ("faulty" if gaps else "present", gaps)


@pytest.mark.covers("Q-088")
def test_where_the_class_is_kept_on_paper_too_the_sheet_must_be_on_file() -> None:
    found = replace(a_class(sheet=Listed()), carriers=("paper", "electronic"))
    lines = [checklist.items(found, {"sheet": "needed"}, File([a_document(paper=paper)]))[0] for paper in (False, True)]

    assert [(line.state, line.gaps) for line in lines] == [("faulty", ("no_paper",)), ("present", ())]


@pytest.mark.parametrize("state", ["receiving", "dropped", "returned", "withdrawn", "superseded", "destroyed"])
def test_what_went_back_or_was_withdrawn_does_not_count(state: str) -> None:
    assert the_line(Listed(), File([a_document(state=state)])).state == "missing"


@pytest.mark.covers("Q-176")
def test_what_a_checker_noted_stands_until_that_document_counts_no_longer() -> None:
    noted = [("sheet", "old", ["no_customer_signature"]), ("sheet", None, ["missing"])]
    old, new = a_document(id="old"), a_document(id="new")

    before = the_line(Listed(), File([old], faults=noted))
    after = the_line(Listed(), File([replace(old, state="superseded"), new], faults=noted))

    assert (before.state, before.gaps) == ("faulty", ("no_customer_signature",))
    assert (after.state, after.gaps) == ("present", ())


def test_the_fields_that_decide_are_known_by_name() -> None:
    needed = [{"visit.type": "overhaul", "record.state": "active"}]
    listed = Listed(needed=needed, ask=[{"visit.paid": {"above": {"field": "visit.limit"}}}])
    part_of = {"type", "paid", "limit", "note"}
    part = Part(name="visit", fields={name: Field(name=name, part="visit") for name in part_of})

    found = replace(a_class(sheet=listed), parts={"visit": part})

    assert checklist.reads(found) == {"visit.type", "visit.paid", "visit.limit"}

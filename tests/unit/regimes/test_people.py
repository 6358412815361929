"""Who decides what in the demo company, as the fixture's table says."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.errors import Forbidden, Invalid
from regimes.organisation import build
from regimes.people import Organisation
from regimes.process import GrantTerms, Step
from regimes.rules import Ruling
from regimes.words import who
from tests.unit.regimes.given import case, envelope, people_of

# Chains of regimes that are not written yet, in the words of the reference.
RESPONSIBLE = {"role": "head", "in": "record"}
APPLICANT = {"role": "head", "in": "applicant"}
FINANCE = {"role": "member", "in": "finance_section"}


def decided(company: Organisation, person: str, department: str, *steps: Any, kind: str = "view") -> list[list[str]]:
    chain = tuple(Step(who(step)) for step in steps)
    ruling = Ruling(kind, ("test",), chain, (), GrantTerms(), ())
    return people_of(company.chain(ruling, case(company, person, envelope(department=department, creator=person))))


@pytest.mark.parametrize(
    ("person", "department", "steps", "people"),
    [
        ("sun", "service", [{"any_of": [{"superior": "creator"}, "archivist"]}], [["he", "liu"]]),
        ("sun", "finance", [APPLICANT, "chairman"], [["liu"], ["chen"]]),
        ("liu", "finance", [APPLICANT, "chairman"], [["zhao"], ["chen"]]),
        (
            "wang",
            "sales",
            [{"all_of": ["manager_in_charge", RESPONSIBLE]}, APPLICANT, "general_manager"],
            [["xu"], ["liu"], ["chen"]],
        ),
        (
            "zhao",
            "sales",
            [{"all_of": ["hr_officer", RESPONSIBLE]}, APPLICANT, "general_manager"],
            [["ma"], ["liu"], ["wang"]],
        ),
        ("zheng", "finance", [FINANCE], [["qian", "xu"]]),
        ("qian", "finance", [FINANCE], [["xu"]]),
        ("zheng", "service", [APPLICANT], [["wu"]]),
        ("wu", "service", [APPLICANT], [["wang"]]),
        ("he", "office", [{"role": "archivist"}], [["gao"]]),
        ("qian", "finance", ["manager_in_charge"], [["xu"]]),
        ("xu", "finance", ["manager_in_charge"], [["wang"]]),
        ("he", "service", [RESPONSIBLE, {"role": "head", "in": "office"}], [["wu"], ["gao"]]),
        ("zheng", "service", [{"any_of": [{"role": "member", "in": "record"}, RESPONSIBLE]}], [["wu"]]),
        (
            "sun",
            "service",
            [{"any_of": [{"role": "head", "in": "service"}, {"role": "head", "in": "sales"}], "quorum": "2"}],
            [["liu", "wu"]],
        ),
        ("sun", "service", [{"person": "responsible"}], [["zheng"]]),
        ("sun", "service", [{"person": "keeper"}], [["he"]]),
    ],
)
def test_chain_of(
    company: Organisation, person: str, department: str, steps: list[Any], people: list[list[str]]
) -> None:
    assert decided(company, person, department, *steps) == people


def test_steps_that_come_out_as_one_person_are_one_step(company: Organisation) -> None:
    assert decided(company, "zheng", "service", APPLICANT, RESPONSIBLE) == [["wu"]]
    assert decided(company, "sun", "service", APPLICANT, RESPONSIBLE) == [["liu"], ["wu"]]


@pytest.mark.parametrize(
    ("person", "step"),
    [
        ("chen", APPLICANT),
        ("chen", "chairman"),
        ("sun", "astronaut"),
        ("sun", {"role": "head", "in": "moon"}),
        ("sun", {"any_of": [FINANCE], "quorum": "3"}),
        ("sun", {"all_of": ["archivist", {"person": "keeper"}]}),
    ],
)
def test_nobody_to_decide_is_refused_when_raised(company: Organisation, person: str, step: Any) -> None:
    with pytest.raises(Forbidden) as refusal:
        decided(company, person, "service", step)
    assert refusal.value.code == "approvals.no_decider"


def test_the_creator_does_not_review_what_another_raised(company: Organisation) -> None:
    """[create, review] are kept apart, whoever raises the request."""
    ruling = Ruling("create", ("x",), (Step(who("archivist")),), (), GrantTerms(), ())
    assert people_of(company.chain(ruling, case(company, "zheng", envelope(creator="he")))) == [["gao"]]


def test_a_stand_in_decides_in_his_days_only(company: Organisation) -> None:
    step = who(RESPONSIBLE)
    during = {**case(company, "sun"), "on": "2026-10-13"}
    assert company.deciders(step, during) == {"wu", "gao"}
    assert company.deciders(step, {**during, "on": "2026-10-17"}) == {"wu"}
    assert company.deciders(step, case(company, "sun")) == {"wu"}


@pytest.mark.covers("Q-229")
def test_duties_are_kept_apart_through_delegation_too(company: Organisation) -> None:
    """gao stands in for wu, so what wu asks for falls to her superior, not to gao."""
    asked = {**case(company, "wu"), "on": "2026-10-13"}
    assert company.deciders(who(RESPONSIBLE), asked) == {"wang"}


def test_roles_of_an_actor(company: Organisation) -> None:
    assert company.roles_of("xu") == {
        "employee", "member", "head", "manager_in_charge",
        "finance_section.member", "finance_section.head", "supervision_group.member",
    }  # fmt: skip
    assert company.roles_of("wang") == {"employee", "general_manager", "senior_manager"}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"people": {"a": {"en": "A", "zh": "甲", "superior": "b"}}}, "nobody called 'b'"),
        ({"people": {"a": {"en": "A", "zh": "甲", "superior": "a"}}}, "above himself"),
        ({"people": {"a": {"en": "A", "zh": "甲", "department": "moon"}}}, "no department"),
        ({"bodies": {"b": {"members": ["x"]}}}, "nobody called 'x'"),
        ({"peopel": {}}, "unknown key"),
    ],
)
def test_an_organisation_that_dangles_is_refused(change: dict[str, Any], word: str) -> None:
    plain = {"organisation": "o", "regime": "r", "departments": {"d": {"en": "D", "zh": "部"}}, "people": {}}
    with pytest.raises(Invalid) as found:
        build({**plain, **change})
    assert word in found.value.detail

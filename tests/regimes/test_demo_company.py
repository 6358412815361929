"""What the demo company adopted, asked of its regime: what a card holds, who enters what, which rule a class has."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from regimes import Regime, organisation, rules
from regimes.people import Organisation

DEMO = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture(scope="module")
def hengtong() -> Regime:
    """The demo's regime."""
    return regimes.load("hengtong", DEMO / "regimes")


@pytest.fixture(scope="module")
def people() -> Organisation:
    """The demo's people."""
    return organisation.load(DEMO / "organisation.yaml")


def deciders(regime: Regime, people: Organisation, kind: str, applicant: str, class_: str, **request: str) -> list[str]:
    """Who decides, step by step."""
    person = people.people[applicant]
    record = {"class": class_, "state": "active", "department": regime.classes[class_].department}
    case = {"record": record, "applicant": {"person": applicant, "department": person.department}, "request": request}
    steps = people.chain(regime.rule(kind, case), rules.filled_in(regime, case))
    return ["/".join(sorted(step.people)) for step in steps]


def test_it_adopts_what_its_stories_need(hengtong: Regime) -> None:
    wanted = {"company.customer", "customer_form", "trading.customer", "start_form", "guest", "guest_comment"}
    wanted |= {"tenancy", "training"}

    assert wanted <= set(hengtong.classes)
    assert {"guest_screen", "birthdays", "customer_list", "unit_uses"} <= set(hengtong.views)
    assert {"survey_cards", "care_week", "relabel", "bind_surrendered", "yearly_check"} <= set(hengtong.duties)


@pytest.mark.covers("Q-055", "Q-106", "Q-107")
def test_a_card_holds_organisation_business_credit_relation_policy_and_attitude(hengtong: Regime) -> None:
    card = hengtong.classes["trading.customer"]
    business = {"business_scope": "basic", "policy": "business", "attitude": "business", "relation": "business"}

    assert {f"{part}.{name}" for name, part in business.items()} <= set(card.fields)
    assert {
        f"credit.{name}" for name in ("grade", "graded_on", "grade_until", "graded_by", "limit", "credit_terms")
    } <= (set(card.fields))
    assert card.states["suspended"].apart and card.states["past"].apart


@pytest.mark.covers("Q-122", "Q-124", "Q-125", "Q-129")
def test_who_enters_a_change_follows_from_the_class_and_how_it_came(hengtong: Regime, people: Organisation) -> None:
    ask = ("change", "sun")
    assert deciders(hengtong, people, *ask, "trading.customer", change="reported") == ["qian"]
    assert deciders(hengtong, people, *ask, "company.customer", change="customer")[-1] == "wu"
    assert deciders(hengtong, people, "change", "zheng", "tenancy", change="staff") == ["wu"]
    assert deciders(hengtong, people, "change", "zheng", "guest", change="staff") == []


@pytest.mark.covers("Q-002", "Q-102", "Q-104", "Q-105")
def test_stage_and_importance_stand_beside_each_other_on_every_customer(hengtong: Regime) -> None:
    for name in ("company.customer", "trading.customer", "guest", "tenancy"):
        schemes = {one.name: one for one in hengtong.schemes_of(name)}
        assert {"potential", "contacted", "current", "past", "lost"} <= set(schemes["stage"].values)
        assert {"general", "important"} <= set(schemes["importance"].values)


@pytest.mark.covers("Q-103")
def test_each_class_of_customer_has_rules_of_its_own(hengtong: Regime, people: Organisation) -> None:
    who = {name: deciders(hengtong, people, "view", "sun", name) for name in ("guest", "tenancy", "trading.customer")}

    assert who == {"guest": ["liu"], "tenancy": ["zheng", "wu"], "trading.customer": ["qian/xu"]}


@pytest.mark.covers("Q-110")
def test_protection_rises_with_the_level(hengtong: Regime) -> None:
    general, sensitive, highest = sorted(hengtong.levels.values(), key=lambda level: level.rank)

    assert (general.mask, sensitive.mask, highest.mask) == ("none", "last4", "all")
    assert (general.export, sensitive.export, highest.export) == ("marked", "encrypted", "encrypted")
    assert (sensitive.ledger, highest.ledger) == ("behind", "waits"), "the highest is shown when the ledger has it"

"""Rules add up: chains join, the tightest grant holds, one refusal refuses, silence refuses."""

from __future__ import annotations

import pytest

import regimes
from chassis.errors import Forbidden
from regimes.people import Organisation
from regimes.process import GrantTerms
from regimes.rules import over, tightest
from tests.unit.regimes.given import case, envelope, people_of


@pytest.mark.covers("Q-248")
def test_another_departments_record_asks_its_head_as_well(hengtong: regimes.Regime, company: Organisation) -> None:
    asked = case(company, "qian")
    ruling = hengtong.rule("view", asked)
    assert ruling.rules == ("files", "files_of_others")
    assert people_of(company.chain(ruling, asked)) == [["xu"], ["wu"]]
    assert ruling.grant.lasts == "P1D"


@pytest.mark.covers("Q-246")
def test_a_further_rule_only_adds(hengtong: regimes.Regime, company: Organisation) -> None:
    asked = case(company, "qian", envelope(state="archived"))
    ruling = hengtong.rule("view", asked)
    assert ruling.rules == ("closed", "files", "files_of_others") and ruling.always
    assert people_of(company.chain(ruling, asked)) == [["he"], ["xu"], ["wu"]]


def test_the_archivist_or_the_superior_reviews_a_new_record(hengtong: regimes.Regime, company: Organisation) -> None:
    asked = case(company, "zheng")
    assert people_of(company.chain(hengtong.rule("create", asked), asked)) == [["he", "wu"]]


@pytest.mark.covers("Q-298")
def test_a_customers_change_is_proved_verified_and_approved(hengtong: regimes.Regime, company: Organisation) -> None:
    asked = case(company, "qian", change="customer")
    ruling = hengtong.rule("change", asked)
    assert ruling.needs == ({"document": "customer_request"},)
    assert [step.act for step in ruling.chain] == ["verify", "approve"]
    assert people_of(company.chain(ruling, asked)) == [["wu", "zheng"], ["wu"]]


def test_changes_of_several_parts_join_their_rules(hengtong: regimes.Regime, company: Organisation) -> None:
    ruling = hengtong.rule("change", {**case(company, "qian"), "request": {"change": ["customer", "evidence"]}})
    assert ruling.rules == ("proved", "asked")
    assert ruling.needs == ({"document": "evidence"}, {"document": "customer_request"})


def test_no_rule_refuses(hengtong: regimes.Regime, company: Organisation) -> None:
    with pytest.raises(Forbidden) as refusal:
        hengtong.rule("borrow", case(company, "sun", envelope("trading.customer")))
    assert refusal.value.code == "rule.none"


@pytest.mark.covers("Q-205")
def test_one_refusal_refuses_with_its_reason(hengtong: regimes.Regime, company: Organisation) -> None:
    with pytest.raises(Forbidden) as refusal:
        hengtong.rule("destroy", case(company, "qian", envelope("trading.customer")))
    assert (refusal.value.code, refusal.value.facts["reason"]) == ("rule.refused", "still_trading")


def test_a_new_partner_passes_head_and_chairman(hengtong: regimes.Regime, company: Organisation) -> None:
    card = envelope("trading.customer", department="finance", creator="sun")
    asked = case(company, "sun", card, channel="form")
    ruling = hengtong.rule("create", asked)
    assert people_of(company.chain(ruling, asked)) == [["he", "liu"], ["liu"], ["chen"]]
    assert ruling.grant == GrantTerms(to={"role": "finance_clerk"}, lasts="P5B", once=True)
    imported = case(company, "qian", card, channel="import")
    assert hengtong.rule("create", imported).rules == ("reviewed",)


def test_a_ruling_is_stored_as_json_types(hengtong: regimes.Regime, company: Organisation) -> None:
    stored = hengtong.rule("view", case(company, "qian")).as_dict()
    assert stored["chain"][0] == {"who": {"role": "head", "in": "applicant"}, "act": "approve", "due": None}


def test_the_tightest_grant_holds() -> None:
    found = tightest(
        [GrantTerms(lasts="P7D", renewals=1), GrantTerms(lasts="P3B", once=True), GrantTerms(lasts="P1M", renewals=0)]
    )
    assert found == GrantTerms(lasts="P3B", once=True, renewals=0)
    assert over(GrantTerms(lasts="P7D", renewals=1), GrantTerms(lasts="P3M")) == GrantTerms(lasts="P3M", renewals=1)


@pytest.mark.covers("Q-255", "Q-274", "Q-325")
@pytest.mark.parametrize(
    ("person", "kind", "record_class", "state", "people"),
    [
        ("sun", "view", "trading.customer", "active", [["qian", "xu"]]),
        ("qian", "destroy", "trading.customer", "past", [["xu"]]),
        ("xu", "destroy", "trading.customer", "past", [["wang"]]),
        ("sun", "borrow", "company.customer", "active", [["wang"]]),
        ("he", "destroy", "company.customer", "archived", [["wu"], ["gao"]]),
        ("sun", "use", "company.customer", "active", [["liu"]]),
        ("qian", "change", "company.customer", "active", [["wu", "zheng"]]),
    ],
)
def test_who_decides(
    hengtong: regimes.Regime,
    company: Organisation,
    person: str,
    kind: str,
    record_class: str,
    state: str,
    people: list[list[str]],
) -> None:
    asked = case(company, person, envelope(record_class, state=state), change="evidence")
    assert people_of(company.chain(hengtong.rule(kind, asked), asked)) == people

"""Graded sales dossiers (G41, G42): tiers with keepers and levels, grades by criteria, traits only with consent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

import regimes
from cli.http import Refusal
from tests.regimes.house import ADOPTED, UNFINISHED, House, living

pytestmark = pytest.mark.slow

AGREED = {"purposes": ["selling"], "consents": [{"purpose": "selling", "notice": "2026-1", "channel": "visit"}]}

SAMPLES = {"text": "一般", "address": "东门街1号", "phone": "010-65529988", "date": "2020-05-01", "number": "12",
           "money": "1000.00"}  # fmt: skip


def an_outlet(name: str, sales: str) -> dict[str, Any]:
    """The fields of a card."""
    return {"basic.name": name, "basic.kind": "enterprise", "dealings.sales_volume": sales}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One sales company for these tests."""
    with living("graded_sales_house") as company:
        yield company


def a_card(house: House, class_: str, name: str, sales: str = "620000") -> str:
    """A card that sun answers for."""
    record = house.enter("sun", class_, an_outlet(name, sales), **AGREED)
    house.approve("liu", "create", record)
    house.becomes(class_, record, state="active")
    return record


@pytest.mark.covers("Q-054", "Q-058")
def test_dealers_and_outlets_are_two_cards_with_fields_of_their_own(house: House) -> None:
    dealer, outlet = a_card(house, "dealer", "华东经销公司"), a_card(house, "outlet", "街角便利店")

    assert house.listed("dealer", dealer)["number"].startswith("DC-")
    assert house.listed("outlet", outlet)["number"].startswith("TC-")
    assert "characteristics.sales_region" in house.read("sun", dealer, "selling")
    assert "characteristics.sales_region" not in house.read("sun", outlet, "selling")


@pytest.mark.covers("Q-096")
def test_a_tier_gives_the_card_its_keeper_and_its_level(house: House) -> None:
    card = a_card(house, "outlet", "金星超市")
    assert house.read("liu", card, "selling", "basic.name")["basic.name"]["state"] == "clear"
    assert house.read("zheng", card, "selling", "basic.name")["basic.name"]["state"] == "withheld"

    told = house.gateway("zheng").post("/v1/regimes/graded_sales_house/simulations", asks(card))
    assert [step["deciders"] for step in told["chain"]] == [["liu"], ["wu"], ["wang"]]
    house.gateway("liu").post(f"/v1/records/{card}/schemes/tier", {"value": "individual", "reason": "分级"})
    assert house.read("zheng", card, "selling", "basic.name")["basic.name"]["state"] == "masked"
    told = house.gateway("zheng").post("/v1/regimes/graded_sales_house/simulations", asks(card))
    assert told["rules"] == ["view.tier_individual", "view.viewing_form"]


@pytest.mark.covers("Q-096")
def test_a_tier_is_called_confidential_as_the_source_writes_it() -> None:
    tier = regimes.load("graded_sales_house", ADOPTED).schemes["tier"]

    assert [value.zh for value in tier.values.values()] == ["机密·公司级", "机密·部门级", "机密·个人级"]


def test_a_visit_and_a_reception_are_noted_by_whoever_answers_for_the_customer(house: House) -> None:
    card = a_card(house, "outlet", "春来杂货")
    events = f"/v1/records/{card}/events"

    for what in ("visited", "received"):
        noted = {"event": what, "date": "2026-11-20"}
        assert house.gateway("sun").post(events, noted).status == 201
        with pytest.raises(Refusal) as stranger:
            house.gateway("zheng").post(events, noted)
        assert stranger.value.status in (403, 404)


def asks(card: str) -> dict[str, Any]:
    """Who would let somebody view a card."""
    return {"kind": "view", "record": card, "applicant": "zheng"}


@pytest.mark.covers("Q-101")
def test_a_grade_is_proposed_by_the_criteria_that_were_set_first(house: House) -> None:
    card = a_card(house, "outlet", "长青百货", "150000")

    proposed = house.gateway("liu").post(f"/v1/records/{card}/schemes/sales_grade/suggestion")

    assert proposed["value"] == "b"


def test_what_is_not_yet_comprehensive_is_listed_for_whoever_answers_for_it(house: House) -> None:
    card = a_card(house, "outlet", "东门副食店")
    assert card in [one["id"] for one in house.view("sun", "unfinished_dossiers")["items"]]
    assert house.gateway("sun").post(f"/v1/records/{card}/schemes/fullness/suggestion")["value"] != "comprehensive"

    full = house.enter("sun", "outlet", {**an_outlet("西门副食店", "620000"), **every_field_of_g42()}, **AGREED)
    house.approve("liu", "create", full)
    house.becomes("outlet", full, state="active")
    assert house.gateway("sun").post(f"/v1/records/{full}/schemes/fullness/suggestion")["value"] == "comprehensive"
    body = {"value": "comprehensive", "reason": "全部栏目已填"}
    house.gateway("sun").post(f"/v1/records/{card}/schemes/fullness", body)

    assert card not in [one["id"] for one in house.view("sun", "unfinished_dossiers")["items"]]


def every_field_of_g42() -> dict[str, str]:
    """A value for each field that a comprehensive dossier has."""
    regime = regimes.load("graded_sales_house", ADOPTED)
    found, [wanted] = regime.classes["outlet"], regime.schemes["fullness"].values["comprehensive"].criteria or []
    coded = {path: next(iter(regime.lists[str(one.list)])) for path, one in found.fields.items() if one.list}
    return {path: coded.get(path) or SAMPLES[found.fields[path].type] for path in wanted}


@pytest.mark.covers("Q-015")
def test_character_and_family_of_the_owner_need_his_consent(house: House) -> None:
    card = a_card(house, "outlet", "兴旺粮油店")
    owner = {"people.leaders": [{"name": "王强", "position": "店主", "hobbies": "象棋"}]}
    with pytest.raises(Refusal) as refused:
        house.change("sun", card, owner, purpose="selling")
    assert (refused.value.status, refused.value.code) == (403, "consent.missing")

    express = {"purpose": "winning", "notice": "2026-1", "channel": "visit", "kind": "express"}
    house.gateway("sun").post(f"/v1/records/{card}/consents", express)
    house.change("sun", card, owner, purpose="selling")

    def there() -> bool:
        return "象棋" in str(house.read("sun", card, "winning", "people.leaders"))

    house.until(there, 20, "what the owner agreed to")


def test_a_stranger_asks_with_the_form_and_is_refused_without(house: House) -> None:
    card = a_card(house, "dealer", "北方批发公司")
    asked = {"kind": "view", "records": [card], "purpose": "selling", "reason": "a joint offer"}
    with pytest.raises(Refusal) as bare:
        house.gateway("zheng").post("/v1/requests", asked)

    assert (bare.value.status, bare.value.code) == (422, "needs.missing")


@pytest.mark.covers("Q-149", "Q-152")
def test_sales_by_grade_and_customers_over_their_limit_are_views_of_the_director(house: House) -> None:
    credit = {"credit.owed": "90000", "credit.limit": "50000"}
    fields = {**an_outlet("远山酒业", "100000"), **credit}
    over = house.enter("sun", "outlet", fields, **AGREED)
    house.approve("liu", "create", over)
    house.becomes("outlet", over, state="active")
    for number in range(5):  # smaller groups are not shown
        a_card(house, "dealer", f"第{number}经销处", "1000")

    shares = house.view("liu", "grade_shares")
    assert Decimal(shares["total"]["sum"]) >= 105000
    assert [one["id"] for one in house.view("liu", "over_limit")["items"]] == [over]
    with pytest.raises(Refusal) as stranger:
        house.view("sun", "over_limit")
    assert stranger.value.code == "right.missing"


@pytest.mark.covers("Q-134")
def test_a_week_is_combed_by_grade_and_the_form_that_two_signed_closes_its_duty(house: House) -> None:
    card = a_card(house, "outlet", "晨光文具", "700000")
    house.gateway("liu").post(f"/v1/records/{card}/schemes/sales_grade", {"value": "a", "reason": "年销售额"})
    combed = {one["id"]: one["split"] for one in house.view("sun", "combing_list")["items"]}
    assert combed[card] == "a"
    duty = house.duty("liu", "comb_weekly", state=UNFINISHED)

    row = {"grade": "a", "looked_through": "1", "merged_in": "1", "index_of": "A-001", "next_steps": "下周回访"}
    fields = {"form.week_of": "2026-11-16", "form.combed": [row]}
    entry = house.gateway("sun").post("/v1/registers/combing", {"fields": fields})
    for person in ("sun", "liu"):
        told = house.gateway(person).get(f"/v1/registers/combing/{entry['id']}?purpose=selling")
        assert told["fields"]["form.combed"]["state"] == "clear", "nobody signs unseen"
        house.gateway(person).post(f"/v1/entries/{entry['id']}/signatures", {"version": told["version"]})

    assert house.duty("liu", "comb_weekly", duty=duty["duty"], state="closed")["on_time"] is True

"""A dealer (G44): twelve papers of a new vehicle, five kinds of workshop visit in one list, the contact verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli.http import Refusal
from tests.regimes.house import House, living

pytestmark = pytest.mark.slow

SALE = {"purposes": ["sale", "workshop"],
        "consents": [{"purpose": "sale", "notice": "2026-1", "channel": "deal"}]}  # fmt: skip
ALWAYS = {"reception_sheet", "work_order", "settlement_sheet", "free_check"}
BRACKETS = {
    "minor_repair": {"added_items", "road_test", "damage_assessment", "special_tool", "estimate"},
    "first_service": {"first_service_card"},
    "maintenance": set(),
    "overhaul": {"road_test", "estimate"},
    "warranty": {"part_invoice", "road_test", "damage_photos", "fault_report", "special_tool"},
}


def a_car(vin: str, mobile: str) -> dict[str, Any]:
    """The fields of a vehicle's file."""
    owner = {"basic.name": f"车主{mobile[-4:]}", "basic.kind": "individual", "contact.person": "周明"}
    return {"car.vin": vin, "car.plate": f"甲A{mobile[-5:]}", **owner, "contact.mobile": mobile}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One dealer for these tests."""
    with living("dealership_house") as dealer:
        yield dealer


@pytest.fixture(scope="module")
def vehicle(house: House) -> str:
    """A vehicle that was sold here."""
    record = house.enter("sun", "vehicle", a_car("LSVAA0000R0000001", "19900007401"), **SALE)
    house.approve("he", "create", record)
    house.becomes("vehicle", record, state="active")
    return record


def a_visit(house: House, vehicle: str, kind: str) -> str:
    """A visit of the workshop."""
    fields = {"visit.visit_type": kind, "visit.arrived_on": "2026-11-20", "visit.visiting_contact": "周明"}
    record = house.enter("zheng", "visit", {**fields, "visit.phone": "19900007402"}, about=vehicle)
    house.becomes("visit", record, state="active")
    return record


@pytest.mark.covers("Q-005", "Q-062", "Q-077", "Q-175", "Q-198")
def test_a_vehicle_has_one_file_with_its_origin(house: House, vehicle: str) -> None:
    assert house.listed("vehicle", vehicle)["number"].startswith("NV-")
    with pytest.raises(Refusal) as twice:
        house.enter("sun", "vehicle", a_car("LSVAA0000R0000001", "19900007403"), **SALE)
    assert (twice.value.status, twice.value.code) == (409, "record.exists")

    body = {"value": "sold_here", "reason": "本店售出"}
    assert house.gateway("sun").post(f"/v1/records/{vehicle}/schemes/origin", body)["outcome"] == "done"
    assert house.gateway("he").get("/v1/records?class=vehicle&record.origin=sold_here")["items"][0]["id"] == vehicle


@pytest.mark.covers("Q-068", "Q-074")
def test_a_landline_needs_its_area_code(house: House) -> None:
    fields = {**a_car("LSVAA0000R0000002", "19900007404"), "contact.phone": "5550100"}
    with pytest.raises(Refusal) as short:
        house.enter("sun", "vehicle", fields, **SALE)

    [error] = short.value.problem["errors"]
    assert error["pointer"] == "/fields/contact.phone" and "area code" in error["detail"]


@pytest.mark.covers("Q-086", "Q-170")
def test_a_new_vehicle_has_twelve_papers_with_form_sides_and_signatures(house: House, vehicle: str) -> None:
    items = house.gateway("sun").get(f"/v1/records/{vehicle}/checklist")["items"]
    due = {one["kind"]: one for one in items if one["wanted"] in ("needed", "asked")}

    assert len(due) == 12
    assert due["other_proof"]["wanted"] == "asked"
    paper = {"kind": "identity", "form": "copy", "sides": "1"}
    house.gateway("sun").upload(f"/v1/records/{vehicle}/documents", paper, "id.pdf", b"%PDF-1.7\n" + b"one side" * 50)
    [line] = [one for one in house.gateway("sun").get(f"/v1/records/{vehicle}/checklist")["items"]
              if one["kind"] == "identity"]  # fmt: skip
    assert line["state"] == "faulty"


@pytest.mark.covers("Q-086", "Q-170")
def test_a_company_hands_in_its_certificate_in_the_place_of_the_card(house: House) -> None:
    fields = {**a_car("LSVAA0000R0000003", "19900007405"), "basic.kind": "enterprise", "basic.name": "恒远物流有限公司"}
    record = house.enter("sun", "vehicle", fields, **SALE)
    house.approve("he", "create", record)
    house.becomes("vehicle", record, state="active")

    items = house.gateway("sun").get(f"/v1/records/{record}/checklist")["items"]
    due = {one["kind"]: one for one in items if one["wanted"] in ("needed", "asked")}

    assert len(due) == 12 and "identity" not in due
    assert due["organisation_certificate"]["state"] == "missing"


@pytest.mark.covers("Q-008")
def test_a_file_that_sales_opens_for_customer_care_is_care_s_to_answer_for(house: House) -> None:
    record = house.enter("sun", "vehicle", a_car("LSVAA0000R0000004", "19900007406"), department="service", **SALE)
    house.approve("he", "create", record)
    house.becomes("vehicle", record, state="active")

    letter = b"%PDF-1.7\n" + b"a letter of the owner " * 40
    paper = {"kind": "customer_request", "form": "original"}
    proof = house.gateway("sun").upload(f"/v1/records/{record}/documents", paper, "letter.pdf", letter)["id"]
    asked = {"purpose": "sale", "requested_by": "customer", "evidence": [proof]}
    changed = house.change("sun", record, {"contact.mobile": "19900007407"}, **asked)
    assert changed["outcome"] == "waiting"
    house.approve("wu", "change", changed["change"])


@pytest.mark.covers("Q-170")
@pytest.mark.parametrize("kind", sorted(BRACKETS))
def test_each_kind_of_visit_has_its_own_list(house: House, vehicle: str, kind: str) -> None:
    visit = a_visit(house, vehicle, kind)

    items = house.gateway("zheng").get(f"/v1/records/{visit}/checklist")["items"]

    assert {one["kind"] for one in items if one["wanted"] in ("needed", "asked")} == ALWAYS | BRACKETS[kind]
    assert house.listed("visit", visit)["number"].startswith("AS-")


@pytest.mark.covers("Q-037", "Q-038")
def test_a_visit_is_not_closed_before_contact_and_number_were_verified(house: House, vehicle: str) -> None:
    visit = a_visit(house, vehicle, "maintenance")
    with pytest.raises(Refusal) as open_:
        closes(house, visit)
    assert (open_.value.status, open_.value.code) == (422, "needs.missing")
    pointers = {error["pointer"] for error in open_.value.problem["errors"]}
    assert pointers == {"/fields/visit.visiting_contact", "/fields/visit.phone"}

    looked = {"fields": ["visit.visiting_contact", "visit.phone"], "method": "call_back"}
    told = {"source": "customer", "result": "confirmed"}
    with pytest.raises(Refusal) as own:
        house.gateway("zheng").post(f"/v1/records/{visit}/verifications", looked | told)
    assert (own.value.status, own.value.code) == (403, "verification.own"), "he entered it himself"
    house.gateway("he").post(f"/v1/records/{visit}/verifications", looked | told)

    closes(house, visit)
    assert house.listed("visit", visit)["state"] == "past"


def closes(house: House, visit: str) -> None:
    """Close the visit."""
    version = house.listed("visit", visit)["version"]
    body = {"to": "past", "reason": "the vehicle was handed back"}
    house.gateway("he").post(f"/v1/records/{visit}/transitions", body, If_Match=f'"{version}"')


def test_another_department_gets_the_general_level_only(house: House, vehicle: str) -> None:
    seen = house.read("qian", vehicle, "sale", "car.vin", "contact.mobile")

    assert (seen["car.vin"]["state"], seen["contact.mobile"]["state"]) == ("clear", "masked")

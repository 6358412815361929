"""Customer service (G11, G19, G39): enquiries, channels, standards, complaints of quality, satisfaction, measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli.http import Refusal
from tests.regimes.house import UNFINISHED, WAIT, House, living

pytestmark = pytest.mark.slow

CUSTOMER = {"basic.name": "云帆物流有限公司", "basic.kind": "enterprise", "contact.person": "周凯"}
AGREED = {"purpose": "service", "notice": "2026-1", "channel": "counter"}
COMPLAINT = {"form.date": "2026-11-20", "form.facts": "包装破损"}
HANDLED = {"form.cause": "封箱不严", "form.handling": "换货", "form.prevention": "增加检验", "form.result": "客户认可"}
REPORT = {
    "form.month": "2026-11-20",
    "form.answers": "40",
    "form.satisfaction": "82",
    "form.target": "90",
    "form.items": [{"item": "服务质量", "average": "78"}, {"item": "套餐价格", "average": "86"}],
    "form.analysis": "等候时间过长",
}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One such company for these tests."""
    with living("customer_service_house") as company:
        yield company


@pytest.fixture(scope="module")
def customer(house: House) -> str:
    """A customer whom service looks after."""
    record = house.enter("zheng", "company.customer", CUSTOMER, consents=[AGREED])
    house.approve("wu", "create", record)
    house.approve("liu", "create", record)
    house.becomes("company.customer", record, state="active")
    return record


def writes(house: House, person: str, register: str, fields: dict[str, Any], **more: Any) -> str:
    """A new entry's id."""
    return str(house.gateway(person).post(f"/v1/registers/{register}", {"fields": fields, **more})["id"])


def reads(house: House, person: str, register: str, entry: str) -> dict[str, Any]:
    """An entry as somebody gets it."""
    return dict(house.gateway(person).get(f"/v1/registers/{register}/{entry}?purpose=archive_use"))


def signs(house: House, register: str, entry: str, *people: str) -> None:
    """Each signs what he has before him."""
    for person in people:
        told = reads(house, person, register, entry)
        assert {one["state"] for one in told["fields"].values()} <= {"clear", "empty"}, "nobody signs unseen"
        house.gateway(person).post(f"/v1/entries/{entry}/signatures", {"version": told["version"]})


def edits(house: House, person: str, register: str, entry: str, fields: dict[str, Any]) -> None:
    """Write down more, and wait until it stands there."""
    version = reads(house, person, register, entry)["version"]
    body = {"fields": fields, "reason": "as done", "requested_by": "staff"}
    house.gateway(person).patch(f"/v1/records/{entry}", body, If_Match=f'"{version}"')
    path = next(iter(fields))

    def there() -> bool:
        return reads(house, person, register, entry)["fields"][path].get("value") == fields[path]

    house.until(there, WAIT, "what was written down")


# -- enquiries and channels


@pytest.mark.covers("Q-223")
def test_an_enquiry_is_answered_in_time_and_not_without_an_answer(house: House) -> None:
    asked = {"form.asked_at": "2026-11-20T09:30", "form.topic": "发票", "form.question": "何时开具"}
    entry = writes(house, "zheng", "enquiry", asked)
    duty = house.duty("wu", "answer_enquiry", record=entry, state=UNFINISHED)
    noted = {"event": "answered", "date": reads(house, "zheng", "enquiry", entry)["read_at"][:10]}

    with pytest.raises(Refusal) as unanswered:
        house.gateway("zheng").post(f"/v1/records/{entry}/events", noted)
    edits(house, "zheng", "enquiry", entry, {"form.answer": "当日开具"})
    house.gateway("zheng").post(f"/v1/records/{entry}/events", noted)

    assert unanswered.value.code == "needs.missing"
    house.duty("wu", "answer_enquiry", duty=duty["duty"], state="closed")


@pytest.mark.covers("Q-223")
def test_the_problems_of_the_day_are_collected_once_a_day_and_signed(house: House) -> None:
    duty = house.duty("wu", "sum_up_day", state=UNFINISHED)
    problems = [{"problem": "开票等候过久", "times": "3", "measure": "增开窗口"}]
    fields = {"form.day": duty["due"], "form.enquiries": "17", "form.problems": problems}

    entry = writes(house, "zheng", "enquiry_summary", fields)
    assert house.duty("wu", "sum_up_day", duty=duty["duty"])["state"] in UNFINISHED, "nobody has signed it yet"
    signs(house, "enquiry_summary", entry, "zheng")

    house.duty("wu", "sum_up_day", duty=duty["duty"], state="closed")


@pytest.mark.covers("Q-225")
def test_a_channel_problem_is_known_and_reported_and_its_supplier_is_not_disclosed(house: House) -> None:
    told = {"form.date": "2026-11-20", "form.kind_of_problem": "delivery", "form.problem": "连续三次延迟到货"}
    entry = writes(house, "sun", "channel_problem", {**told, "form.supplier": "东海包装厂"})

    known = reads(house, "sun", "channel_problem", entry)["fields"]
    assert known["form.problem"]["value"] == "连续三次延迟到货"
    assert known["form.supplier"]["state"] == "withheld" and "东海" not in str(known)
    assert reads(house, "liu", "channel_problem", entry)["fields"]["form.supplier"]["value"] == "东海包装厂"

    duty = house.duty("liu", "report_channel", state=UNFINISHED)
    report = writes(house, "sun", "channel_report", {"form.month": duty["due"], "form.analysis": "供货延迟集中"})
    signs(house, "channel_report", report, "sun", "liu")
    house.duty("liu", "report_channel", duty=duty["duty"], state="closed")


@pytest.mark.covers("Q-224")
def test_a_standard_is_reviewed_each_year_and_every_version_of_it_stays(house: House) -> None:
    duty = house.duty("wu", "review_standard", state=UNFINISHED)
    standard = {"form.topic": "热线", "form.process": "接听、登记、答复", "form.standard": "铃响三声内接听"}
    entry = writes(house, "zheng", "service_standard", standard)
    signs(house, "service_standard", entry, "zheng", "wu")
    house.duty("wu", "review_standard", duty=duty["duty"], state="closed")

    edits(house, "zheng", "service_standard", entry, {"form.standard": "铃响两声内接听"})

    again = reads(house, "zheng", "service_standard", entry)
    assert (again["state"], len(again["signatures"]), len(again["awaits"])) == ("draft", 2, 2), "both are void"
    last = house.gateway("zheng").get(f"/v1/records/{entry}/versions?purpose=archive_use")["items"][-1]
    assert last["fields"]["form.standard"] == {"old": "铃响三声内接听", "new": "铃响两声内接听"}


# -- dossiers and contracts


@pytest.mark.covers("Q-193")
def test_a_dossier_is_valid_when_the_sales_director_has_confirmed_it_and_not_before(house: House) -> None:
    record = house.enter("zheng", "company.customer", {**CUSTOMER, "basic.name": "待确认公司"}, consents=[AGREED])

    house.approve("wu", "create", record)
    request = house.awaiting("liu", "create", record)
    listed = house.listed("company.customer", record)
    assert (listed["state"], listed["number"]) == ("pending", None)
    with pytest.raises(Refusal) as not_his:
        house.decide("he", request)
    assert not_his.value.status == 403
    house.decide("liu", request)

    assert house.becomes("company.customer", record, state="active")["number"]


@pytest.mark.covers("Q-161")
def test_nobody_signs_a_contract_who_has_not_consulted_the_dossier_of_this_very_customer(
    house: House, customer: str
) -> None:
    other = house.enter("zheng", "company.customer", {**CUSTOMER, "basic.name": "另一家公司"}, consents=[AGREED])
    contract = {"form.date": "2026-11-20", "form.topic": "仓储合作"}
    entry = writes(house, "zheng", "cooperation_contract", contract, about=customer)

    for person in ("zheng", "wu"):
        house.read(person, other, "service", "basic.name")
        version = reads(house, person, "cooperation_contract", entry)["version"]
        with pytest.raises(Refusal) as unread:
            house.gateway(person).post(f"/v1/entries/{entry}/signatures", {"version": version})
        assert (unread.value.status, unread.value.code) == (422, "needs.missing")
        house.read(person, customer, "service", "basic.name")
        signs(house, "cooperation_contract", entry, person)

    assert reads(house, "wu", "cooperation_contract", entry)["state"] == "active"
    assert len(reads(house, "wu", "cooperation_contract", entry)["signatures"]) == 2


# -- complaints of quality


@pytest.mark.covers("Q-211")
def test_both_offices_settle_a_complaint_of_quality_and_the_general_manager_approves(
    house: House, customer: str
) -> None:
    entry = writes(house, "zheng", "quality_complaint", COMPLAINT, about=customer)
    edits(house, "zheng", "quality_complaint", entry, HANDLED)
    version = reads(house, "zheng", "quality_complaint", entry)["version"]
    body = {"to": "past", "reason": "settled with the customer"}
    move = house.gateway("zheng").post(f"/v1/records/{entry}/transitions", body, If_Match=f'"{version}"')

    assert move["move"] not in waiting_for(house, "wang")
    for person in ("wu", "liu"):
        house.approve(person, "end", move["move"])
        assert house.listed("quality_complaint", entry, "zheng")["state"] == "active"
    house.approve("wang", "end", move["move"])

    house.becomes("quality_complaint", entry, "zheng", state="past")
    house.duty("gao", "take_note", record=entry)
    house.duty("zheng", "tell_customer", record=entry)


def waiting_for(house: House, person: str) -> list[str]:
    """What waits for somebody's decision now."""
    return [one["subject"] for one in house.gateway(person).get("/v1/requests?awaiting=me&limit=500")["items"]]


# -- satisfaction


@pytest.mark.covers("Q-216")
def test_a_report_goes_to_the_departments_when_the_general_manager_has_approved_it(house: House) -> None:
    entry = writes(house, "he", "survey_report", {**REPORT, "form.target_met": "passed"})
    signs(house, "survey_report", entry, "he")
    asked = {"kind": "settle", "records": [entry], "purpose": "archive_use", "reason": "yearly survey"}
    house.gateway("he").post("/v1/requests", asked)
    heads = ("liu", "wu", "xu")
    assert [taking_note(house, person, entry) for person in heads] == [[], [], []]

    house.approve("wang", "settle", entry)

    for person in heads:
        house.duty(person, "take_note", record=entry)
        assert reads(house, person, "survey_report", entry)["fields"]["form.satisfaction"]["value"] == "82"


def taking_note(house: House, person: str, entry: str) -> list[str]:
    """Duties to take note of a report."""
    items = house.gateway(person).get("/v1/duties?owner=me&limit=500")["items"]
    return [one["duty"] for one in items if one["record"] == entry and one["name"] == "take_note"]


@pytest.mark.covers("Q-217")
def test_what_is_below_the_target_has_measures_with_owner_and_day_and_their_effect_is_checked(house: House) -> None:
    report = writes(house, "he", "survey_report", {**REPORT, "form.target_met": "failed"})
    signs(house, "survey_report", report, "he")
    low = house.duty("gao", "below_target", record=report, state=UNFINISHED)
    assert (low["finding"], low["role"]) == ("below_target", "head:office")

    bare = {"form.reason": "等候时间过长", "form.measures": [{"measure": "增开窗口"}]}
    with pytest.raises(Refusal) as incomplete:
        writes(house, "he", "improvement_plan", bare)
    row = {"measure": "增开窗口", "owner": "wu", "until": "2026-12-31"}
    plan = writes(house, "he", "improvement_plan", {**bare, "form.measures": [row]})
    signs(house, "improvement_plan", plan, "he", "wang")
    check = house.duty("gao", "check_effect", record=plan, state=UNFINISHED)
    effect = {"form.date": "2026-11-20", "form.effective": "failed"}
    entry = writes(house, "he", "effect_check", effect, about=plan)
    signs(house, "effect_check", entry, "he", "gao")

    assert incomplete.value.code == "record.invalid"
    house.duty("gao", "check_effect", duty=check["duty"], state="closed")
    house.duty("gao", "no_effect", record=entry, state=UNFINISHED)
    done = {"evidence": {"measure": "two counters more since December"}}
    assert house.gateway("gao").post(f"/v1/duties/{low['duty']}/completion", done)["state"] == "closed"

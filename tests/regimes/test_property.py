"""A building (G37, G38): one unit, one household, one file, from the first tenant to the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli.http import Refusal
from tests.regimes.house import UNFINISHED, WAIT, House, living

pytestmark = pytest.mark.slow

PAPER = b"%PDF-1.7\n" + b"a paper of the tenant " * 40
LETTING = {"purposes": ["letting"], "consents": [{"purpose": "letting", "notice": "2026-1", "channel": "move_in"}]}


def a_tenant(unit: str, name: str) -> dict[str, Any]:
    """The fields of a tenant's file."""
    return {
        "place.floor": "12",
        "place.unit": unit,
        "basic.name": name,
        "basic.kind": "enterprise",
        "tenant.unit_use": "office",
        "tenant.headcount": "25",
        "fees.arrears": "0",
    }


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One building for these tests."""
    with living("property_house") as building:
        yield building


@pytest.fixture(scope="module")
def tenancy(house: House) -> str:
    """The file of unit 1203."""
    return a_file(house, "1203", "恒安设计有限公司")


def a_file(house: House, unit: str, name: str) -> str:
    """A tenant's file that the archivist approved."""
    record = house.enter("zheng", "tenancy", a_tenant(unit, name), **LETTING)
    waiting = house.listed("tenancy", record)
    assert (waiting["state"], waiting["number"]) == ("pending", None), "its number comes before it may be used"
    house.approve("he", "create", record)
    assert house.becomes("tenancy", record, state="active")["number"]
    return record


def refused(house: House, person: str, method: str, path: str, body: dict[str, Any]) -> Refusal:
    """How a call is refused."""
    with pytest.raises(Refusal) as refusal:
        getattr(house.gateway(person), method)(path, body)
    return refusal.value


@pytest.mark.covers("Q-060", "Q-077", "Q-078", "Q-113", "Q-198")
def test_a_unit_has_one_file_and_its_number_says_where_it_is(house: House, tenancy: str) -> None:
    assert house.listed("tenancy", tenancy)["number"] == "12-1203-01"

    body = {"class": "tenancy", "fields": a_tenant("1203", "另一家公司"), **LETTING}
    second = refused(house, "zheng", "post", "/v1/records", body)
    assert (second.status, second.code) == (409, "record.exists")


@pytest.mark.covers("Q-053", "Q-060", "Q-086", "Q-088", "Q-170")
def test_a_file_is_complete_when_each_paper_is_there_or_said_not_to_apply(house: House, tenancy: str) -> None:
    zheng = house.gateway("zheng")
    for kind in ("unit_data", "move_in", "contact_sheet", "emergency_sheet"):
        form = {"kind": kind, "form": "original", "date": "2026-11-02", "paper": "true"}
        zheng.upload(f"/v1/records/{tenancy}/documents", form, f"{kind}.pdf", PAPER)
    missing = set(zheng.get(f"/v1/records/{tenancy}/checklist")["missing"])
    assert {"fit_out", "engineering", "application"} <= missing and not {"move_in", "unit_data"} & missing

    for kind in ("fit_out", "engineering", "application"):
        zheng.post(f"/v1/records/{tenancy}/checklist/answers", {"kind": kind, "applies": False})

    checklist = zheng.get(f"/v1/records/{tenancy}/checklist")
    assert (checklist["complete"], checklist["missing"]) == (True, [])


@pytest.mark.covers("Q-080", "Q-131")
def test_a_new_name_waits_for_the_head_and_then_for_its_label(house: House, tenancy: str) -> None:
    changed = house.change("zheng", tenancy, {"basic.name": "恒安设计（集团）有限公司"}, purpose="letting")
    assert changed["outcome"] == "waiting"
    house.approve("wu", "change", changed["change"])

    duty = house.duty("zheng", "relabel", record=tenancy, state=UNFINISHED)
    path = f"/v1/records/{tenancy}/labels"
    wrong = refused(house, "zheng", "post", path, {"purpose": "letting", "label": "恒安设计有限公司"})
    assert (wrong.status, wrong.code) == (409, "label.differs")
    house.gateway("zheng").post(path, {"purpose": "letting", "label": "恒安设计（集团）有限公司"})
    house.until(lambda: house.duty("zheng", "relabel", duty=duty["duty"])["state"] == "closed", WAIT, "the label")


@pytest.mark.covers("Q-131")
def test_what_came_in_as_an_original_is_never_changed(house: House, tenancy: str) -> None:
    with pytest.raises(Refusal) as never:
        house.change("zheng", tenancy, {"place.area": "220"}, purpose="letting")

    assert (never.value.status, never.value.code) == (403, "rule.refused")


def test_another_department_sees_the_general_level_and_asks_for_the_rest(house: House, tenancy: str) -> None:
    masked = house.read("sun", tenancy, "letting", "place.unit", "tenant.headcount")
    assert (masked["place.unit"]["value"], masked["tenant.headcount"]["state"]) == ("1203", "masked")

    asked = {"kind": "view", "records": [tenancy], "purpose": "letting", "reason": "a new contract with the tenant"}
    request = house.gateway("sun").post("/v1/requests", asked)["request"]
    assert house.decide("zheng", request)["state"] == "pending"
    house.decide("wu", request)
    [grant] = [one for one in house.gateway("sun").get("/v1/grants")["items"] if tenancy in one["records"]]
    assert grant["place"] == "department_office"
    borrowing = refused(house, "sun", "post", "/v1/requests", {**asked, "kind": "borrow"})
    assert borrowing.code == "kind.unknown", "a building that adopts no rule of lending lends nothing"


@pytest.mark.covers("Q-222")
def test_a_repair_is_forwarded_at_once_and_followed_to_what_came_of_it(house: House, tenancy: str) -> None:
    entry = an_entry(house, "repair", tenancy, date="2026-11-03", facts="空调漏水")
    happens(house, entry, "forwarded", "2026-11-03")
    house.closed("zheng", "forward_repair", entry)
    house.duty("zheng", "finish_repair", record=entry, state=UNFINISHED)

    end = {"event": "handled", "date": "2026-11-04"}
    early = refused(house, "zheng", "post", f"/v1/records/{entry}/events", end)
    assert (early.status, early.code) == (422, "needs.missing")
    goes_on(house, entry, {"form.handling": "更换阀门", "form.result": "不再漏水"})
    happens(house, entry, "handled", "2026-11-04")

    house.closed("zheng", "finish_repair", entry)


@pytest.mark.covers("Q-214", "Q-222")
def test_a_tenants_complaint_is_forwarded_at_once_and_answered_like_any_other(house: House, tenancy: str) -> None:
    entry = an_entry(house, "tenant_complaint", tenancy, date="2026-11-03", facts="楼上噪音")
    house.duty("wu", "answer_complaint", record=entry, state=UNFINISHED)
    happens(house, entry, "forwarded", "2026-11-03")

    house.closed("zheng", "forward_complaint", entry)
    contents = house.gateway("zheng").get(f"/v1/records/{tenancy}/contents?purpose=letting")["items"]
    assert entry in [one["id"] for one in contents]


@pytest.mark.covers("Q-192")
def test_a_notice_is_passed_on_with_its_proof(house: House, tenancy: str) -> None:
    said = {"direction_of_notice": "to_tenant", "subject": "消防演练", "sender": "物业", "receiver": "租户"}
    entry = an_entry(house, "circular", tenancy, date="2026-11-03", **said)
    end = {"event": "passed_on", "date": "2026-11-04"}
    early = refused(house, "zheng", "post", f"/v1/records/{entry}/events", end)
    assert (early.status, early.code) == (422, "needs.missing")

    form = {"kind": "letters", "form": "copy", "date": "2026-11-04"}
    receipt = house.gateway("zheng").upload(f"/v1/records/{tenancy}/documents", form, "receipt.pdf", PAPER)["id"]
    goes_on(house, entry, {"form.delivered_on": "2026-11-04", "form.proof": receipt})
    happens(house, entry, "passed_on", "2026-11-04")

    house.closed("zheng", "pass_on_circular", entry)


def an_entry(house: House, register: str, tenancy: str, **said: str) -> str:
    """An entry of a register about a tenant's file."""
    fields = {f"form.{name}": value for name, value in said.items()}
    return str(house.gateway("zheng").post(f"/v1/registers/{register}", {"about": tenancy, "fields": fields})["id"])


def goes_on(house: House, entry: str, fields: dict[str, Any]) -> None:
    """Write down in an entry how it went on."""
    house.change("zheng", entry, fields, purpose="letting")
    path = next(iter(fields))
    house.until(lambda: house.read("zheng", entry, "letting", path)[path].get("value"), WAIT, "the entry to go on")


def happens(house: House, record: str, event: str, day: str) -> None:
    """Note that something happened."""
    house.gateway("zheng").post(f"/v1/records/{record}/events", {"event": event, "date": day})


@pytest.mark.covers("Q-079")
def test_what_belongs_to_a_file_stands_in_it_newest_first(house: House, tenancy: str) -> None:
    said = {"direction_of_notice": "to_tenant", "subject": "停电通知", "sender": "物业", "receiver": "租户"}
    days = ("2024-05-01", "2026-05-01", "2025-05-01")
    mine = [an_entry(house, "circular", tenancy, date=day, **said) for day in days]

    contents = house.gateway("zheng").get(f"/v1/records/{tenancy}/contents?purpose=letting")["items"]

    assert [one["date"] for one in contents if one["id"] in mine] == ["2026-05-01", "2025-05-01", "2024-05-01"]


@pytest.mark.covers("Q-006", "Q-078", "Q-206")
def test_the_next_tenant_of_a_unit_gets_a_file_of_his_own(house: House) -> None:
    first = a_file(house, "1501", "远航物流有限公司")
    zheng = house.gateway("zheng")
    zheng.post(f"/v1/records/{first}/events", {"event": "ended", "date": "2026-11-20"})
    zheng.post(f"/v1/records/{first}/schemes/occupancy", {"value": "surrendered", "reason": "退租"})
    duty = house.duty("zheng", "bind_surrendered", record=first, state=UNFINISHED)
    ends(house, first)
    zheng.post(f"/v1/records/{first}/events", {"event": "bound", "date": "2026-11-21"})
    house.until(lambda: house.duty("zheng", "bind_surrendered", duty=duty["duty"])["state"] == "closed", WAIT, "it")

    second = a_file(house, "1501", "新桥咨询有限公司")

    assert house.listed("tenancy", second)["number"] == "12-1501-02"


def ends(house: House, record: str) -> None:
    """Close a file, with the approval that it needs."""
    version = house.listed("tenancy", record)["version"]
    body = {"to": "past", "reason": "the tenant has left"}
    answer = house.gateway("he").post(f"/v1/records/{record}/transitions", body, If_Match=f'"{version}"')
    house.approve("wu", "end", str(answer["move"]))
    house.becomes("tenancy", record, state="past")


@pytest.mark.covers("Q-137")
def test_the_yearly_tidy_up_is_done_when_the_contents_list_is_printed(house: House) -> None:
    duty = house.duty("zheng", "tidy_surrendered", state=UNFINISHED)
    done = f"/v1/duties/{duty['duty']}/completion"
    unproved = refused(house, "zheng", "post", done, {"evidence": {}})
    assert (unproved.status, unproved.code) == (422, "needs.missing")

    told = house.gateway("zheng").post(done, {"evidence": {"contents_list": "floors 12 to 17, one list each"}})

    assert told["state"] in ("done", "closed")


@pytest.mark.covers("Q-157", "Q-160")
def test_tenants_are_found_by_floor_and_the_use_of_units_is_counted(house: House, tenancy: str) -> None:
    listed = house.view("zheng", "tenant_list", split="12")["items"]
    assert tenancy in [one["id"] for one in listed]

    def counted() -> tuple[Any, int]:
        uses = {one["value"]: one["records"] for one in house.view("wu", "unit_uses")["items"]}
        return uses["office"], len(house.view("zheng", "tenant_list")["items"])

    few, tenants = counted()
    assert few is None and tenants < 5, "an analysis says nothing of a group of a few"
    for unit, name in enumerate(("北岸律师事务所", "青禾广告社", "云汐诊所", "松涛书店")[: 5 - tenants]):
        a_file(house, f"16{unit:02}", name)
    assert counted() == (5, 5)
    assert tenancy not in [one["id"] for one in house.view("zheng", "arrears_list")["items"]]


@pytest.mark.covers("Q-060", "Q-157")
def test_who_works_in_a_unit_and_how_it_pays_is_seen_at_a_glance(house: House) -> None:
    owing = a_file(house, "1701", "远山贸易有限公司")
    told = {"tenant.nature": "private", "tenant.composition": "销售为主", "fees.breaches": "占用消防通道"}
    changed = house.change("zheng", owing, told, purpose="letting")
    house.approve("wu", "change", changed["change"])
    house.until(lambda: shown(house, "tenant_overview", owing).get("tenant.composition") == "销售为主", WAIT, "it")

    line = shown(house, "tenant_overview", owing)
    assert (line["tenant.nature"], line["tenant.headcount"], line["fees.arrears"]) == ("private", "25", "0.00")
    assert shown(house, "arrears_list", owing)["fees.breaches"] == "占用消防通道"
    missing = house.gateway("zheng").get(f"/v1/records/{owing}/checklist")["missing"]
    assert "arrears_sheet" in missing, "a breach is on paper as arrears are"
    assert house.view("wu", "tenant_natures")["total"]["records"] >= 1


def shown(house: House, view: str, record: str) -> dict[str, str]:
    """What a list shows of a record."""
    items = [one for one in house.view("zheng", view)["items"] if one["id"] == record]
    return {path: one["value"] for item in items for path, one in item["fields"].items() if one.get("value")}

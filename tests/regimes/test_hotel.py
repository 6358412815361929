"""A hotel (G43) from reservation to withdrawal: the desk, the comment form and its team, care only with consent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from cli.http import Refusal
from tests.regimes.house import WAIT, House, living

pytestmark = pytest.mark.slow

STAY = {"purpose": "stay", "notice": "2026-1", "channel": "reservation"}
NO_CARE = {"purpose": "care", "notice": "2026-1", "channel": "reservation", "answer": "refused"}
CARE = {"purpose": "care", "notice": "2026-1", "channel": "check_in", "kind": "express"}
GUEST = {
    "basic.name": "李雪梅",
    "basic.kind": "individual",
    "basic.birth_date": "1988-11-14",
    "contact.mobile": "19900007101",
    "regular.coming_for": "会议",
    "preference.pillow_height": "高枕",
    "preference.tea": "龙井",
}

LISTS = ("guest_habits", "care_calendar")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One hotel for these tests."""
    with living("hotel_house") as hotel:
        yield hotel


@pytest.fixture(scope="module")
def guest(house: House) -> str:
    """A guest who agreed to the stay and declined care."""
    record = house.enter("zheng", "guest", GUEST, purposes=["stay"], consents=[STAY, NO_CARE])
    house.becomes("guest", record, state="active")
    return record


@pytest.mark.covers("Q-006", "Q-012", "Q-061", "Q-142", "Q-163", "Q-164")
def test_a_guest_is_there_at_once_for_everybody_at_a_terminal_and_for_nobody_else(house: House, guest: str) -> None:
    assert house.listed("guest", guest)["number"].startswith("GH-")
    at_the_desk = house.read("zheng", guest, "stay", "basic.name", "preference.tea")
    elsewhere = house.read("sun", guest, "stay", "basic.name", "preference.tea")

    assert at_the_desk["basic.name"]["value"] == "李雪梅" and at_the_desk["preference.tea"]["value"] == "龙井"
    assert {one["state"] for one in elsewhere.values()} <= {"masked", "withheld"}
    assert elsewhere["basic.name"]["reason"] == {"code": "right.missing", "request_kind": "view"}
    consents = house.gateway("zheng").get(f"/v1/records/{guest}/consents")["items"]
    assert {(one["purpose"], one["state"]) for one in consents} == {("stay", "given"), ("care", "refused")}
    scheme = house.gateway("zheng").post(f"/v1/records/{guest}/schemes/segment", {"value": "vip", "reason": "常客"})
    assert scheme["outcome"] == "done"
    assert house.gateway("he").get("/v1/records?class=guest&record.segment=vip")["items"][0]["id"] == guest


@pytest.mark.covers("Q-015", "Q-016", "Q-156")
def test_what_is_kept_for_care_needs_the_guests_own_word(house: House, guest: str) -> None:
    withheld = house.read("zheng", guest, "care", "analysis.loyalty")["analysis.loyalty"]
    assert withheld["state"] == "withheld"
    assert (withheld["reason"]["code"], withheld["reason"]["also"]) == ("consent.refused", "right.missing")
    with pytest.raises(Refusal) as refused:
        house.change("zheng", guest, {"traits.hobbies": "登山"}, purpose="stay")
    assert (refused.value.status, refused.value.code) == (403, "consent.refused")


@pytest.mark.covers("Q-003", "Q-061")
def test_a_company_and_a_person_have_each_their_own_fields(house: House) -> None:
    company = {"basic.name": "恒远贸易有限公司", "basic.kind": "enterprise", "regular.agreed_rate": "488.00"}
    record = house.enter("zheng", "guest", company, purposes=["stay"], consents=[STAY])
    house.becomes("guest", record, state="active")

    assert house.read("zheng", record, "stay", "regular.agreed_rate")["regular.agreed_rate"]["value"] == "488.00"
    with pytest.raises(Refusal) as refused:
        house.enter("zheng", "guest", {**GUEST, "regular.agreed_rate": "488.00"}, purposes=["stay"], consents=[STAY])
    assert refused.value.problem["errors"][0]["pointer"] == "/fields/regular.agreed_rate"


@pytest.mark.covers("Q-061")
def test_an_agreement_is_signed_when_all_that_a_company_is_asked_is_there(house: House) -> None:
    asked = {"regular.nature": "private", "regular.line_of_business": "外贸", "contact.address": "江南路8号",
             "regular.unit_head": "方远", "contact.person": "何敏", "contact.phone": "010-65529911",
             "regular.main_needs": "会议与住宿", "regular.agreed_rate": "488.00", "regular.discount": "85",
             "regular.payment_method": "transfer"}  # fmt: skip
    for name, left_out in (("远帆贸易有限公司", "regular.main_needs"), ("长风贸易有限公司", None)):
        company = {"basic.name": name, "basic.kind": "enterprise", **asked}
        company.pop(left_out or "", None)
        record = house.enter("zheng", "guest", company, purposes=["stay"], consents=[STAY])
        house.becomes("guest", record, state="active")
        signed = {"event": "agreement_signed", "date": "2026-11-09"}
        if left_out:
            with pytest.raises(Refusal) as early:
                house.gateway("zheng").post(f"/v1/records/{record}/events", signed)
            pointers = {error["pointer"] for error in early.value.problem["errors"]}
            assert (early.value.code, pointers) == ("needs.missing", {f"/fields/{left_out}"})
        else:
            assert house.gateway("zheng").post(f"/v1/records/{record}/events", signed).status == 201


@pytest.mark.covers("Q-031", "Q-221")
def test_a_comment_form_enters_the_history_when_two_of_the_team_say_so(house: House, guest: str) -> None:
    form = {"about": guest, "fields": {"observation.pillows_used": "2"}}
    entry = house.gateway("zheng").post("/v1/registers/guest_comment", form)
    assert entry["state"] == "active"

    house.until(lambda: proposed(house, guest), WAIT, "the form to be proposed")
    [change] = proposed(house, guest)
    request = house.awaiting("wu", "change", change)
    with pytest.raises(Refusal) as own:
        house.decide("zheng", request)
    assert own.value.code == "approvals.own_request"
    assert house.decide("wu", request)["state"] == "pending"
    house.decide("liu", request)

    def written() -> bool:
        return (
            house.read("zheng", guest, "stay", "observation.pillows_used")["observation.pillows_used"]["value"] == "2"
        )

    house.until(written, WAIT, "the conclusion to enter the history")


def proposed(house: House, record: str) -> list[str]:
    """The changes of a record that wait for the head of the department."""
    items = house.gateway("wu").get("/v1/requests?awaiting=me&kind=change&limit=500")["items"]
    return [one["subject"] for one in items if record in one["records"]]


@pytest.mark.covers("Q-123", "Q-142")
def test_what_the_staff_learn_at_a_terminal_is_entered_at_once(house: House, guest: str) -> None:
    house.change("zheng", guest, {"preference.coffee": "美式"}, purpose="stay")

    def entered() -> bool:
        return house.read("zheng", guest, "stay", "preference.coffee")["preference.coffee"]["value"] == "美式"

    house.until(entered, WAIT, "the edit to be there")


@pytest.mark.covers("Q-011", "Q-013", "Q-015")
def test_care_begins_with_an_express_consent_and_ends_when_it_is_taken_back(house: House) -> None:
    fields = {**GUEST, "basic.name": "赵明月", "contact.mobile": "19900007102"}
    record = house.enter("zheng", "guest", fields, purposes=["stay"], consents=[STAY])
    house.becomes("guest", record, state="active")
    zheng = house.gateway("zheng")
    with pytest.raises(Refusal) as weak:
        zheng.post(f"/v1/records/{record}/consents", {**CARE, "kind": "simple"})
    assert weak.value.code == "consent.missing"

    given = zheng.post(f"/v1/records/{record}/consents", CARE)
    house.change("liu", record, {"analysis.loyalty": "high", "traits.family": "两个孩子"}, purpose="care")
    house.until(lambda: loyalty(house, record).get("value") == "high", WAIT, "the analysis to be there")
    zheng.post(f"/v1/records/{record}/consents/{given['consent']}/withdrawal", {"channel": "counter"})

    with pytest.raises(Refusal) as refused:
        loyalty(house, record)
    assert (refused.value.status, refused.value.code) == (403, "consent.withdrawn")
    assert house.read("zheng", record, "stay", "basic.name")["basic.name"]["state"] == "clear"


def loyalty(house: House, record: str) -> dict[str, object]:
    """The loyalty of a guest, as the head of sales gets it."""
    return dict(house.read("liu", record, "care", "analysis.loyalty")["analysis.loyalty"])


@pytest.mark.covers("Q-220")
def test_the_flowers_of_the_week_are_brought_with_a_photo(house: House) -> None:
    duty = house.duty("zheng", "care_week")
    done = f"/v1/duties/{duty['duty']}/completion"
    with pytest.raises(Refusal) as bare:
        house.gateway("zheng").post(done)
    assert bare.value.code == "needs.missing"

    assert house.gateway("zheng").post(done, {"evidence": {"photo": "the bouquet on the table"}})["state"] == "done"
    assert house.gateway("liu").post(f"/v1/duties/{duty['duty']}/confirmation")["state"] == "closed"


@pytest.fixture(scope="module")
def friend(house: House) -> str:
    """A guest who agreed to care."""
    fields = {**GUEST, "basic.name": "周慕白", "contact.mobile": "19900007130"}
    record = house.enter("zheng", "guest", fields, purposes=["stay"], consents=[STAY])
    house.becomes("guest", record, state="active")
    house.gateway("zheng").post(f"/v1/records/{record}/consents", CARE)
    return record


@pytest.mark.covers("Q-220")
def test_care_is_noted_with_its_day_and_ends_with_its_result(house: House, guest: str, friend: str) -> None:
    zheng = house.gateway("zheng")
    what = {"date": "2026-11-20", "care_service": "post_stay_enquiry", "owner": "zheng", "until": "2026-11-23"}
    form = {f"form.{name}": value for name, value in what.items()}
    with pytest.raises(Refusal) as declined:
        zheng.post("/v1/registers/guest_care", {"about": guest, "fields": form})
    assert (declined.value.status, declined.value.code) == (403, "consent.refused")

    entry = str(zheng.post("/v1/registers/guest_care", {"about": friend, "fields": form})["id"])
    done = {"event": "handled", "date": "2026-11-20"}
    with pytest.raises(Refusal) as early:
        zheng.post(f"/v1/records/{entry}/events", done)
    assert early.value.code == "needs.missing"
    house.change("zheng", entry, {"form.result": "客人满意"}, purpose="care")
    house.until(lambda: result(house, entry) == "客人满意", WAIT, "the result to be there")
    assert zheng.post(f"/v1/records/{entry}/events", done).status == 201


def result(house: House, entry: str) -> object:
    """What came of the care of a guest."""
    return house.read("zheng", entry, "care", "form.result")["form.result"].get("value")


@pytest.mark.covers("Q-221")
def test_a_meeting_of_the_team_is_signed_by_whoever_wrote_it_and_both_heads(house: House) -> None:
    said = {"form.date": "2026-11-20", "form.content": "本周意见表", "form.conclusion": "增加高枕",
            "form.participants": [{"participant": "zheng"}, {"participant": "wu"}, {"participant": "liu"}]}  # fmt: skip
    entry = house.gateway("zheng").post("/v1/registers/team_meeting", {"fields": said})
    version, states = entry["version"], []
    for person in ("zheng", "wu", "liu"):
        signed = house.gateway(person).post(f"/v1/entries/{entry['id']}/signatures", {"version": version})
        version = signed["version"]
        states.append(signed["state"])

    assert states[-1] == "active" and "active" not in states[:-1]
    assert signed["number"].startswith("TM-")


@pytest.mark.covers("Q-155", "Q-156")
def test_habits_and_days_of_care_are_listed_for_sales_only(house: House, friend: str) -> None:
    told = {"analysis.habits": "早起", "analysis.care_days": [{"date": "2026-12-01", "occasion": "wedding_day"}]}
    house.change("liu", friend, told, purpose="care")

    def there() -> bool:
        return all(friend in [one["id"] for one in house.view("liu", name)["items"]] for name in LISTS)

    house.until(there, WAIT, "the analysis to be there")
    for name in LISTS:
        with pytest.raises(Refusal) as stranger:
            house.view("zheng", name)
        assert (stranger.value.status, stranger.value.code) == (403, "right.missing")


@pytest.mark.covers("Q-155")
def test_needs_and_complaints_of_guests_are_analysed(house: House, guest: str) -> None:
    house.change("zheng", guest, {"business.demand": "会议室"}, purpose="stay")

    def listed() -> bool:
        return guest in [one["id"] for one in house.view("zheng", "guest_needs")["items"]]

    house.until(listed, WAIT, "the need to be listed")
    told = {"form.date": "2026-11-20", "form.channel": "hotline", "form.facts": "空调噪音"}
    for _ in range(5):  # smaller groups are not shown
        house.gateway("zheng").post("/v1/registers/complaint", {"about": guest, "fields": told})
    counted = {one["value"]: one["records"] for one in house.view("wu", "guest_complaints")["items"]}
    assert counted["hotline"] == 5


@pytest.mark.covers("Q-061", "Q-163", "Q-164")
def test_the_screen_shows_the_desk_what_a_guest_likes_and_nobody_else(house: House, guest: str) -> None:
    line = next(one for one in house.view("zheng", "guest_screen")["items"] if one["id"] == guest)

    shown = {path: one["value"] for path, one in line["fields"].items() if "value" in one}
    assert (shown["basic.name"], shown["preference.pillow_height"]) == ("李雪梅", "高枕")
    with pytest.raises(Refusal) as stranger:
        house.view("sun", "guest_screen")
    assert (stranger.value.status, stranger.value.code) == (403, "right.missing")


@pytest.mark.covers("Q-156", "Q-220")
def test_birthdays_of_the_week_are_of_those_who_agreed_to_care(house: House) -> None:
    soon = (date.today() + timedelta(days=3)).replace(year=1984).isoformat()
    agreed, declined = (a_vip(house, name, mobile, soon, asked) for name, mobile, asked in (
        ("钱贵宾", "19900007111", {**CARE, "channel": "reservation"}),
        ("孙贵宾", "19900007112", NO_CARE),
    ))  # fmt: skip

    listed = {one["id"] for one in house.view("zheng", "birthdays")["items"]}

    assert agreed in listed and declined not in listed


def a_vip(house: House, name: str, mobile: str, born: str, care: dict[str, str]) -> str:
    """A guest of the first class, born on a day."""
    fields = {**GUEST, "basic.name": name, "contact.mobile": mobile, "basic.birth_date": born}
    record = house.enter("zheng", "guest", fields, purposes=["stay"], consents=[STAY, care])
    house.becomes("guest", record, state="active")
    house.gateway("zheng").post(f"/v1/records/{record}/schemes/segment", {"value": "vip", "reason": "贵宾"})
    return record


@pytest.mark.covers("Q-036", "Q-195")
def test_a_guest_who_is_known_is_shown_before_a_second_history_is_made(house: House, guest: str) -> None:
    again = {"class": "guest", "fields": {**GUEST, "contact.mobile": "19900007120"}, "purposes": ["stay"]}
    with pytest.raises(Refusal) as known:
        house.gateway("zheng").post("/v1/records", {**again, "consents": [STAY]})
    assert (known.value.status, known.value.code) == (409, "record.likely_duplicate")
    shown = known.value.problem["candidates"]
    assert guest in [one["record"] for one in shown]

    why = {"reason": "another guest of that name", "of": [one["record"] for one in shown]}
    saved = house.gateway("zheng").post("/v1/records", {**again, "consents": [STAY], "duplicates": why})
    assert saved.status == 201

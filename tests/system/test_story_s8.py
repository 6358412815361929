"""S8 (G43): a hotel guest. There at once on the screen, comments that two decide, care only with consent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cli.http import Answer
from tests.system.stories import Story, lacking, next_day, refused, told
from tests.system.suite import Suite

pytestmark = pytest.mark.timeout(240)
NOTICE = "2026-1"
STAY = {"purpose": "stay", "notice": NOTICE, "channel": "reservation", "kind": "simple"}
CARE = {"purpose": "care", "notice": NOTICE, "channel": "counter", "kind": "express"}
NO_CARE = {"purpose": "care", "notice": NOTICE, "channel": "reservation", "answer": "refused"}
GUEST = {"basic.kind": "individual", "preference.tea": "龙井", "preference.pillow_height": "低"}


def a_guest(story: Story, name: str, mobile: str, **other: Any) -> Answer:
    """zheng takes a reservation."""
    fields = {**GUEST, "basic.name": name, "contact.mobile": mobile, **other.pop("fields", {})}
    body = {"class": "guest", "fields": fields, "purposes": ["stay"], "consents": [STAY, NO_CARE]}
    return Answer(story.as_("zheng").post("/v1/records", {**body, **other}))


@pytest.mark.covers("Q-012", "Q-013", "Q-015", "Q-016", "Q-031", "Q-061", "Q-142", "Q-163", "Q-164", "Q-221")
def test_a_guest_is_on_the_screen_at_once_and_care_begins_and_ends_with_her_word(suite: Suite) -> None:
    story, zheng = Story(suite), suite.gateway("zheng")
    born = story.now().date() + timedelta(days=3)
    number = int(story.now().timestamp() * 10) % 5_000  # that no other run on this suite has used
    name, mobile = f"李雪{chr(0x4E00 + number)}", f"1990000{number:04d}"

    # 1: a reservation is a valid record at once; both answers are kept with the notice's version
    made = a_guest(story, name, mobile, fields={"basic.birth_date": born.replace(year=1990).isoformat()})
    guest = made["id"]
    story.eventually(lambda: story.state("zheng", guest, "stay") == "active", "the guest to be there")
    answers = zheng.get(f"/v1/records/{guest}/consents")["items"]
    assert {(one["purpose"], one["state"], one["notice"]) for one in answers} == {
        ("stay", "given", NOTICE),
        ("care", "refused", NOTICE),
    }

    # 2: who meets guests sees the screen, others do not
    screen = zheng.get("/v1/views/guest_screen")
    assert all(value in str(screen) for value in (name, "龙井", "低"))
    assert told(refused(lambda: suite.gateway("sun").get("/v1/views/guest_screen"))) == (403, "right.missing")

    # 3: her habits are neither his to see nor to be looked at without her consent; both are said
    withheld = story.read("zheng", guest, "care", "analysis.habits")["fields"]["analysis.habits"]
    assert (withheld["state"], withheld["reason"]["code"], withheld["reason"]["also"]) == (
        "withheld",
        "consent.refused",
        "right.missing",
    )

    # 4: a comment form is settled by two of the team, never by whoever wrote it
    pillows = zheng.post("/v1/registers/guest_comment", {"about": guest, "fields": {"observation.pillows_used": "2"}})
    request = story.eventually(lambda: the_comments_request(story, guest), "the comment to wait for the team")
    assert told(refused(lambda: story.decides("zheng", request))) == (403, "approvals.own_request")
    assert story.decides("wu", request)["state"] == "pending", "two have to agree"
    assert story.decides("liu", request)["state"] == "approved"
    story.eventually(lambda: story.shown("zheng", guest, "stay", "observation.pillows_used") == "2", "the pillows")
    entry = zheng.get(f"/v1/registers/guest_comment/{pillows['id']}?purpose=stay")
    last = zheng.get(f"/v1/records/{guest}/versions?purpose=stay")["items"][-1]
    assert entry["number"] in str(last)
    assert {one["by"] for one in story.request(request)["decisions"]} == {"wu", "liu"}

    # 5: at the terminal the tea is changed at once, and every version stays
    version = story.read("zheng", guest, "stay")["version"]
    tea = {"fields": {"preference.tea": "普洱"}, "reason": "asked for it at breakfast", "requested_by": "staff"}
    zheng.patch(f"/v1/records/{guest}", tea, If_Match=f'"{version}"')
    story.eventually(lambda: story.shown("zheng", guest, "stay", "preference.tea") == "普洱", "the tea")
    items = zheng.get(f"/v1/records/{guest}/versions?purpose=stay")["items"]
    assert items[-1]["fields"]["preference.tea"] == {"old": "龙井", "new": "普洱"}

    # 6: she agrees to care; her birthday shows for who cares, if she is more than an ordinary guest
    assert guest not in str(zheng.get("/v1/views/birthdays"))
    zheng.post(f"/v1/records/{guest}/schemes/segment", {"value": "vip", "reason": "stays every month"})
    receipt = zheng.post(f"/v1/records/{guest}/consents", CARE)
    assert receipt["id"]
    story.eventually(lambda: guest in str(zheng.get("/v1/views/birthdays")), "her birthday in the list")
    cared_for(story, suite)

    # 8: she takes it back: from the answer on nothing is read for care, and her stay goes on
    receipts = zheng.get(f"/v1/records/{guest}/consents")["items"]
    given = next(one["id"] for one in receipts if one["purpose"] == "care" and one["state"] == "given")
    assert story.shown("zheng", guest, "care", "preference.tea") == "普洱"
    zheng.post(f"/v1/records/{guest}/consents/{given}/withdrawal", {})
    assert story.shown("zheng", guest, "care", "preference.tea") == "consent.withdrawn"
    assert guest not in str(zheng.get("/v1/views/birthdays"))
    assert story.shown("zheng", guest, "stay", "preference.tea") == "普洱"
    after = {one["id"]: one["seal"] for one in zheng.get(f"/v1/records/{guest}/consents")["items"]}
    assert {one["id"]: one["seal"] for one in receipts}.items() <= after.items(), "earlier receipts stay as they were"

    # 9: the same guest over another phone is shown as a likely one before anything is saved
    alike(story, guest, name, f"1990000{number + 5_000:04d}")

    # 10: not even the head reads without asking, and she is not her own superior
    for field in ("basic.name", "preference.tea"):
        one = story.read("wu", guest, "stay", field)["fields"][field]
        assert (one["reason"]["code"], one["reason"]["request_kind"]) == ("right.missing", "view")
    assert story.chain(story.asks("wu", "view", [guest], purpose="stay")) == [["wang"]]
    nothing_of_her_birthday_is_told(story, guest, born)


def the_comments_request(story: Story, guest: str) -> Any:
    """The change that the comment proposes."""
    items = story.as_("ma").get("/v1/requests?kind=change&state=pending&limit=500")["items"]
    return next((one["request"] for one in items if guest in one["records"]), None)


def cared_for(story: Story, suite: Suite) -> None:
    """7: flowers in the week, proved by a photo, confirmed by the head of Sales."""
    week = next_day(0, story.now().date())
    story.go_to(story.morning_of(week))

    friday = (week + timedelta(days=4)).isoformat()

    def duty() -> Any:
        found = [one for one in story.duties("zheng", "care_week") if one["state"] == "open"]
        return next((one for one in found if week.isoformat() <= one["due"] <= friday), None)

    path = f"/v1/duties/{story.eventually(duty, 'the duty of the week')['duty']}"
    none = refused(lambda: suite.gateway("zheng").post(f"{path}/completion", {"evidence": {}}))
    assert lacking(none) == {"document photo"}
    done = suite.gateway("zheng").post(f"{path}/completion", {"evidence": {"photo": "a picture of the flowers"}})
    assert done["state"] == "done"
    assert told(refused(lambda: suite.gateway("zheng").post(f"{path}/confirmation"))) == (403, "approvals.kept_apart")
    assert suite.gateway("liu").post(f"{path}/confirmation")["state"] == "closed"


def alike(story: Story, guest: str, name: str, mobile: str) -> None:
    """The likely duplicate is shown; saving it takes a reason, and merging a request."""
    no = refused(lambda: a_guest(story, name, mobile))
    assert told(no) == (409, "record.likely_duplicate") and guest in str(no.problem)
    accepted = {"reason": "her daughter of the same name", "of": [guest]}
    other = a_guest(story, name, mobile, duplicates=accepted)["id"]
    version = story.read("zheng", guest, "stay")["version"]
    merge = {"survivor": guest, "merged": other, "reason": "one and the same after all"}
    asked = story.as_("zheng").post("/v1/records/merges", merge, If_Match=f'"{version}"')
    assert (asked.status, asked["outcome"]) == (202, "waiting")
    assert story.request(story.request_about("merge", asked["merge"]))["state"] == "pending"


def nothing_of_her_birthday_is_told(story: Story, guest: str, born: date) -> None:
    """No event, duty or log entry holds her date of birth."""
    entries = story.as_("ma").get(f"/v1/audit/entries?record={guest}&limit=200")["items"]
    assert entries and f"1990-{born:%m-%d}" not in str(entries)
    duties = [one for one in story.duties("zheng", "care_week")]
    assert duties and f"{born:%m-%d}" not in str([{k: v for k, v in one.items() if "due" not in k} for one in duties])

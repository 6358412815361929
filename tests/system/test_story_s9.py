"""S9 (G37): one unit, one household, one file. Originals stay, the label follows the name, reading has a place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cli.http import Answer
from tests.system.stories import Story, refused, told
from tests.system.suite import Suite

pytestmark = pytest.mark.timeout(240)
CONSENT = {"purpose": "letting", "notice": "2026-1", "channel": "move_in", "kind": "simple"}
OFFICE = "department_office"


def a_file(story: Story, unit: str, name: str, mobile: str) -> Answer:
    """zheng opens a file for the tenant of a unit."""
    fields = {
        "place.floor": "12",
        "place.unit": unit,
        "place.area": "80",
        "basic.name": name,
        "basic.kind": "enterprise",
    }
    fields |= {"contact.mobile": mobile, "tenant.unit_use": "office"}
    body = {"class": "tenancy", "fields": fields, "purposes": ["letting"], "consents": [CONSENT]}
    return Answer(story.as_("zheng").post("/v1/records", body))


def valid(story: Story, file: str) -> Answer:
    """Its number and state, once the archivist has approved it."""
    story.decides("he", story.request_about("create", file))
    return Answer(story.eventually(lambda: living(story, file), "the file to be valid"))


def living(story: Story, file: str) -> Any:
    """The file, while it is active."""
    found = story.read("zheng", file, "letting")
    return found if found["state"] == "active" else None


@pytest.mark.covers("Q-060", "Q-077", "Q-078", "Q-079", "Q-080", "Q-131", "Q-206", "Q-249", "Q-264", "Q-299")
def test_a_unit_has_one_file_that_is_read_in_the_office_and_closed_when_the_tenant_leaves(suite: Suite) -> None:
    story, zheng = Story(suite), suite.gateway("zheng")
    number = int(story.now().timestamp()) % 9_000 + 1_000  # a unit that no other run on this suite has used
    unit, mobile = str(number), f"1990000{number:04d}"

    # 1: a second file for the unit is refused
    file = a_file(story, unit, f"澄州{unit}商贸有限公司", mobile)["id"]
    shown = valid(story, file)
    assert shown["number"] == f"12-{unit}-01"
    second = refused(lambda: a_file(story, unit, f"云陌{unit}建材有限公司", f"1990001{number:04d}"))
    assert told(second) == (409, "record.exists")

    # 2: papers lie with the newest in front; an application that nobody has answered leaves the file incomplete
    for year in ("2024", "2026", "2025"):
        fields = {"form.date": f"{year}-03-01", "form.facts": f"repair of {year}"}
        zheng.post("/v1/registers/repair", {"about": file, "fields": fields})
    contents = zheng.get(f"/v1/records/{file}/contents?purpose=letting")["items"]
    assert [one["date"][:4] for one in contents if one.get("date")] == ["2026", "2025", "2024"]
    checklist = zheng.get(f"/v1/records/{file}/checklist")
    assert checklist["complete"] is False and "application" in str(checklist["items"])

    # 3: another name waits for the head, and then for a label that says it
    name = f"澄州{unit}贸易有限公司"
    renamed = {"fields": {"basic.name": name}, "reason": "renamed itself", "requested_by": "staff"}
    proposed = zheng.patch(f"/v1/records/{file}", renamed, If_Match=f'"{shown["version"]}"')
    assert proposed.status == 202
    request = story.request_about("change", proposed["change"])
    assert told(refused(lambda: story.decides("zheng", request))) == (403, "approvals.own_request")
    story.decides("wu", request)
    relabel = story.eventually(lambda: story.duties("zheng", "relabel", file), "the duty to relabel")[0]
    by_hand = refused(lambda: zheng.post(f"/v1/duties/{relabel['duty']}/completion", {"evidence": {}}))
    assert told(by_hand) == (409, "duty.closes_itself")
    wrong = {"label": f"澄州{unit}商贸有限公司", "purpose": "letting"}
    assert refused(lambda: zheng.post(f"/v1/records/{file}/labels", wrong)).code == "label.differs"
    label = zheng.get(f"/v1/records/{file}/label?purpose=letting")
    assert label["label"] == name
    zheng.post(f"/v1/records/{file}/labels", {"label": name, "purpose": "letting"})
    story.eventually(lambda: story.duties("zheng", "relabel", file)[0]["state"] == "closed", "the label to count")

    # 4: what came in as an original is not replaced
    version = living(story, file)["version"]
    never = {"fields": {"place.area": "90"}, "reason": "measured again", "requested_by": "staff"}
    no = refused(lambda: zheng.patch(f"/v1/records/{file}", never, If_Match=f'"{version}"'))
    assert told(no) == (403, "rule.refused") and "originals stay" in no.problem["detail"]

    # 5: another department reads in the office, until the day is over
    asked = story.asks("sun", "view", [file], purpose="letting", fields=["contact.mobile"])
    assert story.chain(asked) == [["zheng"], ["wu"]]
    assert told(refused(lambda: story.decides("wu", asked["request"]))) == (403, "approvals.not_yet")
    story.decides("zheng", asked["request"])
    [grant] = story.decides("wu", asked["request"])["grants"]
    held = next(one for one in suite.gateway("sun").get("/v1/grants")["items"] if one["id"] == grant)
    assert held["place"] == OFFICE
    story.eventually(lambda: reads(story, file, place=OFFICE).endswith(mobile), "the grant to open in the office")
    assert reads(story, file) == "grant.scope"
    assert reads(story, file, place="sales_office") == "grant.scope"
    tomorrow = story.now().date() + timedelta(days=1)
    story.go_to(story.morning_of(tomorrow))
    assert reads(story, file, place=OFFICE) == "grant.expired"

    # 6: in the office or not at all
    assert told(refused(lambda: story.asks("sun", "borrow", [file], purpose="letting"))) == (403, "rule.none")

    # 7: the tenant leaves: bound and stored apart within five working days, the file closed
    ended = story.now().date().isoformat()
    zheng.post(f"/v1/records/{file}/events", {"event": "ended", "date": ended})
    bind = story.eventually(lambda: story.duties("zheng", "bind_surrendered", file), "the duty to bind")[0]
    assert bind["state"] == "open" and bind["due"] > ended
    zheng.post(f"/v1/records/{file}/events", {"event": "bound", "date": ended})
    story.eventually(lambda: story.duties("zheng", "bind_surrendered", file)[0]["state"] == "closed", "it to be bound")
    # 9: the contents list of those who left names it, floor by floor
    zheng.post(f"/v1/records/{file}/schemes/occupancy", {"value": "surrendered", "reason": "the tenant has left"})
    assert f"12-{unit}-01" in story.eventually(lambda: surrendered(story, unit), "the contents list")
    version = living(story, file)["version"]
    leaving = {"to": "past", "reason": "the tenant has left"}
    moved = zheng.post(f"/v1/records/{file}/transitions", leaving, If_Match=f'"{version}"')
    story.decides("wu", story.request_about("end", moved["move"]))

    # 8: the next tenant of the unit has a file of his own
    next_one = story.accepted(
        lambda: a_file(story, unit, f"云陌{unit}建材有限公司", f"1990001{number:04d}"), "record.exists"
    )["id"]
    assert valid(story, next_one)["number"] == f"12-{unit}-02"


def reads(story: Story, file: str, **place: str) -> str:
    """What sun gets of the telephone number."""
    return story.shown("sun", file, "letting", "contact.mobile", **place)


def surrendered(story: Story, unit: str) -> str:
    """The list of tenants who left, where it names the unit."""
    found = str(story.as_("zheng").get("/v1/views/surrendered_list"))
    return found if unit in found else ""

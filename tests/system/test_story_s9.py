"""S9 (G37): one unit, one household, one file. Originals stay, the label follows the name, reading has a place.

Of line 9 the contents list is here; boxes and their holdings belong to the engine of custody, which comes later.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cli.http import Answer
from regimes import dates
from regimes.calendar import WorkCalendar
from tests.system.stories import Story, refused, told
from tests.system.suite import Suite

pytestmark = pytest.mark.timeout(900, func_only=True)
CONSENT = {"purpose": "letting", "notice": "2026-1", "channel": "move_in", "kind": "simple"}
OFFICE = "department_office"
PDF = b"%PDF-1.7\n" + b"x" * 100
MOBILE = "contact.mobile"


@pytest.mark.covers("Q-060", "Q-077", "Q-078", "Q-079", "Q-080", "Q-131", "Q-206", "Q-249", "Q-264", "Q-299")
def test_a_unit_has_one_file_that_is_read_in_the_office_and_closed_when_the_tenant_leaves(suite: Suite) -> None:
    story = Letting(suite)

    story.a_second_file_for_the_unit_is_refused()
    story.papers_lie_with_the_newest_in_front()
    story.an_unanswered_application_leaves_the_file_incomplete()
    story.another_name_waits_for_the_head()
    story.the_new_name_wants_a_label_within_five_working_days()
    story.only_a_label_with_the_very_name_counts()
    story.the_move_in_original_is_not_replaced()
    story.what_was_measured_then_is_not_edited()
    story.another_department_reads_in_the_office_until_the_day_is_over()
    story.it_is_read_in_the_office_or_not_at_all()
    story.the_tenant_leaves_and_his_papers_are_bound_within_five_working_days()
    story.the_contents_list_names_who_left()
    story.the_file_is_closed_when_the_head_agrees()
    story.the_next_tenant_of_the_unit_has_a_file_of_his_own()


class Letting(Story):
    """The walk of one unit's file."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        self.number = int(self.now().timestamp()) % 9_000 + 1_000  # a unit that no other run on this suite has used
        self.unit, self.name = str(self.number), f"澄州{self.number}商贸有限公司"
        self.file = ""

    # ------------------------------------------------------------------ 1, 2

    def a_second_file_for_the_unit_is_refused(self) -> None:
        self.file = self.a_file(self.name, f"1990000{self.number}")["id"]
        assert self.valid(self.file)["number"] == f"12-{self.unit}-01"
        assert told(refused(self.next_file)) == (409, "record.exists")

    def papers_lie_with_the_newest_in_front(self) -> None:
        for year in ("2024", "2026", "2025"):
            fields = {"form.date": f"{year}-03-01", "form.facts": f"repair of {year}"}
            self.as_("zheng").post("/v1/registers/repair", {"about": self.file, "fields": fields})
        contents = self.of_file("contents?purpose=letting")["items"]
        assert [one["date"][:4] for one in contents if one.get("date")] == ["2026", "2025", "2024"]

    def an_unanswered_application_leaves_the_file_incomplete(self) -> None:
        checklist = self.of_file("checklist")
        [application] = [one for one in checklist["items"] if one["kind"] == "application"]
        assert (checklist["complete"], application["wanted"], application["state"]) == (False, "asked", "unanswered")

    # ------------------------------------------------------------------ 3

    def another_name_waits_for_the_head(self) -> None:
        self.name = f"澄州{self.number}贸易有限公司"
        now, why = {"basic.name": self.name}, "renamed itself"
        proposed = self.change("zheng", self.file, self.living(self.file)["version"], now, reason=why)
        assert proposed.status == 202
        request = self.request_about("change", proposed["change"])
        assert told(refused(lambda: self.decides("zheng", request))) == (403, "approvals.own_request")
        assert self.decides("wu", request)["state"] == "approved"

    def the_new_name_wants_a_label_within_five_working_days(self) -> None:
        relabel = self.duty("zheng", "relabel", self.file)
        assert relabel["due"] == self.in_five_working_days()
        by_hand = refused(lambda: self.as_("zheng").post(f"/v1/duties/{relabel['duty']}/completion", {"evidence": {}}))
        assert told(by_hand) == (409, "duty.closes_itself")

    def only_a_label_with_the_very_name_counts(self) -> None:
        path, old = f"/v1/records/{self.file}/labels", f"澄州{self.number}商贸有限公司"
        no = refused(lambda: self.as_("zheng").post(path, {"label": old, "purpose": "letting"}))
        assert no.code == "label.differs"
        assert self.of_file("label?purpose=letting")["label"] == self.name
        self.as_("zheng").post(path, {"label": self.name, "purpose": "letting"})
        self.duty("zheng", "relabel", self.file, "closed")

    # ------------------------------------------------------------------ 4

    def the_move_in_original_is_not_replaced(self) -> None:
        original = self.hands_in()["id"]
        no = refused(lambda: self.hands_in(supersedes=original))
        assert told(no) == (403, "rule.refused") and "originals stay" in no.problem["detail"]
        [kept] = [one for one in self.of_file("documents")["items"] if one["kind"] == "move_in"]
        assert (kept["id"], kept["state"]) == (original, "received")

    def what_was_measured_then_is_not_edited(self) -> None:
        now, version = {"place.area": "90"}, self.living(self.file)["version"]
        no = refused(lambda: self.change("zheng", self.file, version, now, reason="measured again"))
        assert told(no) == (403, "rule.refused") and "originals stay" in no.problem["detail"]

    # ------------------------------------------------------------------ 5, 6

    def another_department_reads_in_the_office_until_the_day_is_over(self) -> None:
        asked = self.asks("sun", "view", [self.file], purpose="letting", fields=[MOBILE])
        assert self.chain(asked) == [["zheng"], ["wu"]]
        assert told(refused(lambda: self.decides("wu", asked["request"]))) == (403, "approvals.not_yet")
        [grant] = self.approved(asked["request"], "zheng", "wu")["grants"]
        held = next(one for one in self.as_("sun").get("/v1/grants")["items"] if one["id"] == grant)
        assert held["place"] == OFFICE
        self.eventually(lambda: self.reads(place=OFFICE).endswith(f"1990000{self.number}"), "the grant to open there")
        assert [self.reads(), self.reads(place="sales_office")] == ["grant.scope"] * 2
        self.go_to(self.morning_of(self.today() + timedelta(days=1)))
        assert self.reads(place=OFFICE) == "grant.expired"

    def it_is_read_in_the_office_or_not_at_all(self) -> None:
        no = refused(lambda: self.asks("sun", "borrow", [self.file], purpose="letting"))
        assert told(no) == (403, "rule.none")

    # ------------------------------------------------------------------ 7, 9, 8

    def the_tenant_leaves_and_his_papers_are_bound_within_five_working_days(self) -> None:
        self.notes("ended")
        bind = self.duty("zheng", "bind_surrendered", self.file)
        assert (bind["state"], bind["due"]) == ("open", self.in_five_working_days())
        self.notes("bound")
        self.duty("zheng", "bind_surrendered", self.file, "closed")

    def the_contents_list_names_who_left(self) -> None:
        left = {"value": "surrendered", "reason": "the tenant has left"}
        self.as_("zheng").post(f"/v1/records/{self.file}/schemes/occupancy", left)
        self.eventually(lambda: f"12-{self.unit}-01" in self.surrendered(), "the contents list to name the file")

    def the_file_is_closed_when_the_head_agrees(self) -> None:
        version = self.living(self.file)["version"]
        self.decides("wu", self.ends("zheng", self.file, version, "the tenant has left"))

    def the_next_tenant_of_the_unit_has_a_file_of_his_own(self) -> None:
        following = self.accepted(self.next_file, "record.exists")["id"]
        assert self.valid(following)["number"] == f"12-{self.unit}-02"

    # ------------------------------------------------------------------ what the steps share

    def a_file(self, name: str, mobile: str) -> Answer:
        """zheng opens a file for the tenant of the unit."""
        fields = {"place.floor": "12", "place.unit": self.unit, "place.area": "80", "tenant.unit_use": "office"}
        fields |= {"basic.name": name, "basic.kind": "enterprise", MOBILE: mobile}
        body = {"class": "tenancy", "fields": fields, "purposes": ["letting"], "consents": [CONSENT]}
        return Answer(self.as_("zheng").post("/v1/records", body))

    def next_file(self) -> Answer:
        """The next tenant's."""
        return self.a_file(f"云陌{self.unit}建材有限公司", f"1990001{self.number}")

    def valid(self, file: str) -> Answer:
        """Its number and state, once the archivist has approved it."""
        self.decides("he", self.request_about("create", file))
        return Answer(self.eventually(lambda: self.living(file), "the file to be valid"))

    def living(self, file: str) -> Any:
        """The file, while it is active."""
        found = self.read("zheng", file, "letting")
        return found if found["state"] == "active" else None

    def of_file(self, what: str) -> Answer:
        """Something of the file, as zheng gets it."""
        return Answer(self.as_("zheng").get(f"/v1/records/{self.file}/{what}"))

    def notes(self, event: str) -> None:
        """zheng notes a fact of today."""
        fact = {"event": event, "date": str(self.today())}
        self.as_("zheng").post(f"/v1/records/{self.file}/events", fact)

    def hands_in(self, **form: str) -> Answer:
        """zheng hands the move-in papers in."""
        told = {"kind": "move_in", "form": "original", **form}
        return Answer(self.as_("zheng").upload(f"/v1/records/{self.file}/documents", told, "scan.pdf", PDF))

    def in_five_working_days(self) -> str:
        """P5B from today."""
        return dates.add(self.today(), "P5B", WorkCalendar()).isoformat()

    def reads(self, **place: str) -> str:
        """What sun gets of the telephone number."""
        return self.shown("sun", self.file, "letting", MOBILE, **place)

    def surrendered(self) -> str:
        """The list of tenants who left."""
        return str(self.as_("zheng").get("/v1/views/surrendered_list"))

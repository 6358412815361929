"""S8 (G43): a hotel guest. There at once on the screen, comments that two decide, care only with consent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cli.http import Answer
from tests.system.stories import Story, lacking, next_day, refused, told
from tests.system.suite import Suite

pytestmark = pytest.mark.timeout(900, func_only=True)
NOTICE = "2026-1"
STAY = {"purpose": "stay", "notice": NOTICE, "channel": "reservation", "kind": "simple"}
CARE = {"purpose": "care", "notice": NOTICE, "channel": "counter", "kind": "express"}
NO_CARE = {"purpose": "care", "notice": NOTICE, "channel": "reservation", "answer": "refused"}
GUEST = {"basic.kind": "individual", "preference.tea": "龙井", "preference.pillow_height": "低"}
TEA, PILLOWS = "preference.tea", "observation.pillows_used"


@pytest.mark.covers("Q-012", "Q-013", "Q-015", "Q-016", "Q-031", "Q-061", "Q-142", "Q-163", "Q-164", "Q-196", "Q-221")
def test_a_guest_is_on_the_screen_at_once_and_care_begins_and_ends_with_her_word(suite: Suite) -> None:
    story = Stay(suite)

    story.a_reservation_is_valid_at_once_and_both_answers_are_kept()
    story.who_meets_guests_sees_the_screen_and_others_do_not()
    story.what_is_withheld_for_two_reasons_names_both()
    story.a_comment_waits_for_two_of_the_team_and_never_for_its_writer()
    story.what_the_team_settled_is_written_with_its_form_as_source()
    story.the_tea_is_changed_at_once_and_every_version_stays()
    story.her_birthday_shows_once_she_agreed_and_is_more_than_an_ordinary_guest()
    story.care_is_a_duty_of_the_week_that_a_photo_proves_and_sales_confirms()
    story.what_she_takes_back_is_refused_from_the_answer_on_and_her_stay_goes_on()
    story.her_receipts_stay_as_they_were()
    story.the_likely_double_is_shown_and_saved_only_with_a_reason()
    story.the_double_becomes_part_of_her_once_two_have_decided_so()
    story.not_even_the_head_reads_without_asking_and_she_is_not_her_own_superior()
    story.nothing_of_her_birthday_was_told()


class Stay(Story):
    """The walk of one guest."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        self.born = self.today() + timedelta(days=3)
        self.number = int(self.now().timestamp() * 10) % 5_000  # that no other run on this suite has used
        self.name = f"李雪{chr(0x4E00 + self.number)}"
        self.guest = self.double = self.request_of_comment = self.comment = ""
        self.receipts: list[dict[str, Any]] = []

    # ------------------------------------------------------------------ 1, 2, 3

    def a_reservation_is_valid_at_once_and_both_answers_are_kept(self) -> None:
        birthday = {"basic.birth_date": self.born.replace(year=1990).isoformat()}
        self.guest = self.reservation(self.number, birthday)["id"]
        self.eventually(lambda: self.state("zheng", self.guest, "stay") == "active", "the guest to be there")
        answers = {(one["purpose"], one["state"], one["notice"]) for one in self.consents()}
        assert answers == {("stay", "given", NOTICE), ("care", "refused", NOTICE)}

    def who_meets_guests_sees_the_screen_and_others_do_not(self) -> None:
        screen = str(self.as_("zheng").get("/v1/views/guest_screen"))
        assert all(value in screen for value in (self.name, "龙井", "低"))
        no = refused(lambda: self.as_("sun").get("/v1/views/guest_screen"))
        assert told(no) == (403, "right.missing")

    def what_is_withheld_for_two_reasons_names_both(self) -> None:
        habits = self.read("zheng", self.guest, "care", "analysis.habits")["fields"]["analysis.habits"]
        assert habits["state"] == "withheld"
        assert (habits["reason"]["code"], habits["reason"]["also"]) == ("consent.refused", "right.missing")

    # ------------------------------------------------------------------ 4, 5

    def a_comment_waits_for_two_of_the_team_and_never_for_its_writer(self) -> None:
        about = {"about": self.guest, "fields": {PILLOWS: "2"}}
        self.comment = self.as_("zheng").post("/v1/registers/guest_comment", about)["id"]
        self.request_of_comment = self.eventually(self.change_proposed, "the comment to wait for the team")
        own = refused(lambda: self.decides("zheng", self.request_of_comment))
        assert told(own) == (403, "approvals.own_request")
        assert self.decides("wu", self.request_of_comment)["state"] == "pending", "two have to agree"

    def what_the_team_settled_is_written_with_its_form_as_source(self) -> None:
        assert self.decides("liu", self.request_of_comment)["state"] == "approved"
        self.eventually(lambda: self.shown("zheng", self.guest, "stay", PILLOWS) == "2", "the pillows")
        entry = self.as_("zheng").get(f"/v1/registers/guest_comment/{self.comment}?purpose=stay")
        last = self.versions("zheng", self.guest, "stay")[-1]
        assert (last["source"]["number"], last["source"]["class"]) == (entry["number"], "guest_comment")
        assert {one["by"] for one in self.request(self.request_of_comment)["decisions"]} == {"wu", "liu"}

    def the_tea_is_changed_at_once_and_every_version_stays(self) -> None:
        version = self.read("zheng", self.guest, "stay")["version"]
        self.change("zheng", self.guest, version, {TEA: "普洱"}, reason="asked for it at breakfast")
        self.eventually(lambda: self.shown("zheng", self.guest, "stay", TEA) == "普洱", "the tea")
        last = self.versions("zheng", self.guest, "stay")[-1]
        assert last["fields"][TEA] == {"old": "龙井", "new": "普洱"}
        assert [TEA] in [one["data"]["fields"] for one in self.entries(self.guest, "records.changed")], (
            "others are told"
        )

    # ------------------------------------------------------------------ 6, 7

    def her_birthday_shows_once_she_agreed_and_is_more_than_an_ordinary_guest(self) -> None:
        zheng, path = self.as_("zheng"), f"/v1/records/{self.guest}"
        assert not self.has_a_birthday()
        zheng.post(f"{path}/schemes/segment", {"value": "vip", "reason": "stays every month"})
        assert zheng.post(f"{path}/consents", CARE)["id"]
        self.eventually(self.has_a_birthday, "her birthday in the list")

    def care_is_a_duty_of_the_week_that_a_photo_proves_and_sales_confirms(self) -> None:
        week = next_day(0, self.today())
        self.go_to(self.morning_of(week))
        path = f"/v1/duties/{self.eventually(lambda: self.care_of(week), 'the duty of the week')['duty']}"
        none = refused(lambda: self.as_("zheng").post(f"{path}/completion", {"evidence": {}}))
        assert lacking(none) == {"document photo"}
        proved = {"evidence": {"photo": "a picture of the flowers"}}
        assert self.as_("zheng").post(f"{path}/completion", proved)["state"] == "done"
        own = refused(lambda: self.as_("zheng").post(f"{path}/confirmation"))
        assert told(own) == (403, "approvals.kept_apart")
        assert self.as_("liu").post(f"{path}/confirmation")["state"] == "closed"

    # ------------------------------------------------------------------ 8

    def what_she_takes_back_is_refused_from_the_answer_on_and_her_stay_goes_on(self) -> None:
        self.receipts = self.consents()
        given = next(one["id"] for one in self.receipts if (one["purpose"], one["state"]) == ("care", "given"))
        assert self.shown("zheng", self.guest, "care", TEA) == "普洱"
        self.as_("zheng").post(f"/v1/records/{self.guest}/consents/{given}/withdrawal", {})
        no = refused(lambda: self.read("zheng", self.guest, "care", TEA))
        assert told(no) == (403, "consent.withdrawn")
        assert not self.has_a_birthday()
        assert self.shown("zheng", self.guest, "stay", TEA) == "普洱"

    def her_receipts_stay_as_they_were(self) -> None:
        after = self.consents()
        assert {one["id"]: one["seal"] for one in self.receipts}.items() <= {
            one["id"]: one["seal"] for one in after
        }.items()
        last = after[-1]
        assert last["state"] == "withdrawn" and last["receipt"] in {one["id"] for one in self.receipts}

    # ------------------------------------------------------------------ 9

    def the_likely_double_is_shown_and_saved_only_with_a_reason(self) -> None:
        other = self.number + 5_000  # another telephone
        no = refused(lambda: self.reservation(other))
        assert told(no) == (409, "record.likely_duplicate") and self.guest in str(no.problem)
        accepted = {"reason": "her daughter of the same name", "of": [self.guest]}
        self.double = self.reservation(other, duplicates=accepted)["id"]
        self.eventually(lambda: self.state("zheng", self.double, "stay") == "active", "the other to be there")

    def the_double_becomes_part_of_her_once_two_have_decided_so(self) -> None:
        version = self.read("zheng", self.guest, "stay")["version"]
        merge = {"survivor": self.guest, "merged": self.double, "reason": "one and the same after all"}
        asked = self.as_("zheng").post("/v1/records/merges", merge, If_Match=f'"{version}"')
        assert (asked.status, asked["outcome"]) == (202, "waiting")
        request = self.request_about("merge", asked["merge"])
        assert self.chain(self.request(request)) == [["he"], ["wu"]]
        self.approved(request, "he", "wu")
        self.eventually(lambda: self.read("zheng", self.double, "stay")["id"] == self.guest, "the two to be one")
        [line] = self.as_("zheng").get(f"/v1/records/{self.guest}/merges")["items"]
        assert (line["merged"], line["state"], line["decided_by"]) == (self.double, "merged", ["he", "wu"])
        assert self.double not in str(self.as_("zheng").get("/v1/records?class=guest&limit=500"))

    # ------------------------------------------------------------------ 10

    def not_even_the_head_reads_without_asking_and_she_is_not_her_own_superior(self) -> None:
        for field in ("basic.name", TEA):
            one = self.read("wu", self.guest, "stay", field)["fields"][field]
            assert (one["reason"]["code"], one["reason"]["request_kind"]) == ("right.missing", "view")
        assert self.chain(self.asks("wu", "view", [self.guest], purpose="stay")) == [["wang"]]

    def nothing_of_her_birthday_was_told(self) -> None:
        """No event, duty or log entry holds her date of birth."""
        day = f"{self.born:%m-%d}"
        entries = self.as_("ma").get(f"/v1/audit/entries?record={self.guest}&limit=200")["items"]
        assert entries and f"1990-{day}" not in str(entries)
        duties = self.duties("zheng", "care_week")
        assert duties and day not in str([{k: v for k, v in one.items() if "due" not in k} for one in duties])

    # ------------------------------------------------------------------ what the steps share

    def reservation(self, number: int, fields: dict[str, str] | None = None, **other: Any) -> Answer:
        """zheng takes a reservation."""
        own = {**GUEST, "basic.name": self.name, "contact.mobile": f"1990000{number:04d}", **(fields or {})}
        body = {"class": "guest", "fields": own, "purposes": ["stay"], "consents": [STAY, NO_CARE]}
        return Answer(self.as_("zheng").post("/v1/records", {**body, **other}))

    def consents(self) -> list[dict[str, Any]]:
        """Every answer she gave."""
        return list(self.as_("zheng").get(f"/v1/records/{self.guest}/consents")["items"])

    def has_a_birthday(self) -> bool:
        """Whether the list of birthdays names her."""
        return self.guest in str(self.as_("zheng").get("/v1/views/birthdays"))

    def change_proposed(self) -> Any:
        """The change that the comment proposes."""
        items = self.as_("ma").get("/v1/requests?kind=change&state=pending&limit=500")["items"]
        return next((one["request"] for one in items if self.guest in one["records"]), None)

    def care_of(self, week: date) -> Any:
        """The open duty of that week."""
        friday = (week + timedelta(days=4)).isoformat()
        found = [one for one in self.duties("zheng", "care_week") if one["state"] == "open"]
        return next((one for one in found if week.isoformat() <= one["due"] <= friday), None)

"""S13 (G1, G2): an import, a use of many records, a change that only the customer may ask for, a right to copy.

Of line 9 the yearly check is here; inspections and suggestions belong to the engines of supervision, which come later.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest

from cli.http import Answer
from tests.nodes.processes import until
from tests.system.life import a_record, activate
from tests.system.stories import Story, lacking, refused, told
from tests.system.suite import Suite

pytestmark = pytest.mark.timeout(900, func_only=True)
ROWS, TWICE, WRONG = 300, 12, 17
HEADER = ("客户名称", "联系人", "手机", "电话")
ENDED = ("checked", "waiting", "released", "rejected", "failed")
MOBILE = "contact.mobile"


@pytest.mark.covers("Q-016", "Q-117", "Q-243", "Q-247", "Q-274", "Q-353")
def test_an_old_list_comes_in_is_released_by_another_and_used_only_for_what_was_approved(suite: Suite) -> None:
    story = OldList(suite)

    story.a_dry_run_accounts_for_every_row_and_stores_nothing()
    story.the_report_says_what_a_clerk_can_mend()
    story.what_came_in_waits_and_nobody_finds_it()
    story.whoever_brought_it_does_not_release_it()
    story.a_second_time_brings_nothing()
    story.a_use_is_for_a_purpose_of_the_company_and_decided_by_the_head()
    story.the_use_is_noted_of_each_record_by_itself()
    story.permission_to_use_is_no_consent()


@pytest.mark.covers("Q-126", "Q-127", "Q-284", "Q-298", "Q-361")
def test_what_a_customer_wants_changed_is_proved_and_the_customer_told(suite: Suite) -> None:
    story = Change(suite)

    story.a_phone_call_is_no_request_of_the_customers()
    story.without_the_letter_it_names_what_is_missing()
    story.with_the_letter_another_decides()
    story.yesterdays_value_stays_to_be_seen_with_who_why_and_proof()
    story.she_is_told_and_whoever_answers_for_her_record_shows_that_he_did()


@pytest.mark.covers("Q-284", "Q-315")
def test_an_original_is_lent_by_exception_and_a_right_exists_when_another_has_given_it(suite: Suite) -> None:
    story = Right(suite)

    story.an_original_leaves_the_house_as_an_exception_only()
    story.two_sign_for_its_return()
    story.a_right_needs_training()
    story.the_head_approves_and_who_executes_cannot()
    story.approved_is_not_yet_given()
    story.it_exists_once_another_has_given_it()
    story.it_is_given_within_two_working_days_or_not_at_all()


@pytest.mark.covers("Q-409")
def test_the_yearly_check_is_a_finding_when_nobody_has_done_it(suite: Suite) -> None:
    story = YearlyCheck(suite)

    story.missed_it_is_a_finding()
    story.the_archivist_does_it_late()
    story.it_counts_when_the_supervision_group_agrees()


# ---------------------------------------------------------------------- 1 to 4


class OldList(Story):
    """The walk of a list from the old computer."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        number = int(self.now().timestamp()) % 100_000
        self.mark, self.first = f"星河{number}", number % 30 * ROWS
        self.content, self.name = self.a_file(), f"{self.mark}第1客户"
        self.dry = self.real = Answer({})
        self.mine: list[str] = []
        self.grant = ""

    def a_dry_run_accounts_for_every_row_and_stores_nothing(self) -> None:
        self.dry = self.uploaded(dry_run="true")
        assert (self.dry["encoding"], self.dry["rows"]) == ("gb18030", ROWS)
        assert self.dry["accepted"] + self.dry["rejected"] + self.dry["duplicates"] == ROWS
        assert (self.dry["rejected"], self.dry["duplicates"]) == (1, TWICE)
        assert self.found_by("zheng") == []

    def the_report_says_what_a_clerk_can_mend(self) -> None:
        report = self.as_("zheng").get(f"/v1/imports/{self.dry['id']}/report.csv")["text"]
        [line] = [one for one in csv.reader(io.StringIO(report.lstrip("\ufeff"))) if one[:1] == [str(WRONG)]]
        assert "telephone: area code is missing, e.g. 010-" in line[3], line

    def what_came_in_waits_and_nobody_finds_it(self) -> None:
        self.real = self.uploaded()
        assert (self.real["state"], self.real["accepted"]) == ("waiting", self.dry["accepted"])
        assert self.found_by("sun") == []

    def whoever_brought_it_does_not_release_it(self) -> None:
        release = self.request_about("create", self.real["id"])
        assert told(refused(lambda: self.decides("zheng", release))) == (403, "approvals.kept_apart")
        self.decides("he", release)
        self.eventually(lambda: self.found_by("sun"), "the released record")

    def a_second_time_brings_nothing(self) -> None:
        assert self.uploaded()["accepted"] == 0

    def a_use_is_for_a_purpose_of_the_company_and_decided_by_the_head(self) -> None:
        self.mine = self.living("zheng")
        used: dict[str, Any] = {"purpose": "marketing", "fields": ["basic.name", MOBILE]}
        private = refused(lambda: self.asks("sun", "use", self.mine, **{**used, "purpose": "private"}))
        assert told(private) == (422, "purpose.unknown")
        raised = self.asks("sun", "use", self.mine, **used)
        assert len(self.mine) == 40 and self.chain(raised) == [["liu"]]
        [self.grant] = self.decides("liu", raised["request"])["grants"]

    def the_use_is_noted_of_each_record_by_itself(self) -> None:
        for record in (self.mine[0], self.mine[-1]):
            [one] = self.entries(record, "approvals.use_granted")
            assert (one["purpose"], one["data"]["person"], one["data"]["grant"]) == ("marketing", "sun", self.grant)

    def permission_to_use_is_no_consent(self) -> None:
        """Who never agreed to advertising is not shown for it."""
        no = refused(lambda: self.read("sun", self.mine[0], "marketing", MOBILE))
        assert told(no) == (403, "consent.missing")

    def a_file(self) -> bytes:
        """300 rows: row 17 has a telephone without area code, the last twelve come twice."""
        lines = [self.a_line(n) for n in range(1, ROWS - TWICE + 1)]
        text = io.StringIO()
        csv.writer(text).writerows([HEADER, *lines, *lines[:TWICE]])
        return text.getvalue().encode("gb18030")

    def a_line(self, n: int) -> tuple[str, ...]:
        """The n-th customer."""
        telephone = "62345678" if n == WRONG - 1 else "010-12345678"
        return f"{self.mark}第{n}客户", f"联系人{n}", f"1990001{self.first + n:04d}", telephone

    def uploaded(self, **form: str) -> Answer:
        """zheng brings the file in; every row has its outcome."""
        asked = {"class": "company.customer", **form}
        begun = self.as_("zheng").upload("/v1/imports", asked, "客户.csv", self.content)
        found: list[Answer] = []

        def ended() -> bool:
            found[:] = [self.as_("zheng").get(f"/v1/imports/{begun['id']}")]
            return found[0]["state"] in ENDED

        until(ended, 60, "the import to end")
        assert found[0]["state"] != "failed", found[0]
        return found[0]

    def found_by(self, person: str) -> list[Any]:
        """Whom a search for the first name finds: an old list came without consents, so it serves what needs none."""
        asked = {"class": "company.customer", "where": {"basic.name": self.name}, "purpose": "archive_use"}
        return list(self.as_(person).post("/v1/records/searches", asked)["items"])

    def living(self, person: str) -> list[str]:
        """Ids of 40 living records, newest first."""
        path = "/v1/records?class=company.customer&state=active&limit=40"
        return [one["id"] for one in self.as_(person).get(path)["items"]]


# ---------------------------------------------------------------------- 5, 6


class Change(Story):
    """The walk of one customer's new number."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        self.record = a_record(suite, {MOBILE: "19900001234"})
        activate(suite, self.record)
        self.version = self.read("zheng", self.record, "service")["version"]
        self.before: datetime = self.now()

    def asked(self, person: str, **given: Any) -> Answer:
        """Somebody asks for the new number."""
        return self.change(person, self.record, self.version, {MOBILE: "19900005678"}, **given)

    def a_phone_call_is_no_request_of_the_customers(self) -> None:
        why = "she said so on the phone"
        for person, code, kind in (("sun", "right.missing", None), ("zheng", "change.customer_only", "change")):
            no = refused(lambda person=person: self.asked(person, reason=why))  # type: ignore[misc]
            assert (told(no), no.problem["request_kind"]) == ((403, code), kind)

    def without_the_letter_it_names_what_is_missing(self) -> None:
        no = refused(lambda: self.asked("zheng", requested_by="customer", reason="her letter of today"))
        assert lacking(no) == {"document customer_request"}

    def with_the_letter_another_decides(self) -> None:
        self.suite.advance("PT1H")
        proof = {"requested_by": "customer", "reason": "her letter of today", "evidence": ["customer_request"]}
        assert lacking(refused(lambda: self.asked("zheng", **proof))) == {"document customer_request"}
        form = {"kind": "customer_request", "form": "original", "signed_by": "customer"}
        self.as_("zheng").upload(f"/v1/records/{self.record}/documents", form, "letter.txt", b"please note my number")
        request = self.request_about("change", self.asked("zheng", **proof)["change"])
        assert told(refused(lambda: self.decides("zheng", request))) == (403, "approvals.own_request")
        assert self.decides("wu", request)["state"] == "approved"
        self.eventually(lambda: self.mobile().endswith("5678"), "the change")

    def yesterdays_value_stays_to_be_seen_with_who_why_and_proof(self) -> None:
        assert self.mobile(as_of=self.before.isoformat()).endswith("19900001234")
        last = self.versions("zheng", self.record, "service")[-1]
        assert (last["by"], last["reason"]) == ("zheng", "her letter of today")
        assert last["fields"][MOBILE]["old"].endswith("1234")

    def she_is_told_and_whoever_answers_for_her_record_shows_that_he_did(self) -> None:
        duty = self.duty("zheng", "tell_customer", self.record)
        assert (duty["owner"], duty["state"]) == ("zheng", "open")
        path = f"/v1/duties/{duty['duty']}/completion"
        assert lacking(refused(lambda: self.as_("zheng").post(path, {"evidence": {}}))) == {"document notice"}
        done = self.as_("zheng").post(path, {"evidence": {"notice": "answered by letter"}})
        assert (done["state"], done["on_time"]) == ("closed", True)

    def mobile(self, **other: str) -> str:
        """The number as zheng reads it."""
        return self.shown("zheng", self.record, "service", MOBILE, **other)


# ---------------------------------------------------------------------- 7, 8


class Right(Story):
    """The walk of one original and of one right to copy."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        self.record = a_record(suite, {MOBILE: "19900002345"})
        activate(suite, self.record)
        self.borrowed = self.execution = ""
        self.raised = Answer({})

    def an_original_leaves_the_house_as_an_exception_only(self) -> None:
        raised = self.asks("sun", "borrow", [self.record])
        assert self.chain(raised) == [["wang"]]
        [self.borrowed] = self.decides("wang", raised["request"])["grants"]

    def two_sign_for_its_return(self) -> None:
        lent, counted = {"record": self.record, "grant": self.borrowed, "borrower": "sun"}, {"items": 1}
        loan = self.accepted(lambda: self.as_("he").post("/v1/loans", lent), "right.missing")["loan"]
        back = f"/v1/loans/{loan}/return"
        assert told(refused(lambda: self.as_("he").post(back, counted))) == (409, "custody.unsigned")
        self.as_("sun").post(back, counted)
        assert self.as_("he").post(back, counted)["state"] == "returned"

    def a_right_needs_training(self) -> None:
        assert lacking(refused(self.asks_to_copy)) == {"entry training"}
        self.is_trained("sun")
        self.raised = self.accepted(self.asks_to_copy, "needs.missing")

    def the_head_approves_and_who_executes_cannot(self) -> None:
        assert self.chain(self.raised) == [["liu"]]
        no = refused(lambda: self.decides("ma", self.raised["request"]))
        assert told(no) == (403, "approvals.not_yours")

    def approved_is_not_yet_given(self) -> None:
        [under] = self.decides("liu", self.raised["request"])["grants"]
        self.execution = f"/v1/grants/{under}/execution"
        assert self.copies() == []
        assert told(refused(lambda: self.as_("liu").post(self.execution))) == (403, "grant.not_yours")

    def it_exists_once_another_has_given_it(self) -> None:
        given = self.as_("ma").post(self.execution)
        assert given["person"] == "sun" and [one["id"] for one in self.copies()] == [given["grant"]]
        assert told(refused(lambda: self.as_("ma").post(self.execution))) == (403, "grant.used")

    def it_is_given_within_two_working_days_or_not_at_all(self) -> None:
        [unused] = self.decides("liu", self.asks_to_copy()["request"])["grants"]
        self.suite.advance("P15D")
        late = refused(lambda: self.as_("ma").post(f"/v1/grants/{unused}/execution"))
        assert told(late) == (403, "grant.expired")

    def asks_to_copy(self) -> Answer:
        """sun asks for the right to copy."""
        return self.asks("sun", "permit", [self.record], act="copy", fields=["contact"], period="P30D")

    def is_trained(self, person: str) -> None:
        """The archivist writes the training down, who was trained signs for it."""
        fields = {"form.date": str(self.today()), "form.topic": "handling of copies"}
        entry = self.as_("he").post("/v1/registers/training", {"about": person, "fields": fields})
        self.as_(person).post(f"/v1/entries/{entry['id']}/signatures", {"version": entry["version"]})

    def copies(self) -> list[Any]:
        """Live rights of sun to copy the record."""
        items = self.as_("sun").get(f"/v1/grants?record={self.record}")["items"]
        return [one for one in items if one["mode"] == "copy"]


# ---------------------------------------------------------------------- 9


class YearlyCheck(Story):
    """The walk of this year's check."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        self.year, self.path = self.now().year, ""

    def missed_it_is_a_finding(self) -> None:
        self.eventually(self.of_this_year, "this year's check")
        self.go_to(self.morning_of(date(self.year + 1, 1, 2)))
        missed = self.eventually(lambda: self.of_this_year("overdue"), "the miss")[0]
        assert missed["finding"] == "yearly_check"
        self.path = f"/v1/duties/{missed['duty']}"

    def the_archivist_does_it_late(self) -> None:
        assert self.confirmed_by("ma") == (409, "duty.not_done")
        done = self.as_("he").post(f"{self.path}/completion", {"evidence": {}})
        assert done["state"] == "done"

    def it_counts_when_the_supervision_group_agrees(self) -> None:
        assert self.confirmed_by("he") == (403, "approvals.kept_apart")
        assert self.confirmed_by("xu") == (403, "duty.not_yours")
        closed = self.as_("ma").post(f"{self.path}/confirmation")
        assert (closed["state"], closed["on_time"]) == ("closed", False)

    def confirmed_by(self, person: str) -> tuple[int, str]:
        """How somebody is refused who agrees that it is done."""
        return told(refused(lambda: self.as_(person).post(f"{self.path}/confirmation")))

    def of_this_year(self, state: str | None = None) -> list[Any]:
        """The duty of the year in which this walk began."""
        found = [one for one in self.duties("he", "yearly_check") if one["due"].startswith(str(self.year))]
        return [one for one in found if state in (None, one["state"])]

"""S4 (G26, G35): a new supplier. A form, the head, the chairman; finance writes the card, once, from the form."""

from __future__ import annotations

import calendar
from datetime import date, datetime
from typing import Any

import pytest
from stdnum.cn import uscc

from cli.http import Answer, Refusal
from regimes import dates
from regimes.calendar import WorkCalendar
from tests.system.stories import HERE, Story, lacking, lines, next_first, refused, told
from tests.system.suite import Suite

pytestmark = pytest.mark.timeout(900, func_only=True)
FORM = {
    "basic.name": "澄州新元材料有限公司",
    "basic.kind": "enterprise",
    "basic.founded": "2019-05-06",
    "contact.person": "何远",
    "contact.mobile": "19900004321",
    "business.direction": "buying",
    "business.policy": "稳健经营",
}
CONSENT = {"purpose": "trade", "notice": "2026-1", "channel": "business", "kind": "simple"}
CARD: dict[str, Any] = {"class": "trading.customer", "purpose": "trade"}
MOBILE = "contact.mobile"


@pytest.mark.covers("Q-004", "Q-056", "Q-057", "Q-135", "Q-197", "Q-237", "Q-238", "Q-239", "Q-255", "Q-302")
def test_finance_writes_a_new_suppliers_card_once_from_the_form_that_head_and_chairman_approved(suite: Suite) -> None:
    story = Supplier(suite)

    story.a_wrong_check_digit_is_named_by_its_field()
    story.the_corrected_form_is_signed()
    story.nobody_creates_without_approval_nor_asks_without_the_form()
    story.head_and_chairman_decide_and_for_the_head_his_superior()
    story.nobody_approves_in_anothers_place_or_out_of_turn()
    story.finance_gets_the_grant_once_and_for_five_working_days_and_whoever_asked_gets_none()
    story.the_grant_enters_what_its_form_says_and_nothing_else()
    story.the_card_has_the_forms_values_its_source_and_who_asked_for_it()
    story.the_grant_held_once()
    story.one_company_has_one_card()
    story.the_list_of_sales_shows_it_at_once_and_takes_no_entry()
    story.whoever_is_responsible_reads_where_the_cards_are_and_others_ask()
    story.a_change_is_reported_and_entered_by_finance()
    story.in_february_each_card_is_surveyed_and_a_miss_is_told_above()
    story.a_late_survey_is_late()
    story.one_company_has_one_card_also_when_the_old_one_is_past()


def a_code(number: int) -> str:
    """A credit code that holds, of a company that does not exist."""
    base = f"91000000MA{number:06d}X"
    return base + str(uscc.calc_check_digit(base))


class Supplier(Story):
    """The walk of one supplier's card."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        self.number = int(self.now().timestamp()) % 900_000  # that no other run on this suite has used
        self.code = a_code(self.number)
        self.form = self.raised = self.card = Answer({})
        self.grant: dict[str, Any] = {}

    # ------------------------------------------------------------------ 1

    def a_wrong_check_digit_is_named_by_its_field(self) -> None:
        wrong = self.code[:-1] + ("0" if self.code[-1] != "0" else "1")
        fields = {**FORM, "basic.credit_code": wrong}
        no = refused(lambda: self.as_("sun").post("/v1/registers/start_form", {"fields": fields}))
        assert no.status == 422 and ("/fields/basic.credit_code", "credit_code.check_digit") in lines(no)

    def the_corrected_form_is_signed(self) -> None:
        self.form = self.a_form(self.code)
        assert (self.form["state"], self.form["number"][:3]) == ("active", "TF-")

    # ------------------------------------------------------------------ 2

    def nobody_creates_without_approval_nor_asks_without_the_form(self) -> None:
        no = refused(lambda: self.enters(None))
        assert (told(no), no.problem["request_kind"]) == ((403, "right.missing"), "create")
        assert lacking(refused(lambda: self.asks("sun", "create", **CARD))) == {"entry start_form"}
        theirs = {**CARD, "evidence": [self.proof(self.form)]}
        assert lacking(refused(lambda: self.asks("zheng", "create", **theirs))) == {"entry start_form"}

    # ------------------------------------------------------------------ 3, 4

    def head_and_chairman_decide_and_for_the_head_his_superior(self) -> None:
        self.raised = self.asks_for_a_card(self.form)
        assert self.chain(self.raised) == [["liu"], ["chen"]]
        simulated = {"kind": "create", "class": "trading.customer", "applicant": "liu"}
        would = self.as_("sun").post("/v1/regimes/hengtong/simulations", simulated)
        assert self.chain(Answer(would)) == [["zhao"], ["chen"]]

    def nobody_approves_in_anothers_place_or_out_of_turn(self) -> None:
        against = {"wang": "approvals.not_yours", "chen": "approvals.not_yet", "sun": "approvals.own_request"}
        for person, code in against.items():
            no = refused(lambda person=person: self.decides(person, self.raised["request"]))  # type: ignore[misc]
            assert told(no) == (403, code), person

    # ------------------------------------------------------------------ 5

    def finance_gets_the_grant_once_and_for_five_working_days_and_whoever_asked_gets_none(self) -> None:
        settled = self.approved(self.raised["request"], "liu", "chen")
        approved_on = self.today()
        [self.grant] = self.as_("qian").get("/v1/grants?state=live")["items"]
        assert (self.grant["id"], self.grant["person"], self.grant["once"]) == (settled["grants"][0], "qian", True)
        assert last_day(self.grant) == dates.add(approved_on, "P5B", WorkCalendar())
        assert self.as_("sun").get("/v1/grants?state=live")["items"] == []
        own = {"class": "trading.customer", "purposes": ["trade"], "fields": {}, "source": self.form["id"]}
        assert told(refused(lambda: self.as_("sun").post("/v1/records", own))) == (403, "right.missing")

    # ------------------------------------------------------------------ 6

    def the_grant_enters_what_its_form_says_and_nothing_else(self) -> None:
        other = self.a_form(a_code(self.number + 1))
        assert told(refused(lambda: self.enters(other))) == (403, "grant.scope")

    def the_card_has_the_forms_values_its_source_and_who_asked_for_it(self) -> None:
        made = self.enters(self.form)
        assert made["state"] == "active"
        self.card = self.read("xu", made["id"], "trade", "basic.name", "basic.credit_code")
        assert self.card["fields"]["basic.credit_code"]["value"] == self.code
        assert (self.card["number"][0], self.card["source"]["number"]) == ("T", self.form["number"])
        assert (self.card["responsible"], self.card["department"]) == ("sun", "sales"), "not whoever keyed it in"

    def the_grant_held_once(self) -> None:
        assert told(refused(lambda: self.enters(None))) == (403, "grant.used")

    # ------------------------------------------------------------------ 7

    def one_company_has_one_card(self) -> None:
        again = self.a_form(self.code)
        self.approved(self.asks_for_a_card(again)["request"], "liu", "chen")
        assert told(refused(lambda: self.enters(again))) == (409, "record.exists")

    def one_company_has_one_card_also_when_the_old_one_is_past(self) -> None:
        card = self.card["id"]
        version = self.read("xu", card, "trade")["version"]
        self.decides("liu", self.ends("qian", card, version, "no trade for years"))
        # What is past is asked for by everybody.
        self.eventually(lambda: not self.may_read(card), "the card to be past")
        self.one_company_has_one_card()

    # ------------------------------------------------------------------ 8

    def the_list_of_sales_shows_it_at_once_and_takes_no_entry(self) -> None:
        path, json = "/v1/views/customer_list", {"Content-Type": "application/json"}
        assert self.card["number"] in str(self.as_("liu").get(path))
        assert self.as_("liu").raw("PUT", path, b"{}", json)[0] == 405

    # ------------------------------------------------------------------ 9

    def whoever_is_responsible_reads_where_the_cards_are_and_others_ask(self) -> None:
        card = self.card["id"]
        assert self.shown("sun", card, "trade", MOBILE) == "right.missing"
        assert self.shown("sun", card, "trade", MOBILE, place="cards_office").endswith("19900004321")
        asked = self.asks("zheng", "view", [card], purpose="trade", fields=[MOBILE])
        assert self.chain(asked) == [["qian", "xu"]]

    def a_change_is_reported_and_entered_by_finance(self) -> None:
        card, at, why = self.card["id"], self.card["version"], "new number since today"
        now = {MOBILE: "19900008765"}
        assert told(refused(lambda: self.change("sun", card, at, now, reason=why))) == (403, "change.reported_only")
        reported = self.change("sun", card, at, now, reason=why, requested_by="reported")
        assert reported.status == 202
        self.decides("qian", self.request_about("change", reported["change"]))
        self.eventually(lambda: self.shown("xu", card, "trade", MOBILE).endswith("8765"), "the new number")

    # ------------------------------------------------------------------ 10

    def in_february_each_card_is_surveyed_and_a_miss_is_told_above(self) -> None:
        february = next_first(2, self.today())
        self.go_to(self.morning_of(february))
        duty = self.duty("xu", "survey_cards", self.card["id"])
        assert duty["due"] == str(february.replace(day=calendar.monthrange(february.year, 2)[1]))
        assert duty["provisional"] is not WorkCalendar().is_published(february.year)
        self.go_to(self.morning_of(february.replace(month=3)))
        late = self.eventually(self.missed_and_told, "the miss to be told above")
        assert late["escalated_to"] == ["wang"], "the head of finance owns it: her superior hears of it"

    def a_late_survey_is_late(self) -> None:
        card, done = self.card["id"], {"event": "confirmed", "date": str(self.today())}
        assert [one["record"] for one in self.duties("wang", "survey_cards", card)] == [card]
        self.as_("qian").post(f"/v1/records/{card}/events", done)
        assert self.duty("xu", "survey_cards", card, "closed")["on_time"] is False

    # ------------------------------------------------------------------ what the steps share

    def a_form(self, code: str) -> Answer:
        """sun fills the investigation form in and signs it."""
        fields = {**FORM, "basic.credit_code": code}
        made = self.as_("sun").post("/v1/registers/start_form", {"fields": fields})
        return Answer(self.as_("sun").post(f"/v1/entries/{made['id']}/signatures", {"version": made["version"]}))

    def proof(self, form: Answer) -> dict[str, str]:
        """The form, as a request names it."""
        return {"entry": "start_form", "id": form["id"]}

    def asks_for_a_card(self, form: Answer) -> Answer:
        """sun asks for a new card, with the form."""
        asked = {**CARD, "evidence": [self.proof(form)]}
        return self.accepted(lambda: self.asks("sun", "create", **asked), "needs.missing")

    def enters(self, form: Answer | None) -> Answer:
        """qian enters a card, from a form."""
        said = {} if form else {"basic.name": FORM["basic.name"], "basic.credit_code": self.code}
        body = {"class": "trading.customer", "purposes": ["trade"], "fields": said, "consents": [CONSENT]}
        return Answer(self.as_("qian").post("/v1/records", body | ({"source": form["id"]} if form else {})))

    def missed_and_told(self) -> Any:
        """The missed survey, once somebody above was told."""
        duty = self.duties("xu", "survey_cards", self.card["id"])[0]
        return duty if duty["state"] == "overdue" and duty["escalated_to"] else None

    def may_read(self, card: str) -> bool:
        """Whether finance reads it without asking."""
        try:
            return bool(self.read("xu", card, "trade"))
        except Refusal:
            return False


def last_day(grant: dict[str, Any]) -> date:
    """The last civil day on which a grant holds, which ends with a day."""
    end = datetime.fromisoformat(grant["until"]).astimezone(HERE)
    assert (end.hour, end.minute) == (0, 0)
    return date.fromordinal(end.toordinal() - 1)

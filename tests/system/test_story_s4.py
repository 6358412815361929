"""S4 (G26, G35): a new supplier. A form, the head, the chairman; finance writes the card, once, from the form."""

from __future__ import annotations

import calendar
from typing import Any

import pytest
from stdnum.cn import uscc

from cli.http import Answer, Refusal
from regimes.calendar import WorkCalendar
from tests.system.stories import Story, lacking, lines, next_first, refused, told
from tests.system.suite import Suite

pytestmark = pytest.mark.timeout(240)
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


def a_code(number: int) -> str:
    """A credit code that holds, of a company that does not exist."""
    base = f"91000000MA{number:06d}X"
    return base + str(uscc.calc_check_digit(base))


def a_form(story: Story, code: str, **other: str) -> Answer:
    """sun fills the investigation form in and signs it."""
    made = story.as_("sun").post("/v1/registers/start_form", {"fields": {**FORM, "basic.credit_code": code, **other}})
    return Answer(story.as_("sun").post(f"/v1/entries/{made['id']}/signatures", {"version": made["version"]}))


def asks_for_a_card(story: Story, form: Answer, person: str = "sun") -> Answer:
    """The request for a new card, with the form."""
    proof = [{"entry": "start_form", "id": form["id"]}]
    asked: dict[str, Any] = {"class": "trading.customer", "purpose": "trade", "evidence": proof}
    return story.accepted(lambda: story.asks(person, "create", **asked), "needs.missing")


def enters(story: Story, form: Answer | None, **fields: str) -> Answer:
    """qian enters a card, from a form."""
    body = {"class": "trading.customer", "purposes": ["trade"], "fields": fields, "consents": [CONSENT]}
    return Answer(story.as_("qian").post("/v1/records", body | ({"source": form["id"]} if form else {})))


@pytest.mark.covers("Q-004", "Q-056", "Q-057", "Q-135", "Q-197", "Q-237", "Q-238", "Q-239", "Q-255", "Q-302")
def test_finance_writes_a_new_suppliers_card_once_from_the_form_that_head_and_chairman_approved(suite: Suite) -> None:
    story, sun = Story(suite), suite.gateway("sun")
    code = a_code(suite_number(story))

    # 1: a wrong check digit is named by its field; corrected, the form is signed
    wrong = {"fields": {**FORM, "basic.credit_code": code[:-1] + ("0" if code[-1] != "0" else "1")}}
    assert ("/fields/basic.credit_code", "credit_code.check_digit") in lines(
        refused(lambda: sun.post("/v1/registers/start_form", wrong))
    )
    form = a_form(story, code)
    assert (form["state"], form["number"][:3]) == ("active", "TF-")

    # 2: not even finance creates without its approval; nobody asks without the form
    card = {"basic.name": FORM["basic.name"], "basic.credit_code": code}
    no = refused(lambda: enters(story, None, **card))
    assert (told(no), no.problem["request_kind"]) == ((403, "right.missing"), "create")
    bare: dict[str, Any] = {"class": "trading.customer", "purpose": "trade"}
    assert lacking(refused(lambda: story.asks("sun", "create", **bare))) == {"entry start_form"}
    theirs = {**bare, "evidence": [{"entry": "start_form", "id": form["id"]}]}
    assert lacking(refused(lambda: story.asks("zheng", "create", **theirs))) == {"entry start_form"}

    # 3: head, then chairman; for the head himself his superior
    raised = asks_for_a_card(story, form)
    assert story.chain(raised) == [["liu"], ["chen"]]
    simulated = {"kind": "create", "class": "trading.customer", "applicant": "liu"}
    would = sun.post("/v1/regimes/hengtong/simulations", simulated)
    assert story.chain(Answer(would)) == [["zhao"], ["chen"]]

    # 4: approval, not notice: nobody approves in the chairman's place, nor out of turn
    assert told(refused(lambda: story.decides("wang", raised["request"]))) == (403, "approvals.not_yours")
    assert told(refused(lambda: story.decides("chen", raised["request"]))) == (403, "approvals.not_yet")
    assert told(refused(lambda: story.decides("sun", raised["request"]))) == (403, "approvals.own_request")

    # 5: the grant is qian's, for one card; whoever asked for it gets none
    story.decides("liu", raised["request"])
    settled = story.decides("chen", raised["request"])
    assert settled["state"] == "approved"
    [grant] = story.as_("qian").get("/v1/grants?state=live")["items"]
    assert (grant["id"], grant["person"], grant["once"]) == (settled["grants"][0], "qian", True)
    assert story.as_("sun").get("/v1/grants?state=live")["items"] == []
    own = {"class": "trading.customer", "purposes": ["trade"], "fields": {}, "source": form["id"]}
    assert told(refused(lambda: sun.post("/v1/records", own))) == (403, "right.missing")

    # 6: the card has the form's values and its number as their source; the grant held once, for this form
    other = a_form(story, a_code(suite_number(story) + 1))
    assert told(refused(lambda: enters(story, other))) == (403, "grant.scope")
    made = enters(story, form)
    assert made["state"] == "active"
    seen = story.read("xu", made["id"], "trade", "basic.name", "basic.credit_code")
    assert seen["fields"]["basic.credit_code"]["value"] == code
    assert (seen["number"][0], seen["source"]["number"]) == ("T", form["number"])
    assert (seen["responsible"], seen["department"]) == ("sun", "sales"), (
        "hers to answer for who asked, not who keyed it in"
    )
    assert told(refused(lambda: enters(story, None, **card))) == (403, "grant.used")

    # 7: one company, one card, also when another form for it was approved
    again = a_form(story, code)
    second = asks_for_a_card(story, again)
    for person in ("liu", "chen"):
        story.decides(person, second["request"])
    assert told(refused(lambda: enters(story, again))) == (409, "record.exists")

    # 8: the list of Sales is a view of the cards: the new one is there at once, and nothing can be entered in it
    listed = suite.gateway("liu").get("/v1/views/customer_list")
    assert seen["number"] in str(listed)
    status, _, _ = suite.gateway("liu").raw(
        "PUT", "/v1/views/customer_list", b"{}", {"Content-Type": "application/json"}
    )
    assert status == 405

    # 9: whoever is responsible reads where the cards are; she reports a change, and finance enters it
    card = made["id"]
    assert story.shown("sun", card, "trade", "contact.mobile") == "right.missing"
    assert story.shown("sun", card, "trade", "contact.mobile", place="cards_office").endswith("19900004321")
    asked = story.asks("zheng", "view", [card], purpose="trade", fields=["contact.mobile"])
    assert story.chain(asked) == [["qian", "xu"]]
    body: dict[str, Any] = {"fields": {"contact.mobile": "19900008765"}, "reason": "new number since today"}
    at = {"If_Match": f'"{seen["version"]}"'}
    edit = refused(lambda: sun.patch(f"/v1/records/{card}", {**body, "requested_by": "staff"}, **at))
    assert told(edit) == (403, "change.reported_only")
    reported = sun.patch(f"/v1/records/{card}", {**body, "requested_by": "reported"}, **at)
    assert reported.status == 202
    story.decides("qian", story.request_about("change", reported["change"]))
    story.eventually(lambda: story.shown("xu", card, "trade", "contact.mobile").endswith("8765"), "the new number")

    # 10: in February each living card is surveyed; who left two open answers for it to the one above
    surveyed(story, suite, card)

    closed(story, card)
    third = a_form(story, code)
    raised = asks_for_a_card(story, third)
    for person in ("liu", "chen"):
        story.decides(person, raised["request"])
    assert told(refused(lambda: enters(story, third))) == (409, "record.exists"), "also when the old one is past"


def surveyed(story: Story, suite: Suite, card: str) -> None:
    """The survey of February: a duty for each card, one of them done in time."""
    february = next_first(2, story.now().date())
    story.go_to(story.morning_of(february))
    duty = story.eventually(lambda: story.duties("xu", "survey_cards", card), "the survey of the card")[0]
    last = calendar.monthrange(february.year, 2)[1]
    assert duty["due"] == f"{february.year}-02-{last}"
    assert duty["provisional"] is not WorkCalendar().is_published(february.year)
    story.go_to(story.morning_of(february.replace(month=3)))
    late = story.eventually(lambda: overdue_and_told(story, card), "the miss to be told above")
    assert late["escalated_to"] == ["wang"], "the head of finance owns it: her superior hears of it"
    assert [one["record"] for one in story.duties("wang", "survey_cards", card)] == [card]
    suite.gateway("qian").post(f"/v1/records/{card}/events", {"event": "confirmed", "date": f"{february.year}-03-01"})
    story.eventually(lambda: story.duties("xu", "survey_cards", card)[0]["state"] == "closed", "the late survey")
    assert story.duties("xu", "survey_cards", card)[0]["on_time"] is False


def overdue_and_told(story: Story, card: str) -> Any:
    """The missed duty, once somebody above was told."""
    duty = story.duties("xu", "survey_cards", card)[0]
    return duty if duty["state"] == "overdue" and duty["escalated_to"] else None


def suite_number(story: Story) -> int:
    """A number that no other run on this suite has used."""
    return int(story.now().timestamp()) % 900_000


def closed(story: Story, card: str) -> None:
    """The relation is over: finance asks to end it, the head of who is responsible agrees."""
    version = story.read("xu", card, "trade")["version"]
    body = {"to": "past", "reason": "no trade for years"}
    waiting = story.as_("qian").post(f"/v1/records/{card}/transitions", body, If_Match=f'"{version}"')
    story.decides("liu", story.request_about("end", waiting["move"]))
    # What is past is asked for by everybody.
    story.eventually(lambda: not may_read(story, card), "the card to be past")


def may_read(story: Story, card: str) -> bool:
    """Whether finance reads it without asking."""
    try:
        return bool(story.read("xu", card, "trade"))
    except Refusal:
        return False

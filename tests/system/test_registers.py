"""Registers through the gateway: filled in, signed, listed, printed, taken away; on both brokers and databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cli.http import Gateway, Refusal
from tests.nodes.processes import until
from tests.system.life import a_record, activate
from tests.system.suite import Suite

HOSTILE = "<script>alert(1)</script> {{ 7*7 }}"


@pytest.fixture
def customer(suite: Suite) -> str:
    """A valid record of a customer."""
    record = a_record(suite, {})
    activate(suite, record)
    return record


@pytest.mark.covers("Q-208", "Q-210", "Q-214", "Q-218")
def test_what_is_noted_about_a_customer_is_signed_listed_and_printed(suite: Suite, customer: str) -> None:
    zheng = suite.gateway("zheng")
    fields = {"form.date": "2026-11-19", "form.kind_of_visit": "care", "form.content": HOSTILE}

    note = zheng.post("/v1/registers/visit_note", {"about": customer, "fields": fields})
    assert (note.status, note["state"], note["left"]) == (201, "draft", 1)
    signed = zheng.post(f"/v1/entries/{note['id']}/signatures", {"version": note["version"]})
    assert (signed["state"], signed["number"][:3]) == ("active", "VN-")

    listed = zheng.get(f"/v1/registers/visit_note?about={customer}")["items"]
    assert [one["id"] for one in listed] == [note["id"]]
    entry = zheng.get(f"/v1/registers/visit_note/{note['id']}?purpose=service")
    assert entry["fields"]["form.content"]["value"] == HOSTILE
    assert [(one["person"], one["intact"]) for one in entry["signatures"]] == [("zheng", True)]
    for language, title, word in (
        ("en", "Visit", "Care on an occasion"),
        ("zh-CN", "客户走访记录", "节日或重要事项慰问"),
    ):
        page = f"/v1/registers/visit_note/{note['id']}/print?purpose=service"
        status, headers, body = zheng.raw("GET", page, None, {"Accept-Language": language})
        text = body.decode()
        assert status == 200 and headers["Content-Type"].startswith("text/html")
        assert all(wanted in text for wanted in (title, word, signed["number"], f'lang="{language}"', "7*7"))
        assert "<script>" not in text and "http://" not in text and "https://" not in text
        assert "default-src 'none'" in headers["Content-Security-Policy"] and headers["Cache-Control"] == "no-store"


def test_a_register_refuses_by_rule_and_names_the_remedy(suite: Suite, customer: str) -> None:
    zheng, sun = suite.gateway("zheng"), suite.gateway("sun")
    fields = {"form.date": "2026-11-19", "form.opinion": "好"}
    entry = zheng.post("/v1/registers/feedback", {"about": customer, "fields": fields})["id"]

    refused = {
        "register.unknown": lambda: zheng.get("/v1/registers/company.customer"),
        "about.missing": lambda: zheng.post("/v1/registers/feedback", {"fields": fields}),
        "record.invalid": lambda: zheng.post("/v1/registers/feedback", {"about": customer, "fields": {}}),
        "entry.signed": lambda: zheng.post(f"/v1/entries/{entry}/signatures", {"version": 2}),
        "right.missing": lambda: sun.get(f"/v1/registers/feedback/{entry}?purpose=service"),
        "record.unknown": lambda: zheng.get(f"/v1/registers/complaint/{entry}?purpose=service"),
    }
    for code, call in refused.items():
        with pytest.raises(Refusal) as refusal:
            call()
        assert refusal.value.code == code and refusal.value.problem["remedy"]

    status, _, _ = zheng.raw("GET", "/v1/registers/feedback/register.xlsx?purpose=service", None, {})
    assert status == 403, "a standing right to export is needed"


def test_a_complaint_is_handled_and_closed_over_the_ordinary_roads(suite: Suite, customer: str) -> None:
    zheng = suite.gateway("zheng")
    facts = {"form.date": "2026-11-19", "form.facts": "送货迟到"}
    complaint = zheng.post("/v1/registers/complaint", {"about": customer, "fields": facts})["id"]

    handled, date = f"/v1/records/{complaint}/events", {"event": "handled", "date": "2026-11-20"}
    assert refused(lambda: zheng.post(handled, date)).problem["code"] == "needs.missing"
    names = ("cause", "handling", "prevention", "result")
    done = {"fields": {f"form.{name}": "as agreed" for name in names}, "reason": "done", "requested_by": "staff"}
    zheng.patch(f"/v1/records/{complaint}", done, If_Match='"2"')
    until(lambda: version(zheng, complaint) == 3, 10, "the entry to be filled in")
    zheng.post(handled, date)
    assert zheng.get(f"/v1/registers/complaint?about={customer}&state=active")["items"][0]["id"] == complaint

    closing = {"to": "past", "reason": "the customer agrees"}
    asked = zheng.post(f"/v1/records/{complaint}/transitions", closing, If_Match='"4"')
    assert (asked.status, asked["outcome"]) == (202, "waiting"), "nobody closes a complaint alone"
    wu = suite.gateway("wu")

    def waiting() -> list[str]:
        found = wu.get("/v1/requests?kind=end&awaiting=me&limit=500")["items"]
        return [one["request"] for one in found if one["subject"] == asked["move"]]

    until(waiting, 20, "the request about its end")
    wu.post(f"/v1/requests/{waiting()[0]}/decisions", {"decision": "approve", "reason": "well done"})
    closed = f"/v1/registers/complaint?about={customer}&state=past"
    until(lambda: [one["id"] for one in zheng.get(closed)["items"]] == [complaint], 20, "its end")

    def duties() -> dict[str, str]:
        told = suite.gateway("ma").get(f"/v1/duties?record={complaint}&limit=500")["items"]
        return {one["name"]: one["state"] for one in told}

    until(lambda: duties() == {"answer_complaint": "closed", "tell_customer": "open"}, 20, "the duties")


def version(gateway: Gateway, entry: str) -> int:
    """The version that a complaint is at."""
    return int(gateway.get(f"/v1/registers/complaint/{entry}?purpose=service")["version"])


def refused(act: Callable[[], Any]) -> Refusal:
    """The refusal that an act gets."""
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value

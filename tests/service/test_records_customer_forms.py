"""A form that a customer fills in himself: given out, back again, and a draft with the customer as its origin."""

from __future__ import annotations

import pytest

from services.records import tables as t
from services.records.consents.tables import collections
from services.records.registers import tables as r
from tests.service.given_records import CONSENT, FIELDS, code_of
from tests.service.test_records_registers import errors_of

GIVEN = {"form.issued_to": "李雪梅", "form.issued_by": "zheng", "form.issued_on": "2026-11-12"}
WROTE = {
    "basic.name": FIELDS["basic.name"],
    "contact.mobile": FIELDS["contact.mobile"],
    "form.returned_on": "2026-11-19",
}


def given_out(suite, **fields):
    """A form that a customer has in his hands."""
    return dict(suite.calls("zheng", "add_entry", {"class": "customer_form", "fields": {**GIVEN, **fields}}))


def edits(suite, record, fields, by="staff"):
    """A change that nobody has to decide."""
    told = {"version": suite.store.record(record).version, "reason": "as he wrote it", "requested_by": by}
    suite.settles("change", suite.calls("zheng", "change", {"record": record, "fields": fields, **told})["change"])


def came_back(suite, **wrote):
    """The same with what he wrote, entered and signed for."""
    form = given_out(suite)
    edits(suite, form["id"], {**WROTE, **wrote})
    return signs(suite, form["id"])


def signs(suite, form):
    return dict(suite.calls("zheng", "sign", {"entry": form, "version": suite.store.record(form).version}))


def drafted(suite, form, fields=None, person="zheng", **more):
    args = {"class": "company.customer", "source": form["id"], "fields": fields or {}, "consents": [CONSENT], **more}
    return suite.calls(person, "create", args)


def puts_forward(suite, record):
    return suite.moves(record, "pending")


@pytest.mark.covers("Q-021")
def test_what_a_customer_wrote_becomes_a_draft_that_a_clerk_completes_and_puts_forward(suite):
    form = came_back(suite)

    made = drafted(suite, form)
    record = suite.store.record(made["id"])

    assert (made["state"], made["outcome"], record.origin) == ("draft", "done", "customer")
    assert record.source == {"entry": form["id"], "class": "customer_form", "number": form["number"]}
    assert form["number"] == "CF-2026-00001"
    assert [one["state"] for one in suite.told("records.created") if one["class"] == "company.customer"] == ["draft"]
    assert [(one["filled"], one["number"]) for one in suite.told("records.form_used")] == [(record.id, form["number"])]
    shown = suite.reads("zheng", record.id, "basic.name", "contact.mobile")
    assert [one["value"] for one in shown.values()] == [WROTE["basic.name"], "+8619900001234"]
    assert errors_of(puts_forward, suite, record.id) == {"/fields/contact.person": "needs.missing"}

    edits(suite, record.id, {"contact.person": "李雪梅"}, by="customer")
    assert suite.store.record(record.id).state == "draft"
    assert puts_forward(suite, record.id)["state"] == "pending"
    suite.settles("record", record.id)

    valid = suite.store.record(record.id)
    assert (valid.state, valid.origin, valid.source["number"]) == ("active", "customer", form["number"])
    came = [(row.origin, row.method) for row in suite.rows(collections) if row.record == record.id]
    assert came == [("customer", "form")]


def test_a_form_that_did_not_come_back_makes_nothing_and_one_makes_one_draft(suite):
    out = given_out(suite)
    assert errors_of(signs, suite, out["id"]) == {"/fields/form.returned_on": "needs.missing"}
    assert code_of(drafted, suite, out) == "entry.unsigned"
    edits(suite, out["id"], WROTE)
    form = signs(suite, out["id"])

    assert errors_of(drafted, suite, form, {"basic.name": "另一个名字"}) == {"/fields/basic.name": "field.from_form"}
    drafted(suite, form)
    assert code_of(drafted, suite, form) in ("entry.used", "record.likely_duplicate")
    assert len(suite.rows(r.fillings)) == 1
    assert [row.state for row in suite.rows(t.records) if row.class_ == "company.customer"] == ["draft"]


def test_nobody_makes_a_customers_word_his_own(suite):
    """
    Whatever a clerk says of it: the source of what a customer wrote is the customer.
    """
    made = drafted(suite, came_back(suite), collection={"origin": "public", "channel": "counter"})

    assert suite.store.record(made["id"]).origin == "customer"


def test_who_may_enter_no_customer_makes_nothing_of_his_form(suite):
    assert code_of(drafted, suite, came_back(suite), person="qian") == "right.missing"

"""Change control on both databases: who begins, who is told, slips put right, yesterday's values, whose a record is."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from chassis.clock import rfc3339
from services.records import tables as t
from services.records.assigning.tables import assignments
from tests.service.given_records import CONSENT, FIELDS, at_once, code_of
from tests.service.test_records_writing import a_card, proposes

MOBILE = "contact.mobile"


def assigns(suite, record, person="wu", **to):
    args = {"record": record, "version": suite.store.record(record).version, "reason": "sun is ill", **to}
    return suite.calls(person, "assign", args)


# -- warnings


@pytest.mark.covers("Q-068", "Q-070")
def test_what_is_odd_is_told_with_the_answer_and_nothing_of_a_value_is_kept(suite):
    odd = {**FIELDS, "contact.address": "澄州市東門路"}
    made = suite.enters("zheng", {"class": "company.customer", "fields": odd, "consents": [CONSENT]}, key="w-1")

    told = {one["pointer"]: one for one in made["warnings"]}
    assert told["/fields/contact.address"]["code"] == "text.traditional"
    assert told["/fields"]["code"] == "fields.unfilled" and all(one["zh"] != one["detail"] for one in made["warnings"])
    assert "東" not in str(made["warnings"])
    suite.settles("record", made["id"])
    change = {"record": made["id"], "version": 2, "fields": {"other.remark": "長期"}, "reason": "as seen"}
    answer = suite.calls("zheng", "change", {**change, "requested_by": "staff"})
    assert [one["pointer"] for one in answer["warnings"]] == ["/fields/other.remark"]


# -- who begins, who decides, who is told


@pytest.mark.covers("Q-122", "Q-125", "Q-298")
def test_only_the_customer_begins_a_change_of_what_is_his_and_his_request_is_its_proof(suite):
    record = suite.active()

    assert code_of(proposes, suite, record, 2, {MOBILE: "19900005678"}, requested_by="staff") == "change.customer_only"
    assert code_of(proposes, suite, record, 2, {MOBILE: "19900005678"}, evidence=[]) == "needs.missing"
    change = proposes(suite, record, 2, {MOBILE: "19900005678"})
    suite.settles("change", change)

    [changed] = suite.told("records.changed")
    assert (changed["fields"], changed["tell"]) == ([MOBILE], [{"who": {"person": "subject"}}])


@pytest.mark.covers("Q-302", "Q-129")
def test_finance_alone_enters_what_others_report(suite):
    card = a_card(suite, 93_000_001)
    suite.settles("record", card)
    fields = {"contact.mobile": "19900005678"}

    assert code_of(proposes, suite, card, 2, fields, "sun", "reported") == "right.missing"
    suite.settles("change", proposes(suite, card, 2, fields, "qian", "reported"))
    assert suite.told("records.change_proposed")[-1]["mode"] in ("reported", "customer", "evidence")
    assert suite.reads("qian", card, MOBILE, purpose="trade")[MOBILE]["value"] == "+8619900005678"


@pytest.mark.covers("Q-300", "Q-131")
def test_a_clerks_slip_is_put_right_under_a_rule_of_its_own(suite):
    record = suite.active()
    slip = {"requested_by": "staff", "correction": True}

    assert (
        code_of(proposes, suite, record, 2, {MOBILE: "19900001243"}, evidence=["evidence"], **slip) == "needs.missing"
    )
    change = proposes(suite, record, 2, {MOBILE: "19900001243"}, evidence=["correction_memo"], **slip)
    told = suite.told("records.change_proposed")[-1]
    assert (told["kind"], told["mode"]) == ("correct_original", "correction")
    suite.hears("settle", {"kind": "correct_original", "about": "change", "subject": change, "outcome": "approved"})

    assert suite.reads("zheng", record, MOBILE)[MOBILE]["value"] == "+8619900001243"
    version = suite.calls("zheng", "versions", {"record": record, "purpose": "service"})["items"][-1]
    assert version["fields"][MOBILE] == {"old": "+8619900001234", "new": "+8619900001243"}


@pytest.mark.covers("Q-124", "Q-127")
def test_a_withdrawn_change_leaves_everything_as_it_was_and_nothing_sealed_behind(suite):
    record = suite.active()
    change = proposes(suite, record, 2, {MOBILE: "19900005678"})

    suite.settles("change", change, "withdrawn")

    assert [one["why"] for one in suite.told("records.change_lapsed")] == ["withdrawn"]
    assert [(row.state, row.sealed) for row in suite.rows(t.changes)] == [("lapsed", {})]
    assert suite.store.record(record).version == 2


@pytest.mark.covers("Q-127")
def test_a_record_is_read_as_it_stood_and_nobody_reads_the_future(suite):
    record, before = suite.active(), suite.clock.now()
    suite.clock.advance(timedelta(hours=1))
    suite.settles("change", proposes(suite, record, 2, {MOBILE: "19900005678"}))

    then = suite.reads("zheng", record, MOBILE, as_of=rfc3339(before))

    assert then[MOBILE]["value"] == "+8619900001234"
    head = suite.calls("zheng", "read", {"record": record, "purpose": "service", "as_of": rfc3339(before)})
    assert (head["state"], head["version"], head["number"]) == ("active", 2, "KH-2026-000001")
    ahead = rfc3339(suite.clock.now() + timedelta(seconds=1))
    assert code_of(suite.reads, "zheng", record, MOBILE, as_of=ahead) == "as_of.in_future"


@pytest.mark.covers("Q-127")
def test_the_head_of_a_record_is_shown_as_it_stood_too(suite):
    """
    Before it was approved it was nobody's number; who had it then is not who has it now.
    """
    record, pending = suite.creates(), suite.clock.now()
    suite.clock.advance(timedelta(hours=1))
    suite.settles("record", record)
    suite.clock.advance(timedelta(hours=1))
    assigns(suite, record, responsible="wu")

    def head(**at):
        told = suite.calls("zheng", "read", {"record": record, "purpose": "service", **at})
        return {name: told[name] for name in ("state", "version", "number", "responsible")}

    then = {"state": "pending", "version": 1, "number": None, "responsible": "zheng"}
    assert head(as_of=rfc3339(pending)) == then
    assert head() == {"state": "active", "version": 3, "number": "KH-2026-000001", "responsible": "wu"}


def test_a_part_that_only_began_is_no_line_of_the_history(suite):
    record = suite.active()
    suite.settles("change", proposes(suite, record, 2, {"other.remark": "called back"}, requested_by="staff"))
    proposes(suite, record, 3, {"credit.payment": "on time"}, requested_by="evidence")

    lines = suite.calls("zheng", "versions", {"record": record, "purpose": "service"})["items"]

    assert [line["version"] for line in lines if line["part"] == "other"] == [3]
    assert not any(line["part"] == "credit" for line in lines) and all(line["fields"] for line in lines)


@pytest.mark.covers("Q-127")
def test_of_16_changes_with_one_etag_decided_at_once_one_takes_effect(suite):
    record = suite.active()
    phones = [f"199000060{n:02d}" for n in range(16)]
    asked = at_once([partial(proposes, suite, record, 2, {MOBILE: phone}) for phone in phones])
    changes = [one for one in asked if len(one) == 36]

    at_once([partial(suite.settles, "change", change) for change in changes])
    for change in changes:
        suite.settles("change", change)

    assert (
        sorted(row.state for row in suite.rows(t.changes)).count("applied") == 1 == len(suite.told("records.changed"))
    )
    assert suite.store.record(record).version == 3
    now = suite.reads("zheng", record, MOBILE)[MOBILE]["value"]
    assert now.removeprefix("+86") in phones


# -- whose it is


@pytest.mark.covers("Q-008")
def test_a_record_has_one_department_and_one_person_and_who_had_it_before_stays_in_its_history(suite):
    record = suite.active()

    given = assigns(suite, record, responsible="wu")
    moved = assigns(suite, record, department="sales", responsible="sun")

    assert (given["responsible"], moved["department"], moved["responsible"]) == ("wu", "sales", "sun")
    told = suite.told("records.assigned")
    assert [(one["before_responsible"], one["responsible"]) for one in told] == [("zheng", "wu"), ("wu", "sun")]
    assert told[-1]["department"] == "sales" and told[-1]["before_department"] == "service"
    assert [one["id"] for one in suite.calls("sun", "list", {})["items"]] == [record]
    history = suite.calls("sun", "versions", {"record": record, "purpose": "service"})["items"]
    lines = [one["assigned"]["responsible"] for one in history if "assigned" in one]
    assert lines == [{"old": "zheng", "new": "wu"}, {"old": "wu", "new": "sun"}]
    assert "sun is ill" not in str(suite.journal()) and len(suite.rows(assignments)) == 2


NOT_ASSIGNED = [
    ("zheng", {"responsible": "wu"}, "assignment.not_yours"),
    ("wu", {"responsible": "nobody"}, "assignment.person"),
    ("wu", {"responsible": "sun"}, "assignment.person"),
    ("wu", {"department": "hr", "responsible": "ma"}, "assignment.department"),
    ("wu", {"department": "moon", "responsible": "ma"}, "assignment.department"),
    ("wu", {"department": "sales"}, "assignment.person"),
    ("wu", {"responsible": "zheng"}, "assignment.same"),
    ("wu", {"responsible": "wu", "version": 1}, "record.stale"),
]


@pytest.mark.covers("Q-008")
def test_nobody_gives_his_own_customers_away_and_nobody_gets_what_he_cannot_keep(suite):
    record = suite.active()

    for person, to, code in NOT_ASSIGNED:
        assert code_of(assigns, suite, record, person, **to) == code
    assert suite.rows(assignments) == [] and suite.store.record(record).version == 2


def test_of_8_who_assign_it_at_once_one_does(suite):
    record = suite.active()
    read = suite.store.record(record).version

    answers = at_once([partial(assigns, suite, record, responsible=to, version=read) for to in ("wu", "zheng") * 4])

    assert len([one for one in answers if isinstance(one, dict)]) == 1 == len(suite.rows(assignments))


# -- since when it was known


@pytest.mark.covers("Q-128")
def test_a_change_says_since_when_it_was_known_and_that_day_is_told_with_it(suite):
    record = suite.active()

    change = proposes(suite, record, 2, {MOBILE: "19900005678"}, known_since="2026-11-02")

    [noted] = suite.told("records.event_recorded")
    assert (noted["happened"], noted["on"], noted["responsible"]) == ("learned", "2026-11-02", "zheng")
    suite.settles("change", change)
    assert suite.reads("zheng", record, MOBILE)[MOBILE]["value"] == "+8619900005678"
    life = suite.calls("zheng", "timeline", {"record": record})["items"]
    assert any("2026-11-02" in one["en"] and one["type"] == "records.event_recorded" for one in life)


@pytest.mark.covers("Q-128")
def test_a_change_that_nobody_can_have_known_of_yet_is_refused_whole(suite):
    record = suite.active()

    for day, code in (("2036-01-01", "event.in_future"), ("1700-01-01", "event.too_early")):
        assert code_of(proposes, suite, record, 2, {MOBILE: "19900005678"}, known_since=day) == code
    assert suite.told("records.change_proposed") == suite.told("records.event_recorded") == []
    assert suite.store.record(record).version == 2


def test_what_is_no_customers_has_no_day_on_which_it_was_learned(forms):
    slip = forms.calls("sun", "add_entry", {"class": "slip", "fields": {"form.reason": "loan"}}, key="known-1")["id"]

    told = {"record": slip, "version": 1, "fields": {"form.reason": "other"}, "reason": "slip", "requested_by": "staff"}
    assert code_of(forms.calls, "sun", "change", {**told, "known_since": "2026-11-02"}) == "event.unknown"

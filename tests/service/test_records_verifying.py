"""Verification and quality on both databases: who checked what and how, what waits for it, figures and lists."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from services.records.verifying import tables as t
from services.records.verifying import walking
from tests.service import given_records
from tests.service.given_documents import proves
from tests.service.given_records import REGIME, at_once, code_of
from tests.service.test_records_import import imports
from tests.unit.records.classified import regime

MOBILE = "contact.mobile"
WHY = "the number is switched off all week"


def verifies(suite, record, *fields, person="he", **given):
    args = {"record": record, "fields": [*fields] or [MOBILE], "method": "call_back", "source": "customer"}
    return suite.calls(person, "verify", {**args, "result": "confirmed", **given})


def changes(suite, record, version, fields):
    proofs = {"reason": "the customer's letter", "requested_by": "customer", "evidence": ["customer_request"]}
    args = {"record": record, "version": version, "fields": fields, **proofs}
    proves(suite, record, "customer_request")
    suite.settles("change", suite.calls("zheng", "change", args)["change"])


def origins(suite, record, person="he"):
    told = suite.calls(person, "verifications", {"record": record})
    return {one["field"]: one for one in told["fields"]}


def state(suite, record):
    return suite.calls(None, "envelope", {"record": record})["state"]


@pytest.fixture
def demanding(monkeypatch):
    """A regime in which nothing is valid before its key field was verified by another than who supplied it."""
    classes = {**REGIME.merged["classes"]}
    verified = {"verified": [MOBILE]}
    states = {"active": {"needs": [{"filled": "core"}, verified]}, "past": {"needs": [verified]}}
    classes["company.customer"] = {**classes["company.customer"], "states": states}
    monkeypatch.setattr(given_records, "REGIME", regime({}, classes=classes))


@pytest.mark.covers("Q-033", "Q-034", "Q-040")
def test_a_verification_keeps_item_method_source_verifier_time_and_result(suite):
    record = suite.active()

    made = verifies(suite, record)
    told = suite.calls("he", "verifications", {"record": record})

    [line] = told["items"]
    assert [line["id"]] == made["verifications"]
    assert (line["field"], line["method"], line["source"], line["by"], line["result"]) == (
        MOBILE, "call_back", "customer", "he", "confirmed")  # fmt: skip
    assert (told["department"], told["responsible"]) == ("service", "zheng")
    known = {one["field"]: (one["state"], one["supplied_by"], one.get("verified_by")) for one in told["fields"]}
    assert known[MOBILE] == ("verified", "zheng", "he") and known["basic.name"] == ("unverified", "zheng", None)
    [event] = suite.told("records.verified")
    assert (event["verified"], event["supplied_by"]) == ([MOBILE], "zheng")


@pytest.mark.covers("Q-034")
def test_what_is_not_possible_keeps_its_reason_sealed(suite):
    record = suite.active(**{"contact.address": ""})

    assert code_of(verifies, suite, record, result="not_possible") == "verification.reason"
    verifies(suite, record, result="not_possible", reason=WHY)

    [line] = suite.calls("he", "verifications", {"record": record})["items"]
    assert (line["result"], line["reason"]) == ("not_possible", WHY)
    assert suite.calls("sun", "verifications", {"record": record})["items"][0]["reason"] is None
    assert WHY not in str(suite.journal()) and origins(suite, record)[MOBILE]["state"] == "not_possible"


@pytest.mark.covers("Q-034")
def test_what_is_no_check_leaves_nothing_behind(suite):
    record = suite.active()

    assert code_of(verifies, suite, record, method="in_person") == "verification.method"
    assert code_of(verifies, suite, record, method="by feel") == "verification.method"
    assert code_of(verifies, suite, record, "contact.fax") == "verification.nothing"
    assert code_of(verifies, suite, record, MOBILE, "contact.shoe") == "field.unknown"
    assert code_of(verifies, suite, record, person="sun") == "right.missing"
    assert suite.rows(t.verifications) == []


@pytest.mark.covers("Q-033", "Q-035", "Q-036")
def test_a_record_is_not_valid_before_its_key_field_was_verified_by_another(suite, demanding):
    record = suite.creates()

    suite.settles("record", record)
    suite.settles("record", record)
    assert state(suite, record) == "pending"
    assert [one["needs"] for one in suite.told("records.held_back")] == [[f"verified {MOBILE}"]]
    assert suite.calls("he", "verifications", {"record": record})["held_back"] is True

    assert code_of(verifies, suite, record, person="zheng") == "verification.own"
    verifies(suite, record, result="wrong")
    assert state(suite, record) == "pending"
    assert verifies(suite, record)["state"] == "active"
    assert [one["number"] for one in suite.told("records.activated")] == ["KH-2026-000001"]
    assert suite.rows(t.held_back) == []


@pytest.mark.covers("Q-035")
def test_where_a_right_names_who_verifies_nobody_else_does(suite, monkeypatch):
    checkers = {"who": {"role": "head", "in": "record"}, "may": ["verify"], "of": ["customer"]}
    rights = {**REGIME.merged["rights"], "check": checkers}
    monkeypatch.setattr(given_records, "REGIME", regime({}, rights=rights))
    record = suite.creates()

    assert code_of(verifies, suite, record) == "right.missing", "the archivist keeps it, and does not verify here"
    assert verifies(suite, record, person="wu")["outcome"] == "done"


@pytest.mark.covers("Q-033")
def test_what_was_verified_before_the_approval_holds_nothing_back(suite, demanding):
    record = suite.creates()
    verifies(suite, record)

    suite.settles("record", record)

    assert state(suite, record) == "active" and suite.told("records.held_back") == []


@pytest.mark.covers("Q-037", "Q-039")
def test_a_correction_goes_through_the_change_road_and_the_field_is_to_be_verified_again(suite, demanding):
    record = suite.creates()
    verifies(suite, record)
    suite.settles("record", record)
    verifies(suite, record, result="wrong")
    assert origins(suite, record)[MOBILE]["state"] == "wrong"

    changes(suite, record, 2, {MOBILE: "19900005678"})

    corrected = origins(suite, record)[MOBILE]
    assert (corrected["state"], corrected["change"]) == ("corrected", suite.told("records.changed")[0]["change"])
    to = {"record": record, "version": 3, "to": "past", "reason": "the contract has ended"}
    with pytest.raises(Exception) as refused:
        suite.calls("zheng", "transition", to)
    assert refused.value.code == "needs.missing"
    assert refused.value.facts["errors"][0]["pointer"] == f"/fields/{MOBILE}"
    verifies(suite, record)
    suite.moves(record, "past")
    assert suite.store.record(record).state == "past"


@pytest.mark.covers("Q-033")
def test_two_who_verify_at_once_make_a_record_valid_once(suite, demanding):
    record = suite.creates()
    suite.settles("record", record)

    at_once([partial(verifies, suite, record) for _ in range(4)])

    assert state(suite, record) == "active" and len(suite.told("records.activated")) == 1


def test_others_ask_which_proofs_records_cannot_see(suite):
    record = suite.active()
    verifies(suite, record)
    suite.reads("zheng", record, "basic.name")
    needs = [{"verified": [MOBILE, "basic.name"]}, {"filled": ["contact.fax"]}, {"read": "customer", "within": "P1D"}]

    asked = {"record": record, "person": "zheng", "needs": needs, "evidence": []}
    assert suite.calls(None, "unmet", asked)["unmet"] == ["verified basic.name", "filled contact.fax"]
    assert "read customer" in suite.calls(None, "unmet", {**asked, "person": "wu"})["unmet"]
    suite.clock.advance(timedelta(days=2))
    assert "read customer" in suite.calls(None, "unmet", asked)["unmet"]


# -- quality


def walks(suite):
    """One whole walk over all records."""
    suite.clock.advance(walking.REST)
    for _ in range(40):
        suite.calls(None, "walk_records")
        [at] = suite.rows(t.walks)
        if at.ended_at == suite.clock.now():
            return
    raise AssertionError("a walk did not end")


@pytest.mark.covers("Q-041")
def test_a_departments_quality_is_what_its_records_come_to(suite):
    records = [suite.active(**{MOBILE: f"1990000{number}"}) for number in range(3100, 3103)]
    verifies(suite, records[0])
    suite.creates(**{MOBILE: "19900003199"})

    walks(suite)
    told = suite.calls("zheng", "quality", {})

    [line] = told["items"]
    assert (told["period"], line["department"], line["class"]) == ("2026-11", "service", "company.customer")
    assert (line["records"], line["core"], line["core_filled"], line["to_verify"], line["verified"]) == (3, 6, 6, 9, 1)
    assert line["accuracy"] == 11.1 and 0 < line["completeness"] < 100 and line["timeliness"] == 100.0
    assert line["index"] == pytest.approx((line["accuracy"] + line["completeness"] + line["timeliness"]) / 3, abs=0.1)
    assert code_of(suite.calls, "zheng", "quality", {"department": "sales"}) == "right.missing"
    assert suite.calls("he", "quality", {"department": "service"})["items"] == told["items"]
    assert suite.calls("he", "quality", {"period": "2026-10"})["items"] == []


@pytest.mark.covers("Q-041")
def test_figures_follow_each_change_and_are_told_only_when_they_differ(suite):
    record = suite.active()
    before = len(suite.told("records.scored"))

    verifies(suite, record)
    changes(suite, record, 2, {MOBILE: "19900005678"})

    scores = suite.told("records.scored")
    assert before == 1 and [(one["verified"], one["to_verify"]) for one in scores] == [(0, 3), (1, 3), (0, 3)]
    walks(suite)
    walks(suite)
    assert len(suite.told("records.scored")) == 3, "nothing is told again because time went by"
    [row] = suite.rows(t.scores)
    assert (row.core, row.core_filled, row.unchecked) == (2, 2, 3)


@pytest.mark.covers("Q-041")
def test_a_walk_goes_on_where_it_stopped_and_a_month_keeps_its_last_figures(suite, monkeypatch):
    monkeypatch.setattr(walking, "STEP", 2)
    for number in range(3200, 3205):
        suite.active(**{MOBILE: f"1990000{number}"})

    suite.calls(None, "walk_records")
    suite.calls(None, "walk_records")
    assert suite.rows(t.quality) == [] and suite.rows(t.walks)[0].after != ""
    walks(suite)
    assert suite.rows(t.quality)[0].sums["records"] == 5
    suite.clock.advance(timedelta(days=30))
    walks(suite)

    months = {row.period: row.sums["age_days"] for row in suite.rows(t.quality)}
    assert months == {"2026-11": 0, "2026-12": 150}


@pytest.mark.covers("Q-041")
def test_a_walk_finds_the_figures_of_records_that_have_none_a_few_at_a_time(suite, monkeypatch):
    monkeypatch.setattr(walking, "NEW", 2)
    for number in range(3300, 3305):
        suite.active(**{MOBILE: f"1990000{number}"})
    with suite.database.write() as connection:
        connection.execute(t.scores.delete())

    suite.calls(None, "walk_records")
    assert len(suite.rows(t.scores)) == 2
    walks(suite)

    assert len(suite.rows(t.scores)) == 5


@pytest.mark.covers("Q-200")
def test_combing_lists_name_what_has_to_be_put_right(suite):
    record = suite.active()
    verifies(suite, record)
    unlike = {"basic.name": "云杉贸易有限公司", MOBILE: "19900004400"}
    other = suite.active(**unlike)

    def listed(name, person="he", **where):
        return {one["id"]: one for one in suite.calls(person, "quality_list", {"name": name, **where})["items"]}

    assert listed("unverified")[record]["fields"] == ["basic.name", "contact.person"]
    assert listed("unverified")[other]["fields"] == ["basic.name", MOBILE, "contact.person"]
    assert listed("unverified", department="sales") == {}
    assert listed("missing_core") == {} == listed("stale")
    suite.clock.advance(timedelta(days=400))
    verifies(suite, other)
    assert [*listed("stale")] == [record] and listed("stale")[record]["age_days"] == 400
    assert suite.told("records.listed")[-1]["records"] == [record]
    page = suite.calls("he", "quality_list", {"name": "unverified", "limit": 1})
    assert [one["id"] for one in page["items"]] == [other] and page["next"] == other
    assert code_of(suite.calls, "he", "quality_list", {"name": "ugly"}) == "input.invalid"


@pytest.mark.covers("Q-200")
def test_records_that_share_a_mark_are_on_the_list_of_duplicates(suite):
    first, second = suite.active(), suite.active(**{"basic.name": "云杉贸易有限公司"})
    suite.active(**{MOBILE: "19900004400"})

    found = suite.calls("he", "quality_list", {"name": "duplicates"})["items"]

    assert [(one["id"], one["others"]) for one in found] == [(second, [first]), (first, [second])]


def test_what_is_destroyed_or_past_counts_no_longer(suite):
    record = suite.active()
    suite.moves(record, "past")

    assert suite.rows(t.scores) == []


@pytest.mark.covers("Q-033")
def test_an_import_is_released_without_the_rows_that_nobody_verified(suite, demanding):
    """
    A batch that waits for calls to customers must not keep the importer busy for ever.
    """
    head, row = "客户名称,联系人,手机", "云杉{n}贸易有限公司,李雪梅,1990000{n}"
    body = "\n".join([head, *(row.format(n=number) for number in (5101, 5102)), ""]).encode()
    upload, status = imports(suite, body, "zheng", **{"class": "company.customer"})
    assert status["accepted"] == 2

    suite.settles("import", upload)
    suite.calls(None, "run_imports")

    first, second = sorted(one["record"] for one in suite.told("records.imported"))
    assert (state(suite, first), state(suite, second)) == ("pending", "pending")
    assert suite.calls("zheng", "import_status", {"upload": upload})["state"] == "released"
    assert verifies(suite, first)["state"] == "active" and state(suite, second) == "pending"

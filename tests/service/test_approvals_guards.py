"""Who may see what of a request, and what no input may do to approvals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.errors import Conflict, Invalid, NotFound, Refused
from services.approvals.people.organisation import canonical_text, digest_of
from tests.service.given_approvals import ORGANISATION, REGIME, Suite

# From the 12th to the 16th gao stands in for wu, as a head.
STANDING_IN = datetime(2026, 10, 13, 4, tzinfo=UTC)


@pytest.fixture
def suite(tmp_path):
    suite = Suite(f"sqlite:///{tmp_path}/approvals.db")
    suite.clock.at = STANDING_IN
    return suite.open()


def test_a_stand_in_finds_and_reads_what_he_may_decide_for_another(suite):
    request = suite.asks("sun", suite.records.add())
    suite.decides("liu", request)

    assert [one["request"] for one in suite.calls("gao", "requests", {"awaiting": "me"})["items"]] == [request]
    assert suite.calls("gao", "me")["awaiting_me"] == [request]
    assert suite.calls("gao", "request", {"request": request})["reason"]


def test_a_stand_in_learns_nothing_of_what_his_principal_decides_in_another_role(suite):
    """
    Who was given the post of a head for a week was not given all that the head may see as himself.
    """
    text = ORGANISATION.replace(
        "  - from: wu\n    to: gao\n    roles: [head]", "  - from: wu\n    to: gao\n    roles: [member]"
    )
    suite.clock.advance(timedelta(seconds=1))
    suite.calls(None, "load_organisation", {"text": text})
    request = suite.asks("sun", suite.records.add())
    suite.decides("liu", request)

    assert suite.calls("gao", "requests", {"awaiting": "me"})["items"] == []
    assert suite.calls("gao", "me")["awaiting_me"] == []
    with pytest.raises(NotFound):
        suite.calls("gao", "request", {"request": request})


def test_whoever_watches_over_rights_sees_requests_but_no_reasons(suite):
    """
    A reason is free text and may name the customer; an administrator reads no customer data.
    """
    request = suite.asks("sun", suite.records.add())
    suite.decides("liu", request)

    watched = suite.calls("ma", "request", {"request": request})
    listed = next(one for one in suite.calls("ma", "requests")["items"] if one["request"] == request)

    for seen in (watched, listed):
        assert seen["reason"] is None and [one["reason"] for one in seen["decisions"]] == [None]
    assert suite.calls("wu", "request", {"request": request})["reason"]


def test_nobody_asks_for_a_destroyed_record(suite):
    record = suite.records.add(state="destroyed")

    with pytest.raises(NotFound) as refusal:
        suite.asks("sun", record)
    assert refusal.value.code == "record.unknown"


def test_why_a_grant_was_revoked_is_kept_and_told_to_nobody(suite):
    request = suite.asks("sun", suite.records.add())
    suite.decides("liu", request)
    [grant] = suite.decides("wu", request)["grants"]

    suite.calls("wu", "revoke", {"grant": grant, "reason": "canary of a reason"})

    with suite.store.reading() as connection:
        kept = connection.exec_driver_sql("SELECT revoke_reason FROM grants").scalar_one()
    assert kept == "canary of a reason"
    assert "canary" not in str(suite.told("approvals.grant_revoked"))
    assert "canary" not in str(suite.calls("ma", "grants", {"state": "all"}))


def test_grants_are_asked_for_by_record_however_many_there_are(suite):
    records = [suite.records.add() for _ in range(3)]
    for record in records:
        request = suite.asks("sun", record)
        suite.decides("liu", request)
        suite.decides("wu", request)

    [found] = suite.calls(None, "grants_for", {"person": "sun", "records": [records[0]]})["grants"]

    assert found["records"] == [records[0]]
    assert len(suite.calls(None, "grants_for", {"person": "sun"})["grants"]) == 3


def test_a_regime_that_was_superseded_does_not_come_back_unnoticed(suite):
    other = ORGANISATION.replace("Hengtong Group", "Hengtong Holding")
    suite.clock.advance(timedelta(seconds=1))
    suite.calls(None, "load_organisation", {"text": other})

    with pytest.raises(Conflict) as refusal:
        suite.calls(None, "load_organisation", {"text": ORGANISATION})

    assert refusal.value.code == "regime.superseded"
    assert suite.calls(None, "organisation")["digest"] == digest_of(canonical_text(other))
    suite.calls(None, "load_organisation", {"text": other})


def test_a_simulation_is_of_the_regime_that_it_names(suite):
    asked = {"kind": "view", "class": "company.customer", "applicant": "sun"}

    for regime in (None, "current", "hengtong", REGIME.digest):
        assert suite.calls("sun", "simulate", {**asked, "regime": regime} if regime else asked)["chain"]
    with pytest.raises(NotFound) as refusal:
        suite.calls("sun", "simulate", {**asked, "regime": "0" * 64})
    assert refusal.value.code == "regime.unknown"


@pytest.mark.parametrize("value", ["NaN", "-sNaN", "Infinity", "1e999999999", "P9999Y", "PT", "", "\ud800", "x" * 200])
@pytest.mark.parametrize(
    "fact", ["record.class", "record.department", "record.level", "request.period", "record.state"]
)
def test_no_fact_of_a_simulation_is_more_than_a_refusal(suite, fact, value):
    asked = {"kind": "borrow", "class": "company.customer", "applicant": "sun", "case": {fact: value}}

    try:
        suite.calls("sun", "simulate", asked)
    except Refused as refusal:
        assert refusal.code


@pytest.mark.parametrize(
    "case", [{"record.state": {"a": 1}}, {"setting.contract_keep": "P1D"}, {"record.state": ["a"]}]
)
def test_facts_of_a_simulation_are_texts_about_record_or_request(suite, case):
    with pytest.raises(Invalid):
        suite.calls("sun", "simulate", {"kind": "view", "class": "company.customer", "case": case})


@pytest.mark.parametrize("period", ["P9999Y", "P99999D", "P9999B", "PT9999H", "P", "P0D\n"])
def test_a_period_that_leads_nowhere_is_refused_by_name(suite, period):
    record = suite.records.add()

    try:
        suite.asks("sun", record, period=period)
    except Refused as refusal:
        assert refusal.code in ("period.invalid", "input.invalid")


def test_me_is_told_of_rights_but_not_of_those_that_a_role_shuts(suite):
    """
    An administrator may supervise, but reads no customer data; an executive belongs to no department.
    """
    administrator, executive = suite.calls("ma", "me"), suite.calls("wang", "me")

    assert "supervise" in {act for right in administrator["rights"] for act in right["may"]}
    assert not {"view", "change", "export"} & {act for right in administrator["rights"] for act in right["may"]}
    assert executive["department"] is None and executive["person"] == "wang"


def test_an_actor_without_a_person_has_no_say(suite):
    actor = replace(suite.actor("wu"), person=None)
    request = suite.asks("sun", suite.records.add())

    assert suite.store.request(request).concerns(actor.person) is False
    assert suite.store.request(request).awaits(actor.person) is False

"""Erasure on both databases: asked for with proof, decided by others, done by destroying keys, and told."""

from __future__ import annotations

from functools import partial

import pytest

from chassis.errors import Conflict
from chassis.ids import new_id
from services.records import tables as core
from services.records.classifying.tables import reasons
from services.records.documents import tables as papers
from services.records.erasing import tables as t
from services.records.searching.tables import search_parts
from tests.service import given_records
from tests.service.given_documents import WITH_DOCUMENTS, hands_in, proves
from tests.service.given_records import at_once, code_of
from tests.service.test_records_destroying import hold

WHY = "she asks that we forget how to reach her"
BUSINESS = {"business.demand": "overhaul", "interaction.satisfaction": ""}


def asks(suite, record, *parts, person="zheng", **other):
    proves(suite, record, "identity")
    version = suite.store.record(record).version
    args = {"record": record, "version": version, "parts": [*parts], "requested_by": "customer", "reason": WHY}
    return suite.calls(person, "ask_erasure", {**args, "evidence": ["identity"], **other})["erasure"]


def decides(suite, erasure, outcome="approved"):
    told = {"kind": "erase", "about": "erasure", "subject": erasure, "outcome": outcome, "decided_by": ["wu"]}
    suite.hears("settle", told)
    suite.calls(None, "finish_erasures")


def line(suite, record, person="zheng"):
    return suite.calls(person, "erasures", {"record": record})["items"][-1]


@pytest.fixture
def record(suite):
    return suite.active(**{"business.demand": "overhaul", "credit.payment": "on time"})


@pytest.mark.covers("Q-203")
def test_a_part_is_erased_once_somebody_decided_so_and_its_key_is_gone(suite, record):
    keys = suite.store.keys_of(record)

    erasure = asks(suite, record, "business")
    [asked] = suite.told("records.erasure_asked")
    assert (asked["parts"], asked["requested_by"], asked["evidence"]) == (["business"], "customer", ["identity"])
    decides(suite, erasure)

    assert suite.reads("zheng", record, "business.demand")["business.demand"]["value"] is None
    assert suite.reads("zheng", record, "credit.payment")["credit.payment"]["value"] == "on time"
    assert "business" not in suite.store.keys_of(record)
    with pytest.raises(Conflict):
        suite.keys.keys._open([keys["business"]])
    assert ("business", record) not in {(row.part, row.record) for row in suite.rows(search_parts)}
    [erased] = suite.told("records.erased")
    assert [*erased["key_fingerprints"]] == ["business"] and suite.told("records.erasing")[0]["decided_by"] == ["wu"]
    done = line(suite, record)
    assert (done["state"], done["decided_by"], done["by"], done["reason"]) == ("erased", ["wu"], "zheng", WHY)
    assert done["executed_at"] and done["fingerprints"] == erased["key_fingerprints"] and done["told_at"] is None


@pytest.mark.covers("Q-203")
def test_what_is_erased_is_in_no_version_no_history_and_no_reason(suite, record):
    decides(suite, asks(suite, record, "business"))

    history = suite.calls("zheng", "versions", {"record": record, "purpose": "service"})["items"]
    assert not any(one.get("part") == "business" for one in history)
    held = {row.key for row in suite.rows(core.parts)}
    assert {row.key for row in suite.rows(reasons)} <= held
    again = {"record": record, "version": suite.store.record(record).version, "fields": {"business.demand": "new"}}
    again |= {"reason": "he wants it kept after all", "requested_by": "evidence", "evidence": ["evidence"]}
    proves(suite, record, "evidence")
    suite.settles("change", suite.calls("zheng", "change", again)["change"])
    assert suite.reads("zheng", record, "business.demand")["business.demand"]["value"] == "new"


@pytest.mark.covers("Q-203")
def test_a_hold_wins_and_the_outcome_is_told_to_who_asked(suite, record):
    erasure = asks(suite, record, "business")
    held = hold(suite, record)

    decides(suite, erasure)

    kept = line(suite, record)
    assert (kept["state"], kept["why"], kept["holds"]) == ("lapsed", "hold.active", [held])
    assert suite.reads("zheng", record, "business.demand")["business.demand"]["value"] == "overhaul"
    told = {"record": record, "erasure": erasure, "through": "letter"}
    assert suite.calls("zheng", "answer_erasure", told)["outcome"] == "lapsed"
    assert (line(suite, record)["told_by"], line(suite, record)["told_through"]) == ("zheng", "letter")
    assert code_of(suite.calls, "zheng", "answer_erasure", told) == "erasure.told"
    [answered] = suite.told("records.erasure_answered")
    assert (answered["through"], answered["outcome"]) == ("letter", "lapsed")


def test_what_a_record_needs_goes_only_with_the_whole_of_it(suite, record):
    assert code_of(asks, suite, record, "basic") == "erasure.needed"
    assert code_of(asks, suite, record, "contact") == "erasure.needed"
    assert code_of(asks, suite, record, "shoe") == "part.unknown"
    assert code_of(asks, suite, record, "business", evidence=[]) == "needs.missing"
    assert code_of(asks, suite, record, "business", person="qian") == "right.missing"
    assert code_of(asks, suite, record, "business", version=1) == "record.stale"
    assert suite.rows(t.erasures) == []


@pytest.mark.covers("Q-203")
def test_who_was_a_customer_is_reached_by_nobody_any_more(suite, record):
    suite.moves(record, "past")
    decides(suite, asks(suite, record, "contact", person="he"))

    suite.grant("zheng", record)
    now = suite.reads("zheng", record, "contact.mobile", "basic.name")
    assert now["contact.mobile"]["value"] is None and now["basic.name"]["value"]
    tokens = {row.field for row in suite.rows(core.tokens) if row.record == record}
    assert not any(name.startswith("contact.") or name == "party.phone_and_name" for name in tokens)


def test_a_rejected_erasure_and_one_that_waits_erase_nothing(suite, record):
    waiting = asks(suite, record, "business")
    told = {"record": record, "erasure": waiting, "through": "letter"}
    assert code_of(suite.calls, "zheng", "answer_erasure", told) == "erasure.open"
    decides(suite, waiting, "rejected")

    assert suite.reads("zheng", record, "business.demand")["business.demand"]["value"] == "overhaul"
    assert line(suite, record)["why"] == "rejected"
    unknown = {**told, "erasure": new_id()}
    assert code_of(suite.calls, "zheng", "answer_erasure", unknown) == "erasure.unknown"


def test_the_documents_of_a_part_go_with_it(suite, monkeypatch):
    listed = WITH_DOCUMENTS.merged["classes"]["company.customer"]["documents"]
    placed = {**listed, "road_test": {**listed["road_test"], "part": "business"}}
    monkeypatch.setattr(given_records, "REGIME", with_list(placed))
    record = suite.active(**{"business.demand": "overhaul"})
    paper = hands_in(suite, record, "road_test")
    hands_in(suite, record, "identity", form="copy", sides=2)

    decides(suite, asks(suite, record, "business"))

    [kept] = [row for row in suite.rows(papers.documents) if row.id == paper]
    assert kept.state == "destroyed" and paper not in {row.document for row in suite.rows(papers.document_chunks)}
    assert f"document:{paper}" in suite.told("records.erased")[0]["key_fingerprints"]


def with_list(listed):
    known = WITH_DOCUMENTS.merged["classes"]
    own = {**known["company.customer"], "documents": listed}
    return type(WITH_DOCUMENTS)({**WITH_DOCUMENTS.merged, "classes": {**known, "company.customer": own}})


@pytest.mark.parametrize("place", ["erasure.begun", "erasure.keys_gone", "erasure.done"])
def test_a_crash_at_any_step_ends_in_one_erasure(suite, record, monkeypatch, place):
    class Died(Exception):
        pass

    def dies(name):
        if name == place:
            raise Died

    erasure = asks(suite, record, "business")
    monkeypatch.setattr("services.records.erasing.deciding.failpoint", dies)
    with pytest.raises(Died):
        decides(suite, erasure)
    monkeypatch.setattr("services.records.erasing.deciding.failpoint", lambda name: None)
    at_once([partial(suite.calls, None, "finish_erasures")] * 2)

    assert len(suite.told("records.erased")) == 1 and line(suite, record)["state"] == "erased"
    assert suite.reads("zheng", record, "business.demand")["business.demand"]["value"] is None

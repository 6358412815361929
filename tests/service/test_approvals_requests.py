"""Requests, grants, sessions and texts on both databases."""

from __future__ import annotations

from datetime import timedelta

import eventlet
import pytest

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Unavailable
from chassis.ids import new_id
from services.approvals import schemas
from services.approvals.grants import genuine
from tests.nodes.prepared import leave
from tests.service.given_approvals import NOON, ORGANISATION, REGIME, SIGNER, Suite


@pytest.fixture
def empty(lent):
    suite = Suite(lent("approvals"))
    yield suite
    leave(suite.database)


@pytest.fixture
def suite(empty):
    return empty.open()


def code_of(call, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def created(suite, record, **other):
    envelope = suite.records.envelopes[record]
    suite.hears(
        "open_creation", {**envelope, "state": "pending", "import_id": None, **other}, record, envelope["creator"]
    )


def test_a_view_that_both_heads_approve_ends_in_a_signed_grant(suite):
    record = suite.records.add()
    request = suite.asks("sun", record, fields=["contact.mobile"])
    suite.decides("liu", request)
    suite.clock.advance(timedelta(hours=1))

    settled = suite.decides("wu", request)

    [issued] = suite.told("approvals.grant_issued")
    assert settled["state"] == "approved" and settled["grants"] == [issued["grant"]["id"]]
    assert genuine(issued["grant"], SIGNER.public_key())
    assert issued["grant"]["from"] == "2026-11-20T05:00:00.000000Z"
    assert issued["grant"]["until"] == "2026-11-21T05:00:00.000000Z"
    assert issued["record"] == record
    [said] = suite.told("approvals.request_settled")
    assert (said["outcome"], said["grant"]) == ("approved", issued["grant"]["id"])


def test_grants_are_found_while_they_live(suite):
    record = suite.records.add()
    request = suite.asks("sun", record)
    [suite.decides(person, request) for person in ("liu", "wu")]
    ask = {"person": "sun", "records": [record]}

    assert len(suite.calls(None, "grants_for", ask)["grants"]) == 1
    assert suite.calls(None, "grants_for", {**ask, "records": [new_id()]})["grants"] == []
    assert suite.calls(None, "grants_for", {**ask, "person": "qian"})["grants"] == []
    [grant] = [one["id"] for one in suite.calls(None, "grants_for", ask)["grants"]]
    assert suite.calls(None, "live_grant", {"grant": grant, "record": record})["grant"]["person"] == "sun"
    assert suite.calls(None, "live_grant", {"grant": grant, "record": new_id()})["grant"] is None
    suite.clock.advance(timedelta(days=1))
    assert suite.calls(None, "grants_for", ask)["grants"] == []
    assert suite.calls(None, "live_grant", {"grant": grant, "record": record})["grant"] is None
    assert [one["state"] for one in suite.calls("sun", "grants", {"state": "all"})["items"]] == ["expired"]


def test_a_revoked_grant_is_found_no_more(suite):
    record = suite.records.add()
    request = suite.asks("sun", record)
    suite.decides("liu", request)
    [grant] = suite.decides("wu", request)["grants"]

    assert code_of(suite.calls, "qian", "revoke", {"grant": grant, "reason": "not mine"}) == "grant.not_yours"
    suite.calls("wu", "revoke", {"grant": grant, "reason": "the repair is done"})

    assert suite.calls(None, "grants_for", {"person": "sun", "records": [record]})["grants"] == []
    assert [one["grant"] for one in suite.told("approvals.grant_revoked")] == [grant]


def test_a_refused_decision_changes_nothing_and_is_journalled(suite):
    request = suite.asks("sun", suite.records.add())

    assert code_of(suite.decides, "sun", request) == "approvals.own_request"
    assert code_of(suite.decides, "wu", request) == "approvals.not_yet"
    assert code_of(suite.decides, "xu", request) == "approvals.not_yours"

    assert suite.calls("sun", "request", {"request": request})["decisions"] == []
    assert [one["code"] for one in suite.told("approvals.refused")][-3:] == [
        "approvals.own_request", "approvals.not_yet", "approvals.not_yours",
    ]  # fmt: skip


def test_a_new_record_is_approved_by_the_archivist_and_not_its_creator(suite):
    record = suite.records.add()
    created(suite, record)
    [raised] = suite.told("approvals.request_raised")
    request = raised["request"]

    assert raised["chain"] == [{"act": "approve", "needed": 1, "deciders": ["he", "wu"]}]
    assert code_of(suite.decides, "zheng", request) == "approvals.kept_apart"
    suite.decides("he", request)

    [settled] = suite.told("approvals.request_settled")
    assert (settled["about"], settled["subject"], settled["outcome"], settled["grant"]) == (
        "record",
        record,
        "approved",
        None,
    )


def test_an_event_that_comes_twice_opens_one_request(suite):
    record = suite.records.add()
    data = {**suite.records.envelopes[record], "state": "pending"}
    for _ in range(2):
        suite.hears("open_creation", data, record, "zheng", id="e-1")

    assert len(suite.told("approvals.request_raised")) == 1


def test_a_change_the_regime_refuses_is_answered_at_once(suite):
    record = suite.records.add()
    data = {
        **suite.records.envelopes[record],
        "change": "c-1",
        "mode": "customer",
        "fields": ["contact.mobile"],
        "evidence": [],
    }
    suite.hears("open_change", data, record, "zheng")

    [settled] = suite.told("approvals.request_settled")
    assert (settled["subject"], settled["outcome"], settled["refusal"]) == ("c-1", "rejected", "needs.missing")


def test_a_destruction_list_ends_in_a_grant_bound_to_its_hash(suite):
    record = suite.records.add(state="past")
    data = {"disposal": "d-1", "hash": "a" * 64, "records": [record], "class": "company.customer", "author": "he"}
    suite.hears("open_destruction", {**data, "envelope": suite.records.envelopes[record]}, actor="he")
    [raised] = suite.told("approvals.request_raised")
    suite.decides("wu", raised["request"])
    suite.decides("gao", raised["request"])

    [issued], [settled] = suite.told("approvals.grant_issued"), suite.told("approvals.request_settled")
    assert (issued["grant"]["mode"], issued["grant"]["list_hash"], issued["grant"]["person"]) == (
        "destroy",
        "a" * 64,
        "he",
    )
    assert (settled["list_hash"], settled["grant"]) == ("a" * 64, issued["grant"]["id"])


def test_a_released_import_goes_by_the_word_of_who_would_release_it_and_never_of_who_brought_it(suite):
    data = {"import_id": new_id(), "class": "trading.customer", "department": "finance", "by": "xu", "creator": "qian"}
    suite.hears("open_withdrawal", {**data, "records": 4, "staying": 1}, actor="xu")
    (raised,) = suite.told("approvals.request_raised")
    assert (raised["kind"], raised["about"], raised["subject"]) == ("withdraw", "withdrawal", data["import_id"])

    for person, code in (("qian", "approvals.kept_apart"), ("xu", "approvals.own_request")):
        with pytest.raises(Refused) as refusal:
            suite.decides(person, raised["request"])
        assert refusal.value.code == code
    suite.decides("he", raised["request"])

    (settled,) = suite.told("approvals.request_settled")
    assert (settled["outcome"], settled["grant"], settled["tells"]) == ("approved", None, [])
    suite.hears("close_withdrawal", {"import_id": data["import_id"], "why": "hold.active"})
    assert suite.calls("xu", "request", {"request": raised["request"]})["state"] == "lapsed"


def test_what_waits_for_me_is_listed_until_it_is_decided(suite):
    mine = [suite.asks("sun", suite.records.add()) for _ in range(3)]
    waiting = suite.calls("liu", "requests", {"awaiting": "me", "limit": 2})

    assert [one["request"] for one in waiting["items"]] == [mine[2], mine[1]]
    rest = suite.calls("liu", "requests", {"awaiting": "me", "limit": 2, "after": waiting["next"]})
    assert [one["request"] for one in rest["items"]] == [mine[0]] and rest["next"] is None
    assert suite.calls("wu", "requests", {"awaiting": "me"})["items"] == []

    suite.decides("liu", mine[0])
    assert suite.calls("wu", "me")["awaiting_me"] == [mine[0]]
    assert sorted(suite.calls("sun", "me")["mine_pending"]) == sorted(mine)


def test_a_request_is_nobody_elses_business(suite):
    request = suite.asks("sun", suite.records.add())

    assert code_of(suite.calls, "qian", "request", {"request": request}) == "request.unknown"
    assert suite.calls("qian", "requests", {})["items"] == []
    assert suite.calls("wu", "request", {"request": request})["reason"] == "a repair is due"


def test_a_withdrawn_request_is_over(suite):
    request = suite.asks("sun", suite.records.add())

    assert suite.calls("sun", "withdraw", {"request": request})["state"] == "withdrawn"
    assert code_of(suite.decides, "liu", request) == "approvals.settled"


def test_a_repeated_call_gets_the_first_answer(suite):
    args = {"kind": "view", "records": [suite.records.add()], "purpose": "service", "reason": "a repair"}

    first, second = (suite.calls("sun", "raise_request", args, key="k-1") for _ in range(2))

    assert first == second
    assert len(suite.told("approvals.request_raised")) == 1


def test_decisions_at_the_same_time_settle_once(suite):
    record = suite.records.add()
    created(suite, record)
    [raised] = suite.told("approvals.request_raised")

    def decide(person):
        try:
            return suite.decides(person, raised["request"])["state"]
        except Conflict as refusal:
            return refusal.code

    threads = [eventlet.spawn(decide, person) for person in ("he", "wu", "he", "wu", "he", "wu")]
    answers = [thread.wait() for thread in threads]

    assert answers.count("approved") == 1
    assert set(answers) == {"approved", "approvals.settled"}
    assert len(suite.told("approvals.request_settled")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"purpose": "private"}, "purpose.unknown"),
        ({"reason": "."}, "reason.empty"),
        ({"kind": "destroy"}, "kind.opened_by_event"),
        ({"fields": []}, "input.invalid"),
        ({"colour": "red"}, "input.invalid"),
        ({"records": [new_id()]}, "record.unknown"),
        ({"records": ["none"]}, "input.invalid"),
        ({"period": "soon"}, "input.invalid"),
    ],
)
def test_a_wrong_request_is_refused_and_nothing_is_raised(suite, change, code):
    args = {"kind": "view", "records": [suite.records.add()], "purpose": "service", "reason": "a repair", **change}

    assert code_of(suite.calls, "sun", "raise_request", args) == code
    assert suite.told("approvals.request_raised") == []


def test_answers_are_what_the_schemas_publish(suite):
    request = suite.asks("sun", suite.records.add(), fields=["contact.mobile"])
    [suite.decides(person, request) for person in ("liu", "wu")]

    for method, args, schema in (
        ("request", {"request": request}, schemas.RequestAnswer),
        ("requests", {}, schemas.RequestsAnswer),
        ("grants", {}, schemas.GrantsAnswer),
        ("me", {}, schemas.MeAnswer),
        ("people", {}, schemas.PeopleAnswer),
        ("departments", {}, schemas.DepartmentsAnswer),
        ("regime", {}, schemas.RegimeAnswer),
        ("simulate", {"kind": "view", "class": "company.customer"}, schemas.SimulateAnswer),
    ):
        assert schema().validate(suite.calls("sun", method, args)) == {}, method


def test_no_reason_reaches_the_journal(suite):
    request = suite.asks("sun", suite.records.add(), reason="canary-reason of the customer")
    suite.calls("liu", "decide", {"request": request, "decision": "reject", "reason": "canary-reason again"})

    assert "canary" not in str(suite.journal())


def test_a_simulation_names_who_would_decide_and_raises_nothing(suite):
    about = {"kind": "view", "class": "company.customer", "case": {"record.department": "service"}}

    chain = suite.calls("sun", "simulate", about)["chain"]

    assert [step["deciders"] for step in chain] == [["liu"], ["wu"]]
    assert suite.calls("chen", "simulate", {**about, "applicant": "chen"})["refusal"] == "approvals.no_decider"
    assert suite.told("approvals.request_raised") == []


def test_who_signs_in_is_identified_until_he_signs_out(suite):
    opened = suite.calls(None, "open_session", {"account": "sun", "password": "a long password"})
    token = {"issuer": "muniment", "subject": "sun", "session": opened["session"]}

    known = suite.calls(None, "identify", token)
    assert (known["person"], known["department"], "employee" in known["roles"]) == ("sun", "sales", True)
    suite.calls("sun", "close_session", {"session": opened["session"]})
    assert code_of(suite.calls, None, "identify", token) == "session.ended"


def test_a_session_ends_by_time_and_is_one_accounts(suite):
    session = suite.calls(None, "open_session", {"account": "sun", "password": "a long password"})["session"]

    assert (
        code_of(suite.calls, None, "identify", {"issuer": "muniment", "subject": "liu", "session": session})
        == "session.ended"
    )
    suite.clock.advance(timedelta(hours=8))
    assert (
        code_of(suite.calls, None, "identify", {"issuer": "muniment", "subject": "sun", "session": session})
        == "session.ended"
    )


@pytest.mark.parametrize("given", [("sun", "wrong"), ("nobody", "a long password"), ("liu", "a long password")])
def test_wrong_sign_ins_are_one_refusal(suite, given):
    args = {"account": given[0], "password": given[1]}
    assert code_of(suite.calls, None, "open_session", args) == "session.refused"


def test_only_a_demo_admits_without_a_password(suite):
    assert code_of(suite.calls, None, "admit", {"account": "wu"}) == "session.refused"
    suite.settings.mode = "demo"
    assert suite.calls(None, "admit", {"account": "wu"})["person"] == "wu"


def test_who_leaves_the_organisation_is_nobody_at_once(suite):
    session = suite.calls(None, "open_session", {"account": "sun", "password": "a long password"})["session"]
    gone = "\n".join(line for line in ORGANISATION.splitlines() if not line.startswith("  sun:"))
    suite.clock.advance(timedelta(seconds=1))
    suite.calls("ma", "load_organisation", {"text": gone})

    token = {"issuer": "muniment", "subject": "sun", "session": session}
    assert code_of(suite.calls, None, "identify", token) == "session.ended"


def test_without_regime_and_organisation_nothing_is_answered(empty):
    with pytest.raises(Unavailable) as refusal:
        empty.store.rulebook()
    assert refusal.value.code == "regime.none"
    assert empty.calls(None, "regime", {})["digest"] is None


def test_a_published_regime_is_given_out_by_digest(suite):
    assert suite.calls(None, "regime", {"digest": REGIME.digest})["text"] == REGIME.text
    assert suite.calls("sun", "regime", {"regime": "current"})["digest"] == REGIME.digest
    assert code_of(suite.calls, None, "regime", {"digest": "0" * 64}) == "regime.unknown"
    suite.calls(None, "publish_regime", {"text": REGIME.text})
    assert len(suite.told("approvals.regime_published")) == 1


def test_only_a_system_administrator_publishes(suite):
    assert code_of(suite.calls, "he", "publish_regime", {"text": REGIME.text}) == "right.missing"
    assert suite.calls("ma", "publish_regime", {"text": REGIME.text})["digest"] == REGIME.digest


def test_an_open_request_is_decided_by_the_rule_it_was_raised_under(suite):
    request = suite.asks("sun", suite.records.add())
    suite.clock.advance(timedelta(seconds=1))
    suite.calls("ma", "publish_regime", {"text": REGIME.with_settings({"log_keep": "P13Y"}).text})
    suite.decides("liu", request)
    suite.decides("wu", request)

    [issued] = suite.told("approvals.grant_issued")
    assert issued["grant"]["regime"] == REGIME.digest


def test_unknown_things_are_not_found(suite):
    for method, args in (
        ("request", {"request": new_id()}),
        ("decide", {"request": new_id(), "decision": "approve", "reason": "why not"}),
    ):
        with pytest.raises(NotFound):
            suite.calls("sun", method, args)
    with pytest.raises(NotFound):
        suite.calls("sun", "revoke", {"grant": new_id(), "reason": "why not"})
    assert issubclass(Invalid, Refused) and issubclass(Forbidden, Refused) and NOON

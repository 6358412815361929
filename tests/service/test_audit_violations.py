"""Violations on real databases: proposed once, decided by whom the tariff names, never by the offender."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import regimes
from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.ids import new_id
from regimes import organisation
from services.audit.service import AuditService
from services.audit.supervision.offences import Offence, offender_of
from services.audit.supervision.policy import own_unless_supervisor, require_decider, supervises
from tests.service.audit_ledger import NOON, Ledger

OFFICER = Actor("ma", "ma", "hr", frozenset({"employee", "head", "hr_officer"}))
BORROWER = Actor("sun", "sun", "sales", frozenset({"salesperson"}))
CLERK = Actor("qian", "qian", "finance", frozenset({"employee", "finance_clerk"}))
DEMO = Path(__file__).parents[2] / "demo"
REGIME = regimes.load("hengtong", DEMO / "regimes")
STAFF = organisation.load(DEMO / "organisation.yaml")
ALL = {"after": None, "limit": 50}


@pytest.fixture
def ledger(lent):
    ledger = Ledger(lent("audit"))
    yield ledger
    ledger.close()


def a_miss(**change):
    """What retention says of a duty that was missed."""
    due = "2026-11-20"
    return {"duty": new_id(), "name": "return_loan", "owner": "sun", "due": due, "violation": "overdue_loan", **change}


def proposed(ledger, miss, at=NOON):
    """The case that a miss comes to, kept."""
    offence = Offence.of(miss, REGIME, STAFF)
    with ledger.begin() as work:
        earlier = work.earlier(offence.offender, offence.tariff, offence.counted_since(at))
        violation = offence.proposed(new_id(), "record-1", earlier, at)
        if work.keep_violation(violation):
            work.emit(violation.proposed())
    return violation.id


def decide(ledger, id, actor, decision="confirm", reason="came back a day late"):
    """Decide about a case as the service does."""
    with ledger.begin(actor) as work:
        violation = work.violation(id)
        require_decider(REGIME, actor, violation.decided_by)
        work.emit(violation.decide(actor, decision, reason, work.now))
        work.save_violation(violation)


def test_a_missed_duty_is_proposed_with_the_tariffs_amount(ledger):
    proposed(ledger, a_miss())
    (found,) = ledger.store.violations(ALL)["items"]
    assert (found["offender"], found["state"]) == ("sun", "proposed")
    assert (found["amount"], found["unit"]) == ("20", "record_only"), "the regime's amount is shown, not charged"
    assert found["clause"] == "G1-5" and found["regime"] == REGIME.digest
    assert len(ledger.emitted("audit.violation_proposed")) == 1


def test_one_miss_is_one_violation(ledger):
    miss = a_miss()
    proposed(ledger, miss)
    proposed(ledger, miss)
    assert len(ledger.store.violations(ALL)["items"]) == 1
    assert len(ledger.emitted("audit.violation_proposed")) == 1


@pytest.mark.parametrize("name", [None, "unknown_to_the_regime"])
def test_a_miss_that_the_regime_does_not_fine_proposes_nothing(name):
    assert Offence.of(a_miss(violation=name), REGIME, STAFF) is None


@pytest.mark.parametrize("decision, state", [("confirm", "confirmed"), ("dismiss", "dismissed")])
def test_whom_the_tariff_names_decides(ledger, decision, state):
    id = proposed(ledger, a_miss())
    decide(ledger, id, OFFICER, decision)
    (found,) = ledger.store.violations({**ALL, "state": state})["items"]
    assert found["person"] == "ma" and found["version"] == 2
    assert [event["state"] for event in ledger.emitted("audit.violation_decided")] == [state]


def test_nobody_decides_about_their_own_violation(ledger):
    id = proposed(ledger, a_miss(owner="ma"))
    with pytest.raises(Forbidden) as refusal:
        decide(ledger, id, OFFICER)
    assert refusal.value.code == "violation.own"


def test_whom_the_tariff_does_not_name_is_refused(ledger):
    id = proposed(ledger, a_miss(owner="wu"))
    with pytest.raises(Forbidden) as refusal:
        decide(ledger, id, BORROWER)
    assert refusal.value.code == "violation.not_decider"


def test_a_decision_stands(ledger):
    id = proposed(ledger, a_miss())
    decide(ledger, id, OFFICER, "dismiss")
    with pytest.raises(Conflict):
        decide(ledger, id, OFFICER)


def test_a_dot_is_no_reason(ledger):
    id = proposed(ledger, a_miss())
    with pytest.raises(Invalid) as refusal:
        decide(ledger, id, OFFICER, reason=" . ")
    assert refusal.value.code == "reason.missing"


def test_the_reason_is_kept_but_told_to_nobody(ledger):
    id = proposed(ledger, a_miss())
    decide(ledger, id, OFFICER, reason="canary-reason")
    assert "canary-reason" not in str(ledger.rows)
    assert "canary-reason" not in str(ledger.store.violations(ALL))


def test_an_unknown_violation_is_not_found(ledger):
    with pytest.raises(NotFound):
        decide(ledger, new_id(), OFFICER)


def test_others_see_their_own_cases_only():
    assert own_unless_supervisor(REGIME, BORROWER, {"offender": "wu"}) == {"offender": "sun"}
    assert own_unless_supervisor(REGIME, OFFICER, {"offender": "wu"}) == {"offender": "wu"}


def test_the_regime_says_who_supervises_and_where_it_is_silent_the_archivist_does():
    silent = SimpleNamespace(rights={})
    archivist = Actor("he", "he", "office", frozenset({"employee", "archivist"}))
    member = Actor("xu", "xu", "finance", frozenset({"employee", "supervision_group.member"}))

    assert [supervises(REGIME, one) for one in (OFFICER, member, archivist, CLERK)] == [True, True, True, False]
    assert [supervises(silent, one) for one in (OFFICER, archivist, CLERK)] == [False, True, False]


def test_a_second_offence_within_the_tariffs_time_is_doubled(ledger):
    """
    The company's tariff doubles from the second offence of a month on.
    """
    first, other = proposed(ledger, a_miss()), proposed(ledger, a_miss(owner="qian"))
    second = proposed(ledger, a_miss())
    amounts = {one["violation"]: one["amount"] for one in ledger.store.violations(ALL)["items"]}

    assert [amounts[id] for id in (first, other, second)] == ["20", "20", "40"]


def test_an_offence_of_another_month_or_a_dismissed_one_does_not_double(ledger):
    proposed(ledger, a_miss(), NOON - timedelta(days=31))
    decide(ledger, proposed(ledger, a_miss()), OFFICER, "dismiss")
    third = proposed(ledger, a_miss())

    assert {one["violation"]: one["amount"] for one in ledger.store.violations(ALL)["items"]}[third] == "20"


@pytest.mark.parametrize(
    "who, owner, offender",
    [
        ({"person": "borrower"}, "sun", "sun"),
        ({"superior": "borrower"}, "sun", "sun"),  # the event names no such person: the duty's owner stays
        ({"superior": "owner"}, "sun", "liu"),
        ({"role": "archivist"}, "archivist", "he"),
        ({"role": "head"}, "head", "head"),  # several people: the role answers for it
        ({}, "head:office", "head:office"),
    ],
)
def test_the_regime_says_whose_offence_it_is(who, owner, offender):
    assert offender_of(who, a_miss(owner=owner), STAFF) == offender


@pytest.mark.parametrize("owner", ["hr_officer", "head:hr", "member:hr"])
def test_nobody_decides_about_what_his_own_role_missed(ledger, owner):
    offence = replace(Offence.of(a_miss(), REGIME, STAFF), offender=owner)
    violation = offence.proposed(new_id(), None, 0, NOON)

    with pytest.raises(Forbidden) as refusal:
        violation.decide(OFFICER, "dismiss", "it was us", NOON)
    assert refusal.value.code == "violation.own"


# -- use without consent or source

BANK = regimes.load("bank_house", Path(__file__).parents[1] / "regimes" / "adopted")


def tries_to_use(ledger, person="qian", record="r-1", class_="bank.customer", regime=BANK):
    """Records tells that somebody tried to use a record for what it does not stand for."""
    head = {"class": class_, "state": "active", "level": "sensitive", "department": "finance", "responsible": "xu"}
    data = {**head, "creator": "xu", "schemes": {}, "used_for": "lending", "code": "consent.withdrawn"}
    about = {"id": new_id(), "at": "2026-11-22T11:00:00Z", "record": record, "actor": person}
    service = AuditService()
    service.store = SimpleNamespace(begin=ledger.begin, call=SimpleNamespace(message=None))
    service.regime, service.organisation = lambda: regime, lambda: STAFF
    service.propose_for_refused_use({**about, "data": data})


@pytest.mark.covers("Q-024")
def test_whoever_tries_to_use_what_is_not_to_be_used_answers_for_it(ledger):
    tries_to_use(ledger)

    (found,) = ledger.store.violations(ALL)["items"]
    assert (found["type"], found["offender"], found["record"]) == ("unlawful_use", "qian", "r-1")
    assert (found["due"], found["clause"], found["tariff"]) == ("2026-11-22", "G7", "bank_discipline")
    assert [event["name"] for event in ledger.emitted("audit.violation_proposed")] == ["unlawful_use"]


def test_one_person_one_record_one_day_is_one_case(ledger):
    """
    Who clicks ten times has tried once; another record, or another person, is another case.
    """
    for given in [{}] * 10 + [{"record": "r-2"}, {"person": "xu"}]:
        tries_to_use(ledger, **given)

    cases = {(one["offender"], one["record"]) for one in ledger.store.violations(ALL)["items"]}
    assert len(ledger.store.violations(ALL)["items"]) == len(cases) == 3


@pytest.mark.parametrize("given", [{"person": None}, {"class_": "company.customer"}, {"regime": REGIME}])
def test_where_nobody_or_no_rule_of_the_regime_is_concerned_nothing_is_proposed(ledger, given):
    tries_to_use(ledger, **given)

    assert ledger.store.violations(ALL)["items"] == []

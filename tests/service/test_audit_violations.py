"""Violations on real databases: proposed once, decided by whom the tariff names, never by the offender."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import regimes
from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.ids import new_id
from services.audit.supervision.model import propose
from services.audit.supervision.policy import own_unless_supervisor, require_decider
from tests.service.audit_ledger import NOON, Ledger

OFFICER = Actor("ma", "ma", "hr", frozenset({"head", "hr_officer"}))
BORROWER = Actor("sun", "sun", "sales", frozenset({"salesperson"}))
REGIME = SimpleNamespace(
    digest="d" * 64,
    violations={"overdue_loan": SimpleNamespace(clause="G1-5", fine="20", per="occasion", tariff="files")},
    tariffs={"files": SimpleNamespace(unit="CNY", decided_by={"role": "hr_officer"})},
)
ALL = {"after": None, "limit": 50}


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/audit.db"
    else:
        url = request.getfixturevalue("postgres").database("muniment_audit_unit")
    ledger = Ledger(url)
    yield ledger
    ledger.close()


def a_miss(**change):
    """What retention says of a duty that was missed."""
    due = "2026-11-20"
    return {"duty": new_id(), "name": "return", "owner": "sun", "due": due, "violation": "overdue_loan", **change}


def proposed(ledger, miss):
    """The case that a miss comes to, kept."""
    violation = propose(new_id(), REGIME, miss, "record-1", NOON)
    with ledger.begin() as work:
        if work.keep_violation(violation):
            work.emit(violation.proposed())
    return violation.id


def decide(ledger, id, actor, decision="confirm", reason="came back a day late"):
    """Decide about a case as the service does."""
    with ledger.begin(actor) as work:
        violation = work.violation(id)
        require_decider(actor, violation.decided_by)
        work.emit(violation.decide(actor, decision, reason, work.now))
        work.save_violation(violation)


def test_a_missed_duty_is_proposed_with_the_tariffs_amount(ledger):
    proposed(ledger, a_miss())
    (found,) = ledger.store.violations(ALL)["items"]
    assert (found["offender"], found["amount"], found["unit"], found["state"]) == ("sun", "20", "CNY", "proposed")
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
    assert propose("id", REGIME, a_miss(violation=name), None, NOON) is None


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
    assert own_unless_supervisor(BORROWER, {"offender": "wu"}) == {"offender": "sun"}
    assert own_unless_supervisor(OFFICER, {"offender": "wu"}) == {"offender": "wu"}


def test_the_demo_companys_regime_gives_the_amount_and_who_decides():
    regime = regimes.load("hengtong", Path(__file__).parents[2] / "demo" / "regimes")
    violation = propose("id", regime, a_miss(), "record-1", NOON)
    assert (violation.amount, violation.clause, violation.decided_by) == ("20", "G1-5", {"role": "hr_officer"})

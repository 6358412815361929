"""Which proofs count: whose entry, on file of what, brought by whom, until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import regimes
from chassis.errors import Invalid
from services.approvals.proving.asking import unseen
from services.approvals.proving.hearing import entry_facts
from services.approvals.proving.model import Bearer, Fact, lacking, refuse
from tests.unit.approvals.given import RECORD

REGIME = regimes.load("hengtong", Path(__file__).resolve().parents[3] / "demo" / "regimes")
TODAY = date(2026, 11, 20)
FORM = {"class": "start_form", "creator": "sun", "signers": ["sun"], "about": None, "valid_until": None}
TRAINED = {"class": "training", "creator": "ma", "signers": ["sun"], "about": "sun", "valid_until": "2026-11-20"}
PAPER = Fact("doc-1", RECORD, "about", "document", "identity")
OUT = Fact("loan-1", RECORD, "about", "open", "loan.open")


def lacks(need, *known, person="sun", records=(RECORD,), evidence=(), on=TODAY):
    return lacking([need], Bearer(person, records, tuple(evidence), on), known, REGIME)


@pytest.mark.covers("Q-237")
def test_a_form_counts_for_whoever_filled_it_in_and_brings_it_and_for_nobody_else():
    form, brought = entry_facts("form-1", FORM), [{"entry": "start_form", "id": "form-1"}]
    need = {"entry": "start_form"}

    assert lacks(need, *form, records=(), evidence=brought) == []
    assert lacks(need, *form, records=(), evidence=[{"entry": "start_form"}]) == ["entry start_form"]
    assert lacks(need, *form, records=(), evidence=[{"entry": "start_form", "id": "form-2"}]) == ["entry start_form"]
    assert lacks(need, *form, person="zheng", records=(), evidence=brought) == ["entry start_form"]
    assert lacks(need, records=(), evidence=brought) == ["entry start_form"]


@pytest.mark.covers("Q-315")
def test_a_training_counts_for_who_was_trained_until_its_last_day_and_not_for_who_wrote_it_down():
    training, need = entry_facts("t-1", TRAINED), {"entry": "training", "by": "applicant"}

    assert lacks(need, *training) == []
    assert lacks(need, *training, on=date(2026, 11, 21)) == ["entry training"]
    assert lacks(need, *training, person="ma") == ["entry training"]
    assert lacks(need) == ["entry training"]


def test_a_document_counts_when_it_is_on_file_of_every_record_or_named():
    need = {"document": "identity"}

    assert lacks(need, PAPER) == []
    assert lacks(need, PAPER, records=(RECORD, "another")) == ["document identity"]
    assert lacks(need, evidence=[{"document": "identity"}]) == []
    assert lacks(need, evidence=[{"document": "identity", "id": "doc-9"}]) == ["document identity"]
    assert lacks(need, PAPER, evidence=[{"document": "identity", "id": "doc-1"}]) == []


def test_what_is_out_on_loan_is_not_without_an_open_loan():
    assert lacks({"without": "loan.open"}, OUT) == ["without loan.open"]
    assert lacks({"without": "loan.open"}) == []


def test_a_basis_has_to_be_one_of_those_the_rule_takes():
    assert lacks({"basis": ["law", "protects_subject"]}) == ["basis law or protects_subject"]
    assert lacks({"basis": ["law", "protects_subject"]}, evidence=[{"basis": "law"}]) == []


def test_a_need_that_nobody_can_see_is_missing_and_what_records_sees_is_asked_there():
    assert lacks({"witchcraft": "yes"}) == ["witchcraft yes"]
    assert lacks({"verified": ["contact.mobile"]}) == []
    asked = []

    class Records:
        def unmet(self, args):
            asked.append(args)
            return {"unmet": ["verified contact.mobile"]}

    needs = [{"verified": ["contact.mobile"]}, {"entry": "training", "by": "applicant"}]
    bearer = Bearer("sun", (RECORD,), ({"document": "evidence"},), TODAY)
    assert unseen(Records(), needs, bearer) == ["verified contact.mobile"]
    told = {"record": RECORD, "person": "sun", "needs": needs[:1], "evidence": ["evidence"]}
    assert asked == [told]
    unseen(Records(), needs, replace(bearer, purpose="service"))
    assert asked[1:] == [{**told, "purpose": "service"}]
    assert unseen(None, needs[1:], bearer) == []
    assert unseen(None, needs, Bearer("sun", (), (), TODAY)) == ["verified ['contact.mobile']"]


def test_the_refusal_names_each_proof_once():
    with pytest.raises(Invalid) as refusal:
        refuse(["entry training", "document identity", "entry training"], REGIME)
    assert refusal.value.code == "needs.missing"
    assert [one["missing"] for one in refusal.value.facts["errors"]] == ["entry training", "document identity"]


def test_the_refusal_calls_each_proof_as_the_regime_does():
    with pytest.raises(Invalid) as refusal:
        refuse(["entry training", "filled form.cause", "document agreement"], REGIME)

    told = refusal.value.facts["errors"]
    assert [one["label"]["zh"] for one in told] == ["培训记录", "原因分析", "协议"]
    assert all("form.cause" not in one["detail"] + str(one["label"]) for one in told)

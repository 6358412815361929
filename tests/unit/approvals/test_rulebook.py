"""What the demo company's regime and people make of a request."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import regimes
from chassis.errors import Forbidden, Refused
from services.approvals import opening
from services.approvals.people.organisation import canonical_text
from services.approvals.publishing import checked
from services.approvals.rulebook import Rulebook, rulebook_of, tightest
from tests.unit.approvals.given import NOON, RECORD, proving

ROOT = Path(__file__).resolve().parents[3]
ENVELOPE = {
    "id": RECORD, "class": "company.customer", "state": "active", "level": "sensitive",
    "department": "service", "responsible": "zheng", "creator": "zheng",
}  # fmt: skip
FRIDAY = datetime(2026, 10, 30, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    regime = regimes.load("hengtong", ROOT / "demo" / "regimes")
    return rulebook_of(regime.text, canonical_text((ROOT / "demo" / "organisation.yaml").read_text()))


def ask(book: Rulebook, who: str = "sun", envelopes=(ENVELOPE,), **other):
    args = {"kind": "view", "purpose": "service", "reason": "a repair", "evidence": [], "records": [RECORD], **other}
    return opening.asked(args, book.applicant(who), list(envelopes), book, proving(book), NOON)[0]


def event(data: dict, record: str | None = RECORD, actor: str = "zheng") -> dict:
    return {"id": "e", "type": "t", "version": 1, "at": "", "record": record, "actor": actor, "data": data}


def people(request) -> list[list[str]]:
    return [sorted(step.people) for step in request.ruled.steps]


def code_of(call, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def test_a_clerk_of_another_department_needs_both_heads(book):
    assert people(ask(book)) == [["liu"], ["wu"]]


def test_a_head_who_asks_is_decided_by_his_superior(book):
    assert people(ask(book, "liu")) == [["zhao"], ["wu"]]


def test_records_of_one_request_add_up_their_chains(book):
    other = {**ENVELOPE, "id": RECORD[:-1] + "2", "department": "sales", "responsible": "liu"}
    request = ask(book, "qian", [ENVELOPE, other])

    assert people(request) == [["xu"], ["wu"], ["liu"]]
    assert len(request.subject.records) == 2


def test_a_purpose_that_is_none_of_the_regimes_is_refused(book):
    assert code_of(ask, book, purpose="private") == "purpose.unknown"


def test_a_field_that_does_not_exist_is_refused(book):
    assert code_of(ask, book, fields_=["contact.shoe_size"]) == "field.unknown"


def test_a_kind_the_regime_does_not_know_is_refused(book):
    assert code_of(ask, book, kind="teleport") == "kind.unknown"


@pytest.mark.parametrize("kind", ["change", "destroy", "create"])
def test_what_opens_by_an_event_is_not_asked_for_by_hand(book, kind):
    assert code_of(ask, book, kind=kind) == "kind.opened_by_event"


def test_a_dot_is_no_reason(book):
    assert code_of(ask, book, reason=".") == "reason.empty"


def test_a_request_about_nothing_is_refused(book):
    assert code_of(ask, book, envelopes=()) == "subject.missing"


@pytest.mark.parametrize("period", ["P", "PXYZ", "P3Q", "P9999Y"])
def test_a_period_that_is_none_is_refused(book, period):
    assert code_of(ask, book, period=period) == "period.invalid"


def test_erasure_needs_the_proof_of_identity(book):
    data = {"erasure": "e-1", "by": "zheng", "parts": ["contact"], "evidence": [], "class": "company.customer"}
    data |= {"state": "active", "level": "sensitive", "department": "service", "responsible": "zheng"}

    refused, _ = opening.erasure(event({**data, "creator": "zheng"})).open(book, proving(book), NOON)
    shown = {**data, "creator": "zheng", "evidence": ["identity"]}
    request, _ = opening.erasure(event(shown)).open(book, proving(book), NOON)

    assert (refused.state, refused.refusal) == ("rejected", "needs.missing")
    assert people(request) == [["wu"]]


def test_a_grant_of_working_days_ends_with_the_last_of_them(book):
    assert book.end("create", {"for": "P5B"}, None, FRIDAY) == datetime(2026, 11, 6, 16, 0, tzinfo=UTC)


def test_a_grant_for_no_day_ends_when_today_does(book):
    assert book.end("view", {"for": "P0D"}, None, FRIDAY) == datetime(2026, 10, 30, 16, 0, tzinfo=UTC)


def test_a_shorter_period_holds_and_a_longer_one_does_not(book):
    assert book.end("view", {"for": "P7D"}, "P1D", FRIDAY) == datetime(2026, 10, 31, 8, 0, tzinfo=UTC)
    assert book.end("view", {"for": "P1D"}, "P7D", FRIDAY) == datetime(2026, 10, 31, 8, 0, tzinfo=UTC)


def test_of_several_terms_the_tightest_hold():
    assert tightest([{"for": "P7D"}, {"for": "P1D", "once": True}]) == {"for": "P1D", "once": True}
    assert code_of(tightest, [{"place": "office"}, {"place": "room"}]) == "grant.terms_differ"


def test_a_pending_record_asks_its_creators_superior_or_the_archivist(book):
    pending = opening.creation(event({**ENVELOPE, "class_": "company.customer", "state": "pending", "import_id": None}))
    request, raised = pending.open(book, proving(book), NOON)

    assert people(request) == [["he", "wu"]]
    assert (request.creator, raised.about, raised.subject) == ("zheng", "record", RECORD)


@pytest.mark.parametrize("data", [{"state": "draft"}, {"state": "active"}, {"state": "pending", "import_id": "i-1"}])
def test_drafts_and_imported_records_open_no_request_of_their_own(data):
    assert opening.creation(event({**ENVELOPE, **data})) is None


def test_an_import_is_released_once_by_the_archivist(book):
    data = {"import_id": "i-1", "class_": "company.customer", "department": "service", "by": "zheng", "dry_run": False,
            "accepted": 90}  # fmt: skip
    request, raised = opening.release(event(data, None)).open(book, proving(book), NOON)

    assert people(request) == [["he"]]
    assert (raised.about, raised.subject, request.kept_apart) == ("import", "i-1", {"zheng"})


def test_a_dry_run_opens_nothing():
    data = {"import_id": "i-1", "class_": "company.customer", "by": "zheng", "dry_run": True, "accepted": 90}
    assert opening.release(event(data, None)) is None


CHANGE = {
    **ENVELOPE,
    "change": "c-1",
    "mode": "customer",
    "fields": ["contact.mobile"],
    "evidence": ["customer_request"],
}


def test_a_change_the_customer_asked_for_is_verified(book):
    request, raised = opening.change(event(CHANGE, actor="zheng")).open(book, proving(book), NOON)

    assert (people(request), request.state, raised.subject) == ([["wu"]], "pending", "c-1")


def test_a_change_without_its_proof_is_rejected_at_once_so_that_nothing_hangs(book):
    request, _ = opening.change(event({**CHANGE, "evidence": []})).open(book, proving(book), NOON)

    assert (request.state, request.refusal) == ("rejected", "needs.missing")


def test_a_destruction_list_is_bound_to_its_hash(book):
    envelope = {**ENVELOPE, "state": "archived"}
    data = {"disposal": "d-1", "hash": "a" * 64, "records": [RECORD], "class": "company.customer", "envelope": envelope,
            "author": "he"}  # fmt: skip
    request, _ = opening.destruction(event(data, None, "he")).open(book, proving(book), NOON)

    assert people(request) == [["wu"], ["gao"]]
    assert request.settled is not None and request.subject.list_hash == "a" * 64


def test_a_regime_that_fails_its_own_check_is_not_published(book):
    broken = dict(book.regime.merged)
    broken["examples"] = [
        *broken["examples"],
        {"request": "view", "of": "company.customer", "decided_by": ["chairman"]},
    ]

    assert code_of(checked, regimes.Regime(broken).text, book.staff) == "regime.unfit"
    assert checked(book.regime.text, book.staff)[1].digest == book.regime.digest


def test_someone_unknown_is_nobody(book):
    with pytest.raises(Forbidden) as refusal:
        book.identity("gone", NOON)
    assert refusal.value.code == "session.ended"


def test_an_open_request_keeps_the_rule_it_was_raised_under(book):
    request = ask(book)
    stricter = book.regime.with_settings({"log_keep": "P13Y"})

    assert stricter.digest != request.ruled.regime == book.regime.digest

"""Checklists, the archivist's examination, proofs and destruction, where documents decide; on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.errors import Conflict, Invalid
from chassis.ids import new_id
from services.records import destroying
from services.records.documents import tables as t
from services.records.documents import taking
from tests.service import given_records
from tests.service.given_documents import (
    DUE,
    PDF,
    WITH_DOCUMENTS,
    a_file,
    begins,
    contents,
    finishes,
    hands_in,
    listed,
    piece,
    proves,
    with_documents,
)
from tests.service.given_records import Suite, code_of
from vault.tables import keys


@pytest.fixture(autouse=True)
def _with_documents(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(given_records, "REGIME", WITH_DOCUMENTS)
    yield


def completes(suite: Suite, record: str) -> None:
    """Everything that every customer's file must hold."""
    hands_in(suite, record, "green_card", signed_by=["customer"])
    hands_in(suite, record, "identity", form="copy", sides=2)
    suite.calls("zheng", "answer_item", {"record": record, "kind": "other_proof", "applies": False})


def turns(suite: Suite) -> list[str]:
    """How often records became complete and incomplete, in order."""
    named = ("records.completed", "records.became_incomplete")
    return [entry["type"].partition(".")[2] for entry in suite.journal() if entry["type"] in named]


def is_complete(suite: Suite, record: str) -> bool:
    """What the others are told."""
    return bool(suite.calls(None, "envelope", {"record": record})["complete"])


@pytest.mark.covers("Q-170", "Q-171", "Q-173")
def test_a_record_is_complete_with_its_core_fields_and_every_item_of_its_list(suite: Suite) -> None:
    record = suite.active()
    assert listed(suite, record)[""]["missing"] == ["identity", "green_card", "other_proof"]
    assert sorted(listed(suite, record)[""]["missing"]) == sorted(DUE) and not is_complete(suite, record)

    completes(suite, record)

    told = listed(suite, record)
    assert told[""]["complete"] and told[""]["missing"] == [] and is_complete(suite, record)
    assert (told["other_proof"]["state"], told["road_test"]["state"]) == ("not_applicable", "not_needed")
    assert turns(suite) == ["completed"]


@pytest.mark.covers("Q-170")
def test_a_protected_field_decides_under_a_journalled_opening(suite: Suite) -> None:
    record = suite.active(**{"business.demand": "overhaul"})
    before = len(suite.told("records.opened_for_work"))

    assert listed(suite, record)["road_test"]["wanted"] == "needed"

    assert len(suite.told("records.opened_for_work")) == before + 1
    assert "overhaul" not in repr(suite.journal())


def test_a_change_of_what_decides_makes_the_record_incomplete(suite: Suite) -> None:
    record = suite.active(**{"business.demand": "nothing"})
    completes(suite, record)
    proves(suite, record, "evidence")
    ask = {"reason": "the customer asked", "requested_by": "customer", "evidence": ["evidence"]}
    change = {"record": record, "version": 2, "fields": {"business.demand": "overhaul"}, **ask}

    suite.settles("change", suite.calls("zheng", "change", change)["change"])

    assert turns(suite) == ["completed", "became_incomplete"] and not is_complete(suite, record)
    hands_in(suite, record, "road_test")
    assert is_complete(suite, record)


def test_nobody_answers_for_what_the_regime_decides(suite: Suite) -> None:
    record = suite.active()
    for kind, code in (("green_card", "checklist.not_asked"), ("passport", "document.kind_unknown")):
        asked = {"record": record, "kind": kind, "applies": False}
        assert code_of(suite.calls, "zheng", "answer_item", asked) == code
    asked = {"record": record, "kind": "other_proof", "applies": False}
    assert code_of(suite.calls, "sun", "answer_item", asked) == "right.missing"


@pytest.mark.covers("Q-176")
def test_what_the_checker_notes_keeps_the_record_incomplete_until_it_is_mended(suite: Suite) -> None:
    record = suite.active()
    completes(suite, record)
    [card] = listed(suite, record)["green_card"]["documents"]
    noted = {"record": record, "kind": "green_card", "document": card, "faults": ["no_customer_signature"]}
    assert code_of(suite.calls, "zheng", "note_fault", noted) == "right.missing", "who checks is the archivist"

    suite.calls("he", "note_fault", noted)

    assert listed(suite, record)["green_card"]["gaps"] == ["no_customer_signature"]
    told = suite.told("records.document_faulted")[0]
    assert (told["kind"], told["faults"], told["document"]) == ("green_card", ["no_customer_signature"], card)
    hands_in(suite, record, "green_card", signed_by=["customer"], supersedes=card)
    assert turns(suite) == ["completed", "became_incomplete", "completed"]


@pytest.mark.covers("Q-173", "Q-176")
def test_a_missing_item_is_noted_where_it_is_missing(suite: Suite) -> None:
    record = suite.active()
    missing = {"record": record, "kind": "green_card", "faults": ["missing"]}
    suite.calls("he", "note_fault", missing)
    assert suite.told("records.document_faulted")[0]["faults"] == ["missing"]

    card = hands_in(suite, record)

    assert code_of(suite.calls, "he", "note_fault", missing) == "fault.contradicted"
    assert code_of(suite.calls, "he", "note_fault", missing | {"document": card}) == "fault.contradicted"
    unsigned = {"record": record, "kind": "identity", "document": card, "faults": ["wrong"]}
    assert code_of(suite.calls, "he", "note_fault", unsigned) == "fault.no_document"


@pytest.mark.covers("Q-169", "Q-173")
def test_the_sender_checks_the_file_before_it_is_handed_over_and_that_is_recorded(suite: Suite) -> None:
    record = suite.active()
    hands_in(suite, record, "green_card", signed_by=["customer"])
    assert code_of(suite.calls, "sun", "check_file", {"record": record}) == "right.missing"

    found = suite.calls("zheng", "check_file", {"record": record})

    assert found == {"record": record, "complete": False, "missing": ["identity", "other_proof"]}
    [told] = suite.told("records.file_checked")
    assert (told["missing"], told["complete"]) == (["identity", "other_proof"], False)


@pytest.mark.covers("Q-174", "Q-185")
def test_the_archivist_examines_and_takes_over(suite: Suite) -> None:
    record = suite.active()
    card = hands_in(suite, record, signed_by=["customer"])
    assert code_of(suite.calls, "zheng", "accept_document", {"document": card}) == "right.missing"

    assert suite.calls("he", "accept_document", {"document": card, "paper": True})["state"] == "accepted"

    told = suite.calls("he", "document", {"document": card})
    assert (told["state"], told["paper"]) == ("accepted", True)
    assert code_of(suite.calls, "he", "accept_document", {"document": card}) == "document.state"
    assert suite.told("records.document_accepted")[0]["paper"] is True


@pytest.mark.covers("Q-087", "Q-185")
def test_what_is_not_as_it_should_be_goes_back_with_reasons_that_the_sender_reads(suite: Suite) -> None:
    record = suite.active()
    completes(suite, record)
    [card] = listed(suite, record)["green_card"]["documents"]

    sent = {"document": card, "faults": ["wrong_ink"], "reason": "Written in pencil, page two"}
    suite.calls("he", "return_document", sent)

    told = suite.told("records.document_returned")[0]
    assert (told["faults"], told["sender"]) == (["wrong_ink"], "zheng")
    assert "pencil" not in repr(suite.journal()) + repr([tuple(row) for row in suite.rows(t.document_acts)])
    acts = suite.calls("zheng", "document_acts", {"document": card, "purpose": "service"})["items"]
    assert [(act["act"], act["faults"], act["reason"]) for act in acts] == [("returned", ["wrong_ink"], sent["reason"])]
    assert suite.told("records.document_read")[-1]["shown"] == "reasons"
    assert listed(suite, record)["green_card"]["state"] == "missing" and turns(suite)[-1] == "became_incomplete"


def test_a_withdrawn_document_counts_no_longer_but_stays(suite: Suite) -> None:
    record = suite.active()
    card = hands_in(suite, record)

    suite.calls("zheng", "withdraw_document", {"document": card, "reason": "belongs to somebody else"})

    assert listed(suite, record)["green_card"]["state"] == "missing"
    assert contents(suite, "zheng", card) == PDF


def test_under_a_hold_documents_stay_as_they_are(suite: Suite) -> None:
    record = suite.active()
    card = hands_in(suite, record)
    suite.calls(None, "freeze", {"hold": new_id(), "records": [record]})

    withdrawn = {"document": card, "reason": "make room"}
    assert code_of(suite.calls, "zheng", "withdraw_document", withdrawn) == "hold.active"
    assert suite.calls("zheng", "document", {"document": card})["state"] == "received"


@pytest.mark.covers("Q-088")
def test_where_both_carriers_are_wanted_the_paper_is_an_item_of_its_own(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = with_documents(carriers=["paper", "electronic"])
    monkeypatch.setattr(given_records, "REGIME", both)
    record = suite.active()
    card = hands_in(suite, record, signed_by=["customer"])
    assert listed(suite, record)["green_card"]["gaps"] == ["no_paper"]

    suite.calls("he", "accept_document", {"document": card, "paper": True})

    assert listed(suite, record)["green_card"]["state"] == "present"


def test_a_proof_that_the_list_holds_must_be_on_file(suite: Suite) -> None:
    """
    A word is no evidence: neither of what the file must hold nor of what is kept when it comes.
    """
    record = suite.active()
    ask = {"reason": "letter", "requested_by": "customer", "evidence": ["customer_request", "green_card"]}
    change = {"record": record, "version": 2, "fields": {"contact.mobile": "19900005678"}, **ask}
    for kind in ("green_card", "customer_request"):
        with pytest.raises(Invalid) as refusal:
            suite.calls("zheng", "change", change)
        lines = {line["pointer"]: line["detail"] for line in refusal.value.facts["errors"]}
        assert refusal.value.code == "needs.missing" and f"document {kind}" in lines.values()
        hands_in(suite, record, kind)

    assert suite.calls("zheng", "change", change)["outcome"] == "waiting"


def test_a_proof_is_named_by_its_document_too_and_only_by_one_of_this_record(suite: Suite) -> None:
    record, other = suite.active(), suite.active(**{"contact.mobile": "19900003001"})
    letter, foreign = hands_in(suite, record, "customer_request"), hands_in(suite, other, "customer_request")
    ask = {"reason": "letter", "requested_by": "customer", "fields": {"contact.mobile": "19900005678"}}
    change = {"record": record, "version": 2, **ask}
    for strange in (foreign, new_id()):
        with pytest.raises(Invalid) as refusal:
            suite.calls("zheng", "change", {**change, "evidence": ["customer_request", strange]})
        [line] = refusal.value.facts["errors"]
        assert (line["pointer"], line["code"]) == ("/evidence/1", "needs.missing") and strange not in str(line)

    waiting = suite.calls("zheng", "change", {**change, "evidence": [letter]})["change"]

    assert suite.told("records.change_proposed")[-1]["evidence"] == ["customer_request"]
    shown = suite.calls("zheng", "proposed_change", {"record": record, "change": waiting, "purpose": "service"})
    assert shown["evidence"] == [{"document": "customer_request", "id": letter}]
    suite.calls("he", "return_document", {"document": letter, "faults": ["illegible"], "reason": "cannot be read"})
    assert code_of(suite.calls, "zheng", "change", {**change, "evidence": [letter]}) == "needs.missing"


def test_an_added_document_overtakes_no_change_that_waits(suite: Suite) -> None:
    record = suite.active()
    proves(suite, record, "customer_request")
    ask = {"reason": "letter", "requested_by": "customer", "evidence": ["customer_request"]}
    change = {"record": record, "version": 2, "fields": {"contact.mobile": "19900005678"}, **ask}
    waiting = suite.calls("zheng", "change", change)["change"]

    hands_in(suite, record)
    suite.settles("change", waiting)

    assert len(suite.told("records.changed")) == 1


def destroys(suite: Suite, record: str, version: int) -> dict:
    body = suite.grant("he", record, known=False, mode="destroy")
    told = {"disposal": "d" * 36, "certificate": "c" * 36, "grant": body}
    return dict(suite.calls(None, "destroy", {"record": record, "version": version, **told}))


def test_with_a_record_its_documents_are_destroyed_and_the_certificate_names_each(suite: Suite) -> None:
    record, other = suite.active(), suite.active(**{"contact.mobile": "19900007777"})
    card, theirs = hands_in(suite, record, content=a_file(1)), hands_in(suite, other)
    begun = begins(suite, record, "identity")
    piece(suite, begun, 0, PDF)
    suite.calls("he", "return_document", {"document": card, "faults": ["damaged"], "reason": "torn"})

    done = destroys(suite, record, 2)

    assert {f"document:{card}", f"document:{begun}"} < set(done["fingerprints"])
    assert done["copies"]["documents"] == "deleted" and done["opened"] == "key.gone"
    assert {row.document for row in suite.rows(t.document_chunks)} == {theirs}
    assert suite.rows(t.document_acts) == []
    [stub] = [row for row in suite.rows(t.documents) if row.record == record]
    assert (stub.state, stub.address, stub.whole, stub.signed_by, stub.dated) == ("destroyed", None, None, [], None)
    with suite.keystore.read() as connection:
        wrapped = {row.id: row.wrapped for row in connection.execute(keys.select())}
    assert wrapped[stub.key] is None
    assert contents(suite, "zheng", theirs) == PDF
    for method, args in {
        "open_document": {"document": card, "purpose": "service"},
        "documents": {"record": record},
        "document": {"document": card},
        "checklist": {"record": record},
        "begin_document": {"record": record, "kind": "identity", "form": "copy"},
    }.items():
        with pytest.raises(Conflict) as refusal:
            suite.calls("zheng", method, args)
        assert (refusal.value.code, refusal.value.facts) == ("record.destroyed", {"certificate": "c" * 36})
    assert code_of(piece, suite, begun, 0, PDF) == "document.unknown"


def test_whoever_approved_a_destruction_knew_every_document(suite: Suite) -> None:
    record = suite.active()
    suite.moves(record, "past")
    hands_in(suite, record)

    assert code_of(destroys, suite, record, 3) == "record.changed_since_plan"


def test_a_crash_while_keys_are_destroyed_leaves_no_document_behind(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(Exception):
        """The process ended here."""

    def dies(place: str) -> None:
        if place == "destruction.keys_gone":
            raise Died

    record = suite.active()
    hands_in(suite, record)
    monkeypatch.setattr(destroying, "failpoint", dies)
    with pytest.raises(Died):
        destroys(suite, record, 2)
    monkeypatch.undo()

    suite.calls(None, "finish_destructions")

    assert suite.rows(t.document_chunks) == []


def test_a_crash_while_an_upload_is_dropped_is_finished_by_the_next_sweep(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begins(suite, suite.active())
    piece(suite, upload, 0, PDF)
    suite.clock.advance(taking.PATIENCE * 2)
    with monkeypatch.context() as broken:
        broken.setattr(suite.keys, "destroy", lambda ids: (_ for _ in ()).throw(RuntimeError("ended here")), False)
        with pytest.raises(RuntimeError):
            suite.calls(None, "sweep_uploads")
    assert code_of(finishes, suite, upload, len(PDF)) == "document.state"

    suite.calls(None, "sweep_uploads")

    assert suite.rows(t.documents) == suite.rows(t.document_chunks) == []

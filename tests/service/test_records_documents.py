"""Documents on both databases: taken in piece by piece, sealed, read like a field, destroyed with their record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from chassis.errors import Conflict, Invalid
from services.records.documents import tables as t
from services.records.documents.sealing import PIECE
from services.records.documents.taking import AT_ONCE, PATIENCE
from tests.service import given_records
from tests.service.given_documents import (
    LISTED,
    PDF,
    WITH_DOCUMENTS,
    a_file,
    begins,
    contents,
    fetches,
    finishes,
    hands_in,
    piece,
    puts,
    with_documents,
)
from tests.service.given_records import Suite, at_once, code_of
from vault.refusals import SealBroken
from vault.tables import keys


@pytest.fixture(autouse=True)
def _with_documents(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(given_records, "REGIME", WITH_DOCUMENTS)
    yield


def living_keys(suite: Suite) -> int:
    """How many keys can still be had."""
    with suite.keystore.read() as connection:
        return sum(row.wrapped is not None for row in connection.execute(keys.select()))


@pytest.mark.covers("Q-059", "Q-086", "Q-170")
def test_a_document_comes_back_as_it_was_handed_in(suite: Suite) -> None:
    record, content = suite.active(), a_file(2)
    told = {"form": "copy", "sides": 2, "pages": 3, "signed_by": ["customer"], "date": "2026-11-02", "paper": True}

    document = hands_in(suite, record, "identity", content, **told)

    assert contents(suite, "zheng", document) == content
    line = suite.calls("zheng", "documents", {"record": record})["items"][0]
    assert {name: line[name] for name in told} == told
    assert (line["kind"], line["state"], line["media"], line["size"]) == (
        "identity",
        "received",
        "application/pdf",
        len(content),
    )
    assert suite.calls("zheng", "document", {"document": document}) == line
    assert line["level"] == "highly_sensitive", "what the class does not place is as high as the class gets"


def test_nothing_of_a_document_lies_about_in_the_clear(suite: Suite) -> None:
    """
    Neither contents nor name, and no hash of the contents by which a known paper could be recognised.
    """
    record, content = suite.active(), a_file(1, mark=b"Canary paper 4711 ")
    upload = begins(suite, record, name="李雪梅的合同.pdf")
    puts(suite, upload, content)
    finishes(suite, upload, len(content))
    again = hands_in(suite, record, "identity", content)

    rows = [row for table in (t.documents, t.document_chunks) for row in suite.rows(table)]
    stored = repr([tuple(row) for row in rows]).encode() + b"".join(row.sealed for row in suite.rows(t.document_chunks))
    assert b"Canary" not in stored and "李雪梅" not in stored.decode(errors="ignore")
    addresses = [row.address for row in suite.rows(t.documents)]
    assert len({*addresses}) == 2 and again, "the same contents never give the same address"
    assert "Canary" not in repr(suite.journal())


def test_a_read_is_journalled_once_before_anything_is_opened(suite: Suite) -> None:
    document = hands_in(suite, suite.active(), content=a_file(2))
    suite.keys.unwrapped.clear()

    contents(suite, "zheng", document)

    told = suite.told("records.document_read")
    assert len(told) == 1
    assert (told[0]["document"], told[0]["kind"], told[0]["shown"]) == (document, "green_card", "contents")
    assert told[0]["by_right"] and told[0]["level"] == "sensitive"
    entries = {entry for entry, _ in suite.keys.unwrapped}
    assert len(entries) == 1, "every piece opened under the one entry"


def test_whom_no_right_and_no_grant_lets_gets_neither_contents_nor_a_key(suite: Suite) -> None:
    record = suite.active()
    document = hands_in(suite, record)
    suite.keys.unwrapped.clear()
    asked = {"document": document, "purpose": "service"}

    assert code_of(suite.calls, "qian", "open_document", asked) == "right.missing"
    assert code_of(suite.calls, "zheng", "open_document", asked | {"purpose": "marketing"}) == "consent.missing"
    assert code_of(suite.calls, "zheng", "open_document", asked | {"purpose": "fun"}) == "purpose.unknown"
    assert suite.keys.unwrapped == [] and suite.told("records.document_read") == []

    suite.grant("qian", record)
    assert contents(suite, "qian", document) == PDF


def test_a_right_up_to_a_level_opens_documents_up_to_it(suite: Suite) -> None:
    record = suite.active()
    card, identity = hands_in(suite, record), hands_in(suite, record, "identity")

    assert contents(suite, "he", card, "archive_use") == PDF
    refused = {"document": identity, "purpose": "archive_use"}
    assert code_of(suite.calls, "he", "open_document", refused) == "right.missing"


def test_a_grant_that_holds_once_opens_one_read_to_its_end(suite: Suite) -> None:
    record, content = suite.active(), a_file(1)
    document = hands_in(suite, record, content=content)
    suite.grant("qian", record, once=True)

    assert contents(suite, "qian", document) == content
    assert code_of(contents, suite, "qian", document) in ("right.missing", "grant.used")


def test_a_read_ends_where_its_permission_ends(suite: Suite) -> None:
    record = suite.active()
    document = hands_in(suite, record, content=a_file(2))
    grant = suite.grant("qian", record)
    begun = {"document": document, "purpose": "service"}
    begun["entry"] = suite.calls("qian", "open_document", begun)["entry"]
    assert fetches(suite, "qian", begun, 0)

    suite.hears("drop_grant", {"grant": grant["id"]})

    assert code_of(fetches, suite, "qian", begun, 1) == "right.missing"


def test_pieces_come_under_the_readers_own_fresh_entry_only(suite: Suite) -> None:
    record = suite.active()
    document, other = hands_in(suite, record), hands_in(suite, record, "identity")
    begun = {"document": document, "purpose": "service"}
    begun["entry"] = suite.calls("zheng", "open_document", begun)["entry"]
    created = next(entry["id"] for entry in suite.journal() if entry["type"] == "records.created")

    for wrong in ({"entry": created}, {"document": other}, {"entry": "0" * 36}):
        assert code_of(fetches, suite, "zheng", begun | wrong, 0) == "document.not_begun"
    assert code_of(fetches, suite, "wu", begun, 0) == "document.not_begun"
    suite.clock.advance(timedelta(minutes=16))
    assert code_of(fetches, suite, "zheng", begun, 0) == "document.not_begun"


def test_nothing_leaves_while_the_ledger_does_not_follow(suite: Suite) -> None:
    document = hands_in(suite, suite.active())
    suite.lag.behind = timedelta(minutes=5)

    assert code_of(contents, suite, "zheng", document) == "audit.lagging"


@pytest.mark.parametrize("harm", ["missing", "swapped", "cut off", "moved", "shorter"])
def test_a_piece_that_is_missing_exchanged_or_cut_off_is_found(suite: Suite, harm: str) -> None:
    """
    What is missing or cut off is found before the first byte leaves.
    """
    record = suite.active()
    document = hands_in(suite, record, content=a_file(2))
    other = hands_in(suite, record, "identity", a_file(2, mark=b"y"))
    c, d = t.document_chunks.c, t.documents.c
    sealed = {(row.document, row.number): row.sealed for row in suite.rows(t.document_chunks)}
    own = update(t.document_chunks).where(c.document == document)
    with suite.database.write() as connection:
        if harm == "missing":
            connection.execute(delete(t.document_chunks).where(c.document == document, c.number == 1))
        elif harm == "cut off":
            connection.execute(delete(t.document_chunks).where(c.document == document, c.number == 2))
            connection.execute(update(t.documents).where(d.id == document).values(size=2 * PIECE))
        elif harm == "swapped":
            connection.execute(own.where(c.number == 0).values(sealed=sealed[document, 1]))
        elif harm == "moved":
            connection.execute(own.where(c.number == 0).values(sealed=sealed[other, 0]))
        else:
            connection.execute(own.where(c.number == 0).values(sealed=sealed[document, 0][:-1]))

    with pytest.raises(SealBroken):
        contents(suite, "zheng", document)


def test_the_first_piece_decides_and_a_refused_file_leaves_nothing(suite: Suite) -> None:
    record, before = suite.active(), living_keys(suite)

    for content, name, code in (
        (b"MZ\x90\0\0\0", "contract.pdf", "document.type_refused"),
        (b"PK\x03\x04" + b"\0" * 60, "list.xlsx", "document.type_refused"),
        (b"\x89PNG\r\n\x1a\n", "scan.pdf", "document.type_mismatch"),
    ):
        upload = begins(suite, record, name=name)
        assert code_of(piece, suite, upload, 0, content) == code
        assert code_of(finishes, suite, upload, len(content)) == "document.unknown"

    assert suite.rows(t.documents) == suite.rows(t.document_chunks) == []
    assert living_keys(suite) == before


def test_a_document_has_a_largest_size(suite: Suite) -> None:
    record = suite.active()
    suite.settings.upload_limit = PIECE + 10
    upload = begins(suite, record)
    piece(suite, upload, 0, a_file(1, 0))

    with pytest.raises(Invalid) as refusal:
        piece(suite, upload, PIECE, b"x" * 11)

    assert refusal.value.code == "document.too_large" and suite.rows(t.document_chunks) == []


def test_a_broken_off_upload_goes_on_where_it_stopped(suite: Suite) -> None:
    record, content = suite.active(), a_file(2)
    upload = begins(suite, record)
    piece(suite, upload, 0, content[:PIECE])
    assert piece(suite, upload, 0, content[:PIECE])["offset"] == PIECE, "the same piece again changes nothing"

    with pytest.raises(Conflict) as refusal:
        piece(suite, upload, 2 * PIECE, content[2 * PIECE :])
    assert (refusal.value.code, refusal.value.facts["offset"]) == ("document.offset", PIECE)
    mine = suite.calls("zheng", "documents", {"record": record})["items"]
    assert [(one["id"], one["state"], one["size"]) for one in mine] == [(upload, "receiving", PIECE)]
    assert suite.calls("wu", "documents", {"record": record})["items"] == []

    puts(suite, upload, content, start=PIECE)
    finishes(suite, upload, len(content))
    assert contents(suite, "zheng", upload) == content


def test_other_bytes_in_the_place_of_a_piece_are_refused_and_harm_nothing(suite: Suite) -> None:
    """
    Whoever sends another file under the key of the first must not believe that it is on file, nor mix the two.
    """
    record, content, other = suite.active(), a_file(2), a_file(2, mark=b"y")
    upload = begins(suite, record)
    piece(suite, upload, 0, content[:PIECE])

    assert code_of(puts, suite, upload, other) == "idempotency.other_request", "of one that broke off half-way"
    puts(suite, upload, content)
    finishes(suite, upload, len(content))

    assert code_of(puts, suite, upload, other) == "idempotency.other_request", "of one that is whole"
    assert code_of(piece, suite, upload, 2 * PIECE, content[2 * PIECE :] + b"z") == "idempotency.other_request"
    puts(suite, upload, content)
    assert contents(suite, "zheng", upload) == content


def test_by_its_pieces_no_document_is_known_to_be_the_same_as_another(suite: Suite) -> None:
    record = suite.active()
    for kind in ("green_card", "identity"):
        hands_in(suite, record, kind, a_file(2, 0, mark=b"\n"))

    marks = [row.mark for row in suite.rows(t.document_chunks)]
    assert len({*marks}) == len(marks) == 4


def test_a_short_piece_in_the_middle_is_refused(suite: Suite) -> None:
    upload = begins(suite, suite.active())
    piece(suite, upload, 0, PDF)

    assert code_of(piece, suite, upload, len(PDF), b"more") == "document.offset"


def test_a_document_that_is_not_whole_does_not_count(suite: Suite) -> None:
    upload = begins(suite, suite.active())
    puts(suite, upload, a_file(1, 0))

    assert code_of(finishes, suite, upload, PIECE + 1) == "document.incomplete"
    assert code_of(suite.calls, "zheng", "open_document", {"document": upload, "purpose": "service"}) == (
        "document.unknown"
    )
    assert code_of(suite.calls, "zheng", "document", {"document": upload}) == "document.unknown"
    assert suite.told("records.document_added") == []


def test_an_upload_is_its_beginners_alone(suite: Suite) -> None:
    upload = begins(suite, suite.active())

    assert code_of(piece, suite, upload, 0, PDF, "wu") == "document.unknown"
    assert code_of(finishes, suite, upload, 0, "wu") == "document.unknown"


def test_closing_twice_with_one_key_adds_one_document(suite: Suite) -> None:
    record = suite.active()
    upload = begins(suite, record)
    piece(suite, upload, 0, PDF)

    answers = [finishes(suite, upload, len(PDF), key="once") for _ in range(2)]

    assert answers[0] == answers[1] and len(suite.told("records.document_added")) == 1
    assert piece(suite, upload, 0, PDF)["offset"] == len(PDF), "repeating all of it is no new upload"
    assert code_of(finishes, suite, upload, len(PDF), key="twice") == "document.state"


def test_the_same_piece_sent_twice_at_once_is_kept_once(suite: Suite) -> None:
    upload = begins(suite, suite.active())

    came = at_once([lambda: piece(suite, upload, 0, PDF)["offset"]] * 4)

    assert set(came) <= {len(PDF), "request.in_flight"} and len(suite.rows(t.document_chunks)) == 1


def test_nobody_has_too_many_uploads_under_way(suite: Suite) -> None:
    record = suite.active()
    for _ in range(AT_ONCE):
        begins(suite, record)

    assert code_of(begins, suite, record) == "upload.too_many"
    assert begins(suite, record, person="wu")
    suite.clock.advance(PATIENCE + timedelta(seconds=1))
    assert begins(suite, record)


def test_an_abandoned_upload_is_dropped_with_its_key(suite: Suite) -> None:
    record, before = suite.active(), living_keys(suite)
    upload = begins(suite, record)
    piece(suite, upload, 0, a_file(1, 0))
    suite.clock.advance(PATIENCE - timedelta(minutes=1))
    suite.calls(None, "sweep_uploads")
    assert piece(suite, upload, PIECE, b"x")["offset"] == PIECE + 1

    suite.clock.advance(PATIENCE + timedelta(seconds=1))
    suite.calls(None, "sweep_uploads")

    assert suite.rows(t.documents) == suite.rows(t.document_chunks) == []
    assert living_keys(suite) == before
    assert code_of(piece, suite, upload, PIECE, b"x") == "document.unknown"


def test_what_does_not_fit_the_list_is_refused_by_name(suite: Suite) -> None:
    record, other = suite.active(), suite.active(**{"contact.mobile": "19900007777"})
    theirs = hands_in(suite, other)

    for wrong, code in (
        ({"kind": "passport"}, "input.invalid"),
        ({"signed_by": ["neighbour"]}, "input.invalid"),
        ({"date": "2026-12-24"}, "input.invalid"),
        ({"form": "hearsay"}, "input.invalid"),
        ({"supersedes": theirs}, "input.invalid"),
        ({"with": theirs}, "input.invalid"),
    ):
        assert code_of(begins, suite, record, **wrong) == code, wrong
    assert code_of(begins, suite, record, person="sun") == "right.missing"


@pytest.mark.covers("Q-299")
def test_of_what_the_regime_keeps_as_it_came_no_newer_one_takes_the_place(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"original": {"en": "Move-in papers", "zh": "入住资料", "form": "original", "change": "never"}}
    monkeypatch.setattr(given_records, "REGIME", with_documents({**LISTED, **kept}))
    record = suite.active()
    original = hands_in(suite, record, "original")

    assert code_of(begins, suite, record, "original", supersedes=original) == "rule.refused"
    assert hands_in(suite, record, "original") != original, "another beside it is no replacement"


@pytest.mark.covers("Q-085")
def test_a_newer_document_supersedes_and_never_edits(suite: Suite) -> None:
    record = suite.active()
    older = hands_in(suite, record, content=a_file(0, 50))
    newer = hands_in(suite, record, content=a_file(0, 60), supersedes=older, **{"with": older})

    states = {one["id"]: one["state"] for one in suite.calls("zheng", "documents", {"record": record})["items"]}
    assert states == {older: "superseded", newer: "received"}
    assert contents(suite, "zheng", older) == a_file(0, 50)
    assert code_of(hands_in, suite, record, supersedes=older) == "document.state"
    assert code_of(hands_in, suite, record, "identity", supersedes=newer) == "document.other_kind"


# -- papers that come with a new record, and the evidence of consents


def enters(suite: Suite, *announced: dict[str, str], **consent: str) -> dict[str, object]:
    """A new record with these papers, and a consent that names one of them by its kind."""
    args = {"class": "company.customer", "fields": given_records.FIELDS, "documents": list(announced)}
    return dict(suite.calls("zheng", "create", {**args, "consents": [{**given_records.CONSENT, **consent}]}))


def says_yes(suite: Suite, record: str, document: str) -> None:
    """The customer consents once more, on this paper."""
    given = {**given_records.CONSENT, "record": record, "how": "written", "document": document}
    suite.calls("zheng", "give_consent", given)


@pytest.mark.covers("Q-011")
def test_a_record_is_entered_with_its_papers_and_its_consent_names_one_of_them(suite: Suite) -> None:
    card, licence = {"kind": "green_card", "form": "original"}, {"kind": "licence", "form": "copy", "name": "a.pdf"}

    made = enters(suite, card, licence, how="written", document="green_card")

    begun = made["documents"]
    assert [(one["kind"], one["offset"]) for one in begun] == [("green_card", 0), ("licence", 0)]
    [consent] = suite.calls("zheng", "consents", {"record": made["id"]})["items"]
    assert consent["document"] == begun[0]["upload"]
    for one in begun:
        puts(suite, one["upload"], PDF)
        finishes(suite, one["upload"], len(PDF))
    kept = suite.calls("zheng", "documents", {"record": made["id"]})["items"]
    assert [(one["id"], one["state"]) for one in kept] == [(one["upload"], "received") for one in begun]


def test_a_paper_that_may_not_come_keeps_its_record_out(suite: Suite) -> None:
    assert code_of(enters, suite, {"kind": "poem", "form": "copy"}) == "input.invalid"
    assert code_of(enters, suite, *[{"kind": "green_card", "form": "copy"}] * 6) == "input.invalid"
    assert code_of(enters, suite, how="written", document="green_card") == "consent.document"
    assert suite.store.page({}, 10, None) == [] and suite.rows(t.documents) == []


@pytest.mark.covers("Q-011")
def test_the_evidence_of_a_consent_is_a_document_of_the_same_record_that_counts(suite: Suite) -> None:
    record, other = suite.active(), suite.active(**{"basic.name": "望杉二号厂", "contact.mobile": "19900005678"})
    mine, theirs = hands_in(suite, record), hands_in(suite, other)
    under_way = begins(suite, record, "licence", form="copy")

    says_yes(suite, record, mine)
    assert code_of(says_yes, suite, record, theirs) == "consent.document"
    assert code_of(says_yes, suite, record, other) == "consent.document"
    assert code_of(says_yes, suite, record, under_way) == "consent.document"
    suite.calls("zheng", "withdraw_document", {"document": mine, "reason": "the wrong sheet"})
    assert code_of(says_yes, suite, record, mine) == "consent.document"
    newest = suite.calls("zheng", "consents", {"record": record})["items"][-1]
    back = {"record": record, "consent": newest["id"], "document": theirs}
    assert newest["document"] == mine and code_of(suite.calls, "zheng", "withdraw_consent", back) == "consent.document"
    party = suite.store.record(record).subject
    everywhere = {"party": party, "purpose": "service", "document": theirs}
    assert code_of(suite.calls, "zheng", "withdraw_party_consent", everywhere) == "consent.document"


@pytest.mark.covers("Q-011")
def test_a_consent_never_names_a_paper_of_which_nothing_is_known(suite: Suite) -> None:
    """
    Receipts are sealed and never edited: what one names stays known, as a paper that was announced and never came.
    """
    card, licence = {"kind": "green_card", "form": "original"}, {"kind": "licence", "form": "copy"}
    made = enters(suite, card, licence, how="written", document="green_card")
    record, named = str(made["id"]), made["documents"][0]["upload"]
    piece(suite, named, 0, a_file(1, 0))
    before = living_keys(suite)

    suite.clock.advance(PATIENCE + timedelta(seconds=1))
    suite.calls(None, "sweep_uploads")

    [consent] = suite.calls("zheng", "consents", {"record": record})["items"]
    [left] = suite.calls("zheng", "documents", {"record": record})["items"]
    assert consent["document"] == named == left["id"] and (left["state"], left["size"]) == ("unsent", 0)
    assert suite.rows(t.document_chunks) == [] and living_keys(suite) == before - 2
    assert code_of(piece, suite, named, 0, PDF) == "document.state"
    assert code_of(contents, suite, "zheng", named) == "document.unknown"
    assert code_of(says_yes, suite, record, named) == "consent.document"
    suite.calls(None, "sweep_uploads")
    assert [row.state for row in suite.rows(t.documents)] == ["unsent"]


def test_a_file_of_the_wrong_sort_and_a_destroyed_record_leave_what_a_consent_names_known(suite: Suite) -> None:
    card = {"kind": "green_card", "form": "original", "name": "a.pdf"}
    written = {**given_records.CONSENT, "how": "written", "document": "green_card"}
    args = {"class": "company.customer", "fields": given_records.FIELDS, "documents": [card], "consents": [written]}
    first, second = (suite.enters("zheng", args) for _ in range(2))

    assert code_of(piece, suite, first["documents"][0]["upload"], 0, b"GIF89a") == "document.type_mismatch"
    with suite.service(None, "sweep_uploads", {}).store.begin() as work:
        work.wipe_documents([str(second["id"])])

    states = {row.id: row.state for row in suite.rows(t.documents)}
    assert [states[one["documents"][0]["upload"]] for one in (first, second)] == ["unsent", "destroyed"]


def test_a_paper_that_belongs_with_one_that_never_came_still_finds_it(suite: Suite) -> None:
    record = suite.active()
    text = begins(suite, record)
    annex = hands_in(suite, record, "licence", form="copy", **{"with": text})

    suite.clock.advance(PATIENCE + timedelta(seconds=1))
    suite.calls(None, "sweep_uploads")

    known = {one["id"]: one for one in suite.calls("zheng", "documents", {"record": record})["items"]}
    assert known[annex]["with"] == text and known[text]["state"] == "unsent"

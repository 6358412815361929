"""Lawful collection on both databases: receipts, refusals, withdrawals that bite at once, sources of data."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

import regimes
from chassis.clock import rfc3339
from chassis.errors import Forbidden
from chassis.store import Shelf
from chassis.tables import journal
from services.records.consents.model import broken
from services.records.consents.tables import collections, consents
from tests.service.given_records import CONSENT, at_once, code_of
from tests.service.test_records_import import imports

HOUSE = regimes.load("house", Path(__file__).parents[1] / "unit" / "records" / "regimes")
STAY = {**CONSENT, "purpose": "stay"}
CARE = {**STAY, "purpose": "care", "kind": "express"}
NO_CARE = {**CARE, "answer": "refused"}
LI = {"basic.name": "李雪梅", "contact.mobile": "19900001234"}
DAY = timedelta(days=1)
PROOF = {"agreement": "01a201fd-2e6c-7b97-8346-7f7e3d00d09b", "lawful_source": "01a201fd-2e6c-7b97-8346-7f7e3d00d09c"}
SOURCE = {"origin": "provider", "channel": "import", "provider": PROOF["agreement"], "documents": PROOF}


@pytest.fixture
def house(suite, monkeypatch):
    """The guest house instead of the demo company."""
    monkeypatch.setattr("tests.service.given_records.REGIME", HOUSE)
    return suite


def guest(house, *answers, settled=True, **given):
    """A guest with these answers (staying, if none are given); the record's id."""
    args = {"class": "house.guest", "fields": LI, "consents": list(answers or (STAY,)), **given}
    record = house.enters("zheng", args)["id"]
    if settled:
        house.settles("record", record)
    return record


def told(house, record, person="zheng"):
    return house.calls(person, "consents", {"record": record})


def says(house, record, answer, **more):
    return house.calls("zheng", "give_consent", {"record": record, **answer, **more})["consent"]


def takes_back(house, record, consent, **more):
    return house.calls("zheng", "withdraw_consent", {"record": record, "consent": consent, **more})["consent"]


def receipt_of(house, record, purpose):
    return next(one["id"] for one in told(house, record)["items"] if one["purpose"] == purpose)


def seen(house, record, purpose, *fields, person="zheng"):
    """The state of each field asked for, or why it is not shown; or why nothing is read for the purpose."""
    try:
        read = house.reads(person, record, *(fields or ("contact.mobile",)), purpose=purpose)
    except Forbidden as refusal:
        return [refusal.code]
    return [field.get("reason", {}).get("code") or field["state"] for field in read.values()]


# -- answers and receipts


@pytest.mark.covers("Q-010", "Q-011", "Q-012")
def test_every_answer_is_kept_with_its_evidence_and_a_refusal_blocks_nothing_else(house):
    """
    Acceptance 57, S8 step 1: both answers are kept with the notice's version.
    """
    told_at = house.clock.now() - timedelta(hours=1)
    paper = {**STAY, "how": "written", "told_at": rfc3339(told_at)}
    record = guest(house, paper, NO_CARE)

    answer = told(house, record)

    stay, care = answer["items"]
    assert (stay["state"], stay["how"], stay["document"], stay["by"]) == ("given", "written", None, "zheng")
    assert (care["state"], care["notice"], care["regime"]) == ("refused", "2026-1", HOUSE.digest)
    assert stay["told_at"] == told_at.isoformat() and stay["answered_at"] == house.clock.now().isoformat()
    stands = {one["purpose"]: (one["state"], one["usable"], one["code"]) for one in answer["purposes"]}
    assert stands["stay"] == ("given", True, None) and stands["care"] == ("refused", False, "consent.refused")
    assert stands["bill"] == ("not_asked", False, "purpose.not_collected") and stands["rescue"] == (
        "not_asked",
        True,
        None,
    )
    assert seen(house, record, "stay") == ["clear"] and seen(house, record, "care") == ["consent.refused"]
    [refused] = house.told("records.consent_refused")
    assert (refused["consented"], refused["consent"], refused["seal"]) == ("care", care["id"], care["seal"])
    assert (
        refused["department"] == "service" and refused["class"] == "house.guest" and refused["responsible"] == "zheng"
    )


@pytest.mark.covers("Q-011", "Q-013")
def test_older_receipts_never_change_and_each_is_linked_to_the_one_before(house):
    record = guest(house, STAY, CARE)
    before = told(house, record)["items"]
    house.clock.advance(DAY)

    takes_back(house, record, before[1]["id"])
    says(house, record, NO_CARE)
    says(house, record, CARE)

    after = told(house, record)["items"]
    assert after[:2] == before and [one["state"] for one in after] == [
        "given",
        "given",
        "withdrawn",
        "refused",
        "given",
    ]
    assert [one["previous"] for one in after[1:]] == [one["id"] for one in after[:-1]] and after[2][
        "receipt"
    ] == before[1]["id"]
    assert [one["ordinal"] for one in after] == [1, 2, 3, 4, 5]
    rows = house.store.consents(record)
    assert broken(rows) is None and broken([*rows[:1], {**rows[1], "state": "refused"}, *rows[2:]]) == before[1]["id"]
    assert [one["seal"] for one in after] == [
        entry["data"]["seal"] for entry in house.journal() if entry["type"].startswith("records.consent_")
    ]


def test_answers_at_the_same_time_make_one_chain(house):
    record = guest(house)

    at_once([partial(says, house, record, answer) for answer in (CARE, NO_CARE) * 6])

    rows = house.store.consents(record)
    assert broken(rows) is None and [row["ordinal"] for row in rows] == [*range(1, len(rows) + 1)]
    assert house.store.record(record).purposes["care"] == rows[-1]["state"]


def test_only_the_consent_that_is_in_force_is_taken_back_and_only_once(house):
    record = guest(house, STAY, CARE)
    first = receipt_of(house, record, "care")

    codes = at_once([partial(takes_back, house, record, first)] * 6)

    assert codes.count("consent.not_given") == 5
    second = says(house, record, CARE)
    assert code_of(takes_back, house, record, first) == "consent.not_given"
    assert seen(house, record, "care") == ["clear"]
    takes_back(house, record, second)
    assert seen(house, record, "care") == ["consent.withdrawn"]


@pytest.mark.covers("Q-010")
def test_the_notice_in_force_when_the_customer_was_told_is_the_one_that_counts(house):
    """
    Acceptance 56: an older notice holds for who was told by it, another version never.
    """
    now, shelf = house.clock.now(), Shelf(house.database, house.settings)
    older = {**HOUSE.merged, "notices": {"privacy": {**HOUSE.merged["notices"]["privacy"], "version": "2025-1"}}}
    shelf.keep("regime", "a" * 64, json.dumps(older), now - 9 * DAY)
    shelf.keep("regime", HOUSE.digest, HOUSE.text, now - 5 * DAY)
    last_week = {**STAY, "notice": "2025-1", "told_at": rfc3339(now - 7 * DAY)}

    record = guest(house, last_week)

    assert told(house, record)["items"][0]["regime"] == "a" * 64
    assert code_of(guest, house, {**STAY, "notice": "2025-1"}) == "consent.without_notice"
    for ahead in ({**last_week, "notice": "2026-1"}, {**last_week, "told_at": rfc3339(now - 10 * DAY)}):
        assert code_of(guest, house, ahead) == "consent.before_notice"
    versions = house.calls("sun", "notices")["items"]
    assert [(one["version"], one["since"]) for one in versions] == [
        ("2025-1", (now - 9 * DAY).isoformat()), ("2026-1", (now - 5 * DAY).isoformat())
    ]  # fmt: skip


@pytest.mark.covers("Q-010")
def test_what_lies_before_the_notice_or_ahead_is_refused_and_leaves_nothing(house):
    hour, now = timedelta(hours=1), house.clock.now()
    early = {"collection": {"collected_at": rfc3339(now - hour)}}
    answered = {**STAY, "told_at": rfc3339(now), "answered_at": rfc3339(now - hour)}

    assert code_of(guest, house, STAY, **early) == "consent.before_notice"
    assert code_of(guest, house, answered) == "consent.before_notice"
    assert code_of(guest, house, {**STAY, "answered_at": rfc3339(now + hour)}) == "consent.in_future"
    assert house.rows(consents) == house.rows(collections) == []


@pytest.mark.covers("Q-029")
def test_the_day_on_which_data_was_taken_in_is_told_where_somebody_says_it(house):
    """It is a day of the company's own calendar, and by it the entry is in time or late."""
    midnight = house.clock.now().replace(hour=16, minute=0) - 3 * DAY  # 00:00 in Shanghai
    guest(house, {**STAY, "told_at": rfc3339(midnight)}, collection={"collected_at": rfc3339(midnight)})
    guest(house, STAY)

    days = [one["collected_on"] for one in house.told("records.created")]
    assert days == [(midnight + timedelta(hours=8)).date().isoformat(), None]


# -- withdrawal


@pytest.mark.covers("Q-013")
def test_a_withdrawal_bites_at_once_in_every_replica(house):
    """
    S8 step 8: taken back at 10:00:00, shut at 10:00:01, wherever the read arrives; the other purposes go on.
    """
    record, other = guest(house, STAY, CARE), copy.copy(house)
    other.store = house._store()
    house.grant("qian", record, purpose="care")
    readers = [(one, person) for one in (house, other) for person in ("zheng", "qian")]
    assert [seen(one, record, "care", person=person) for one, person in readers] == [["clear"]] * 4

    takes_back(house, record, receipt_of(house, record, "care"))

    assert [seen(one, record, "care", person=person) for one, person in readers] == [["consent.withdrawn"]] * 4
    assert [seen(one, record, "stay") for one in (house, other)] == [["clear"]] * 2
    assert "withdrawn" in str(other.calls("zheng", "explain", {"record": record, "purpose": "care"}))


@pytest.mark.covers("Q-013")
def test_no_read_that_begins_after_the_withdrawal_shows_anything(house):
    record = guest(house, STAY, CARE)
    consent = receipt_of(house, record, "care")
    ended = []

    def read():
        over = bool(ended)
        return over, seen(house, record, "care")

    def withdraw():
        ended.append(takes_back(house, record, consent))

    found = [one for one in at_once([read] * 8 + [withdraw] + [read] * 24) if one]

    assert all(state == ["consent.withdrawn"] for over, state in found if over)
    assert seen(house, record, "care") == ["consent.withdrawn"]


@pytest.mark.covers("Q-013", "Q-024")
def test_a_withdrawal_outlives_an_import_under_way_and_its_release(house):
    """
    What was taken back while the batch waits stays taken back when the batch becomes valid.
    """
    titles = HOUSE.classes["house.guest"].fields
    header = f"{titles['basic.name'].zh},{titles['contact.mobile'].zh}"
    upload, status = imports(house, f"{header}\n李雪梅,19900001234\n".encode(), "zheng", **{"class": "house.guest"})
    assert (status["state"], status["accepted"]) == ("waiting", 1)
    [record] = [row.id for row in house.rows(select_records())]
    takes_back(house, record, says(house, record, STAY))

    house.settles("import", upload)
    house.calls(None, "run_imports")

    assert house.store.record(record).state == "active"
    house.calls("zheng", "note_collection", {"record": record, **SOURCE})
    assert seen(house, record, "stay") == ["consent.withdrawn"] and seen(house, record, "bill") == ["clear"]


def select_records():
    from services.records.tables import records

    return records


@pytest.mark.covers("Q-013", "Q-015")
def test_a_change_of_a_part_whose_consent_was_taken_back_meanwhile_lapses(house):
    record = guest(house, STAY, CARE)
    proposal = {
        "record": record,
        "version": 2,
        "fields": {"analysis.habits": "tea"},
        "reason": "heard",
        "requested_by": "staff",
    }
    change = house.calls("sun", "change", proposal)["change"]
    takes_back(house, record, receipt_of(house, record, "care"))

    house.settles("change", change)

    [lapsed] = house.told("records.change_lapsed")
    assert lapsed["why"] == "consent.withdrawn"
    assert code_of(house.calls, "sun", "change", proposal) == "consent.withdrawn"


@pytest.mark.covers("Q-009", "Q-011")
def test_a_record_whose_last_consent_was_taken_back_does_not_become_valid(house):
    record = guest(house, settled=False)
    takes_back(house, record, receipt_of(house, record, "stay"))

    house.settles("record", record)

    draft = house.store.record(record)
    assert draft.state == "draft"
    again = {"record": record, "version": draft.version, "to": "pending", "reason": "once more"}
    assert code_of(house.calls, "zheng", "transition", again) == "purpose.missing"
    says(house, record, STAY)
    assert house.calls("zheng", "transition", again)["state"] == "pending"


@pytest.mark.covers("Q-013")
def test_what_belongs_to_a_record_stands_for_what_the_record_stands_for(house):
    record = guest(house, STAY, CARE)
    visit = house.calls(
        "zheng", "create", {"class": "house.visit", "about": record, "fields": {"visit.wish": "a quiet room"}}
    )
    house.settles("record", visit["id"])

    takes_back(house, record, receipt_of(house, record, "care"))

    assert house.store.record(visit["id"]).purposes == {"stay": "given", "care": "withdrawn"}
    assert house.store.record(visit["id"]).subject == house.store.record(record).subject


# -- where data comes from


@pytest.mark.covers("Q-009", "Q-020", "Q-022", "Q-023")
def test_every_collection_is_kept_and_journalled_with_its_fields(house):
    record = guest(house, STAY, collection={"channel": "agency", **{k: SOURCE[k] for k in ("provider", "documents")}})

    [line] = house.calls("zheng", "collections", {"record": record})["items"]

    assert (line["origin"], line["channel"], line["provider"]) == ("provider", "agency", PROOF["agreement"])
    assert (line["by"], line["department"], line["items"]) == ("zheng", "service", ["basic.name", "contact.mobile"])
    assert line["grounds"]["stay"] == {"basis": "consent", "parts": ["basic", "contact", "desk_notes"]}
    [entry] = house.told("records.collected")
    assert (entry["collection"], entry["items"], entry["purposes"]) == (line["id"], line["items"], ["stay"])
    assert not any(value in str(house.journal()) + str(house.rows(collections)) for value in LI.values())


@pytest.mark.covers("Q-023", "Q-024")
def test_an_unlawful_use_is_refused_and_raises_an_event_that_others_hear(house):
    record = guest(house, STAY)

    assert seen(house, record, "care") == ["consent.missing"]

    [refused] = house.told("records.use_refused")
    assert (refused["record"], refused["code"], refused["used_for"]) == (record, "consent.missing", "care")
    with house.database.read() as connection:
        sent = select(journal.c.published, journal.c.entry).where(journal.c.type == "records.use_refused")
        [(published, entry)] = connection.execute(sent).all()
    assert published and entry["actor"] == "zheng"
    seen(house, record, "stay")
    house.calls("zheng", "explain", {"record": record, "purpose": "care"})
    assert len(house.told("records.use_refused")) == 1, "a lawful read, and a question, are no attempt"
    assert "use_refused" in str(house.calls("zheng", "timeline", {"record": record}))


@pytest.mark.covers("Q-024")
def test_what_came_with_a_file_that_nobody_vouched_for_is_used_only_once_somebody_does(house):
    titles = HOUSE.classes["house.guest"].fields
    upload, _ = imports(house, f"{titles['basic.name'].zh}\n李雪梅\n".encode(), "zheng", **{"class": "house.guest"})
    house.settles("import", upload)
    house.calls(None, "run_imports")
    [record] = [row.id for row in house.rows(select_records())]
    assert seen(house, record, "bill", "basic.name") == ["source.missing"]

    unproved = {"record": record, "origin": "provider", "channel": "import"}
    assert code_of(house.calls, "zheng", "note_collection", unproved) == "needs.missing"
    house.calls("zheng", "note_collection", {"record": record, **SOURCE})

    assert seen(house, record, "bill", "basic.name") == ["clear"]
    assert [one["origin"] for one in house.calls("zheng", "collections", {"record": record})["items"]] == [
        None,
        "provider",
    ]
    assert [one["code"] for one in house.told("records.use_refused")] == ["source.missing"]


@pytest.mark.covers("Q-022", "Q-024")
def test_a_file_that_somebody_vouched_for_is_used_at_once(house):
    titles = HOUSE.classes["house.guest"].fields
    body = f"{titles['basic.name'].zh}\n李雪梅\n".encode()
    upload, status = imports(house, body, "zheng", **{"class": "house.guest", "collection": SOURCE})
    house.settles("import", upload)
    house.calls(None, "run_imports")

    [record] = [row.id for row in house.rows(select_records())]
    assert seen(house, record, "bill", "basic.name") == ["clear"]
    assert house.calls("zheng", "collections", {"record": record})["items"][0]["documents"] == PROOF
    unproved = {"class": "house.guest", "collection": {"channel": "import"}}
    _, status = imports(house, body.replace("李".encode(), "王".encode()), "zheng", **unproved)
    assert (status["accepted"], status["rejected"]) == (0, 1)


@pytest.mark.covers("Q-019")
def test_only_who_may_note_consents_does(house):
    record = guest(house)

    for person, code in (("sun", "right.missing"), ("qian", "right.missing")):
        assert code_of(house.calls, person, "give_consent", {"record": record, **CARE}) == code
        assert code_of(house.calls, person, "note_collection", {"record": record, **SOURCE}) == code
    assert code_of(house.calls, "zheng", "change", {
        "record": record, "version": 2, "fields": {"desk_notes.notes": "x"}, "reason": "heard", "requested_by": "staff",
    }) == "part.not_yours"  # fmt: skip

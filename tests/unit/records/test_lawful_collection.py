"""Notices, answers, receipts and sources: what makes a collection lawful, refused before anything is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import regimes
from chassis.errors import Conflict, Forbidden, Invalid, Refused
from regimes import Regime
from services.records.changing import Proposal
from services.records.consents import collecting
from services.records.consents.asking import new_consent
from services.records.consents.model import Consent, broken
from services.records.consents.notices import Notices
from services.records.creating import Draft
from tests.unit.records.given import NOON, PEOPLE, a_record

HOUSE = regimes.load("house", Path(__file__).parent / "regimes")
GUEST = HOUSE.classes["house.guest"]
DAY = timedelta(days=1)
STAY = {"purpose": "stay", "notice": "2026-1", "channel": "counter", "kind": "simple"}
CARE = {**STAY, "purpose": "care", "kind": "express"}
FIELDS = {"basic.name": "李雪梅", "contact.mobile": "19900001234"}
PROOF = {"agreement": "01a201fd-2e6c-7b97-8346-7f7e3d00d09b", "lawful_source": "01a201fd-2e6c-7b97-8346-7f7e3d00d09c"}
AGENCY = {"channel": "agency", "provider": "01a201fd-2e6c-7b97-8346-7f7e3d00d09d", "documents": PROOF}


def draft(consents=(STAY,), fields=FIELDS, person="zheng", regime=HOUSE, import_id=None, **given):
    args = {"class_": "house.guest", "fields_": fields, "consents": list(consents), **given}
    return Draft.of(args, PEOPLE[person], regime, import_id)


def refused(call, *args, **given):
    with pytest.raises(Refused) as refusal:
        call(*args, **given)
    return refusal.value.code


# -- notices


def history():
    """Version 1 from day 1, version 2 from day 3; day 2 brought another regime with the same notice."""
    one, two = {"privacy": {"version": "1"}}, {"privacy": {"version": "2"}}
    return Notices.through([(NOON + DAY, "r1", one), (NOON + 2 * DAY, "r2", one), (NOON + 3 * DAY, "r3", two)])


@pytest.mark.covers("Q-010", "Q-011")
@pytest.mark.parametrize(
    ("day", "version", "regime"), [(0, None, None), (1, "1", "r1"), (2, "1", "r1"), (3, "2", "r3"), (9, "2", "r3")]
)
def test_a_consent_names_the_version_that_was_in_force_when_the_customer_was_told(day, version, regime):
    """
    Acceptance 56: a consent without a fixed notice version, or with another one, is none.
    """
    at, known = NOON + day * DAY, history()

    for named in ("1", "2", "3"):
        if named == version:
            assert known.given("privacy", named, at).regime == regime
        else:
            ahead = named != "3" and (version is None or named > version)
            code = "consent.before_notice" if ahead else "consent.without_notice"
            assert refused(known.given, "privacy", named, at) == code
    assert refused(known.given, "another", "1", at) == "consent.without_notice"


def test_an_older_notice_holds_for_who_was_told_by_it_and_for_nobody_else():
    notices = Notices.through([(NOON - DAY, "r1", {"privacy": {"version": "2025-1"}}), (NOON, "r2", HOUSE.notices)])
    old = {**STAY, "notice": "2025-1"}

    assert new_consent(GUEST, HOUSE, {**old, "told_at": NOON - DAY}, notices).regime == "r1"
    assert refused(new_consent, GUEST, HOUSE, old, notices) == "consent.without_notice"
    assert refused(new_consent, GUEST, HOUSE, {**STAY, "answered_at": NOON - DAY}, notices) == "consent.before_notice"


@pytest.mark.parametrize(
    ("consents", "given", "pointer", "code"),
    [
        ([STAY, {**STAY, "purpose": "trade"}], {}, "/consents/1/purpose", "purpose.unknown"),
        ([STAY], {"purposes": ["bill", "trade"]}, "/purposes/1", "purpose.unknown"),
        ([STAY, {**STAY, "notice": "2019-1"}], {}, "/consents/1/notice", "consent.without_notice"),
        ([STAY, {**STAY, "channel": "gossip"}], {}, "/consents/1/channel", "channel.unknown"),
        ([STAY, CARE, {**STAY, "answer": "refused"}], {}, "/consents/2/purpose", "consent.twice"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_where_it_stands(consents, given, pointer, code):
    with pytest.raises(Invalid) as refusal:
        draft(consents, **given)

    assert [(one["pointer"], one["code"]) for one in refusal.value.facts["errors"]] == [(pointer, code)]


def test_of_a_notice_its_versions_are_named_and_one_that_came_later_is_told_apart():
    notices = Notices.through([(NOON - DAY, "r1", {"privacy": {"version": "2025-1"}}), (NOON, "r2", HOUSE.notices)])

    for wrong, pointer in (({"notice": "2019-1"}, "/notice"), ({"answered_at": NOON - DAY}, "/answered_at")):
        with pytest.raises(Invalid) as refusal:
            new_consent(GUEST, HOUSE, {**STAY, **wrong}, notices)
        assert refusal.value.facts["errors"][0]["pointer"] == pointer
        assert refusal.value.facts["versions"] == ["2025-1", "2026-1"]


@pytest.mark.parametrize(
    ("told", "answered", "pointer"), [(1, None, "/consents/0/told_at"), (None, 1, "/consents/0/answered_at")]
)
def test_a_time_that_cannot_be_is_said_where_it_stands(told, answered, pointer):
    when = [None if day is None else NOON + day * DAY for day in (told, answered)]
    answer = Consent("n-1", "stay", "given", "simple", "2026-1", "counter", told_at=when[0], answered_at=when[1])

    with pytest.raises(Invalid) as refusal:
        answer.dated(NOON, "/consents/0")

    assert refusal.value.facts["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("at", ["", "/collection"])
def test_what_is_wrong_with_a_collection_is_said_where_it_stands(at):
    """
    A collection comes with a new record, or by itself; the place is that in the body that was sent.
    """
    wrong = [
        ({**AGENCY, "documents": {}}, f"{at}/documents/agreement"),
        ({"channel": "gossip"}, f"{at}/channel"),
        ({**AGENCY, "documents": {**PROOF, "李雪梅": "1"}}, f"{at}/documents/2"),
    ]
    for given, pointer in wrong:
        with pytest.raises(Invalid) as refusal:
            collecting.Collection.of(draft().record, HOUSE, PEOPLE["zheng"], given, (), at=at)
        assert refusal.value.facts["errors"][0]["pointer"] == pointer

    with pytest.raises(Invalid) as refusal:
        replace(draft().collection, collected_at=NOON + DAY).dated(NOON, [], at)
    assert refusal.value.facts["errors"][0]["pointer"] == f"{at}/collected_at"


# -- answers and their receipts


@pytest.mark.covers("Q-010")
@pytest.mark.parametrize(
    ("told", "answered", "code"),
    [(None, None, None), (-2, -1, None), (-1, None, None), (None, -1, None), (0, -1, "consent.before_notice"),
     (1, None, "consent.before_notice"), (None, 1, "consent.in_future"), (1, 2, "consent.in_future")],
)  # fmt: skip
def test_nobody_answers_before_being_told_nor_ahead_of_time(told, answered, code):
    when = [None if day is None else NOON + day * DAY for day in (told, answered)]
    answer = Consent("n-1", "stay", "given", "simple", "2026-1", "counter", told_at=when[0], answered_at=when[1])

    if code:
        assert refused(answer.dated, NOON) == code
    else:
        dated = answer.dated(NOON)
        assert dated.told_at <= dated.answered_at <= NOON


@pytest.mark.covers("Q-010")
def test_data_from_before_the_notice_is_no_lawful_data():
    """
    Acceptance 56: a use time-stamped before the notice was delivered is rejected.
    """
    answer = Consent("n-1", "stay", "given", "simple", "2026-1", "counter").dated(NOON)
    taken = draft().collection

    assert taken.dated(NOON, [answer]).collected_at == NOON
    assert refused(replace(taken, collected_at=NOON - DAY).dated, NOON, [answer]) == "consent.before_notice"
    assert refused(replace(taken, collected_at=NOON + DAY).dated, NOON, []) == "collection.in_future"


def chain(length):
    """Receipts as they lie in their table."""
    rows = []
    for number in range(length):
        head = {"record": "r-1", "by": "zheng", "at": NOON + number * DAY}
        answer = Consent(f"n-{number}", "stay", "given", "simple", "2026-1", "counter").dated(head["at"])
        rows.append({**head, **vars(answer.sealed(head, rows[-1] if rows else None))})
    return rows


@pytest.mark.covers("Q-011")
@pytest.mark.parametrize("name", ["purpose", "state", "notice", "by", "at", "told_at", "document", "previous", "seal"])
def test_a_changed_receipt_breaks_its_chain(name):
    """
    Acceptance 57: older receipts are unchanged and linked, and whoever changes one is found out.
    """
    rows = chain(4)
    assert broken(rows) is None and [row["previous"] for row in rows] == [None, "n-0", "n-1", "n-2"]

    rows[1] = {**rows[1], name: NOON + 9 * DAY if name.endswith("at") else "another"}

    assert broken(rows) == "n-1"


def test_a_receipt_that_was_taken_away_is_missed_and_old_ones_without_a_seal_are_no_lie():
    rows = chain(3)

    assert broken([rows[0], rows[2]]) == "n-2"
    assert broken([{"id": "n-old", "seal": None, "ordinal": None}, *[]]) is None


@pytest.mark.covers("Q-011", "Q-012")
@pytest.mark.parametrize(
    ("consents", "given", "code"),
    [
        ([{**STAY, "answer": "refused"}], {}, "purpose.missing"),
        ([STAY, {**CARE, "answer": "refused"}], {"purposes": ["care"]}, "consent.refused"),
        ([STAY, {**STAY, "answer": "refused"}], {}, "consent.twice"),
        ([STAY, {**STAY, "purpose": "bill", "answer": "refused"}], {}, "consent.not_asked"),
        ([{**CARE, "kind": "simple"}], {}, "consent.missing"),
        ([STAY, {**CARE, "answer": "refused"}], {"fields": {**FIELDS, "analysis.habits": "tea"}}, "purpose.scope"),
        ([STAY], {"fields": {**FIELDS, "analysis.habits": "tea"}}, "purpose.scope"),
        ([STAY], {"fields": {**FIELDS, "analysis.habits": "tea"}, "purposes": ["rescue"]}, "purpose.scope"),
        ([STAY], {"fields": {**FIELDS, "credit.payment": "late"}}, "purpose.scope"),
    ],
)
def test_what_the_customer_did_not_agree_to_is_not_taken_in(consents, given, code):
    assert refused(draft, consents, **given) == code


@pytest.mark.covers("Q-012", "Q-015")
def test_a_refused_optional_purpose_is_kept_and_blocks_nothing_else():
    made = draft([STAY, {**CARE, "answer": "refused"}], purposes=["bill"])

    assert made.record.purposes == {"bill": "named", "stay": "given", "care": "refused"}
    assert [(one.purpose, one.state) for one in made.consents] == [("stay", "given"), ("care", "refused")]
    assert set(made.collection.grounds) == {"bill", "stay"}


@pytest.mark.covers("Q-015")
def test_traits_are_taken_in_only_while_their_own_purpose_is_consented():
    """
    Also by a change: what was off at the start stays off.
    """
    seller = {"fields_": {"analysis.habits": "tea"}, "requested_by": "staff"}

    def changed(fields=None, **purposes):
        record = a_record(class_="house.guest", purposes=purposes)
        return Proposal.of(record, {**seller, **({"fields_": fields} if fields else {})}, HOUSE).paths

    assert changed(stay="given", care="given") == ["analysis.habits"]
    for purposes, code in (({"stay": "given"}, "consent.missing"), ({"care": "refused"}, "consent.refused"),
                           ({"care": "withdrawn"}, "consent.withdrawn")):  # fmt: skip
        assert refused(changed, **purposes) == code
    assert changed({"analysis.habits": ""}, care="withdrawn") == ["analysis.habits"], "what is off may be taken away"


# -- where data comes from


@pytest.mark.covers("Q-009")
def test_a_collection_names_items_source_channel_collector_department_ground_scope_and_method():
    taken = draft(purposes=["bill"], collection={"method": "interview"}).collection

    assert (taken.origin, taken.channel, taken.by, taken.department) == ("customer", "counter", "zheng", "service")
    assert (taken.items, taken.method) == (["basic.name", "contact.mobile"], "interview")
    assert taken.grounds == {
        "stay": {"basis": "consent", "parts": ["basic", "contact", "desk_notes"]},
        "bill": {"basis": "contract", "parts": ["basic", "contact"]},
    }


@pytest.mark.covers("Q-009")
@pytest.mark.parametrize("purpose", ["bill", "rescue", "archive_use"])
def test_other_grounds_than_consent_are_named(purpose):
    taken = draft(purposes=[purpose]).collection

    assert taken.grounds[purpose]["basis"] == {"bill": "contract", "rescue": "protects_subject"}.get(purpose, "law")


@pytest.mark.covers("Q-020", "Q-022")
@pytest.mark.parametrize(
    ("collection", "missing"),
    [
        (AGENCY, None),
        ({**AGENCY, "documents": {"agreement": PROOF["agreement"]}}, "/collection/documents/lawful_source"),
        ({**AGENCY, "documents": {"lawful_source": PROOF["lawful_source"]}}, "/collection/documents/agreement"),
        ({name: AGENCY[name] for name in ("channel", "documents")}, "/collection/provider"),
        ({"origin": "provider", "channel": "counter"}, "/collection/provider"),
        ({"channel": "hotline"}, None),
    ],
)
def test_data_of_others_needs_its_provider_its_contract_and_its_lawful_source(collection, missing):
    if missing is None:
        taken = draft(collection=collection).collection
        assert (taken.origin, taken.channel) == (
            "provider" if "provider" in collection else "customer",
            collection["channel"],
        )
        return
    with pytest.raises(Invalid) as refusal:
        draft(collection=collection)
    assert refusal.value.code == "needs.missing"
    assert [error["pointer"] for error in refusal.value.facts["errors"]] == [missing]


def test_a_channel_that_the_class_does_not_know_is_refused_with_those_it_knows():
    with pytest.raises(Invalid) as refusal:
        draft(collection={"channel": "eavesdropping"})

    [error] = refusal.value.facts["errors"]
    assert (refusal.value.code, error["pointer"]) == ("channel.unknown", "/collection/channel") and "agency" in error[
        "detail"
    ]


@pytest.mark.covers("Q-024")
def test_a_file_that_nobody_vouches_for_comes_in_without_a_source():
    unvouched = draft([], import_id="i-1", purposes=["bill"])
    vouched = draft([], import_id="i-1", purposes=["bill"], collection={**AGENCY, "channel": "import"})

    assert (unvouched.record.origin, vouched.record.origin) == (None, "provider")
    assert refused(draft, [], import_id="i-1", purposes=["bill"], collection={"channel": "import"}) == "needs.missing"


@pytest.mark.covers("Q-018")
def test_whoever_collects_declares_that_no_forbidden_means_was_used():
    means = {name: {"en": name, "zh": "手段"} for name in ("deceit", "coercion")}
    strict = Regime({**HOUSE.merged, "lists": {**HOUSE.merged["lists"], collecting.MEANS: means}})

    with pytest.raises(Invalid) as refusal:
        draft(regime=strict)
    assert refusal.value.code == "collection.undeclared"
    assert refusal.value.facts["errors"][0]["detail"] == "deceit, coercion"
    assert draft(regime=strict, collection={"declared": True}).collection.declared


@pytest.mark.covers("Q-019", "Q-063")
def test_a_part_is_filled_by_its_own_department_and_by_whom_it_names():
    care = [STAY, CARE]

    with pytest.raises(Forbidden) as refusal:
        draft(care, {**FIELDS, "analysis.habits": "tea"})
    assert (refusal.value.code, refusal.value.facts["departments"]) == ("part.not_yours", ["sales"])
    assert refused(draft, care, {**FIELDS, "desk_notes.notes": "quiet"}) == "part.not_yours"
    assert draft(care, {**FIELDS, "desk_notes.notes": "quiet"}, "wu").values["desk_notes.notes"] == "quiet"
    guest = a_record(class_="house.guest", purposes={"care": "given"})
    assert collecting.may_fill(guest, HOUSE, PEOPLE["sun"], ["analysis.habits"]) is None
    assert refused(collecting.may_fill, guest, HOUSE, PEOPLE["he"], ["analysis.habits"]) == "part.not_yours"


def test_an_answer_that_is_newer_than_a_receipt_names_what_it_ends():
    given = Consent("n-1", "care", "given", "express", "2026-1", "counter", regime="r-1")

    ended = given.ended("n-2", "web", "electronic")

    assert (ended.state, ended.receipt, ended.purpose, ended.channel, ended.how) == (
        "withdrawn", "n-1", "care", "web", "electronic",
    )  # fmt: skip
    with pytest.raises(Conflict):
        ended.take_effect(a_record(class_="house.guest", purposes={"care": "refused"}))

"""Likely doubles and merges on both databases: told before saving, decided by others, done once and for good."""

from __future__ import annotations

from functools import partial

import pytest

from chassis.errors import Conflict
from chassis.ids import new_id
from demo.data import credit_code
from services.records import tables as core
from services.records.documents import tables as papers
from services.records.merging import tables as t
from tests.service import given_records
from tests.service.given_documents import PDF, WITH_DOCUMENTS, contents, hands_in, proves
from tests.service.given_records import CONSENT, FIELDS, at_once, code_of
from tests.service.test_records_destroying import destroys, hold

CODE = credit_code(91_000_001)
WHY = "the same buyer, entered from two reservations"
OTHER = {"contact.mobile": "19900007777", "contact.phone": "01066668888", "basic.credit_code": CODE}
MARKETING = {**CONSENT, "purpose": "marketing", "kind": "express"}


def args(**fields):
    return {"class": "company.customer", "fields": {**FIELDS, **fields}, "consents": [CONSENT]}


def refused(call, *given, **more):
    with pytest.raises(Conflict) as refusal:
        call(*given, **more)
    return refusal.value


@pytest.fixture
def two(suite):
    """A record and a double of it that says more."""
    return suite.active(), suite.active(**OTHER)


def asks(suite, stays, goes, *fields, person="zheng"):
    told = {"survivor": stays, "merged": goes, "fields": [*fields], "reason": WHY}
    return suite.calls(person, "merge", told)["merge"]


def merged(suite, stays, goes, *fields):
    suite.settles("merge", asks(suite, stays, goes, *fields))


# -- before saving


@pytest.mark.covers("Q-195", "Q-120")
def test_a_likely_double_is_shown_before_saving_and_saved_only_with_a_reason(suite):
    first = suite.active()
    number = suite.store.record(first).number

    exact = refused(suite.calls, "zheng", "create", args(**{"basic.name": "另一个名字"}))
    by_name = refused(
        suite.calls, "zheng", "create", args(**{"basic.name": "星瀾貿易 集团", "contact.mobile": "19900007777"})
    )

    assert exact.code == by_name.code == "record.likely_duplicate"
    [one] = exact.facts["candidates"]
    assert (one["record"], one["number"], one["exact"], one["fields"]) == (first, number, True, ["contact.mobile"])
    assert [(one["record"], one["exact"]) for one in by_name.facts["candidates"]] == [(first, False)]
    assert len(suite.rows(core.records)) == 1 == len(suite.told("records.created"))
    unnamed = {**args(), "duplicates": {"reason": WHY}}
    assert code_of(suite.calls, "zheng", "create", unnamed) == "record.likely_duplicate"
    saved = suite.calls("zheng", "create", {**args(), "duplicates": {"reason": WHY, "of": [number]}})["id"]
    [accepted] = suite.told("records.likeness_accepted")
    assert (accepted["record"], accepted["of"], accepted["unseen"]) == (saved, [first], 0)
    suite.settles("record", saved)
    told = suite.calls("zheng", "lookalikes", {"record": saved})
    assert [one["record"] for one in told["items"]] == [first] and told["accepted"][0]["reason"] == WHY
    assert suite.calls("sun", "lookalikes", {"record": saved})["accepted"][0]["reason"] is None
    assert WHY not in str(suite.journal())


@pytest.mark.covers("Q-195")
def test_whoever_may_not_know_of_a_double_is_told_only_that_there_is_one(suite):
    draft = suite.creates()

    refusal = refused(suite.calls, "sun", "create", args())

    assert refusal.facts == {"candidates": [], "unseen": 1} and draft not in str(refusal.facts)
    assert suite.calls("sun", "create", {**args(), "duplicates": {"reason": WHY}})["state"] == "pending"
    assert [one["unseen"] for one in suite.told("records.likeness_accepted")] == [1]


@pytest.mark.covers("Q-195", "Q-197")
def test_of_16_who_enter_one_customer_at_once_one_does(suite):
    answers = at_once([partial(suite.calls, "zheng", "create", args())] * 16)

    assert sum(isinstance(one, dict) for one in answers) == 1 == len(suite.rows(core.records))
    assert {one for one in answers if isinstance(one, str)} <= {"record.likely_duplicate", "request.in_flight"}


def test_a_changed_name_is_compared_from_then_on(suite):
    first = suite.active()
    asked = {"record": first, "version": 2, "fields": {"basic.name": "望杉机电有限公司"}, "reason": "renamed"}
    asked |= {"requested_by": "customer", "evidence": ["customer_request"]}
    proves(suite, first, "customer_request")
    suite.settles("change", suite.calls("zheng", "change", asked)["change"])
    phone = {"contact.mobile": "19900007777"}

    assert (
        code_of(suite.calls, "zheng", "create", args(**phone, **{"basic.name": "望杉机电"}))
        == "record.likely_duplicate"
    )
    assert suite.calls("zheng", "create", args(**phone))["state"] == "pending"


# -- merging


@pytest.mark.covers("Q-196")
def test_a_merge_waits_and_then_keeps_one_number_and_takes_over_what_was_chosen(suite, two):
    stays, goes = two
    numbers = [suite.store.record(one).number for one in two]

    merge = asks(suite, stays, goes, "contact.phone", "basic.credit_code")
    [proposed] = suite.told("records.merge_proposed")
    assert (proposed["record"], proposed["merged"], proposed["other"]["id"]) == (stays, goes, goes)
    assert suite.reads("zheng", goes, "contact.phone")["contact.phone"]["value"] == "+861066668888"
    suite.settles("merge", merge)

    now = suite.reads("zheng", stays, "contact.phone", "contact.mobile", "basic.credit_code")
    assert [one["value"] for one in now.values()] == ["+861066668888", "+8619900001234", CODE]
    kept, gone = suite.store.record(stays), suite.store.record(goes)
    assert (kept.number, kept.state, gone.number, gone.state) == (numbers[0], "active", numbers[1], "merged")
    assert gone.merged_into == stays
    [told] = suite.told("records.merged")
    assert (told["record"], told["merged"], told["merged_number"]) == (stays, goes, numbers[1])
    history = suite.calls("zheng", "versions", {"record": stays, "purpose": "service"})["items"]
    over = next(one for one in history if "contact.phone" in one["fields"] and one["record"] == stays)
    assert over["source"] == {"entry": goes, "class": "company.customer", "number": numbers[1]}
    [line] = suite.calls("zheng", "merges", {"record": stays})["items"]
    assert (line["merge"], line["state"], line["merged_number"], line["reason"]) == (merge, "merged", numbers[1], WHY)


@pytest.mark.covers("Q-196")
def test_the_history_and_documents_of_both_are_read_under_the_one_that_stays(suite, monkeypatch):
    monkeypatch.setattr(given_records, "REGIME", WITH_DOCUMENTS)
    stays, goes = suite.active(), suite.active(**OTHER)
    paper = str(hands_in(suite, goes))
    merged(suite, stays, goes)

    history = suite.calls("zheng", "versions", {"record": stays, "purpose": "service"})["items"]
    assert {one["record"] for one in history} == {stays, goes}
    assert any(one["fields"].get("contact.mobile", {}).get("new") == "+8619900007777" for one in history)
    assert any(one.get("state") == "merged" and one["record"] == goes for one in history)
    life = suite.calls("zheng", "timeline", {"record": stays})["items"]
    assert {one["record"] for one in life} == {stays, goes} and any(one["type"] == "records.merged" for one in life)
    assert [one["id"] for one in suite.calls("zheng", "documents", {"record": stays})["items"]] == [paper]
    assert contents(suite, "zheng", paper) == PDF and len(suite.rows(papers.documents)) == 1
    assert suite.told("records.document_read")[-1]["record"] == stays
    assert suite.calls("zheng", "document", {"document": paper})["state"] == "received"


@pytest.mark.covers("Q-196")
def test_every_way_to_the_old_record_leads_to_the_one_that_stays(suite, two):
    stays, goes = two
    number = suite.store.record(goes).number
    merged(suite, stays, goes)

    one, version = {"record": goes, "purpose": "service"}, suite.store.record(goes).version
    fields = {"fields": {"contact.mobile": "19900005678"}, "reason": "late", "requested_by": "customer"}
    ways = {
        "read": one, "versions": one, "explain": one, "timeline": {"record": goes}, "consents": {"record": goes},
        "checklist": {"record": goes}, "documents": {"record": goes}, "schemes": {"record": goes},
        "lookalikes": {"record": goes}, "merges": {"record": goes}, "erasures": {"record": goes},
        "transition": {"record": goes, "version": version, "to": "past", "reason": "late"},
        "change": {"record": goes, "version": version, **fields, "evidence": ["customer_request"]},
        "record_event": {"record": goes, "event": "ended", "date": "2026-11-01"},
        "give_consent": {"record": goes, "purpose": "service", "notice": "2026-1", "channel": "counter"},
        "assign": {"record": goes, "version": version, "responsible": "wu", "reason": "late"},
    }  # fmt: skip
    for method, asked in ways.items():
        refusal = refused(suite.calls, "wu", method, asked)
        assert (refusal.code, refusal.facts["survivor"]) == ("record.merged", stays), method
    assert code_of(suite.calls, "qian", "timeline", {"record": new_id()}) == "record.unknown"
    listed = suite.calls("zheng", "list", {})["items"]
    assert [one["id"] for one in listed] == [stays]
    assert [one["id"] for one in suite.calls("zheng", "list", {"number": number})["items"]] == [stays]


@pytest.mark.covers("Q-196")
def test_nothing_finds_a_merged_record_any_more_and_its_customer_is_the_survivors(suite, two):
    stays, goes = two
    visit = suite.calls("zheng", "add_entry", {"class": "feedback", "about": goes,
                        "fields": {"form.date": "2026-11-19", "form.opinion": "很好"}})["id"]  # fmt: skip
    merged(suite, stays, goes)

    for table in (core.tokens, core.units, core.filings, core.facets, t.alike):
        assert goes not in {row.record for row in suite.rows(table)}, table.name
    parties = [suite.store.party(suite.store.record(one).subject)[0] for one in two]
    assert parties[0] == parties[1]
    assert suite.store.record(visit).about == stays
    assert suite.enters("zheng", args(**OTHER))["state"] == "pending", "what went is no double any more"


@pytest.mark.covers("Q-196")
def test_what_the_customer_answered_last_counts_wherever_he_said_it(suite, two):
    stays, goes = two
    suite.calls("zheng", "give_consent", {"record": goes, **MARKETING})
    given = suite.calls("zheng", "consents", {"record": goes})["items"]
    service = next(one["id"] for one in given if one["purpose"] == "service")
    suite.clock.at = suite.clock.at.replace(hour=6)
    suite.calls("zheng", "withdraw_consent", {"record": goes, "consent": service, "channel": "counter"})

    merged(suite, stays, goes)

    assert suite.store.record(stays).purposes == {"service": "withdrawn", "marketing": "given"}
    chain = suite.store.consents(stays)
    assert [one["ordinal"] for one in chain] == [1, 2, 3] and all(one["seal"] for one in chain)


def test_a_hold_on_either_wins_when_it_is_asked_for_and_when_it_is_decided(suite, two):
    stays, goes = two
    merge = asks(suite, stays, goes)
    held = hold(suite, goes)

    suite.settles("merge", merge)

    assert [one["why"] for one in suite.told("records.merge_lapsed")] == ["hold.active"]
    assert suite.store.record(goes).state == "active"
    refusal = refused(asks, suite, stays, goes)
    assert (refusal.code, refusal.facts["holds"]) == ("hold.active", [held])


NOT_MERGED = [("contact.fax", "merge.fields"), ("contact.mobile", "merge.fields"), ("contact.shoe", "merge.fields")]


def test_what_can_never_be_one_is_refused_before_anybody_decides(suite, two):
    stays, goes = two
    proved = suite.active(**{"contact.mobile": "19900008888", "basic.credit_code": credit_code(91_000_002)})

    for field, code in NOT_MERGED:
        assert code_of(asks, suite, stays, goes, field) == code
    assert code_of(asks, suite, stays, stays) == "merge.itself"
    assert code_of(asks, suite, proved, goes) == "merge.contradicted"
    assert code_of(asks, suite, stays, goes, person="sun") == "right.missing"
    assert suite.rows(t.merges) == []


def test_a_rejected_or_overtaken_merge_leaves_two_records(suite, two):
    stays, goes = two
    rejected = asks(suite, stays, goes, "contact.phone")
    suite.settles("merge", rejected, "rejected")
    overtaken = asks(suite, stays, goes, "contact.phone")
    suite.calls("he", "record_event", {"record": goes, "event": "ended", "date": "2026-11-01"})

    suite.settles("merge", overtaken)

    assert [one["why"] for one in suite.told("records.merge_lapsed")] == ["rejected", "record.stale"]
    assert {row.state for row in suite.rows(core.records)} == {"active"}
    assert suite.reads("zheng", stays, "contact.phone")["contact.phone"]["value"] is None


def test_two_merges_of_the_same_two_at_once_leave_exactly_one(suite, two):
    """
    What contradicts a merge that waits would be put to people in vain: it is told which one stands in its way.
    """
    stays, goes = two
    other = suite.active(**{"contact.mobile": "19900009999"})

    asked = at_once([partial(asks, suite, stays, goes, "contact.phone"), partial(asks, suite, goes, stays)])
    [merge] = [row.id for row in suite.rows(t.merges)]
    ways = ((stays, goes), (goes, stays), (other, goes))
    against = [refused(asks, suite, *way) for way in ways]
    at_once([partial(suite.settles, "merge", merge) for _ in range(2)])

    assert sorted(asked) == sorted([merge, "proposal.waits"])
    assert [(one.code, one.facts) for one in against] == [("proposal.waits", {"merge": merge})] * 3
    assert [row.state for row in suite.rows(t.merges)] == ["merged"]
    assert sorted(row.state for row in suite.rows(core.records)) == ["active", "active", "merged"]
    assert len(suite.told("records.merged")) == 1


def test_records_merged_before_follow_the_last_and_share_its_clock(suite, two):
    stays, goes = two
    last = suite.active(**{"contact.mobile": "19900009999"})
    merged(suite, stays, goes)
    merged(suite, last, stays)

    assert {suite.store.record(one).merged_into for one in two} == {last}
    assert refused(suite.calls, "zheng", "timeline", {"record": goes}).facts["survivor"] == last
    suite.calls("he", "record_event", {"record": last, "event": "ended", "date": "2026-11-05"})
    ask = {"class": "company.customer", "milestone": "ended", "on_or_before": "2026-11-30", "after": None}
    due = suite.calls(None, "due", ask)["records"]
    assert {one["id"] for one in due} == {*two, last}, "history of both goes when its time has come, not before"


def test_a_crash_before_or_after_a_merge_is_kept_leaves_one_merge(suite, two, monkeypatch):
    class Died(Exception):
        pass

    def dies(name):
        if name in places:
            places.remove(name)
            raise Died

    stays, goes = two
    merge, message, places = asks(suite, stays, goes, "contact.phone"), new_id(), ["merge.sealed", "merge.done"]
    monkeypatch.setattr("services.records.merging.executing.failpoint", dies)
    for _ in [*places]:
        with pytest.raises(Died):
            suite.settles("merge", merge, id=message)
    suite.settles("merge", merge, id=message)

    assert len(suite.told("records.merged")) == 1 and suite.store.record(goes).state == "merged"
    assert suite.reads("zheng", stays, "contact.phone")["contact.phone"]["value"] == "+861066668888"


def test_a_hold_on_the_one_that_stays_keeps_the_history_of_both(suite, two):
    stays, goes = two
    merged(suite, stays, goes)
    held = hold(suite, stays)

    refusal = refused(destroys, suite, goes, suite.store.record(goes).version)

    assert (refusal.code, refusal.facts["holds"]) == ("hold.active", [held])

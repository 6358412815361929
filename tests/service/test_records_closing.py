"""How relations end and revive on both databases: decided by others, filed apart, back with number and history."""

from __future__ import annotations

from functools import partial

import pytest

from regimes import Regime
from services.records import tables as core
from services.records.closing import tables as t
from tests.service import given_records
from tests.service.given_records import REGIME, at_once, code_of
from tests.service.test_records_writing import a_card


def asks(suite, record, to, person="zheng", **other):
    args = {"record": record, "version": suite.store.record(record).version, "to": to, "reason": "they stopped trading"}
    return suite.calls(person, "transition", {**args, **other})


@pytest.mark.covers("Q-201", "Q-204")
def test_the_end_of_a_relation_waits_for_its_decision_and_is_carried_out_once(suite):
    record = suite.active()

    waiting = asks(suite, record, "past")

    assert (waiting["outcome"], waiting["state"]) == ("waiting", "active")
    [proposed] = suite.told("records.move_proposed")
    assert (proposed["kind"], proposed["to"], proposed["by"]) == ("end", "past", "zheng")
    for _ in range(2):
        suite.settles("move", waiting["move"])
    [moved] = suite.told("records.state_changed")
    assert (moved["state"], moved["before"], moved["move"]) == ("past", "active", waiting["move"])
    suite.grant("zheng", record)
    history = suite.calls("zheng", "versions", {"record": record, "purpose": "service"})
    line = next(one for one in history["items"] if one.get("state") == "past")
    assert (line["by"], line["before"]) == ("zheng", "active")


@pytest.mark.covers("Q-202", "Q-204")
def test_what_is_past_or_suspended_is_filed_apart_and_seen_only_with_permission(suite):
    record = suite.active()
    card = a_card(suite, 92_000_001)
    suite.settles("record", card)
    suite.moves(record, "past")
    suite.moves(card, "suspended", "qian")

    for person, one, purpose in (("zheng", record, "service"), ("qian", card, "trade")):
        assert code_of(suite.calls, person, "read", {"record": one, "purpose": purpose}) == "right.missing"
    assert code_of(suite.calls, "sun", "timeline", {"record": record}) == "right.missing"
    assert suite.calls("sun", "list", {"class": "company.customer"})["items"] == []
    suite.grant("sun", record)
    assert suite.reads("sun", record, "basic.name")["basic.name"]["state"] == "clear"


@pytest.mark.covers("Q-207")
def test_a_revival_restores_number_list_entry_and_filing_unit_with_history(suite):
    card = a_card(suite, 92_000_002)
    suite.settles("record", card)
    number = suite.store.record(card).number
    suite.moves(card, "suspended", "qian")

    waiting = asks(suite, card, "active", "qian")
    assert suite.told("records.move_proposed")[-1]["kind"] == "reactivate"
    suite.settles("move", waiting["move"])

    now = suite.store.record(card)
    assert (now.state, now.number) == ("active", number)
    assert [row.record for row in suite.rows(core.units)] == [card]
    assert [one["number"] for one in suite.calls("qian", "list", {"class": "trading.customer"})["items"]] == [number]
    history = suite.calls("qian", "versions", {"record": card, "purpose": "trade"})["items"]
    assert [one["state"] for one in history if "state" in one] == ["suspended", "active"]


@pytest.mark.covers("Q-207")
def test_a_revival_whose_filing_unit_was_given_to_another_does_not_take_effect(suite, monkeypatch):
    known = REGIME.merged["classes"]
    card = {**known["trading.customer"], "one_per": {"fields": ["basic.credit_code"], "while": ["active"]}}
    regime = Regime({**REGIME.merged, "classes": {**known, "trading.customer": card}})
    monkeypatch.setattr(given_records, "REGIME", regime)
    first = a_card(suite, 92_000_004)
    suite.settles("record", first)
    suite.moves(first, "past", "qian")
    other = a_card(suite, 92_000_004, beside=first)
    suite.settles("record", other)

    suite.settles("move", asks(suite, first, "active", "qian")["move"])

    assert [one["why"] for one in suite.told("records.move_lapsed")] == ["record.exists"]
    assert suite.store.record(first).state == "past" and suite.store.record(other).state == "active"
    assert [row.record for row in suite.rows(core.units)] == [other]


@pytest.mark.covers("Q-205")
def test_what_can_never_revive_does_not(suite):
    card = a_card(suite, 92_000_003)
    suite.settles("record", card)
    suite.moves(card, "past", "qian")
    suite.calls("qian", "record_event", {"record": card, "event": "cannot_revive", "date": "2026-11-19"})

    assert code_of(asks, suite, card, "active", "qian") == "record.cannot_revive"


def test_a_rejected_or_overtaken_end_leaves_the_record_as_it_was(suite):
    record = suite.active()
    suite.settles("move", asks(suite, record, "past")["move"], "rejected")
    overtaken = asks(suite, record, "past")["move"]
    suite.calls("he", "record_event", {"record": record, "event": "ended", "date": "2026-11-01"})

    suite.settles("move", overtaken)

    assert [one["why"] for one in suite.told("records.move_lapsed")] == ["rejected", "record.stale"]
    assert suite.store.record(record).state == "active" and suite.told("records.state_changed") == []


def test_an_end_that_waits_is_not_asked_for_again_and_is_carried_out_once(suite):
    record = suite.active()
    move = asks(suite, record, "past")["move"]

    assert code_of(asks, suite, record, "past") == "proposal.waits"
    at_once([partial(suite.settles, "move", move) for _ in range(2)])

    assert [row.state for row in suite.rows(t.pending_moves)] == ["applied"]
    assert len(suite.told("records.state_changed")) == 1


def test_why_a_relation_ended_is_told_to_whom_it_is_meant_for_only(suite):
    record = suite.active()
    suite.settles("move", asks(suite, record, "past")["move"])
    suite.moves(record, "active")

    def why(person):
        lines = suite.calls(person, "versions", {"record": record, "purpose": "service"})["items"]
        return next(one["reason"] for one in lines if one.get("state") == "past")

    assert why("zheng") == "they stopped trading" and why("sun") is None
    assert "they stopped trading" not in str(suite.journal())


def test_who_waits_for_an_end_a_pause_or_a_revival_hears_it_by_its_name(suite):
    """
    The envelope and the state before; nothing of what the record holds.
    """
    record = suite.active()
    for to in ("suspended", "active", "past", "archived", "past"):
        suite.moves(record, to, person="he")

    told = {name: suite.told(f"records.{name}") for name in ("suspended", "reactivated", "closed")}
    assert {name: [one["before"] for one in events] for name, events in told.items()} == {
        "suspended": ["active"],
        "reactivated": ["suspended"],
        "closed": ["active"],
    }
    [closed] = told["closed"]
    assert (closed["state"], closed["class"], closed["department"]) == ("past", "company.customer", "service")
    assert len(suite.told("records.state_changed")) == 5, "who hears of every change of state hears of these too"

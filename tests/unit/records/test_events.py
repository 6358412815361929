"""Every event of records as subscribers see it; a golden file is never changed, only added to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chassis.events import REGISTRY, Event
from services.records import events

GOLDEN = Path(__file__).parents[2] / "contracts" / "golden"
HEAD = ("r-1", "company.customer", "active", "sensitive", "service", "zheng", "zheng", 2)
EXAMPLES: list[Event] = [
    events.Created(*HEAD),
    events.Imported(*HEAD, "i-1"),
    events.Activated(*HEAD, "KH-2026-000001"),
    events.Rejected(*HEAD),
    events.ChangeProposed(*HEAD, "c-1", "customer", ["contact.mobile"], ["customer_request"]),
    events.Changed(*HEAD, "c-1", ["contact.mobile"]),
    events.ChangeLapsed(*HEAD, "c-1", "record.stale"),
    events.ConsentGiven(*HEAD, "n-1", "service", "2026-1"),
    events.ConsentWithdrawn(*HEAD, "n-2", "service"),
    events.EventRecorded(*HEAD, "ended", "2026-05-05"),
    events.StateChanged(*HEAD, "suspended"),
    events.Frozen(*HEAD, "h-1"),
    events.Unfrozen(*HEAD, "h-1"),
    events.Destroying(*HEAD, "d-1", "f-1"),
    events.Destroyed(*HEAD, "d-1", "f-1", {"basic": "ab" * 32}),
    events.ImportFinished("i-1", "trading.customer", "finance", "qian", False, 76, 15, 0),
    events.Read("r-1", "service", ["basic.name"], ["contact.mobile"], ["contact.address"], ["look_up"], [], 2),
    events.HistoryRead("r-1", "service", ["basic.name"], 3),
    events.Listed(["r-1", "r-2"], "company.customer"),
    events.OpenedForWork("r-1", "change", "c-1"),
    events.DestructionProbed("r-1", "f-1"),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.type)
def test_an_event_is_what_its_golden_file_says(example: Event):
    golden = json.loads((GOLDEN / f"{example.type}.{example.version}.json").read_text())

    assert json.loads(json.dumps(example.data())) == golden


def test_every_event_of_records_has_an_example():
    known = {name for name in REGISTRY if name.startswith("records.")}

    assert known == {one.type for one in EXAMPLES}


def test_reads_and_the_suites_own_work_are_told_to_the_journal_only():
    """
    Who read what is nobody's business but the supervision's.
    """
    kept = {one.type.removeprefix("records.") for one in EXAMPLES if not one.published}

    assert kept == {"read", "history_read", "listed", "opened_for_work", "destruction_probed"}

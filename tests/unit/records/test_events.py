"""Every event of records as subscribers see it; a golden file is never changed, only added to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chassis.events import REGISTRY, Event
from services.records import events
from services.records.classifying import events as classifying
from services.records.closing import events as closing
from services.records.consents import events as consents
from services.records.erasing import events as erasing
from services.records.importing import events as recalls
from services.records.merging import events as merging
from services.records.registers import events as registers
from services.records.verifying import events as verifying

GOLDEN = Path(__file__).parents[2] / "contracts" / "golden"
HEAD = ("r-1", "company.customer", "active", "sensitive", "service", "zheng", "zheng", 2, {"tier": "company"})
ENTRY = (*HEAD, "r-2", "JD-2026-0001")
EXAMPLES: list[Event] = [
    events.Created(*HEAD),
    events.Imported(*HEAD, "i-1"),
    events.Activated(*HEAD, "KH-2026-000001"),
    events.Rejected(*HEAD),
    events.ChangeProposed(*HEAD, "c-1", "customer", ["contact.mobile"], ["customer_request"]),
    events.Changed(*HEAD, "c-1", ["contact.mobile"]),
    events.ChangeLapsed(*HEAD, "c-1", "record.stale", "zheng"),
    consents.ConsentGiven(*HEAD, "n-1", "service", "2026-1", "cd" * 32),
    consents.ConsentRefused(*HEAD, "n-3", "marketing", "2026-1", "ef" * 32),
    consents.ConsentWithdrawn(*HEAD, "n-2", "service", "ab" * 32),
    consents.Collected(*HEAD, "k-1", "customer", "counter", ["basic.name"], ["service"]),
    consents.UseRefused(*HEAD, "service", "consent.withdrawn"),
    events.EventRecorded(*HEAD, "ended", "2026-05-05"),
    events.StateChanged(*HEAD, "suspended"),
    events.Assigned(*HEAD, "sales", "sun"),
    closing.Suspended(*HEAD[:2], "suspended", *HEAD[3:], "active"),
    closing.Reactivated(*HEAD, "suspended"),
    closing.Closed(*HEAD[:2], "past", *HEAD[3:], "active", "m-2"),
    closing.MoveProposed(*HEAD, "m-2", "end", "past", "zheng", ["termination"]),
    closing.MoveLapsed(*HEAD, "m-2", "end", "past", "record.stale"),
    merging.LikenessAccepted(*HEAD, "l-1", ["r-2"], 1),
    merging.LikenessMet("r-2", ["contact.mobile"]),
    merging.MergeProposed(*HEAD, "m-3", "r-2", ["contact.phone"], "zheng", {"id": "r-2", "department": "sales"}),
    merging.Merged(*HEAD, "m-3", "r-2", ["contact.phone"], "KH-2026-000002"),
    merging.MergeLapsed(*HEAD, "m-3", "r-2", "hold.active"),
    erasing.ErasureAsked(*HEAD, "e-1", ["contact"], "customer", ["identity"], "zheng"),
    erasing.Erasing(*HEAD, "e-1", ["contact"], ["wu"]),
    erasing.Erased(*HEAD, "e-1", ["contact"], {"contact": "ab" * 32}),
    erasing.ErasureLapsed(*HEAD, "e-1", ["contact"], "hold.active", ["h-1"]),
    erasing.ErasureAnswered(*HEAD, "e-1", ["contact"], "counter", "erased"),
    events.Frozen(*HEAD, "h-1"),
    events.Unfrozen(*HEAD, "h-1"),
    events.Destroying(*HEAD, "d-1", "f-1"),
    events.Destroyed(*HEAD, "d-1", "f-1", {"basic": "ab" * 32}),
    events.ImportFinished("i-1", "trading.customer", "finance", "qian", False, 76, 15, 0),
    events.ImportWithdrawn("i-1", "company.customer", "service", "zheng", 12),
    recalls.WithdrawalAsked("i-1", "company.customer", "service", "he", "zheng", 11, 1),
    recalls.WithdrawalLapsed("i-1", "company.customer", "service", "hold.active"),
    recalls.ImportRecalled("i-1", "company.customer", "service", "he", 11, 1),
    recalls.WithdrawalRead("i-1"),
    events.NumberVoided(*HEAD[:2], "destroyed", *HEAD[3:], "i-1", "KH-2026-000002"),
    events.Withdrawn(*HEAD[:2], "destroyed", *HEAD[3:], "i-1", {"basic": "ab12"}),
    events.Read("r-1", "service", ["basic.name"], ["contact.mobile"], ["contact.address"], ["look_up"], [], 2),
    events.HistoryRead("r-1", "service", ["basic.name"], 3, [1, 2]),
    events.Listed(["r-1", "r-2"], "company.customer"),
    events.OpenedForWork("r-1", "change", "c-1"),
    events.DestructionProbed("r-1", "f-1"),
    events.ReasonsRead("r-1", "schemes", 3),
    classifying.SchemeSet(*HEAD, "k-2", "tier", None, "company", "2027-11-20", "ab" * 32),
    classifying.Classified(*HEAD, "general"),
    classifying.SchemeSuggested(*HEAD, "k-3", "grade", "key", "ab" * 32),
    classifying.DowngradeProposed(*HEAD, "k-4", "tier", "company", "department", "he"),
    classifying.DowngradeLapsed(*HEAD, "k-4", "tier", "record.stale"),
    verifying.Verified(
        *HEAD, "v-1", "contact.mobile", "call_back", "customer", "confirmed", "zheng", ["contact.mobile"]
    ),
    verifying.HeldBack(*HEAD, ["verified contact.mobile"]),
    verifying.Scored(*HEAD, 2, 2, 38, 6, 3, 1, 40),
    verifying.QualityRead("service", "2026-11"),
    registers.EntrySigned(*ENTRY, "zheng", 0, 1, "ab" * 32),
    registers.EntryValid(*ENTRY, ["zheng", "he"], "2027-11-20"),
    registers.EntryReopened(*ENTRY, ["zheng"]),
    registers.CheckFailed(*ENTRY, ["form.clean"], "room", {"role": "archivist"}, "2026-11-25"),
    registers.FormUsed(*ENTRY, "r-2", "c-1"),
    registers.Labelled(*HEAD),
    registers.RegisterExported("slip", "archive_use", ["r-1"], "m-1"),
    registers.ContentsOrdered("r-1", "archive_use", ["r-2"], ["file.page"], [], ["everybody"], []),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.type)
def test_an_event_is_what_its_golden_file_says(example: Event):
    """
    What was told before is told still; the newest file, with what was added since, is all that is told.
    """
    kept = sorted(GOLDEN.glob(f"{example.type}.{example.version}*.json"), key=lambda path: path.name.count("."))
    *older, newest = [json.loads(path.read_text()) for path in kept]
    told = json.loads(json.dumps(example.data()))

    assert told == newest
    assert all(one.items() <= told.items() for one in older)


def test_every_event_of_these_engines_has_an_example():
    engines = {type(one).__module__ for one in EXAMPLES}
    known = {name for name, kind in REGISTRY.items() if kind.__module__ in engines}

    assert known == {one.type for one in EXAMPLES}


def test_reads_and_the_suites_own_work_are_told_to_the_journal_only():
    """
    Who read what is nobody's business but the supervision's.
    """
    kept = {one.type.removeprefix("records.") for one in EXAMPLES if not one.published}

    assert kept == {"read", "history_read", "listed", "opened_for_work", "destruction_probed", "register_exported"} | {
        "collected",
        "contents_ordered",
        "likeness_met",
        "reasons_read",
        "withdrawal_read",
        "quality_read",
    }

"""Every event of approvals as subscribers see it; a golden file is never changed, only added to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chassis.events import REGISTRY, Event
from services.approvals import events

GOLDEN = Path(__file__).parents[2] / "contracts" / "golden"
STEP = {"act": "approve", "needed": 1, "deciders": ["he", "wu"]}
GRANT = {
    "id": "g-1",
    "person": "sun", "mode": "view", "records": ["r-1"], "fields": ["contact.mobile"], "purpose": "service",
    "place": None, "from": "2026-11-20T04:00:00.000000Z", "until": "2026-11-21T04:00:00.000000Z", "once": False,
    "request": "q-1", "regime": "d" * 64, "class": "company.customer", "list_hash": None, "signature": "ab" * 64,
}  # fmt: skip
EXAMPLES: list[Event] = [
    events.RequestRaised(
        "q-1", "view", "record", "r-1", "r-1", ("r-1",), "service", "sun", (STEP,), ("view.files",), "d" * 64
    ),
    events.RequestDecided("q-1", "view", "r-1", "r-1", 0, "gao", "wu", "approve", "approved"),
    events.RequestSettled("q-1", "destroy", "disposal", "d-1", "r-1", "approved", "g-1", "a" * 64, None, ("gao", "wu")),
    events.RequestOpened("q-1", "view", "r-1", "he", "open"),
    events.RequestLapsed("q-1", "change", "c-1", "r-1", "record.stale", "zheng"),
    events.UseGranted("r-1", "q-1", "g-1", "sun", "marketing"),
    events.RightGiven("q-1", "g-1", "g-2", "sun", "ma", "r-1"),
    events.GrantIssued(GRANT, "r-1", "service"),
    events.GrantRevoked("g-1", "r-1", "sun", "wu"),
    events.RegimePublished("d" * 64, "hengtong"),
    events.OrganisationLoaded("e" * 64, "hengtong"),
    events.SessionOpened("s-1", "sun", "sun"),
    events.SessionClosed("s-1", "sun"),
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


def test_every_event_of_approvals_has_an_example():
    known = {name for name in REGISTRY if name.startswith("approvals.")}

    assert known == {one.type for one in EXAMPLES}

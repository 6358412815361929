"""kill -9 of the one process at every failpoint: nothing lost, nothing twice, once it is back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.crashing import client_of, die_at, findings_of, insist, run_until_dead
from tests.faults.evidence import entries_of, fetch_bundle
from tests.system.conftest import running
from tests.system.suite import Suite

pytestmark = pytest.mark.slow

# Those of holds, destructions and imports have files of their own.
PLACES = {
    "a write": ("idempotency.claimed:2", "work.before_commit:3", "work.committed:2", "work.committed:12"),
    "a read": ("journal.committed:1", "journal.committed:3"),
    "publishing": ("relay.numbered:3", "relay.confirmed:3", "relay.marked:5", "relay.confirmed:11"),
    "receiving": ("inbox.claimed:1", "inbox.before_ack:2", "ledger.sequenced:3", "ledger.before_ack:4"),
}


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    """One suite that dies at all of them, so that what is checked was written across many deaths."""
    with running("embedded") as started:
        yield started


@pytest.mark.parametrize("what", PLACES)
def test_nothing_is_lost_or_doubled_when_the_process_dies_in_the_middle_of(suite: Suite, what: str) -> None:
    client = client_of(suite, what.replace(" ", "-"))

    places = run_until_dead(suite, client, PLACES[what])

    assert suite.deaths == ["suite"] * len(places)
    assert findings_of(suite).lines() == []


def test_log_is_signed_once_for_each_size_though_the_process_dies_while_it_signs(suite: Suite) -> None:
    die_at(suite, "checkpoint.signed:1")

    signed = insist(suite, "ma", "/v1/audit/bundles", {})

    assert suite.deaths == ["suite"]
    assert findings_of(suite).lines() == []
    entries = entries_of(fetch_bundle(suite, suite.dir / "checkpoints.zip"))
    sizes = [entry["data"]["size"] for entry in entries if entry["type"] == "audit.checkpoint_signed"]
    assert signed["size"] in sizes and len(sizes) == len(set(sizes))

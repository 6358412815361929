"""kill -9 in the middle of a hold and of a destruction: once the process is back, each comes to its one end."""

from __future__ import annotations

import json

import pytest

from tests.faults.crashing import die_at, insist, reached
from tests.faults.evidence import entries_of, fetch_bundle, quiesce, verified
from tests.nodes.processes import until
from tests.system.conftest import running
from tests.system.life import a_record, activate
from tests.system.suite import Suite

pytestmark = pytest.mark.slow

HOLDING = ("hold.placing:1", "hold.frozen:1", "hold.releasing:1", "hold.freed:1")
DESTROYING = (
    "disposal.item_begun:1",
    "destruction.begun:1",
    "destruction.stub_kept:1",
    "destruction.keys_gone:1",
    "destruction.probed:1",
    "destruction.finished:1",
    "disposal.item_destroyed:1",
    "disposal.all_settled:1",
)


def test_hold_is_placed_and_released_once_though_the_process_dies_at_every_step() -> None:
    with running("embedded") as suite:
        record = a_record(suite, {})
        activate(suite, record)
        places = die_at(suite, *HOLDING)

        hold = insist(
            suite, "he", "/v1/holds", {"records": [record], "title": "T", "matter": "tax", "reason": "tax audit"}
        )["hold"]
        reached(suite, lambda: hold_state(suite, hold) == "active", "the hold to be active")
        insist(suite, "gao", f"/v1/holds/{hold}/release", {"reason": "the audit is over"})
        reached(suite, lambda: hold_state(suite, hold) == "released", "the hold to be released")

        assert suite.deaths == ["suite"] * len(places)
        assert times(suite, record) == {"records.frozen": 1, "records.unfrozen": 1}


def test_destruction_comes_to_its_one_end_though_the_process_dies_at_every_step() -> None:
    with running("embedded") as suite:
        record = a_record(suite, {"contact.address": "No. 9 Canary Road"})
        activate(suite, record)
        path = approved_list(suite, record)
        insist(suite, "ma", f"{path}/witness", {})
        places = die_at(suite, *DESTROYING)

        insist(suite, "he", f"{path}/execution", {})
        reached(suite, lambda: certificate(suite, path) is not None, "the certificate")

        assert suite.deaths == ["suite"] * len(places)
        status, _, body = suite.gateway("zheng").raw("GET", f"/v1/records/{record}?purpose=service", None, {})
        assert (status, json.loads(body)["certificate"]) == (410, certificate(suite, path))
        assert times(suite, record) == {"records.destroying": 1, "records.destroyed": 1}


def approved_list(suite: Suite, record: str) -> str:
    """A destruction list of this record, approved; its period is over."""
    today = suite.gateway("ma").post("/demo/clock", {"advance": "P0D"})["now"][:10]
    insist(suite, "zheng", f"/v1/records/{record}/events", {"event": "ended", "date": today})
    suite.advance("P4018D")
    suite.forget_tokens()
    listed = insist(suite, "wu", "/v1/disposals", {"records": [record], "reason": "retention has ended"})["disposal"]
    insist(suite, "wu", f"/v1/disposals/{listed}/approval", {})
    request = request_about(suite, listed)
    for person in ("wang", "gao"):
        insist(
            suite, person, f"/v1/requests/{request}/decisions", {"decision": "approve", "reason": "its time is over"}
        )
    path = f"/v1/disposals/{listed}"
    until(lambda: suite.gateway("he").get(path)["state"] in ("approved", "waiting"), 20, "the list to be approved")
    return path


def request_about(suite: Suite, subject: str) -> str:
    found: list[str] = []

    def asked() -> bool:
        items = suite.gateway("ma").get("/v1/requests?kind=destroy&state=pending&limit=500")["items"]
        found[:] = [one["request"] for one in items if one["subject"] == subject]
        return bool(found)

    until(asked, 20, "the request to destroy")
    return found[0]


def hold_state(suite: Suite, hold: str) -> str:
    return next(str(one["state"]) for one in suite.gateway("he").get("/v1/holds")["items"] if one["hold"] == hold)


def certificate(suite: Suite, path: str) -> str | None:
    return suite.gateway("he").get(path).get("certificate")


def times(suite: Suite, record: str) -> dict[str, int]:
    """How often each step of a hold or a destruction stands in the log, which is sound."""
    quiesce(suite)
    bundle = fetch_bundle(suite, suite.dir / "evidence.zip")
    assert verified(bundle)[0]
    steps = ("records.frozen", "records.unfrozen", "records.destroying", "records.destroyed")
    types = [entry["type"] for entry in entries_of(bundle) if entry["record"] == record]
    return {step: types.count(step) for step in steps if step in types}

"""kill -9 in the middle of a merge and of an erasure: once the process is back, each comes to its one end."""

from __future__ import annotations

import json

import pytest

from tests.faults.crashing import die_at, insist, reached
from tests.faults.evidence import entries_of, fetch_bundle, quiesce, verified
from tests.nodes.processes import until
from tests.system.conftest import running
from tests.system.life import a_record, activate, file_proofs
from tests.system.suite import Suite

pytestmark = pytest.mark.slow

MERGING = ("merge.sealed:1", "merge.done:1")
ERASING = ("erasure.begun:1", "erasure.keys_gone:1", "erasure.done:1")
APPROVED = {"decision": "approve", "reason": "it is as they say"}


def test_merge_comes_to_its_one_end_though_the_process_dies_at_every_step() -> None:
    with running("embedded") as suite:
        stays, goes = a_record(suite, {}), a_record(suite, {"contact.phone": "01066668888"})
        for record in (stays, goes):
            activate(suite, record)
        told = {"survivor": stays, "merged": goes, "fields": ["contact.phone"], "reason": "one customer, twice"}
        merge = insist(suite, "zheng", "/v1/records/merges", told)["merge"]
        decide(suite, merge, "he")
        request = waiting(suite, merge, "wu")
        places = die_at(suite, *MERGING)

        insist(suite, "wu", f"/v1/requests/{request}/decisions", APPROVED)
        reached(suite, lambda: phone_of(suite, stays) == "+861066668888", "the merge")
        reached(suite, lambda: len(suite.deaths) == len(places), "each death")

        status, headers, _ = suite.gateway("zheng").raw("GET", f"/v1/records/{goes}?purpose=service", None, {})
        # The client follows the redirect: what it gets is the record that stands for the old one.
        assert status == 200 and headers["ETag"]
        assert times(suite, stays, "records.merged") == 1 == times(suite, stays, "records.changed")


def test_erasure_comes_to_its_one_end_though_the_process_dies_at_every_step() -> None:
    with running("embedded") as suite:
        record = a_record(suite, {"business.demand": "a canary"})
        activate(suite, record)
        file_proofs(suite, record, "identity")
        version = suite.gateway("zheng").get(f"/v1/records/{record}?purpose=service&fields=basic.name")["version"]
        asked = {"parts": ["business"], "requested_by": "customer", "evidence": ["identity"], "reason": "her letter"}
        status, _, body = suite.gateway("zheng").raw(
            "POST", f"/v1/records/{record}/erasures", json.dumps(asked).encode(),
            {"Content-Type": "application/json", "If-Match": f'"{version}"', "Idempotency-Key": "erase-1"},
        )  # fmt: skip
        assert status == 202, body
        request = waiting(suite, json.loads(body)["erasure"], "wu")
        places = die_at(suite, *ERASING)

        insist(suite, "wu", f"/v1/requests/{request}/decisions", APPROVED)
        reached(suite, lambda: erased(suite, record), "the erasure")
        reached(suite, lambda: len(suite.deaths) == len(places), "each death")

        assert times(suite, record, "records.erasing") == 1 == times(suite, record, "records.erased")


def decide(suite: Suite, subject: str, person: str) -> None:
    """One step of a request's chain is approved."""
    insist(suite, person, f"/v1/requests/{waiting(suite, subject, person)}/decisions", APPROVED)


def waiting(suite: Suite, subject: str, person: str) -> str:
    """The request about this, once it awaits this person."""
    found: list[str] = []

    def asked() -> bool:
        items = suite.gateway(person).get("/v1/requests?awaiting=me&limit=500")["items"]
        found[:] = [one["request"] for one in items if one["subject"] == subject]
        return bool(found)

    until(asked, 20, f"the request about {subject} to await {person}")
    return found[0]


def phone_of(suite: Suite, record: str) -> str | None:
    """What the surviving record says."""
    shown = suite.gateway("zheng").get(f"/v1/records/{record}?purpose=service&fields=contact.phone")
    value: str | None = shown["fields"]["contact.phone"].get("value")
    return value


def erased(suite: Suite, record: str) -> bool:
    """Whether it is done, and said to be."""
    return bool(suite.gateway("zheng").get(f"/v1/records/{record}/erasures")["items"][-1]["state"] == "erased")


def times(suite: Suite, record: str, type: str) -> int:
    """How often this stands in the log about the record; the log is sound."""
    quiesce(suite)
    bundle = fetch_bundle(suite, suite.dir / "evidence.zip")
    assert verified(bundle)[0]
    return [entry["type"] for entry in entries_of(bundle) if entry["record"] == record].count(type)

"""The first steps of a record's life, as tests take them."""

from __future__ import annotations

from typing import Any

from cli.http import Answer, Refusal
from tests.nodes.processes import until
from tests.system.suite import Suite

CONSENTS = [{"purpose": "service", "notice": "2026-1", "channel": "counter"}]


def a_record(suite: Suite, fields: dict[str, Any]) -> str:
    """A record that a clerk of customer service created; it waits for its approval."""
    whole = {"basic.name": "A Customer", "contact.person": "A Person", **fields}
    body = {"class": "company.customer", "fields": whole, "purposes": ["service"], "consents": CONSENTS}
    return str(entered(suite, body)["id"])


def entered(suite: Suite, body: dict[str, Any]) -> Answer:
    """The clerk enters it, also beside others that look like the same customer's."""
    try:
        return suite.gateway("zheng").post("/v1/records", body)
    except Refusal as known:
        if known.code != "record.likely_duplicate":
            raise
        of = [one["record"] for one in known.problem["candidates"]]
        return suite.gateway("zheng").post("/v1/records", {**body, "duplicates": {"reason": "another one", "of": of}})


def activate(suite: Suite, record: str) -> None:
    """The archivist approves it."""
    archivist = suite.gateway("he")
    found: list[str] = []

    def asked() -> bool:
        waiting = archivist.get("/v1/requests?awaiting=me&kind=create&limit=500")["items"]
        found[:] = [one["request"] for one in waiting if one["subject"] == record]
        return bool(found)

    until(asked, 20, f"the creation of {record} to await its approval")
    archivist.post(f"/v1/requests/{found[0]}/decisions", {"decision": "approve", "reason": "as it should be"})
    until(lambda: state_of(suite, record) == "active", 20, f"{record} to be active")


def state_of(suite: Suite, record: str) -> str:
    """Its state."""
    return str(suite.gateway("he").get(f"/v1/records/{record}?purpose=service&fields=basic.name")["state"])


def file_proofs(suite: Suite, record: str, *kinds: str) -> None:
    """What shows that a customer wants something has to be on file to count."""
    for kind in kinds:
        form = {"kind": kind, "form": "original", "signed_by": "customer"}
        suite.gateway("zheng").upload(f"/v1/records/{record}/documents", form, "letter.txt", b"as she wishes")

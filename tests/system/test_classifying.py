"""Classification and verification over HTTP, through records and approvals: raised at once, lowered after approval."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nodes.processes import until
from tests.system.life import a_record, activate
from tests.system.suite import Suite

WHY = "the yearly review of secrecy"


def waiting(suite: Suite, person: str, subject: str) -> str:
    """The request about a subject that waits for somebody."""
    found: list[str] = []

    def asked() -> bool:
        items = suite.gateway(person).get("/v1/requests?awaiting=me&kind=downgrade&limit=500")["items"]
        found[:] = [one["request"] for one in items if one["subject"] == subject]
        return bool(found)

    until(asked, 20, f"the downgrade {subject} to await its approval")
    return found[0]


def classified(suite: Suite, record: str, person: str = "zheng") -> dict[str, Any]:
    """What a record counts as."""
    return dict(suite.gateway(person).get(f"/v1/records/{record}/schemes"))


@pytest.mark.covers("Q-090", "Q-098", "Q-100")
def test_a_level_rises_at_once_and_sinks_when_the_head_of_the_department_has_approved(suite: Suite) -> None:
    record = a_record(suite, {"contact.mobile": "19900006101"})
    activate(suite, record)
    zheng, head = suite.gateway("zheng"), suite.gateway("wu")

    assert zheng.post(f"/v1/records/{record}/schemes/stage", {"value": "current", "reason": WHY})["outcome"] == "done"
    raised = zheng.post(f"/v1/records/{record}/level", {"level": "highly_sensitive", "reason": WHY})
    assert (raised["outcome"], raised["level"]) == ("done", "highly_sensitive")
    shown = suite.gateway("sun").get(f"/v1/records/{record}?purpose=service&fields=basic.name")
    assert shown["fields"]["basic.name"]["state"] == "withheld"
    asked = zheng.post(f"/v1/records/{record}/level", {"level": "sensitive", "reason": WHY})
    assert asked["outcome"] == "waiting"

    request = waiting(suite, "wu", asked["downgrade"])
    head.post(f"/v1/requests/{request}/decisions", {"decision": "approve", "reason": "nothing in it is that secret"})
    until(lambda: classified(suite, record)["level"] == "sensitive", 20, "the level to sink")

    history = classified(suite, record)["items"]
    assert [(one["scheme"], one["value"]) for one in history] == [
        ("level", "sensitive"),
        ("level", "highly_sensitive"),
        ("stage", "current"),
    ]
    assert {one["reason"] for one in history} == {WHY}
    [now] = [one for one in suite.gateway("he").get("/v1/records?record.stage=current")["items"] if one["id"] == record]
    assert now["state"] == "active"


@pytest.mark.covers("Q-033", "Q-034", "Q-041", "Q-200")
def test_what_was_verified_is_seen_in_lists_and_figures(suite: Suite) -> None:
    record = a_record(suite, {"contact.mobile": "19900006102"})
    activate(suite, record)
    he = suite.gateway("he")

    looked = {"fields": ["contact.mobile"], "source": "customer", "result": "confirmed", "method": "call_back"}
    he.post(f"/v1/records/{record}/verifications", looked)

    told = he.get(f"/v1/records/{record}/verifications")
    assert [one["field"] for one in told["items"]] == ["contact.mobile"]
    listed = {one["id"]: one["fields"] for one in he.get("/v1/quality/lists/unverified?limit=500")["items"]}
    assert listed[record] == ["basic.name", "contact.person"]

    suite.advance("PT2M")  # the walk rests for a minute after each

    def counted() -> bool:
        lines = he.get("/v1/quality?department=service")["items"]
        return any(line["verified"] >= 1 for line in lines)

    until(counted, 30, "a walk over the records to end")

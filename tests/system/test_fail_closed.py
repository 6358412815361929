"""No trail, no plaintext: with the audit service gone, what is protected stays shut, and nothing else does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.nodes.processes import promised, until
from tests.system.conftest import running
from tests.system.life import a_record, activate
from tests.system.suite import Suite

pytestmark = pytest.mark.slow

MOBILE, ADDRESS = "19900006543", "No. 7 Canary Road"


def test_nothing_protected_is_read_while_the_ledger_does_not_follow() -> None:
    with running("distributed", given=True) as suite:
        record = a_record(suite, {"contact.mobile": MOBILE, "contact.address": ADDRESS})
        activate(suite, record)
        until(lambda: read(suite, "zheng", record, "contact.address")[0] == 200, 20, "the address to be read")
        suite.kill9("audit")

        the_highest_level_is_shut_at_once(suite, record)
        the_rest_is_shut_after_the_limit(suite, record)
        what_is_not_protected_stays_open(suite, record)

        suite.restart("audit")
        for field in ("contact.mobile", "contact.address"):
            until(lambda field=field: read(suite, "zheng", record, field)[0] == 200, 40, f"{field} to be read again")  # type: ignore[misc]


def the_highest_level_is_shut_at_once(suite: Suite, record: str) -> None:
    with promised(8):
        status, body = read(suite, "zheng", record, "contact.address")

    assert (status, json.loads(body)["code"]) == (503, "audit.lagging")
    assert ADDRESS not in body
    assert read(suite, "zheng", record, "contact.mobile")[0] == 200


def the_rest_is_shut_after_the_limit(suite: Suite, record: str) -> None:
    suite.advance("PT2M")

    for path in (f"/v1/records/{record}?purpose=service", f"/v1/records/{record}/versions?purpose=service"):
        status, body = answer(suite, "zheng", path)
        assert (status, json.loads(body)["code"]) == (503, "audit.lagging")
        assert MOBILE not in body
        assert ADDRESS not in body


def what_is_not_protected_stays_open(suite: Suite, record: str) -> None:
    status, body = read(suite, "sun", record, "basic.name")
    assert (status, json.loads(body)["fields"]["basic.name"]["state"]) == (200, "clear")

    status, body = read(suite, "sun", record, "contact.mobile")
    assert (status, json.loads(body)["fields"]["contact.mobile"]["state"]) == (200, "masked")
    assert MOBILE not in body


def read(suite: Suite, person: str, record: str, field: str) -> tuple[int, str]:
    return answer(suite, person, f"/v1/records/{record}?purpose=service&fields={field}")


def answer(suite: Suite, person: str, path: str) -> tuple[int, str]:
    found: tuple[int, Any, bytes] = suite.gateway(person).raw("GET", path, None, {})
    return found[0], found[2].decode()

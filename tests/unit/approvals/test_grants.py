"""A grant: signed, bound, counted from the approval, and ended early only by those who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.errors import Conflict, Forbidden, Invalid
from services.approvals.grants import Grant, genuine, issue
from tests.unit.approvals.given import NOON, RECORD, a_request, alternatives, person

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
LATER = NOON + timedelta(minutes=5)
END = LATER + timedelta(days=1)


def a_grant(**other) -> Grant:
    request = a_request(alternatives("liu"), fields=("contact.mobile",), **other)
    request.decide(person("liu"), "approve", "needed", (), LATER)
    return issue(request, "g-1", "sun", LATER, END, KEY)


def test_a_grant_is_bound_to_person_records_fields_purpose_and_time():
    body = a_grant().body()

    assert body["person"] == "sun"
    assert body["records"] == [RECORD]
    assert body["fields"] == ["contact.mobile"]
    assert (body["purpose"], body["mode"], body["once"]) == ("service", "view", False)


def test_a_grant_counts_from_the_approval_not_from_the_request():
    assert a_grant().body()["from"] == "2026-10-12T04:05:00.000000Z"


def test_a_signed_grant_is_genuine():
    assert genuine(a_grant().signed(), KEY.public_key())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("person", "qian"),
        ("records", [RECORD, "another"]),
        ("fields", None),
        ("purpose", "marketing"),
        ("until", "2030-01-01T00:00:00.000000Z"),
        ("once", True),
        ("signature", "00" * 64),
        ("signature", "no hex"),
    ],
)
def test_a_changed_grant_is_not(name: str, value):
    assert not genuine({**a_grant().signed(), name: value}, KEY.public_key())


def test_a_pending_request_gives_no_grant():
    with pytest.raises(RuntimeError):
        issue(a_request(alternatives("liu")), "g-1", "sun", LATER, END, KEY)


@pytest.mark.parametrize("who", [person("sun"), person("liu"), person("ma", "system_administrator")])
def test_holder_decider_and_administrator_revoke(who):
    ended, revoked = a_grant().revoke(who, "no longer needed", LATER)

    assert (ended.state(LATER), ended.revoked_by, revoked.grant) == ("revoked", who.person, "g-1")


def test_nobody_else_revokes():
    with pytest.raises(Forbidden) as refusal:
        a_grant().revoke(person("qian", "archivist"), "no longer needed", LATER)
    assert refusal.value.code == "grant.not_yours"


def test_revoking_needs_a_reason():
    with pytest.raises(Invalid) as refusal:
        a_grant().revoke(person("sun"), ".", LATER)
    assert refusal.value.code == "reason.empty"


def test_an_ended_grant_is_not_revoked_again():
    for grant, at in ((a_grant(), END), (a_grant().revoke(person("sun"), "not needed", LATER)[0], LATER)):
        with pytest.raises(Conflict) as refusal:
            grant.revoke(person("sun"), "not needed", at)
        assert refusal.value.code == "grant.ended"


def test_a_grant_ends_by_time_alone():
    assert [a_grant().state(END - timedelta(microseconds=1)), a_grant().state(END)] == ["live", "expired"]


def test_the_event_carries_the_signed_grant_and_no_reason():
    data = a_grant().issued().data()

    assert genuine(data["grant"], KEY.public_key())
    assert "repair" not in str(data) and "needed" not in str(data)


def test_time_of_signing_is_utc():
    assert a_grant().start == datetime(2026, 10, 12, 4, 5, tzinfo=UTC)

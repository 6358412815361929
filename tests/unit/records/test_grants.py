"""Grants as records checks them: genuine, and for this person, record, purpose, mode and instant only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.codec import canonical
from services.records.grants import grant_of
from tests.unit.records.given import NOON, a_grant

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = SIGNER.public_key().public_bytes_raw()
BODY = {
    "id": "g-1", "person": "sun", "mode": "view", "records": ["r-1"], "fields": ["contact.mobile"],
    "purpose": "service", "place": None, "from": "2026-11-20T04:00:00.000000Z", "until": "2026-11-21T04:00:00.000000Z",
    "once": False, "request": "q-1", "regime": "d" * 64, "class": "company.customer", "list_hash": None,
}  # fmt: skip


def signed(**given):
    body = {**BODY, **given}
    return {**body, "signature": SIGNER.sign(canonical(body)).hex()}


def test_a_genuine_grant_is_read_as_it_was_signed():
    grant = grant_of(signed(), PUBLIC)

    assert (grant.id, grant.person, grant.records, grant.fields) == ("g-1", "sun", ("r-1",), ("contact.mobile",))
    assert (grant.start, grant.until, grant.class_) == (NOON, NOON + timedelta(days=1), "company.customer")


@pytest.mark.parametrize("name", [*BODY, "more"])
def test_every_changed_part_of_a_grant_makes_it_none(name):
    changed = {**signed(), name: ["another"] if isinstance(BODY.get(name), list) else "another"}

    assert grant_of(changed, PUBLIC) is None


@pytest.mark.parametrize("signature", ["", "00" * 64, "no hex", None])
def test_without_its_signature_it_is_none(signature):
    body = signed()
    if signature is None:
        body.pop("signature")
    else:
        body["signature"] = signature

    assert grant_of(body, PUBLIC) is None


def test_another_signer_is_none():
    assert grant_of(signed(), Ed25519PrivateKey.generate().public_key().public_bytes_raw()) is None


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ({}, True),
        ({"purpose": None}, True),
        ({"person": "qian"}, False),
        ({"person": None}, False),
        ({"record": "r-2"}, False),
        ({"mode": "borrow"}, False),
        ({"purpose": "marketing"}, False),
        ({"now": NOON - timedelta(microseconds=1)}, False),
        ({"now": NOON + timedelta(days=1, microseconds=-1)}, True),
        ({"now": NOON + timedelta(days=1)}, False),
    ],
)
def test_a_grant_holds_for_what_it_says_and_until_its_end(asked, holds):
    usual = {"person": "sun", "record": "r-1", "mode": "view", "purpose": "service", "now": NOON}

    assert a_grant().allows(**{**usual, **asked}) is holds
    assert not a_grant(revoked=True).allows(**{**usual, **asked})
    assert not a_grant(once=True, used=True).allows(**{**usual, **asked})


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ({}, True),
        ({"purpose": None}, True),
        ({"purpose": "marketing"}, False),
        ({"mode": "view"}, False),
        ({"class_": "trading.customer"}, False),
        ({"person": "qian"}, False),
        ({"records": ("r-1",)}, False),
        ({"until": NOON}, False),
        ({"revoked": True}, False),
        ({"once": True, "used": True}, False),
        ({"once": True}, True),
    ],
)
def test_a_grant_to_create_names_a_class_and_no_record(given, holds):
    usual = {"mode": "create", "records": (), "class_": "company.customer", "purpose": "service"}

    assert a_grant(**{**usual, **given}).allows_new("sun", "company.customer", ["contract", "service"], NOON) is holds


def test_a_scope_names_fields_or_whole_parts():
    one, part, whole = a_grant(fields=("contact.mobile",)), a_grant(fields=("contact",)), a_grant()

    assert [one.covers(path) for path in ("contact.mobile", "contact.email", "basic.name")] == [True, False, False]
    assert [part.covers(path) for path in ("contact.mobile", "contact.email", "basic.name")] == [True, True, False]
    assert whole.covers("basic.name")

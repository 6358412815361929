"""Who is calling is signed: for one service, for a minute, and nothing in it can be changed."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.actor import LIFETIME, REMEMBERED, Actor, ActorCheck, assert_actor, signing_key
from chassis.errors import Forbidden

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEED = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
ANA = Actor("ana", "ana@1", "sales", frozenset({"clerk"}), "session-1", 2)


@pytest.fixture
def check() -> ActorCheck:
    return ActorCheck("records", PUBLIC)


def asserted(actor: Actor = ANA, audience: str = "records", seed: bytes = SEED) -> str:
    return assert_actor(actor, audience, NOON, signing_key(seed))


def refused(check: ActorCheck, assertion: str | None, at: datetime = NOON) -> str:
    """The code of the refusal."""
    with pytest.raises(Forbidden) as refusal:
        check.actor(assertion, at)
    return refusal.value.code


def test_a_proven_caller_is_known_whole(check: ActorCheck) -> None:
    assert check.actor(asserted(), NOON) == ANA


def test_an_assertion_ends_even_when_it_has_been_seen_before(check: ActorCheck) -> None:
    assertion, end = asserted(), NOON + timedelta(seconds=LIFETIME)
    assert check.actor(assertion, end) == ANA

    for _ in range(2):
        assert refused(check, assertion, end + timedelta(microseconds=1)) == "actor.expired"


def test_an_assertion_is_good_for_one_service(check: ActorCheck) -> None:
    assert refused(check, asserted(audience="audit")) == "actor.unproven"


@pytest.mark.parametrize("assertion", [None, "", "a.b.c", "x", asserted(seed=bytes(32))])
def test_what_the_gateway_has_not_signed_proves_nobody(check: ActorCheck, assertion: str | None) -> None:
    assert refused(check, assertion) == "actor.unproven"


def test_a_changed_assertion_proves_nobody(check: ActorCheck) -> None:
    head, body, signature = asserted().split(".")
    claims = urlsafe_b64decode(body + "==").replace(b'"clerk"', b'"admin"')
    forged = ".".join((head, urlsafe_b64encode(claims).rstrip(b"=").decode(), signature))
    unsigned = ".".join((urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode(), body, ""))

    assert refused(check, forged) == refused(check, unsigned) == "actor.unproven"


def test_what_is_remembered_has_a_bound(check: ActorCheck) -> None:
    check.seen.update({str(n): (ANA, 0.0) for n in range(REMEMBERED)})

    check.actor(asserted(), NOON)

    assert len(check.seen) == REMEMBERED

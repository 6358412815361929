"""Who is calling: an assertion signed by the gateway, verified once per token and process."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis import codec
from chassis.errors import Forbidden

ALGORITHM = "Ed25519"
LIFETIME = 60  # seconds; a right taken away is gone everywhere after that
REMEMBERED = 4096


@dataclass(frozen=True)
class Actor:
    """A person at work: what a service knows of its caller. `person` is None for the suite itself."""

    person: str | None
    account: str | None = None
    department: str | None = None
    roles: frozenset[str] = frozenset()
    session: str | None = None
    factors: int = 1


NOBODY = Actor(None)


def signing_key(seed: bytes) -> OKPKey:
    """The private half, from 32 bytes."""
    return OKPKey.import_key(_pem(Ed25519PrivateKey.from_private_bytes(seed)))


def checking_key(public: bytes) -> OKPKey:
    """The public half, from 32 bytes."""
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(public).rstrip(b"=").decode()})


def _pem(private: Any) -> bytes:
    return bytes(private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))


def assert_actor(actor: Actor, audience: str, now: datetime, key: OKPKey) -> str:
    """Sign who is calling, for one service and LIFETIME seconds (compact JWS, RFC 9864)."""
    claims = {
        "person": actor.person,
        "account": actor.account,
        "department": actor.department,
        "roles": sorted(actor.roles),
        "session": actor.session,
        "factors": actor.factors,
        "aud": audience,
        "exp": now.timestamp() + LIFETIME,
    }
    return jws.serialize_compact({"alg": ALGORITHM}, codec.dumps(claims), key, algorithms=[ALGORITHM])


class ActorCheck:
    """Verifies assertions for one service and remembers those it has seen until they expire."""

    def __init__(self, audience: str, public: bytes) -> None:
        self.audience, self.key = audience, checking_key(public)
        self.seen: OrderedDict[str, tuple[Actor, float]] = OrderedDict()

    def actor(self, assertion: str | None, now: datetime) -> Actor:
        """The caller, or Forbidden `actor.unproven`."""
        known = self.seen.get(assertion or "")
        actor, until = known or self._verify(assertion)
        if now.timestamp() > until:
            self.seen.pop(assertion or "", None)
            raise Forbidden("actor.expired", "the assertion of the caller is past its end")
        return actor

    def _verify(self, assertion: str | None) -> tuple[Actor, float]:
        try:
            claims = codec.loads(jws.deserialize_compact(assertion or "", self.key, algorithms=[ALGORITHM]).payload)
        except (JoseError, ValueError):
            raise Forbidden("actor.unproven", "the caller is not proven") from None
        if claims["aud"] != self.audience:
            raise Forbidden("actor.unproven", "the assertion is meant for another service")
        names = ("person", "account", "department", "session", "factors")
        actor = Actor(roles=frozenset(claims["roles"]), **{name: claims[name] for name in names})
        self.seen[str(assertion)] = actor, claims["exp"]
        if len(self.seen) > REMEMBERED:
            self.seen.popitem(last=False)
        return actor, claims["exp"]

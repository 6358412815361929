"""Who calls: tokens verified once per process, people asked for twice a minute, assertions signed per service."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import Any, Generic, TypeVar

from joserfc.jwk import OKPKey

from chassis.actor import LIFETIME, Actor, assert_actor
from chassis.clock import Clock
from chassis.errors import Forbidden, NotFound
from gateway.problems import unauthorised
from gateway.tokens import Claims, Tokens

KNOWN_FOR = 30.0  # seconds until approvals is asked again who somebody is
SPARE = 15  # seconds an assertion must still be good for when it leaves
REMEMBERED = 4096
LONGEST_TOKEN = 8192

V = TypeVar("V")


@dataclass(frozen=True)
class Caller:
    """A proven person at this moment."""

    actor: Actor
    identified: float


class Remembered(OrderedDict[Any, V], Generic[V]):
    """A small cache that forgets the oldest first."""

    def keep(self, key: Any, value: V) -> V:
        """Remember and return."""
        self[key] = value
        if len(self) > REMEMBERED:
            self.popitem(last=False)
        return value


class Identity:
    """Turns a request's Authorization into a caller, and a caller into assertions."""

    def __init__(self, tokens: Tokens, actor_key: OKPKey, clock: Clock) -> None:
        self.tokens, self.actor_key, self.clock = tokens, actor_key, clock
        self.claims: Remembered[Claims] = Remembered()
        self.callers: Remembered[Caller] = Remembered()
        self.assertions: Remembered[tuple[str, float, Actor]] = Remembered()

    def caller(self, authorization: str | None, identify: Callable[[dict[str, Any]], dict[str, Any]]) -> Caller:
        """The caller, or 401."""
        claims = self._claims(authorization)
        key = (claims.issuer, claims.subject, claims.session)
        known = self.callers.get(key)
        if known and monotonic() - known.identified < KNOWN_FOR:
            return known
        return self.callers.keep(key, Caller(_person(claims, identify), monotonic()))

    def assertion(self, caller: Caller, audience: str) -> str:
        """The signed actor for one service; minted once for its life per session and audience."""
        actor, now = caller.actor, self.clock.now()
        key = (actor.account, actor.session, audience)
        known = self.assertions.get(key)
        if known and known[1] > now.timestamp() and known[2] == actor:
            return known[0]
        minted = assert_actor(actor, audience, now, self.actor_key)
        return self.assertions.keep(key, (minted, now.timestamp() + LIFETIME - SPARE, actor))[0]

    def forget(self, account: str) -> None:
        """Ask again who this account is at its next call."""
        for key in [k for k in self.callers if k[1] == account]:
            del self.callers[key]

    def _claims(self, authorization: str | None) -> Claims:
        token = _bearer(authorization)
        digest = sha256(token.encode()).digest()
        claims = self.claims.get(digest) or self.claims.keep(digest, self.tokens.verify(token))
        if claims.expires <= self.clock.now().timestamp():
            self.claims.pop(digest, None)
            raise unauthorised("token.expired", "the token is past its end; sign in again")
        return claims


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise unauthorised("token.missing", "send Authorization: Bearer and a token")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN or not token.isascii():
        raise unauthorised("token.invalid", "the token cannot be accepted")
    return token.strip()


def _person(claims: Claims, identify: Callable[[dict[str, Any]], dict[str, Any]]) -> Actor:
    asked = {"issuer": claims.issuer, "subject": claims.subject, "session": claims.session}
    try:
        found = identify(asked)
    except (NotFound, Forbidden):
        raise unauthorised("session.closed", "the account or the session is closed; sign in again") from None
    return Actor(
        person=found["person"],
        account=found.get("account") or claims.subject,
        department=found.get("department"),
        roles=frozenset(found.get("roles", ())),
        session=found.get("session") or claims.session,
        factors=found.get("factors", 1),
    )

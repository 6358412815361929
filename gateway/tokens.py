"""Tokens: ours signed with the session key (Ed25519), the company provider's checked against its key set."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from chassis.clock import Clock
from chassis.settings import SettingWrong
from gateway.problems import Declined, unauthorised

ISSUER = AUDIENCE = "muniment"
OURS = ["Ed25519"]
THEIRS = ["Ed25519", "EdDSA", "ES256", "RS256", "PS256"]  # asymmetric only: a public key is no shared secret
LEEWAY = 30
SESSION = timedelta(hours=8)


@dataclass(frozen=True)
class Claims:
    """What a good token says."""

    issuer: str
    subject: str
    session: str | None
    expires: float


@dataclass(frozen=True)
class Provider:
    """The company's identity provider, pinned by a file of its public keys."""

    issuer: str
    audience: str
    keys: KeySet


def provider_from(environ: dict[str, str] | os._Environ[str] = os.environ) -> Provider | None:
    """The provider of MUNIMENT_OIDC_ISSUER, _AUDIENCE and _JWKS (a file), where one is set."""
    issuer = environ.get("MUNIMENT_OIDC_ISSUER")
    if not issuer:
        return None
    try:
        keys = KeySet.import_key_set(orjson.loads(Path(environ.get("MUNIMENT_OIDC_JWKS", "")).read_bytes()))
    except (OSError, ValueError, KeyError, JoseError):
        raise SettingWrong("MUNIMENT_OIDC_JWKS names no file with the provider's key set") from None
    return Provider(issuer, environ.get("MUNIMENT_OIDC_AUDIENCE", AUDIENCE), keys)


class Tokens:
    """Issues tokens of local sessions and verifies all."""

    def __init__(
        self, key: OKPKey, clock: Clock, provider: Provider | None = None, lifetime: timedelta = SESSION
    ) -> None:
        self.key, self.clock, self.provider, self.lifetime = key, clock, provider, lifetime

    def issue(self, account: str, session: str) -> tuple[str, float]:
        """A token of a local session, and when it ends."""
        now = self.clock.now()
        expires = (now + self.lifetime).timestamp()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": account,
            "sid": session,
            "iat": int(now.timestamp()),
            "exp": int(expires),
        }
        return jwt.encode({"alg": "Ed25519"}, claims, self.key, algorithms=OURS), expires

    def verify(self, token: str) -> Claims:
        """The claims of a token that is ours or the provider's; everything else is 401 `token.invalid`."""
        header, claims = _peek(token)
        issuer = claims.get("iss")
        if issuer == ISSUER:
            return self._checked(token, header, self.key, OURS, {"alg", "typ"}, AUDIENCE)
        if self.provider and issuer == self.provider.issuer:
            keys = self.provider.keys
            return self._checked(token, header, keys, THEIRS, {"alg", "typ", "kid"}, self.provider.audience)
        raise _refused("its issuer is not known here")

    def _checked(
        self, token: str, header: dict[str, Any], key: Any, algorithms: list[str], named: set[str], audience: str
    ) -> Claims:
        # Keys, URLs of keys and extensions in a header are the attacker's to write: none is looked at, all are refused.
        if set(header) - named or header.get("alg") not in algorithms:
            raise _refused("its header asks for something that is not accepted")
        try:
            claims = jwt.decode(token, key, algorithms=algorithms).claims
        except (JoseError, ValueError, TypeError, KeyError):
            raise _refused("its signature does not hold") from None
        return self._claims(claims, audience)

    def _claims(self, claims: dict[str, Any], audience: str) -> Claims:
        now, aud = self.clock.now().timestamp(), claims.get("aud")
        expires: Any = claims.get("exp")
        begins: Any = claims.get("nbf", claims.get("iat", 0))
        if audience not in (aud if isinstance(aud, list) else [aud]):
            raise _refused("it is meant for somebody else")
        if not _number(expires) or not _number(begins) or begins > now + LEEWAY:
            raise _refused("its times cannot be accepted")
        if expires <= now:
            raise unauthorised("token.expired", "the token is past its end; sign in again")
        subject, session = claims.get("sub"), claims.get("sid")
        if not isinstance(subject, str) or not 0 < len(subject) <= 256 or not isinstance(session, (str, type(None))):
            raise _refused("it does not say whose it is")
        return Claims(str(claims["iss"]), subject, session, float(expires))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = token.split(".")
    if len(parts) != 3:
        raise _refused("it is no signed token")
    try:
        header, claims = (orjson.loads(urlsafe_b64decode(part + "==")) for part in parts[:2])
    except (NotBase64, ValueError):
        raise _refused("it cannot be read") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise _refused("it cannot be read")
    return header, claims


def _refused(why: str) -> Declined:
    return unauthorised("token.invalid", f"the token is refused: {why}")

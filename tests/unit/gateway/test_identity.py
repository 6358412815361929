"""Tokens: only ours and the provider's, whole, in time, for us; whatever a header asks for."""

from __future__ import annotations

import hashlib
import hmac
import warnings
from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey

from chassis.errors import Forbidden
from chassis.settings import SettingWrong
from gateway.tokens import Provider, provider_from
from tests.unit.gateway.conftest import NOON, SUN, Client, Road

NOW = int(NOON.timestamp())
GOOD = {"iss": "muniment", "aud": "muniment", "sub": "sun", "sid": "session-1", "iat": NOW, "exp": NOW + 60}


def part(value: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


def signed(key: Any, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        head = {"alg": "Ed25519", **(header or {})}
        return jwt.encode(head, claims, key, algorithms=[head["alg"]])


def status(client: Client, token: str) -> int:
    answer = client.get("/v1/classes", token=token)
    assert answer.status_code != 401 or answer.headers["WWW-Authenticate"].startswith("Bearer")
    return answer.status_code


def test_our_own_token_is_taken(client: Client, session_key: Any) -> None:
    assert status(client, signed(session_key, GOOD)) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "else"},
        {"iss": None},
        {"aud": "else"},
        {"aud": []},
        {"aud": None},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"exp": "tomorrow"},
        {"exp": None},
        {"exp": True},
        {"nbf": NOW + 3600},
        {"iat": NOW + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
        {"sid": 5},
        {"sid": ["a"]},
    ],
    ids=str,
)
def test_claims_that_do_not_hold(client: Client, session_key: Any, change: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    assert status(client, signed(session_key, claims)) == 401


@pytest.mark.covers("Q-114")
def test_unsigned_tokens(client: Client) -> None:
    for alg in ("none", "None", "NONE", "", None, 7, ["Ed25519"]):
        for tail in ("", "AAAA"):
            assert status(client, f"{part({'alg': alg})}.{part(GOOD)}.{tail}") == 401


def test_hmac_with_the_public_key(client: Client, session_key: Any) -> None:
    public = session_key.raw_value.public_key().public_bytes_raw()
    for secret in (public, orjson.dumps(session_key.as_dict(private=False))):
        text = f"{part({'alg': 'HS256'})}.{part(GOOD)}"
        mac = urlsafe_b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
        assert status(client, f"{text}.{mac}") == 401


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "kid", "b64", "zip", "cty"])
def test_headers_that_bring_their_own_key_or_rules(client: Client, session_key: Any, name: str) -> None:
    """CVE-2026-27962, GHSA-752w-5fwx-jx9f: nothing in a header chooses the key or the rules."""
    theirs = OKPKey.generate_key("Ed25519")
    value: Any = {"jwk": theirs.as_dict(private=False), "crit": ["x"], "x5c": ["AA"], "b64": False}.get(
        name, "../../key"
    )
    for key in (theirs, session_key):
        text = f"{part({'alg': 'Ed25519', name: value})}.{part(GOOD)}"
        signature = urlsafe_b64encode(key.raw_value.sign(text.encode())).rstrip(b"=").decode()
        assert status(client, f"{text}.{signature}") == 401


def test_a_changed_token(client: Client, session_key: Any) -> None:
    head, claims, tail = signed(session_key, GOOD).split(".")
    assert status(client, f"{head}.{part({**GOOD, 'sub': 'chen'})}.{tail}") == 401
    assert status(client, f"{head}.{claims}.{tail[:-4]}AAAA") == 401
    assert status(client, signed(OKPKey.generate_key("Ed25519"), GOOD)) == 401


@pytest.mark.parametrize(
    "token", ["x", "a.b", "a.b.c.d", "..", "é.é.é", "x" * 9000, "W10.W10.W10", "bnVsbA.bnVsbA.AA", "e30.e30."]
)
def test_what_is_no_token(client: Client, token: str) -> None:
    assert status(client, token) == 401


def test_other_schemes_and_none(client: Client) -> None:
    for header in ("Basic c3VuOng=", "Bearer", "Bearer ", client.token):
        assert client.get("/v1/classes", headers={"Authorization": header}).status_code == 401
    assert client.get("/v1/classes", token=None).json["code"] == "token.missing"


def test_a_token_ends(client: Client) -> None:
    client.settings.clock.advance(timedelta(days=3649))
    assert status(client, client.token) == 200
    client.settings.clock.advance(timedelta(days=2))
    assert client.get("/v1/classes").json["code"] == "token.expired"


def test_a_session_in_production_lasts_a_working_day(production: Client) -> None:
    assert status(production, production.token) == 200
    production.settings.clock.advance(timedelta(hours=8))
    assert status(production, production.token) == 401


def test_a_closed_account_is_refused_within_thirty_seconds(client: Client, road: Road, monkeypatch: Any) -> None:
    assert status(client, client.token) == 200
    road.answers["approvals.identify"] = Forbidden("session.ended")
    assert status(client, client.token) == 200
    monkeypatch.setattr("gateway.identity.KNOWN_FOR", 0.0)
    assert client.get("/v1/classes").json["code"] == "session.closed"


@pytest.fixture
def provider(client: Client) -> ECKey:
    key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
    public = KeySet.import_key_set({"keys": [key.as_dict(private=False)]})
    client.desk.identity.tokens.provider = Provider("https://id.example", "muniment", public)
    return key


def test_the_providers_tokens_are_checked_against_its_keys(client: Client, road: Road, provider: ECKey) -> None:
    claims = {**GOOD, "iss": "https://id.example", "sid": "far-1"}
    road.answers["approvals.identify"] = SUN
    assert status(client, signed(provider, claims, {"alg": "ES256", "kid": "one"})) == 200
    assert road.last("approvals.identify").args == {
        "issuer": "https://id.example",
        "subject": "sun",
        "session": "far-1",
    }
    assert status(client, signed(provider, {**claims, "aud": "else"}, {"alg": "ES256", "kid": "one"})) == 401
    assert status(client, signed(provider, claims, {"alg": "ES256", "kid": "two"})) == 401
    other = ECKey.generate_key("P-256", {"kid": "one"})
    assert status(client, signed(other, claims, {"alg": "ES256", "kid": "one"})) == 401


def test_a_provider_cannot_speak_for_local_accounts(client: Client, provider: ECKey) -> None:
    assert status(client, signed(provider, GOOD, {"alg": "ES256"})) == 401


def test_sign_in_gives_a_token_that_works(client: Client, road: Road) -> None:
    road.answers["approvals.open_session"] = {"session": "s-9", "account": "sun"}
    answer = client.post("/v1/sessions", {"account": "sun", "password": "right"}, token=None)
    assert answer.status_code == 201 and status(client, answer.json["token"]) == 200
    assert road.last("approvals.identify").args["session"] == "s-9"


def test_guessing_passwords_is_slowed_down(client: Client, road: Road) -> None:
    road.answers["approvals.open_session"] = Forbidden("session.refused")
    ask = {"account": "chen", "password": "wrong"}
    assert [client.post("/v1/sessions", ask, token=None).status_code for _ in range(11)] == [401] * 10 + [429]
    assert "Retry-After" in client.post("/v1/sessions", ask, token=None).headers
    assert client.post("/v1/sessions", {**ask, "account": "li"}, token=None).status_code == 401


def test_a_provider_without_keys_fails_at_start(tmp_path: Path) -> None:
    for jwks in ("", str(tmp_path / "none"), str(tmp_path)):
        with pytest.raises(SettingWrong, match="MUNIMENT_OIDC_JWKS"):
            provider_from({"MUNIMENT_OIDC_ISSUER": "https://id.example", "MUNIMENT_OIDC_JWKS": jwks})
    assert provider_from({}) is None

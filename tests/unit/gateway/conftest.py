"""A desk with real keys and an invented road to the services."""

from __future__ import annotations

import json as stdlib_json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from chassis.actor import signing_key
from chassis.clock import FixedClock
from chassis.errors import NotFound
from chassis.settings import Settings
from gateway.front import desk_for

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
RECORD = "0192f3c1-0000-7000-8000-000000000001"
SUN = {"person": "sun", "account": "sun", "department": "sales", "roles": ["salesperson"], "factors": 1}


@dataclass
class Said:
    """One call that reached a service."""

    target: str
    args: dict[str, Any]
    context: dict[str, Any]


@dataclass
class Road:
    """Plays the services: answers by target, or raises what it was told to."""

    answers: dict[str, Any] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)

    def call(self, service: str, method: str, args: dict[str, Any], context: dict[str, Any], deadline: float) -> Any:
        target = f"{service}.{method}"
        self.said.append(Said(target, args, context))
        answer = self.answers.get(target, {})
        if callable(answer):
            answer = answer(args)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def last(self, target: str) -> Said:
        return [said for said in self.said if said.target == target][-1]

    def count(self, target: str) -> int:
        return sum(said.target == target for said in self.said)


def settings_in(folder: Path, mode: str = "demo", **more: Any) -> Settings:
    for name, seed in (("session.private", b"s"), ("actor.private", b"a")):
        (folder / name).write_text((seed * 32).hex())
    given = {
        "mode": mode,
        "data": folder,
        "keys": folder,
        "amqp_uri": "inproc://",
        "database_url": "sqlite://",
        "keystore_url": "sqlite://",
        "http_address": "127.0.0.1:0",
        "ops_address": "127.0.0.1:0",
        "workers": 8,
        "clock": FixedClock(NOON),
    }
    return Settings(**{**given, **more})


class Client:
    """Sends werkzeug requests to a desk, as somebody."""

    def __init__(self, settings: Settings, road: Road) -> None:
        self.settings, self.road, self.desk = settings, road, desk_for(settings)
        self.token, _ = self.desk.identity.tokens.issue("sun", "session-1")

    def send(
        self,
        method: str,
        path: str,
        json: Any = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
        token: str | None = "",
        **options: Any,
    ) -> Response:
        told = dict(headers or {})
        if token is not None:
            told.setdefault("Authorization", f"Bearer {token or self.token}")
        data = raw if raw is not None else (stdlib_json.dumps(json).encode() if json is not None else None)
        if data is not None and "content_type" not in options:
            options["content_type"] = "application/json"
        builder = EnvironBuilder(path, method=method, headers=told, data=data, **options)
        answer = self.desk.answer(Request(builder.get_environ()), self.road)
        if answer.direct_passthrough:
            answer = Response(b"".join(answer.response), answer.status, answer.headers)
        answer.text = answer.get_data(as_text=True) if answer.mimetype.startswith("text/") else ""
        return answer

    def get(self, path: str, **options: Any) -> Response:
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Response:
        return self.send("POST", path, json, **options)


@pytest.fixture
def road() -> Road:
    def identify(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["subject"] != "sun":
            raise NotFound("session.unknown", "no such account")
        return SUN

    return Road({"approvals.identify": identify})


@pytest.fixture
def client(tmp_path: Path, road: Road) -> Client:
    return Client(settings_in(tmp_path), road)


@pytest.fixture
def production(tmp_path: Path, road: Road) -> Client:
    return Client(settings_in(tmp_path, "production"), road)


@pytest.fixture
def session_key() -> Any:
    return signing_key(b"s" * 32)

"""A client that lives through faults: what is unknown is repeated under the same Idempotency-Key until it is known."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from threading import Event
from typing import Any

from cli.http import Gateway
from tests.faults.history import Log
from tests.nodes.processes import NodeFailed, until

CREATED = {
    "class": "company.customer",
    "purposes": ["service"],
    "consents": [{"purpose": "service", "notice": "2026-1", "channel": "counter"}],
}
CHANGES = 3
PAUSE = 0.05
AGAIN = (401, 429, 500, 502, 503)
PEOPLE = ("zheng", "he", "wu", "sun", "liu")


class Client:
    """Creates, approves, changes, consents, asks and reads, one record after the other."""

    def __init__(self, name: str, url: str, tokens: dict[str, str], log: Path, patience: float = 90) -> None:
        self.name, self.log, self.patience = name, Log(log), patience
        self.gateways = {person: Gateway(url, token) for person, token in tokens.items()}
        self.count = 0

    def rounds(self, more: Callable[[int], bool]) -> None:
        """One record after the other, until told to end; whatever never came true is written down."""
        done = 0
        while more(done):
            try:
                self.round()
            except NodeFailed as vain:
                self.log.line("stuck", what=str(vain))
            done += 1

    def round(self) -> None:
        """One record's way: created, approved, changed, consented to, asked for, read by a stranger."""
        record = self.create()
        for _ in range(CHANGES):
            self.change(record)
        consent = {"purpose": "marketing", "notice": "2026-1", "channel": "counter", "kind": "express"}
        self.write(f"consent-{record}", "consent", record, "zheng", "POST", f"/v1/records/{record}/consents", consent)
        self.view(record)

    def create(self) -> str:
        """A new record, until it is active."""
        name = self._next("create")
        # No two clients enter the same phone: it would be shown to them as a likely double.
        mobile = f"1990{sum(self.name.encode()) % 1000:03}{self.count % 10000:04}"
        fields = {"basic.name": name, "contact.person": "A Person", "contact.mobile": mobile}
        record = self.write(name, "create", "", "zheng", "POST", "/v1/records", {**CREATED, "fields": fields})["id"]
        self.decide(self._request_about(record), "he" if self.count % 2 else "wu")
        self._until(lambda: self.seen(record).get("state") == "active", f"record {record} to be active")
        return str(record)

    def change(self, record: str) -> None:
        """A change that nobody has to approve, until it has taken effect."""
        version = self._version(record)
        name = self._next("change")
        body = {"fields": {"interaction.visits": name}, "reason": name, "requested_by": "staff"}
        self.write(name, "change", record, "zheng", "PATCH", f"/v1/records/{record}", body, If_Match=f'"{version}"')
        self._until(lambda: self.seen(record).get("version", 0) > version, f"change {name} to take effect")

    def view(self, record: str) -> None:
        """A stranger asks for a protected field, both heads approve, the stranger reads it."""
        name = self._next("request")
        body = {"kind": "view", "records": [record], "fields": ["contact.mobile"], "purpose": "service", "reason": name}
        request = self.write(name, "request", record, "sun", "POST", "/v1/requests", body)["request"]
        for head in ("liu", "wu"):
            self.decide(request, head)
        path = f"/v1/records/{record}?purpose=service&fields=contact.mobile"
        self._until(lambda: "clear" in _states(self.read("sun", path, record)), f"the grant on {record} to be used")

    def decide(self, request: str, person: str) -> None:
        """Approve."""
        name = self._next("decide")
        body = {"decision": "approve", "reason": name}
        self.write(name, "decide", request, person, "POST", f"/v1/requests/{request}/decisions", body)

    def write(
        self, name: str, kind: str, about: str, person: str, method: str, path: str, body: Any, **headers: str
    ) -> dict[str, Any]:
        """One write, sent until its outcome is known; a refusal is an outcome."""
        sent = {"Content-Type": "application/json", "Idempotency-Key": f"{name}-key"}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        self.log.line("invoke", name=name, kind=kind, about=about)
        answer: dict[str, Any] = {}
        self._until(lambda: self._sent(name, answer, person, method, path, body, sent), f"{kind} {name} to be answered")
        return answer

    def seen(self, record: str) -> dict[str, Any]:
        """The record as its clerk reads it; nothing while it cannot be read."""
        # Not all fields: what is of the highest level waits for the ledger, up to a second each time.
        return self.read("zheng", f"/v1/records/{record}?purpose=service&fields=basic.name,contact.mobile", record)

    def read(self, person: str, path: str, record: str = "") -> dict[str, Any]:
        """One read; what was shown in clear is written down with its Request-Id."""
        try:
            status, headers, body = self.gateways[person].raw("GET", path, None, {})
        except (OSError, HTTPException):
            return {}
        if status != 200:
            return {}
        answer: dict[str, Any] = json.loads(body)
        if "clear" in _states(answer):
            self.log.line("read", request=headers["Request-Id"], record=record)
        return answer

    def _sent(
        self, name: str, answer: dict[str, Any], person: str, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> bool:
        try:
            status, told, text = self.gateways[person].raw(method, path, json.dumps(body).encode(), headers)
        except (OSError, HTTPException) as lost:
            self.log.line("info", name=name, error=type(lost).__name__)
            return False
        content = json.loads(text)
        code = content.get("code", "")
        if status in AGAIN or code == "request.in_flight":
            self.log.line("info", name=name, status=status, code=code, request=told["Request-Id"])
            return False
        if status >= 400:
            self.log.line("fail", name=name, status=status, code=code, request=told["Request-Id"])
            raise NodeFailed(f"{name} was refused: {status} {code}")
        answer |= content
        kept = {key: content[key] for key in ("id", "change", "consent", "request") if key in content}
        self.log.line("ok", name=name, answer=kept, request=told["Request-Id"])
        return True

    def _request_about(self, record: str) -> str:
        found: list[str] = []

        def appeared() -> bool:
            waiting = self.read("he", "/v1/requests?awaiting=me&kind=create&limit=500").get("items", [])
            found[:] = [one["request"] for one in waiting if one["subject"] == record]
            return bool(found)

        self._until(appeared, f"the creation of {record} to await its approval")
        return found[0]

    def _version(self, record: str) -> int:
        found: dict[str, Any] = {}

        def seen() -> bool:
            found.update(self.seen(record))
            return "version" in found

        self._until(seen, f"{record} to be read")
        return int(found["version"])

    def _next(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.name}-{self.count}"

    def _until(self, condition: Callable[[], object], what: str) -> None:
        breath = Event()
        until(lambda: condition() or breath.wait(PAUSE), self.patience, what)


def _states(answer: dict[str, Any]) -> set[str]:
    return {field["state"] for field in answer.get("fields", {}).values() if field.get("value") is not None}


def main() -> None:
    """One client process; it ends after the round in which the stop file appears."""
    parser = argparse.ArgumentParser()
    for name in ("name", "url", "tokens", "log", "stop"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    tokens = json.loads(Path(given.tokens).read_text())
    Client(given.name, given.url, tokens, Path(given.log)).rounds(lambda _: not Path(given.stop).exists())


if __name__ == "__main__":
    main()

"""The people of the demo company at the gateway, and how a step of the walk says what it must get."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cli.http import Answer, Gateway, Refusal

PATIENCE = 20.0


class DidNotHold(Exception):
    """A step of the walk did not get what it must get."""


class Cast:
    """Everybody signed in, by person id."""

    def __init__(self, url: str, passwords: dict[str, str]) -> None:
        self.gateway = Gateway(url)
        self.passwords = passwords
        self.tokens: dict[str, str] = {}

    def __getitem__(self, person: str) -> Gateway:
        return self.gateway.as_(self.token(person))

    def token(self, person: str) -> str:
        """The token of one person, signed in once."""
        if person not in self.tokens:
            self.tokens[person] = self.gateway.sign_in(person, self.passwords[person])
        return self.tokens[person]


def refused(call: Callable[[], Any], status: int, *codes: str) -> Refusal:
    """The refusal a call must get: its status, and its code or that of one of its errors."""
    try:
        got = call()
    except Refusal as refusal:
        found = {refusal.code, *(error.get("code") for error in refusal.problem.get("errors", []))}
        if refusal.status == status and (not codes or found & set(codes)):
            return refusal
        raise DidNotHold(f"expected {status} {'/'.join(codes)}, got {refusal.status} {refusal.code}") from None
    raise DidNotHold(f"expected {status} {'/'.join(codes)}, got an answer: {sorted(got)}")


def until(look: Callable[[], Any], what: str) -> Any:
    """What `look` finds, as soon as it finds something; DidNotHold after PATIENCE seconds."""
    end = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise DidNotHold(f"waited in vain for {what}")
        time.sleep(0.05)


def hold(claim: object, what: str) -> None:
    """Stop the walk where something is not as promised."""
    if not claim:
        raise DidNotHold(what)


def states(answer: Answer) -> dict[str, str]:
    """Field -> clear, masked or withheld."""
    return {name: field["state"] for name, field in answer["fields"].items()}

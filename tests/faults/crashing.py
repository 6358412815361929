"""A short run against one suite: a client, a supervisor that starts again what died, then the checkers."""

from __future__ import annotations

import json
import os
import random
import threading
import uuid
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from tests.faults.checkers import Findings, check
from tests.faults.client import PEOPLE, Client
from tests.faults.evidence import gather
from tests.faults.history import History
from tests.nodes.processes import NodeFailed, until
from tests.system.suite import JSON, Suite

EVERYWHERE = os.environ.get("MUNIMENT_FAULTS") == "all"
FAILED = 137  # what a failpoint ends a process with
# Where the one process of a suite dies after it died where it was told first.
_later: WeakKeyDictionary[Suite, list[str]] = WeakKeyDictionary()


def client_of(suite: Suite, name: str = "c", patience: float = 60) -> Client:
    """A client of this suite that writes down what it does."""
    tokens = {person: suite.token(person) for person in PEOPLE}
    return Client(name, suite.url, tokens, log_of(suite, name), patience)


def log_of(suite: Suite, name: str = "c") -> Path:
    """Where a client writes."""
    return suite.dir / f"client-{name}.jsonl"


def run_rounds(suite: Suite, client: Client, rounds: int = 2, seconds: float = 100) -> None:
    """Some rounds, while whatever ends is started again without its failpoint."""
    _run_while(suite, client, lambda done: done < rounds, seconds)


def run_until_dead(suite: Suite, client: Client, places: Sequence[str], seconds: float = 150) -> list[str]:
    """Rounds until the one process has died at its places, and the round in which it did so is over; the places."""
    places = die_at(suite, *places, ready=False)
    _run_while(suite, client, lambda done: len(suite.deaths) < len(places) and done < 2 * len(places), seconds)
    return places


def _run_while(suite: Suite, client: Client, more: Callable[[int], bool], seconds: float) -> None:
    writing = threading.Thread(target=client.rounds, args=(more,), daemon=True)
    writing.start()

    def over() -> bool:
        revive(suite)
        return not writing.is_alive()

    until(over, seconds, "the client to finish", suite.tails)
    writing.join()


def findings_of(suite: Suite, seconds: float = 60) -> Findings:
    """What does not hold now, after all that clients did to this suite."""
    history = History.of(sorted(suite.dir.glob("client-*.jsonl")))
    try:
        return check(history, gather(suite, history, seconds))
    except NodeFailed as vain:
        return Findings(stuck=[str(vain).splitlines()[0]])


def die_at(suite: Suite, *places: str, ready: bool = True) -> list[str]:
    """From now on the one process dies at these places, at each once; what ended before is forgotten.

    At all of them under `make faults`; otherwise at one, drawn by lot. Answers where.
    """
    chosen = list(places) if EVERYWHERE else [random.SystemRandom().choice(places)]
    print("to die at", *chosen)
    suite.kill9("suite")
    suite.deaths.clear()
    suite.fail["suite"], *_later[suite] = chosen
    suite.restart("suite", ready=ready)
    return chosen


def revive(suite: Suite) -> None:
    """Start again what died, the one process with the next place to die at; it must not have ended of anything else."""
    died = {name: process.returncode for name, process in suite.processes.items() if process.poll() is not None}
    for name, code in died.items():
        assert suite.fail.pop(name, None) is None or code == FAILED, f"{name} ended with {code}\n{suite.tails()}"
    if died and _later.get(suite):
        suite.fail["suite"] = _later[suite].pop(0)
    suite.revive()


def insist(suite: Suite, person: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One write under one Idempotency-Key, until its outcome is known; the process is started again if it ends."""
    return insist_on(suite, person, path, json.dumps(body).encode(), JSON)


def insist_on(suite: Suite, person: str, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """The same with any body."""
    headers, found = headers | {"Idempotency-Key": str(uuid.uuid4())}, dict[str, Any]()
    token = suite.gateway(person)

    def known() -> bool:
        try:
            status, _, text = token.raw("POST", path, body, headers)
        except (OSError, HTTPException):
            return False
        answer = json.loads(text)
        assert status < 400 or status == 503 or answer["code"] == "request.in_flight", f"{path}: {status} {answer}"
        found.update(answer if status < 400 else {})
        return status < 400

    reached(suite, known, f"{path} to be answered")
    return found


def reached(suite: Suite, condition: Callable[[], object], what: str) -> None:
    """Wait, starting again what died."""

    def there() -> bool:
        revive(suite)
        try:
            return bool(condition())
        except (OSError, HTTPException):
            return False

    suite.until(there, 60, what)

"""The whole suite on a broker that freezes, runs out of memory or dies: answers in time, nothing lost after it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from tests.faults.client import CREATED, Client
from tests.faults.crashing import client_of, findings_of
from tests.nodes.processes import until
from tests.nodes.rabbit import PrivateRabbit
from tests.system.conftest import running
from tests.system.suite import JSON, SERVICES, Suite

pytestmark = [pytest.mark.timeout(240), pytest.mark.slow]

PROMISED = 10.0  # seconds in which every request is answered, and in which SIGTERM ends a process


@pytest.fixture(scope="module")
def shaken() -> Iterator[Suite]:
    """A suite that the tests of this file shake one after the other."""
    with running("distributed") as suite:
        yield suite


@contextmanager
def frozen(node: PrivateRabbit) -> Iterator[None]:
    node.settle()
    node.freeze()
    try:
        yield
    finally:
        node.thaw()


@contextmanager
def without_memory(node: PrivateRabbit) -> Iterator[None]:
    node.raise_memory_alarm()
    try:
        yield
    finally:
        node.clear_memory_alarm()


@contextmanager
def dead(node: PrivateRabbit) -> Iterator[None]:
    node.kill9()
    try:
        yield
    finally:
        node.start()


@pytest.mark.parametrize("fault", (frozen, without_memory, dead))
def test_every_request_is_answered_in_time_and_nothing_is_lost_when_the_broker_is(
    shaken: Suite, fault: Callable[[PrivateRabbit], object]
) -> None:
    client = client_of(shaken, fault.__name__)
    record = client.create()
    persistent = threading.Thread(target=client.rounds, args=(lambda done: done < 2,), daemon=True)

    with fault(shaken.broker):  # type: ignore[attr-defined]
        persistent.start()
        assert seconds_to_read(client, record) <= PROMISED
        assert seconds_to_write(client) <= PROMISED

    until(lambda: not persistent.is_alive(), 90, f"the client to finish\n{shaken.tails()}")
    assert findings_of(shaken).lines() == []
    assert shaken.revive() == []


def test_every_process_ends_in_time_though_the_broker_is_gone(shaken: Suite) -> None:
    client = client_of(shaken, "ending")
    client.create()
    shaken.broker.kill9()

    ended = shaken.terminate(*SERVICES)

    assert {name: code for name, (code, _) in ended.items()} == dict.fromkeys(SERVICES, 0)
    assert max(seconds for _, seconds in ended.values()) <= PROMISED
    shaken.broker.start()
    for name in SERVICES:
        shaken.restart(name, ready=False)
    shaken.wait_ready()
    client.round()
    assert findings_of(shaken).lines() == []


def seconds_to_read(client: Client, record: str) -> float:
    """How long the answer to a read took, whatever it was."""
    begun = monotonic()
    client.gateways["zheng"].raw("GET", f"/v1/records/{record}?purpose=service", None, {})
    return monotonic() - begun


def seconds_to_write(client: Client) -> float:
    """How long the answer to a write took; it is not repeated, so that its outcome stays unknown."""
    name = f"create-{client.name}-once"
    client.log.line("invoke", name=name, kind="create", about="")
    fields = {"basic.name": name, "contact.person": "A Person"}
    begun = monotonic()
    client.gateways["zheng"].raw("POST", "/v1/records", json.dumps({**CREATED, "fields": fields}).encode(), JSON)
    return monotonic() - begun

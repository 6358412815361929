"""The whole suite on a broker that freezes, runs out of memory or dies: answers in time, nothing lost after it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.faults.client import CREATED, Client
from tests.faults.crashing import client_of, findings_of
from tests.nodes.processes import promised, until
from tests.nodes.rabbit import PrivateRabbit
from tests.system.conftest import running
from tests.system.suite import JSON, SERVICES, Suite

pytestmark = pytest.mark.slow

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
        with promised(PROMISED):
            reads(client, record)
        with promised(PROMISED):
            writes(client)

    until(lambda: not persistent.is_alive(), 90, "the client to finish", shaken.tails)
    assert findings_of(shaken).lines() == []
    assert shaken.revive() == []


def test_every_process_ends_in_time_though_the_broker_is_gone(shaken: Suite) -> None:
    client = client_of(shaken, "ending")
    client.create()
    shaken.broker.kill9()

    with promised(PROMISED):
        ended = shaken.terminate(*SERVICES)

    assert ended == dict.fromkeys(SERVICES, 0)
    shaken.broker.start()
    for name in SERVICES:
        shaken.restart(name, ready=False)
    shaken.wait_ready()
    client.round()
    assert findings_of(shaken).lines() == []


def reads(client: Client, record: str) -> None:
    """A read is answered, whatever the answer."""
    client.gateways["zheng"].raw("GET", f"/v1/records/{record}?purpose=service", None, {})


def writes(client: Client) -> None:
    """A write is answered; it is not repeated, so that its outcome stays unknown."""
    name = f"create-{client.name}-once"
    client.log.line("invoke", name=name, kind="create", about="")
    fields = {"basic.name": name, "contact.person": "A Person"}
    client.gateways["zheng"].raw("POST", "/v1/records", json.dumps({**CREATED, "fields": fields}).encode(), JSON)

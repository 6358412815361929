"""RabbitMQ that freezes, runs out of memory, dies; and services that must end though it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest
from kombu import Exchange, Queue

from chassis import codec
from chassis.errors import Unavailable
from chassis.publisher import ConfirmedPublisher, Message, PublishFailed
from tests.contracts.conftest import KEY, until
from tests.contracts.test_delivery_events import a_reader, letters
from tests.contracts.test_delivery_rpc import an_echo
from tests.nodes.processes import BUSY, free_port, promised

ROOT = Path(__file__).resolve().parents[2]

SERVICE = """
import chassis.green, sys, eventlet
from chassis import codec
from chassis.containers import Runner
from chassis.rpc import SafeRpc
codec.register(bytes(range(32)))
class Echo:
    name = "process"
    @SafeRpc.decorator
    def echo(self, args): return args
    @SafeRpc.decorator
    def escape(self, args): raise eventlet.Timeout(None)
    @SafeRpc.decorator
    def block(self, args):
        eventlet.patcher.original("threading").Event().wait(60)
Runner(codec.nameko_config(sys.argv[1]), [Echo]).run()
"""


@pytest.fixture
def process() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start the service above as a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(uri: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        begun = subprocess.Popen([sys.executable, "-c", SERVICE, uri], env=environment, text=True, **streams)
        started.append(begun)
        return begun

    yield start
    for each in started:
        each.kill()
        each.wait()


def reads(process: subprocess.Popen[str], word: str) -> str:
    """The first line of its output that holds the word."""
    assert process.stdout is not None
    return next(line for line in process.stdout if word in line)


def exit_code(process: subprocess.Popen[str], seconds: float = 10) -> int:
    """How it ended, within ten seconds."""
    with promised(seconds):
        return process.wait(seconds * BUSY)


@pytest.fixture
def node(broken_rabbit: Any) -> Any:
    codec.register(KEY)
    return broken_rabbit


def answered(remote: Any) -> bool:
    try:
        return bool(remote.echo("again", deadline=1) == "again")
    except Unavailable:
        return False


def refused(seconds: float, caller: Callable[[], Any]) -> None:
    """It is, and in time."""
    with promised(seconds), pytest.raises((Unavailable, PublishFailed)):
        caller()


def test_a_frozen_broker_delays_nobody_beyond_his_deadline(node: Any, serve: Any, caller: Any, fresh: Any) -> None:
    echo = an_echo(fresh("echo"))
    runner = serve(node.uri, echo)
    remote = caller(node.uri).service(echo.name)  # type: ignore[attr-defined]
    box = Queue(fresh("box"), Exchange(fresh("post"), type="topic", durable=True), routing_key="a.b", durable=True)
    relay = ConfirmedPublisher(node.uri, timeout=2, declare=[box])
    relay.publish_batch(letters(box, 3))
    assert remote.echo(1) == 1

    node.freeze()
    try:
        refused(2, lambda: remote.echo(2, deadline=1))
        refused(4, lambda: relay.publish_batch(letters(box, 3)))
        refused(5, lambda: relay.publish_batch(letters(box, 3)))
    finally:
        node.thaw()

    until(lambda: answered(remote), 30)
    relay.publish_batch(letters(box, 3))
    assert all(container.started for container in runner.containers)


def test_a_broker_without_memory_refuses_in_time_and_recovers(node: Any, serve: Any, caller: Any, fresh: Any) -> None:
    echo = an_echo(fresh("echo"))
    serve(node.uri, echo)
    remote = caller(node.uri).service(echo.name)  # type: ignore[attr-defined]
    box = Queue(fresh("box"), Exchange(fresh("post"), type="topic", durable=True), routing_key="a.b", durable=True)
    relay = ConfirmedPublisher(node.uri, timeout=2, declare=[box])
    relay.publish_batch(letters(box, 1))
    assert remote.echo(1) == 1

    node.raise_memory_alarm()
    try:
        refused(2, lambda: remote.echo(2, deadline=1))
        refused(4, lambda: relay.publish_batch(letters(box, 1)))
    finally:
        node.clear_memory_alarm()

    until(lambda: answered(remote), 30)
    relay.publish_batch(letters(box, 1))


def test_what_was_confirmed_survives_a_killed_broker_and_all_find_back(
    node: Any, serve: Any, caller: Any, fresh: Any
) -> None:
    echo, seen = an_echo(fresh("echo")), list[int]()
    post = Exchange(fresh("post"), type="topic", durable=True)
    box = Queue(fresh("box"), post, routing_key="a.#", durable=True, queue_arguments={"x-queue-type": "quorum"})
    runner = serve(node.uri, echo, a_reader(box, seen))
    remote = caller(node.uri).service(echo.name)  # type: ignore[attr-defined]
    confirmed = keep_publishing(node, post.name, 2_000)

    until(lambda: answered(remote), 30)
    until(lambda: confirmed <= set(seen), 30)
    assert len(confirmed) == 2_000
    assert all(container.started for container in runner.containers)


def keep_publishing(node: Any, exchange: str, number: int) -> set[int]:
    """Publish numbered events, repeating what failed, while the broker is killed and comes back; those confirmed."""
    confirmed: set[int] = set()
    relay, killing = ConfirmedPublisher(node.uri, timeout=2), None
    while len(confirmed) < number:
        batch = [n for n in range(number) if n not in confirmed][:50]
        messages = [Message(exchange, "a.b", codec.CLOUDEVENTS, {"n": n}, str(n)) for n in batch]
        try:
            relay.publish_batch(messages)
            confirmed.update(batch)
        except PublishFailed as failed:
            confirmed.update(map(int, failed.confirmed))
        if killing is None and len(confirmed) >= number // 2:
            node.kill9()
            killing = eventlet.spawn(node.start)
    assert killing is not None
    killing.wait()
    return confirmed


def test_a_service_ends_in_ten_seconds_though_its_broker_is_gone(node: Any, process: Any, caller: Any) -> None:
    service, remote = process(node.uri), caller(node.uri).service("process")
    until(lambda: answered(remote), 20)
    node.kill9()
    reads(service, "broker.unreachable")

    service.send_signal(signal.SIGTERM)

    assert exit_code(service) == 0


def test_a_service_that_finds_no_broker_says_so_and_still_ends(process: Any) -> None:
    service = process(f"amqp://guest:secret@127.0.0.1:{free_port()}//")
    line = reads(service, "broker.unreachable")

    service.send_signal(signal.SIGTERM)

    assert exit_code(service) == 0
    assert "secret" not in line


def test_a_service_whose_container_dies_ends_non_zero(node: Any, process: Any, caller: Any) -> None:
    service, remote = process(node.uri), caller(node.uri).service("process")
    until(lambda: answered(remote), 20)

    refused(5, lambda: remote.escape({}, deadline=1))

    assert exit_code(service) == 1


def test_a_service_that_a_call_blocks_still_ends(node: Any, process: Any, caller: Any) -> None:
    service, remote = process(node.uri), caller(node.uri).service("process")
    until(lambda: answered(remote), 20)
    refused(5, lambda: remote.block({}, deadline=0.5))

    service.send_signal(signal.SIGTERM)

    assert exit_code(service, 11) != 0

"""Both brokers, and services that run on them inside the test's own process."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import pytest
from kombu import Connection

from chassis import codec
from chassis.containers import Runner, end
from chassis.rpc import RpcClient
from tests.nodes import processes as waiting
from tests.nodes.rabbit import PrivateRabbit

KEY = bytes(range(32))
numbers = count(1)


@pytest.fixture
def broken_rabbit() -> Iterator[PrivateRabbit]:
    """A node of the test's own, to freeze and to kill."""
    node = PrivateRabbit().start()
    yield node
    node.stop()


@pytest.fixture(params=["inproc", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str:
    """The address of a broker; a test that takes it runs on both."""
    codec.register(KEY)
    if request.param == "inproc":
        return f"inproc://test{next(numbers)}"
    return str(request.getfixturevalue("rabbit").uri)


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """Names that no other test uses."""
    return lambda word: f"{word}{next(numbers)}"


@pytest.fixture
def serve() -> Iterator[Callable[..., Runner]]:
    """Start services on a broker; they end with the test."""
    with ExitStack() as ending:
        yield lambda uri, *services, **more: ending.enter_context(serving(uri, *services, **more))


@contextmanager
def serving(uri: str, *services: type, **more: Any) -> Iterator[Runner]:
    """Services running on a broker, in this process."""
    runner = Runner(codec.nameko_config(uri, **more), services)
    runner.start()
    yield runner
    end(runner, 10)


@pytest.fixture
def caller() -> Iterator[Callable[[str], RpcClient]]:
    """A client on a broker; it ends with the test."""
    with ExitStack() as ending:
        yield lambda uri: ending.enter_context(RpcClient(codec.nameko_config(uri)))


def publish(uri: str, body: bytes, exchange: str, key: str, **properties: Any) -> None:
    """Publish raw bytes, as any stranger on the broker could."""
    with Connection(uri) as connection:
        channel = connection.channel()
        content_type = properties.pop("content_type", codec.OURS)
        message = channel.prepare_message(body, None, content_type, "binary", {}, properties)
        channel.basic_publish(message, exchange=exchange, routing_key=key)


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    """Let the others run until the condition holds."""
    waiting.until(condition, seconds, "a condition of the test")

"""`muniment dlq replay` over a real broker: into the queue of the handler that failed, once, and nowhere else."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue
from kombu.exceptions import ChannelError

from chassis import codec
from chassis.db import database
from chassis.ids import new_id
from chassis.inbox import QUORUM, dead_letters, failed
from chassis.settings import read_settings
from tests.unit.cli.conftest import Run

NOW = datetime(2026, 10, 9, tzinfo=UTC)


@pytest.fixture
def letter(installed: Path, rabbit: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """retention gave up on an event; its handler has a name that no other test uses."""
    monkeypatch.setenv("AMQP_URI", rabbit.uri)
    body = {"id": new_id(), "source": "/muniment/records", "type": "records.created", "data": {}}
    store = database(read_settings().database("retention"))
    for _ in range(5):
        failed(store, f"handler_{body['id'][-12:]}", body["id"], codec.dumps(body), "ValueError", NOW)
    return dead_letters(store)[0]


@pytest.fixture
def queue(letter: dict[str, Any], rabbit: Any) -> Iterator[Queue]:
    """The queue of that handler, as its service declares it."""
    name = f"evt-records-records.created--retention.{letter['handler']}"
    source = Exchange(f"events-{letter['handler']}", "topic", durable=False, auto_delete=True)
    with Connection(rabbit.uri) as connection:
        made = Queue(name, source, routing_key="records.created", durable=True, queue_arguments=QUORUM)
        bound = made(connection.channel())
        bound.declare()
        yield bound
        made(connection.channel()).delete()


def left() -> list[Any]:
    return dead_letters(database(read_settings().database("retention")))


def test_letter_goes_to_its_handlers_queue_once_under_its_own_id(
    run: Run, letter: dict[str, Any], queue: Queue
) -> None:
    result = run("dlq", "replay", "retention", letter["id"])

    assert result.exit_code == 0, result.output
    message = queue.get(no_ack=True)
    assert message.properties["message_id"] == letter["message"]
    assert message.content_type == codec.CLOUDEVENTS
    assert queue.get(no_ack=True) is None
    assert left() == []


def test_nothing_of_the_way_is_left_on_the_broker(run: Run, letter: dict[str, Any], queue: Queue, rabbit: Any) -> None:
    run("dlq", "replay", "retention")

    with Connection(rabbit.uri) as connection, pytest.raises(ChannelError):
        Exchange(queue.name, "direct", durable=False)(connection.channel()).declare(passive=True)


def test_queue_that_is_not_there_is_said_and_not_made(run: Run, letter: dict[str, Any]) -> None:
    """A queue that nobody reads would keep the event for ever, and the letter would be gone."""
    result = run("dlq", "replay", "retention", letter["id"])

    assert result.exit_code == 1 and "no queue evt-records-records.created" in result.output
    assert left() == [letter]

"""Another department: a durable quorum queue on records' events, read by pika; every event id as a line of a file."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from threading import Event
from typing import Any

import pika  # type: ignore[import-untyped]
from pika.exceptions import AMQPError  # type: ignore[import-untyped]

QUEUE = "another-department"
EXCHANGE = "records.events"
PAUSE = 0.2


def subscribe(uri: str, path: Path) -> None:
    """Read for ever; a broker that is away is tried again. An event is acknowledged once it is written down."""
    breath = Event()
    with path.open("a", buffering=1) as file:
        while True:
            try:
                _consume(uri, file)
            except (AMQPError, OSError):
                breath.wait(PAUSE)


def delivered(path: Path) -> Counter[str]:
    """How often each event came."""
    lines = path.read_text().splitlines() if path.exists() else []
    return Counter(json.loads(line)["id"] for line in lines)


def _consume(uri: str, file: Any) -> None:
    parameters = pika.URLParameters(uri)
    parameters.socket_timeout, parameters.blocked_connection_timeout = 5, 30
    connection = pika.BlockingConnection(parameters)
    channel = connection.channel()
    declare(channel)
    channel.basic_qos(prefetch_count=100)

    def take(_: Any, method: Any, properties: Any, body: bytes) -> None:
        file.write(json.dumps({"id": json.loads(body)["id"], "type": method.routing_key}) + "\n")
        channel.basic_ack(method.delivery_tag)

    channel.basic_consume(QUEUE, take)
    channel.start_consuming()


def declare(channel: Any, queue: str = QUEUE, exchange: str = EXCHANGE) -> None:
    """The queue and its binding to everything that is published there."""
    channel.exchange_declare(exchange, "topic", durable=True)
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(queue, exchange, "#")


if __name__ == "__main__":
    subscribe(sys.argv[1], Path(sys.argv[2]))

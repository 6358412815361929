"""Consuming events: the effect and its inbox row share a transaction; failures are counted, bounded, kept, replayed."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

import eventlet
from kombu import Exchange
from nameko.events import EventHandler
from nameko.exceptions import ContainerBeingKilled
from sqlalchemy import delete, insert, select, update

from chassis import codec, tables
from chassis.containers import SafeQueueConsumer
from chassis.db import Database, database
from chassis.errors import NotFound, Refused, Unavailable
from chassis.failpoints import failpoint
from chassis.ids import new_id
from chassis.logs import log

ATTEMPTS = 5
TOGETHER = 100  # events of one piece of work
Delivered = tuple[dict[str, Any], Any]
PAUSES = (0.05, 0.2, 1.0, 3.0)
# The broker's own limit is the last net; it equals RabbitMQ 4's default, so that it never has to be changed.
QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": 20}


class OnEvent(EventHandler):
    """`@on_event(source, type)`: at least once to the handler, once in effect, never lost: after five attempts kept."""

    queue_consumer = SafeQueueConsumer()

    def __init__(self, source_service: str, event_type: str, **kwargs: Any) -> None:
        super().__init__(source_service, event_type, requeue_on_error=True, **kwargs)

    def setup(self) -> None:
        """Declare the durable queue of this handler. Its name holds the method's name: do not rename handlers."""
        super().setup()
        service = self.container.service_name
        exchange = Exchange(f"{self.source_service}.events", type="topic", durable=True)
        name = f"evt-{self.source_service}-{self.event_type}--{service}.{self.method_name}"
        properties = {"routing_key": self.event_type, "durable": True, "queue_arguments": QUORUM}
        self.queue.__init__(name, exchange=exchange, **properties)
        settings = self.container.config["MUNIMENT"]
        self.database, self.clock = database(settings.database(service)), settings.clock

    def handle_message(self, body: dict[str, Any], message: Any) -> None:
        """Hand the handler the event in the form that style.md shows."""
        try:
            event = as_event(body)
        except (KeyError, TypeError, AttributeError, ValueError):
            log.error("event.unreadable", service=self.container.service_name, handler=self.method_name)
            return self.queue_consumer.reject_message(message)
        self.hand_on(event, message)

    def hand_on(self, event: dict[str, Any], message: Any) -> None:
        """Have a worker take it."""
        super().handle_message(event, message)

    def handle_message_processed(self, message: Any, result: Any = None, exc_info: Any = None) -> None:
        """Acknowledge what took effect and what is kept for a person; try the rest again after a pause."""
        attempts = self._count(message, exc_info[1]) if exc_info else ATTEMPTS
        if attempts >= ATTEMPTS:
            failpoint("inbox.before_ack")
            return self.queue_consumer.ack_message(message)
        # Not by way of the broker, which drops what comes back too often: an outage would use that up in a second.
        pause = PAUSES[min(attempts, len(PAUSES)) - 1]
        self.container.spawn_managed_thread(partial(self._again, message, pause), identifier="again")

    def _again(self, message: Any, seconds: float) -> None:
        eventlet.sleep(seconds)
        if message.channel.connection:  # else the broker has taken it back
            self.handle_message(message.payload, message)

    def _count(self, message: Any, failure: BaseException) -> int:
        event_id, error, attempts = message.payload["id"], type(failure).__name__, 0
        # What is away comes back: an outage of database or service is no fault of the message.
        if not isinstance(failure, Unavailable):
            with contextlib.suppress(Refused):
                attempts = failed(self.database, self.method_name, event_id, message.body, error, self.clock.now())
        log.warning("event.failed", service=self.container.service_name, handler=self.method_name, error=error,
                    message=event_id, attempt=attempts)  # fmt: skip
        return attempts


class OnEvents(OnEvent):
    """`@on_events(source, type)`: as OnEvent, but those that wait go to the handler together, in one piece of work.

    Where that fails each goes alone, so that one that cannot be handled holds up nobody.
    """

    def setup(self) -> None:
        """Declare the queue; nothing waits yet."""
        super().setup()
        self.waiting: list[Delivered] = []
        self.busy = False

    def hand_on(self, event: dict[str, Any], message: Any) -> None:
        """Keep it for the next group, which begins when those that came with it are here and the last one is done."""
        self.waiting.append((event, message))
        if not self.busy:
            self.busy = True
            self.container.spawn_managed_thread(self._next, identifier="together")

    def _next(self) -> None:
        group, self.waiting = self.waiting[:TOGETHER], self.waiting[TOGETHER:]
        self.busy = bool(group)
        if group:
            self._start(group, partial(self._settled, group))

    def _start(self, group: list[Delivered], settled: Any) -> None:
        try:
            self.container.spawn_worker(self, ([event for event, _ in group],), {}, handle_result=settled)
        except ContainerBeingKilled:
            for _, message in group:
                self.queue_consumer.requeue_message(message)

    def _settled(self, group: list[Delivered], worker_ctx: Any, result: Any = None, exc_info: Any = None) -> Any:
        for event, message in group:
            if exc_info and len(group) > 1:
                self.container.spawn_managed_thread(partial(self._alone, event, message), identifier="alone")
            else:
                self.handle_message_processed(message, result, exc_info)
        self.container.spawn_managed_thread(self._next, identifier="together")
        return result, exc_info

    def _alone(self, event: dict[str, Any], message: Any) -> None:
        self._start([(event, message)], partial(self.handle_result, message))

    def _again(self, message: Any, seconds: float) -> None:
        eventlet.sleep(seconds)
        if message.channel.connection:
            self._alone(as_event(message.payload), message)


def as_event(body: dict[str, Any]) -> dict[str, Any]:
    """A CloudEvent as handlers see it."""
    if len(body["id"]) > tables.inbox.c.message.type.length:  # type: ignore[attr-defined]
        raise ValueError("the id does not fit into the inbox")
    return {
        "id": body["id"],
        "type": body["type"],
        "at": body["time"],
        "version": body["dataversion"],
        "record": body.get("subject"),
        "actor": body.get("actor"),
        "data": body["data"],
    }


def failed(db: Database, handler: str, message: str, body: Any, error: str, at: Any) -> int:
    """Count a failed attempt, and after ATTEMPTS keep the message as a dead letter; how many there were."""
    i = tables.inbox.c
    first = {"handler": handler, "message": message, "done": False, "attempts": 1, "at": at}
    again = {"attempts": i.attempts + 1}
    counting = db.insert(tables.inbox).values(first)
    counting = counting.on_conflict_do_update(index_elements=[i.handler, i.message], set_=again)
    with db.write() as connection:
        connection.execute(counting)
        seen = select(i.attempts).where(i.handler == handler, i.message == message)
        attempts: int = connection.execute(seen).scalar_one()
        if attempts == ATTEMPTS:  # one that is delivered once more after that is kept already
            letter = {"id": new_id(), "handler": handler, "message": message, "error": error, "replays": 0, "at": at}
            connection.execute(insert(tables.dead_letters).values({**letter, "body": _text(body)}))
    return attempts


def _text(body: Any) -> str:
    return body.decode() if isinstance(body, bytes) else str(body)


def dead_letters(db: Database) -> list[dict[str, Any]]:
    """The messages this service could not handle, oldest first."""
    with db.read() as connection:
        found = select(tables.dead_letters).order_by(tables.dead_letters.c.id)
        return [dict(row._mapping) for row in connection.execute(found)]


def take_dead_letter(db: Database, letter: str) -> tuple[str, dict[str, Any]]:
    """Make a dead letter new again: its attempts are forgotten; the handler's name and the message's body."""
    d, i = tables.dead_letters.c, tables.inbox.c
    with db.write() as connection:
        row = connection.execute(select(tables.dead_letters).where(d.id == letter)).one_or_none()
        if row is None:
            raise NotFound("dead_letter.unknown", f"no dead letter {letter}")
        again = update(tables.inbox).where(i.handler == row.handler, i.message == row.message)
        connection.execute(again.values(attempts=0))
        connection.execute(delete(tables.dead_letters).where(d.id == letter))
    return row.handler, codec.loads(row.body.encode())


__all__ = ["OnEvent", "OnEvents", "dead_letters", "failed", "take_dead_letter"]

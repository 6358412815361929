"""The relay's publisher: persistent, mandatory, and done only when the broker has confirmed every message."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import eventlet
from amqp.exceptions import ChannelError
from kombu import Connection

from chassis import codec, inproc
from chassis.breathing import gently
from chassis.frames import quicken
from chassis.rpc import LOST

CONFIRM_SECONDS = 5.0
IDLE_SECONDS = 15.0


@dataclass(frozen=True)
class Message:
    """What to publish. `mandatory=False` lets a message go that no queue wants."""

    exchange: str
    routing_key: str
    content_type: str
    body: Any
    message_id: str
    mandatory: bool = True


class PublishFailed(Exception):
    """Not every message is confirmed: `confirmed` holds the ids of those that are, `unroutable` of those unwanted."""

    def __init__(self, reason: str, confirmed: frozenset[str], unroutable: frozenset[str] = frozenset()) -> None:
        super().__init__(reason)
        self.confirmed, self.unroutable = confirmed, unroutable


class _TimedOut(Exception):
    pass


class ConfirmedPublisher:
    """Has a connection of its own and serves one greenlet. `declare` is (re)declared with each connection."""

    def __init__(self, uri: str, timeout: float = CONFIRM_SECONDS, declare: Sequence[Any] = ()) -> None:
        self.uri, self.timeout, self.declare = uri, timeout, declare
        self.connection: Connection | None = None
        self.channel: Any = None
        self.used = 0.0
        # The broker vouches for it: it refuses a message that names another user than the connection's.
        self.user = Connection(uri).userid if uri.startswith("amqp") else None

    def publish_batch(self, messages: Sequence[Message]) -> None:
        """Publish all in order; returns when all are confirmed, raises PublishFailed within the time-out otherwise."""
        batch = _Batch(messages, self.user)
        try:
            with eventlet.Timeout(self.timeout, _TimedOut()):
                batch.run(self._open())
        except (*LOST, _TimedOut) as failure:
            self.close()
            raise PublishFailed(type(failure).__name__, batch.confirmed()) from None
        self.used = monotonic()
        if batch.refused or batch.unroutable:
            raise PublishFailed("refused", batch.confirmed(), frozenset(batch.unroutable))

    def close(self) -> None:
        """Let the connection go without a word to the broker, which may be frozen."""
        if self.connection is not None:
            with contextlib.suppress(*LOST):
                self.connection.collect(socket_timeout=0.5)
        self.connection = self.channel = None

    def _open(self) -> Any:
        # Nobody beats the heart of an idle connection, so the broker ends it.
        if self.channel is not None and monotonic() - self.used > IDLE_SECONDS:
            self.close()
        if self.channel is None:
            self.connection = Connection(self.uri, heartbeat=10, connect_timeout=3)
            self.channel = self.connection.channel()
            quicken(self.connection)
            if not isinstance(self.channel, inproc.Channel):
                self.channel.confirm_select()
            for entity in self.declare:
                entity(self.channel).declare()
        return self.channel


class _Batch:
    """One batch on its way: which delivery tags are open, which were refused or came back."""

    def __init__(self, messages: Sequence[Message], user: str | None = None) -> None:
        self.messages, self.user = messages, user
        self.open: dict[int, str] = {}
        self.done: set[str] = set()
        self.refused: set[str] = set()
        self.unroutable: set[str] = set()

    def confirmed(self) -> frozenset[str]:
        return frozenset(self.done - self.refused - self.unroutable)

    def run(self, channel: Any) -> None:
        if isinstance(channel, inproc.Channel):
            return self._run_inproc(channel)
        self._listen(channel)
        self.tag = getattr(channel, "published", 0)
        for message in gently(self.messages):
            self.tag = channel.published = self.tag + 1
            self.open[self.tag] = message.message_id
            channel.basic_publish(*_sendable(channel, message, self.user))
        while self.open:
            channel.connection.drain_events()

    def _run_inproc(self, channel: Any) -> None:
        waits = []
        for message in gently(self.messages):
            try:
                waits.append((message.message_id, channel.send(*_sendable(channel, message, self.user))))
            except ChannelError:
                self.unroutable.add(message.message_id)
        for message_id, confirm in waits:
            confirm.done.wait()
            self.done.add(message_id)

    def _listen(self, channel: Any) -> None:
        channel.events["basic_ack"] = {self._acked}
        channel.events["basic_nack"] = {self._nacked}
        channel.events["basic_return"] = {self._returned}

    def _acked(self, tag: int, multiple: bool) -> None:
        for settled in [t for t in self.open if t <= tag] if multiple else [tag]:
            self.done.add(self.open.pop(settled))

    def _nacked(self, tag: int, multiple: bool) -> None:
        self.refused.update([id for t, id in self.open.items() if t <= tag] if multiple else [self.open[tag]])
        self._acked(tag, multiple)

    def _returned(self, exc: Any, exchange: str, routing_key: str, message: Any) -> None:
        self.unroutable.add(message.properties["message_id"])


def _sendable(channel: Any, message: Message, user: str | None) -> tuple[Any, str, str, bool]:
    body = codec.encode(message.body, message.content_type)
    encoding = "binary" if message.content_type == codec.OURS else "utf-8"
    properties = {"delivery_mode": 2, "message_id": message.message_id, **({"user_id": user} if user else {})}
    sent = channel.prepare_message(body, None, message.content_type, encoding, None, properties)
    return sent, message.exchange, message.routing_key, message.mandatory

"""The broker inside the process: a kombu transport (`inproc://name`) that keeps the promises of a real one."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from amqp.exceptions import ChannelError
from eventlet.event import Event
from kombu.transport import TRANSPORT_ALIASES, base, virtual

TRANSPORT_ALIASES["inproc"] = "chassis.inproc:Transport"


class Confirm:
    """Tells a publisher when every queue that its message reached has got its acknowledgement."""

    def __init__(self, copies: int) -> None:
        self.open, self.done = copies + 1, Event()
        self.settle()

    def settle(self) -> None:
        self.open -= 1
        if not self.open:
            self.done.send(True)


@dataclass(eq=False)
class Letter:
    """One message in one queue."""

    raw: dict[str, Any]
    confirms: list[Confirm]
    redelivered: bool = False


@dataclass(eq=False)
class Reader:
    """One consumer of one queue."""

    channel: Channel
    line: Line
    callback: Any
    no_ack: bool
    prefetch: int
    holds: int = 0

    def ready(self) -> bool:
        return self.no_ack or not self.prefetch or self.holds < self.prefetch


@dataclass(eq=False)
class Line:
    """A queue: what waits, who reads, and by message id what is not yet acknowledged."""

    name: str
    passing: bool
    waiting: deque[Letter] = field(default_factory=deque)
    readers: deque[Reader] = field(default_factory=deque)
    unsettled: dict[str, Letter] = field(default_factory=dict)

    def put(self, raw: dict[str, Any], confirm: Confirm | None) -> None:
        """Take a message. One that is still unacknowledged here and is published again is not doubled."""
        message_id = raw["properties"].get("message_id") if confirm else None
        if message_id and message_id in self.unsettled:
            self.unsettled[message_id].confirms.append(confirm)  # type: ignore[arg-type]
            return
        self.waiting.append(letter := Letter(raw, [confirm] if confirm else []))
        if message_id:
            self.unsettled[message_id] = letter
        self.pump()

    def settle(self, letter: Letter) -> None:
        self.unsettled.pop(letter.raw["properties"].get("message_id"), None)
        for confirm in letter.confirms:
            confirm.settle()

    def pump(self) -> None:
        """Hand what waits to the readers in turn, each up to its prefetch."""
        while self.waiting and (reader := self._free()):
            reader.channel.arrive(reader, self.waiting.popleft())

    def _free(self) -> Reader | None:
        for _ in range(len(self.readers)):
            self.readers.rotate(-1)
            if self.readers[0].ready():
                return self.readers[0]
        return None


class Broker:
    """What all connections of one name share."""

    def __init__(self) -> None:
        self.state, self.lines, self.tags = virtual.BrokerState(), dict[str, Line](), count(1)


BROKERS: defaultdict[str, Broker] = defaultdict(Broker)


class Delivered(base.Message):
    """A delivered message with the properties that AMQP would have given it."""

    def __init__(self, letter: Letter, channel: Channel, tag: int) -> None:
        raw, properties = letter.raw, letter.raw["properties"]
        super().__init__(
            body=raw["body"],
            channel=channel,
            delivery_tag=tag,
            content_type=raw["content-type"],
            content_encoding=raw["content-encoding"],
            headers=dict(raw["headers"]),
            properties={**properties, "content_type": raw["content-type"]},
            delivery_info={**properties["delivery_info"], "redelivered": letter.redelivered},
        )


class Channel(virtual.Channel):
    """A channel: publishes into the queues, holds what its consumers have not acknowledged."""

    Message = Delivered  # type: ignore[assignment]
    body_encoding = None  # type: ignore[assignment]

    def __init__(self, connection: Transport, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self.broker = connection.broker
        self.events: defaultdict[str, set[Any]] = defaultdict(set)
        self.held: dict[int, tuple[Reader | None, Line, Letter]] = {}
        self.readers: dict[str, Reader] = {}
        self.prefetch = 0

    def basic_publish(self, message: Any, exchange: str = "", routing_key: str = "", mandatory: bool = False,
                      confirm_timeout: float | None = None, **kwargs: Any) -> None:  # fmt: skip
        """Publish; where the connection asks for confirms, return when the consumers have acknowledged."""
        confirms = self.connection.client.transport_options.get("confirm_publish")
        confirm = self.send(message, exchange, routing_key, mandatory, bool(confirms))
        if confirms and confirm.done.wait(confirm_timeout) is None:
            raise TimeoutError("not acknowledged in time")

    def send(self, message: Any, exchange: str, routing_key: str, mandatory: bool, confirm: bool = True) -> Confirm:
        """Put a message into every queue it reaches, and say how to wait for their acknowledgements."""
        lines = self._lines(exchange, routing_key)
        if mandatory and not lines:
            raise ChannelError("NO_ROUTE", (60, 40), "312", "Basic.publish")
        message["properties"]["delivery_info"] = {"exchange": exchange, "routing_key": routing_key}
        copies = Confirm(len(lines))
        for line in lines:
            line.put(message, copies if confirm else None)
        return copies

    def _lines(self, exchange: str, routing_key: str) -> list[Line]:
        known = self.state.exchanges.get(exchange)
        if not exchange:
            names = {routing_key}
        elif known is None:
            raise ChannelError(f"NOT_FOUND - no exchange {exchange}", (60, 40), "404", "Basic.publish")
        else:
            names = self.typeof(exchange).lookup(known["table"], exchange, routing_key, None)
        return [self.broker.lines[name] for name in names if name in self.broker.lines]

    def arrive(self, reader: Reader, letter: Letter) -> None:
        """A message for one of this channel's readers; the connection hands it over at its next turn."""
        self.held[tag := next(self.broker.tags)] = (reader, reader.line, letter)
        reader.holds += 1
        self.connection.arrive(self, tag)

    def hand_over(self, tag: int) -> None:
        """Call the consumer with a message that has arrived, unless it was taken back meanwhile."""
        if tag not in self.held:
            return
        reader, line, letter = self.held[tag]
        assert reader is not None
        message = Delivered(letter, self, tag)
        if reader.no_ack:
            self._settle(tag)
        reader.callback(message)

    def basic_consume(self, queue: str, no_ack: bool, callback: Any, consumer_tag: str, **kwargs: Any) -> None:
        line = self.broker.lines[queue]
        reader = self.readers[consumer_tag] = Reader(self, line, callback, no_ack, self.prefetch)
        line.readers.append(reader)
        line.pump()

    def basic_cancel(self, consumer_tag: str, **kwargs: Any) -> None:
        reader = self.readers.pop(consumer_tag, None)
        if reader is None:
            return
        reader.line.readers.remove(reader)
        own = [tag for tag, (holder, _, _) in self.held.items() if holder is reader]
        self._take_back([tag for tag in own if self.connection.undelivered(tag)], False)
        if reader.line.passing and not reader.line.readers:
            self.queue_delete(reader.line.name)

    def basic_get(self, queue: str, no_ack: Any = False, **kwargs: Any) -> Delivered | None:
        line = self.broker.lines[queue]
        if not line.waiting:
            return None
        letter, tag = line.waiting.popleft(), next(self.broker.tags)
        self.held[tag] = (None, line, letter)
        return Delivered(letter, self, tag)

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        self._settle(delivery_tag)

    def basic_reject(self, delivery_tag: int, requeue: bool = False) -> None:
        if requeue:
            self._take_back([delivery_tag], True)
        else:
            self._settle(delivery_tag)

    def basic_qos(self, prefetch_size: int = 0, prefetch_count: int = 0, apply_global: bool = False) -> None:
        self.prefetch = prefetch_count

    def close(self) -> None:
        """Leave: consumers end, and what they had not acknowledged goes back to the head of its queue."""
        if self.closed:
            return
        self.closed = True
        for consumer_tag in list(self.readers):
            self.basic_cancel(consumer_tag)
        self._take_back(list(self.held), True)
        if self.connection is not None:
            self.connection.close_channel(self)

    def queue_delete(self, queue: str, if_unused: bool = False, if_empty: bool = False, **kwargs: Any) -> None:
        line = self.broker.lines.get(queue)
        if line is None or (if_unused and line.readers) or (if_empty and line.waiting):
            return
        del self.broker.lines[queue]
        self.state.queue_bindings_delete(queue)
        for exchange in self.state.exchanges.values():
            exchange["table"][:] = [row for row in exchange["table"] if row[2] != queue]
        while line.waiting:
            line.settle(line.waiting.popleft())

    def _settle(self, tag: int) -> None:
        reader, line, letter = self.held.pop(tag)
        line.settle(letter)
        if reader is not None:
            reader.holds -= 1
        line.pump()

    def _take_back(self, tags: list[int], redelivered: bool) -> None:
        for tag in sorted(tags, reverse=True):
            reader, line, letter = self.held.pop(tag)
            letter.redelivered = letter.redelivered or redelivered
            line.waiting.appendleft(letter)
            if reader is not None:
                reader.holds -= 1
        for line in self.broker.lines.values() if tags else ():
            line.pump()

    def _new_queue(self, queue: str, auto_delete: bool = False, exclusive: bool = False, arguments: Any = None,
                   **kwargs: Any) -> None:  # fmt: skip
        passing = auto_delete or exclusive or "x-expires" in (arguments or {})
        self.broker.lines.setdefault(queue, Line(queue, passing))

    def _has_queue(self, queue: str, **kwargs: Any) -> bool:
        return queue in self.broker.lines

    def _size(self, queue: str) -> int:
        return len(self.broker.lines[queue].waiting)


class Transport(virtual.Transport):
    """One connection; woken when something arrives, never polling."""

    Channel = Channel
    driver_type = driver_name = "inproc"
    implements = virtual.Transport.implements.extend(exchange_type=frozenset(["direct", "topic", "fanout"]))

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.broker = BROKERS[client.hostname or "localhost"]
        self.state = self.broker.state
        self.arrived: dict[int, Any] = {}
        self.waiting: Event | None = None

    def arrive(self, channel: Any, tag: int) -> None:
        self.arrived[tag] = channel
        if self.waiting is not None and not self.waiting.ready():
            self.waiting.send(True)

    def undelivered(self, tag: int) -> bool:
        return self.arrived.pop(tag, None) is not None

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Hand over all that has arrived, or wait for something to arrive."""
        if not self.arrived:
            self.waiting = Event()
            self.waiting.wait(timeout)
            self.waiting = None
        if not self.arrived:
            raise TimeoutError
        while self.arrived:
            tag = next(iter(self.arrived))
            self.arrived.pop(tag).hand_over(tag)

"""RPC: one held publisher, one reply queue, a deadline on every call, and no run of a request that came twice."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from itertools import count
from time import time
from typing import Any

import eventlet
from amqp.exceptions import AMQPError, ChannelError
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu import Connection
from kombu.exceptions import OperationalError
from nameko.exceptions import ContainerBeingKilled
from nameko.rpc import ReplyListener, Rpc, RpcConsumer, RpcProxy, get_rpc_exchange

from chassis import codec, inproc  # noqa: F401  (inproc makes its scheme known)
from chassis.containers import CONNECT_SECONDS, SafeContainer, SafeQueueConsumer, end
from chassis.errors import Refused, Unavailable, refusal_of, told
from chassis.frames import hang_up, quicken
from chassis.logs import log

DEADLINE = 5.0
LONGEST = 30.0
SILENCE = 5
GRACE = 0.25  # seconds for answers that are on their way when the connection that their requests took is lost
# Classic and without dead letters: bodies hold values, and must never reach the broker's disk.
CLASSIC = {"x-queue-type": "classic", "x-message-ttl": int(LONGEST * 1000)}
# py-amqp raises AttributeError on a connection just lost, eventlet EOFError where another greenlet has closed it.
LOST = (AMQPError, OperationalError, OSError, AttributeError, EOFError)


class Wire:
    """The process's publisher of requests and replies to one broker, and the calls that wait for an answer."""

    def __init__(self, uri: str) -> None:
        self.uri, self.guard = uri, Semaphore(1)
        self.channel: Any = None
        self.pending: dict[str, Event] = {}
        self.sent: dict[str, Any] = {}  # of each call that waits the channel that its request took
        self.name, self.numbers = os.urandom(8).hex(), count()

    def call(self, target: str, args: Any, deadline: float, context: dict[str, Any], reply_to: str) -> Any:
        """The answer of `service.method`, or the refusal it raised; Unavailable when the deadline has passed."""
        until = min(time() + min(deadline, LONGEST), context.get("deadline") or float("inf"))
        body = codec.seal({"to": target, "args": args, "context": {**context, "deadline": until}})
        correlation_id = f"{self.name}-{next(self.numbers)}"
        waiting = self.pending[correlation_id] = Event()
        try:
            answer = self._answer(waiting, body, target, until, correlation_id=correlation_id, reply_to=reply_to)
        finally:
            self.pending.pop(correlation_id, None)
            self.sent.pop(correlation_id, None)
        if "error" in answer:
            raise refusal_of(answer["error"])
        return answer["result"]

    def _answer(self, waiting: Event, body: bytes, target: str, until: float, **properties: str) -> Any:
        answer, left = None, until - time()
        if left > 0:
            with eventlet.Timeout(left, False):
                self.sent[properties["correlation_id"]] = self.send(body, target, mandatory=True, **properties)
                answer = waiting.wait()
        if answer is None:
            raise Unavailable("service.unavailable", f"{target} did not answer in time")
        return answer

    def answered(self, correlation_id: str | None, answer: Any) -> None:
        """Wake the call that waits for this answer; an answer that comes late or twice is dropped."""
        waiting = self.pending.pop(correlation_id or "", None)
        if waiting is not None:
            waiting.send(answer)

    def send(self, body: bytes, routing_key: str, mandatory: bool = False, **properties: Any) -> Any:
        """Publish one transient, unconfirmed message, over a new connection if one was just lost. The channel taken."""
        for again in (True, False):
            try:
                return self._publish(body, routing_key, mandatory, properties)
            except ChannelError:
                raise Unavailable("service.unavailable", f"nobody answers {routing_key}") from None
            except LOST:
                self._drop(self.channel)
                if not again:
                    raise Unavailable("service.unavailable", "the broker cannot be reached") from None
        return None

    def _publish(self, body: bytes, routing_key: str, mandatory: bool, properties: dict[str, Any]) -> Any:
        channel = self.channel or self._open()
        properties["delivery_mode"] = 1
        message = channel.prepare_message(body, None, codec.OURS, "binary", None, properties)
        channel.basic_publish(message, exchange="nameko-rpc", routing_key=routing_key, mandatory=mandatory)
        return channel

    def _open(self) -> Any:
        with self.guard, eventlet.Timeout(CONNECT_SECONDS, ConnectionError("no answer")):
            if self.channel is None:
                connection = Connection(self.uri, heartbeat=10, connect_timeout=CONNECT_SECONDS)
                channel = connection.channel()
                get_rpc_exchange({})(channel).declare()
                quicken(connection)
                channel.events["basic_return"].add(self._returned)
                self.channel, channel.wire = channel, connection
                if connection.supports_heartbeats:
                    eventlet.spawn(self._listen, channel, connection)
            return self.channel

    def _listen(self, channel: Any, connection: Connection) -> None:
        # Sees at once what a publisher that only writes would learn from a lost message: returns, closing, silence.
        with contextlib.suppress(*LOST):
            while self.channel is channel:
                try:
                    connection.drain_events(timeout=SILENCE)
                except TimeoutError:
                    connection.heartbeat_check()
        self._drop(channel)
        with contextlib.suppress(*LOST):
            connection.collect()

    def _drop(self, channel: Any) -> None:
        if channel is not None and self.channel is channel:
            self.channel = None
            eventlet.spawn_after(GRACE, self._give_up, channel)
            hang_up(getattr(channel.connection, "transport", None))

    def _give_up(self, channel: Any) -> None:
        # Written is not sent: whether a request got through nobody can say, and nobody should wait for its deadline.
        error = told(Unavailable("service.unavailable", "the connection was lost; the call may have run"))
        for correlation_id in [one for one, took in self.sent.items() if took is channel]:
            self.answered(correlation_id, {"error": error})

    def _returned(self, exc: Any, exchange: str, routing_key: str, message: Any) -> None:
        error = told(Unavailable("service.unavailable", f"nobody answers {routing_key}"))
        self.answered(message.properties.get("correlation_id"), {"error": error})


_wires: dict[str, Wire] = {}


def wire(uri: str) -> Wire:
    """This process's wire to a broker."""
    return _wires.get(uri) or _wires.setdefault(uri, Wire(uri))


class SafeRpcConsumer(RpcConsumer):
    """Takes requests in: only whole, timely and first-time ones run; no message can end the container."""

    queue_consumer = SafeQueueConsumer()
    swift = True

    def setup(self) -> None:
        """Name the queue; nothing is connected yet."""
        super().setup()
        self.queue.queue_arguments = CLASSIC
        self.wire = wire(self.container.config["AMQP_URI"])
        self.methods: dict[str, Any] = {}

    def handle_message(self, body: Any, message: Any) -> None:
        """Run the request, or say why not; one that nobody could be told about is rejected."""
        if not _whole(body, message):
            log.error("request.malformed", service=self.container.service_name)
            return self.queue_consumer.reject_message(message)
        refusal = self._refusal(body, message)
        if refusal is not None:
            return self.answer(message, {"error": told(refusal)})
        try:
            self.methods[body["to"]].handle_message(body, message)
        except ContainerBeingKilled:
            self.answer(message, {"error": told(Unavailable("service.unavailable", "the service is ending"))})

    def _refusal(self, body: dict[str, Any], message: Any) -> Refused | None:
        if message.delivery_info.get("redelivered"):
            return Unavailable("request.redelivered", "the call may have run; repeat it with its Idempotency-Key")
        if body["context"]["deadline"] < time():
            return Unavailable("service.unavailable", "the call came too late to be run")
        if body["to"] not in self.methods:
            self.methods = {f"{self.container.service_name}.{p.method_name}": p for p in self._providers}
        return None if body["to"] in self.methods else Unavailable("method.unknown", f"there is no {body['to']}")

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Answer with the result or the refusal."""
        self.answer(message, {"result": result} if exc_info is None else {"error": told(exc_info[1])})
        return result, exc_info

    def answer(self, message: Any, answer: dict[str, Any]) -> None:
        """Send the answer and settle the request, whether or not the answer could be sent."""
        try:
            body = codec.seal(answer)
        except codec.NotJson as failure:
            log.error("answer.not_json", service=self.container.service_name)
            body = codec.seal({"error": told(failure)})
        properties = message.properties
        try:
            self.wire.send(body, properties["reply_to"], correlation_id=properties["correlation_id"])
        except Unavailable:
            log.warning("answer.lost", service=self.container.service_name)
        self.queue_consumer.ack_message(message)


def _whole(body: Any, message: Any) -> bool:
    """Whether a request can be answered and names, under the seal, the method that it was routed to."""
    properties = message.properties
    known = properties.get("content_type") == codec.OURS and isinstance(body, dict)
    context = body.get("context") if known else None
    return (
        isinstance(context, dict)
        and isinstance(context.get("deadline"), (int, float))
        and "args" in body
        and body.get("to") == message.delivery_info["routing_key"]
        and bool(properties.get("reply_to") and properties.get("correlation_id"))
    )


class SafeRpc(Rpc):
    """`@SafeRpc.decorator`: a method `(self, args)` that others call through `Remote`."""

    rpc_consumer = SafeRpcConsumer()

    def handle_message(self, body: dict[str, Any], message: Any) -> None:
        """Start a worker; the context that came under the seal becomes its context data."""
        result = partial(self.handle_result, message)
        self.container.spawn_worker(self, (body["args"],), {}, context_data=body["context"], handle_result=result)


class Replies(ReplyListener):
    """The container's reply queue."""

    queue_consumer = SafeQueueConsumer()
    swift = no_ack = True

    def setup(self) -> None:
        """Name the queue; nothing is connected yet."""
        super().setup()
        self.queue.queue_arguments = {**self.queue.queue_arguments, **CLASSIC}
        self.wire = wire(self.container.config["AMQP_URI"])

    def handle_message(self, body: Any, message: Any) -> None:
        """Hand an answer to its call."""
        if isinstance(body, dict) and message.properties.get("content_type") == codec.OURS:
            self.wire.answered(message.properties.get("correlation_id"), body)


class Service:
    """Another service as seen by one worker: `service.method(args)`; its context travels along."""

    def __init__(self, replies: Replies, name: str, context: dict[str, Any]) -> None:
        self._replies, self._name = replies, name
        # The Idempotency-Key is the first call's own: what it calls in turn is not the same request.
        kept = {key: value for key, value in context.items() if key != "idempotency_key"}
        self._context = {key: value for key, value in kept.items() if isinstance(value, (str, int, float))}

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)
        return partial(self._call, f"{self._name}.{method}")

    def _call(self, target: str, args: Any = None, deadline: float = DEADLINE, context: Any = None) -> Any:
        whole = {**self._context, **context} if context else self._context
        return self._replies.wire.call(target, args, deadline, whole, self._replies.routing_key)


class Remote(RpcProxy):
    """`records = Remote("records")`: raises the refusals of the other service, Unavailable at the deadline."""

    rpc_reply_listener = Replies()

    def get_dependency(self, worker_ctx: Any) -> Service:
        """The other service, called on behalf of this worker's caller."""
        return Service(self.rpc_reply_listener, self.target_service, worker_ctx.data)


class RpcClient:
    """Calls from outside of workers: `with RpcClient(config) as suite: suite.service("records").read({...})`."""

    def __init__(self, config: dict[str, Any], name: str = "client") -> None:
        caller = type("Caller", (), {"name": name, "any": Remote("any")})
        self._container = SafeContainer(caller, config)
        self._replies = next(e for e in self._container.extensions if isinstance(e, Replies))

    def __enter__(self) -> RpcClient:
        self._container.start()
        return self

    def __exit__(self, *_: object) -> None:
        end(self._container, 2)

    def service(self, name: str, **context: Any) -> Service:
        """A service, called with this context data (actor, request_id, idempotency_key, language)."""
        return Service(self._replies, name, context)

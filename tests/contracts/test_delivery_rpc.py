"""What every call may rely on, on both brokers."""

from __future__ import annotations

import logging
from socket import SHUT_RDWR
from typing import Any

import eventlet
import pytest
from eventlet import sleep as give_way
from kombu import Connection, Queue

from chassis import codec
from chassis.containers import ContainerFailed
from chassis.errors import Conflict, Unavailable
from chassis.rpc import Remote, SafeRpc, wire
from tests.contracts.conftest import KEY, publish, until
from tests.nodes.processes import promised

CANARY = "canary-7f3a"


def an_echo(name: str) -> type:
    class Echo:
        ran: list[Any] = []

        @SafeRpc.decorator
        def echo(self, args: Any) -> Any:
            self.ran.append(args)
            return args

        @SafeRpc.decorator
        def refuse(self, args: Any) -> Any:
            raise Conflict("thing.settled", "it is settled", {"number": 3, "fields": ["a"], "nothing": None})

        @SafeRpc.decorator
        def fail(self, args: Any) -> Any:
            raise ValueError(CANARY)

        @SafeRpc.decorator
        def unending(self, args: Any) -> Any:
            return float("nan")

        @SafeRpc.decorator
        def late(self, args: Any) -> Any:
            eventlet.Event().wait(args["seconds"])
            return "late"

        @SafeRpc.decorator
        def escape(self, args: Any) -> Any:
            raise eventlet.Timeout(0)

    Echo.name = name  # type: ignore[attr-defined]
    return Echo


@pytest.fixture
def echo(broker: str, fresh: Any, serve: Any, caller: Any) -> Any:
    """A running echo service, and another that calls it."""
    service = an_echo(fresh("echo"))
    runner = serve(broker, service)
    remote = caller(broker).service(service.name)  # type: ignore[attr-defined]
    remote.__dict__.update(kind=service, uri=broker, container=next(iter(runner.containers)))
    return remote


def test_a_refusal_arrives_as_itself(echo: Any) -> None:
    with pytest.raises(Conflict) as refusal:
        echo.refuse({})

    assert refusal.value.code == "thing.settled"
    assert refusal.value.facts == {"number": 3, "fields": ["a"], "nothing": None}


def test_a_failure_tells_the_caller_and_the_log_nothing_of_its_text(
    echo: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    with pytest.raises(Unavailable) as failure:
        echo.fail({"name": CANARY})

    assert failure.value.code == "service.failed"
    written = "".join(capfd.readouterr()) + caplog.text + str(failure.value)
    assert CANARY not in written
    assert echo.echo({}) == {}


def test_content_that_looks_like_a_typed_value_stays_what_it_is(echo: Any) -> None:
    content = {"__type__": "x", "__value__": 1, "deeper": [{"__type__": "decimal", "__value__": "NaN"}]}

    assert echo.echo(content) == content


@pytest.mark.parametrize("content", [float("nan"), [float("-inf")], "\ud800", {1: 2}, {"at": object()}])
def test_content_that_is_not_strict_json_is_refused_before_it_leaves(echo: Any, content: Any) -> None:
    with pytest.raises(codec.NotJson):
        echo.echo(content)


def test_an_answer_that_is_not_strict_json_fails_that_call_alone(echo: Any) -> None:
    with pytest.raises(Unavailable) as failure:
        echo.unending({})

    assert failure.value.code == "service.failed"
    assert echo.echo(1) == 1


def test_a_call_to_nobody_is_refused_at_once(caller: Any, broker: str) -> None:
    with promised(5), pytest.raises(Unavailable):
        caller(broker).service("nobody").anything({}, deadline=20)


def test_a_call_that_passes_its_deadline_is_unavailable_and_leaves_nothing_behind(echo: Any) -> None:
    with promised(0.9), pytest.raises(Unavailable) as failure:
        echo.late({"seconds": 1}, deadline=0.3)

    assert failure.value.code == "service.unavailable"
    assert not echo._replies.wire.pending
    assert echo.late({"seconds": 1}) == "late"


def test_a_request_that_came_too_late_is_not_run(echo: Any) -> None:
    request = {"to": f"{echo._name}.echo", "args": "stale", "context": {"deadline": 1.0}}
    publish(echo.uri, codec.seal(request), "nameko-rpc", request["to"], reply_to="r", correlation_id="c")

    assert echo.echo("fresh") == "fresh"
    assert echo.kind.ran == ["fresh"]


def test_a_request_that_comes_again_is_not_run(echo: Any, broker: str, fresh: Any, serve: Any) -> None:
    """
    A broker may deliver twice. Whether the first ran is unknown, so the caller must ask again with its key.
    """
    service = an_echo(fresh("echo"))
    runner = serve(broker, service)
    runner.stop()
    waiting = eventlet.spawn(echo._replies.wire.call, f"{service.name}.echo", {}, 10, {}, echo._replies.routing_key)  # type: ignore[attr-defined]
    taken = take_and_leave(broker, f"rpc-{service.name}")  # type: ignore[attr-defined]
    assert taken

    serve(broker, service)

    with pytest.raises(Unavailable) as refusal:
        waiting.wait()
    assert refusal.value.code == "request.redelivered"
    assert service.ran == []  # type: ignore[attr-defined]


def take_and_leave(uri: str, queue: str) -> bool:
    """Receive one message and go away without acknowledging it."""
    with Connection(uri) as connection:
        channel = connection.channel()
        until(lambda: (message := channel.basic_get(queue)) and setattr(channel, "took", message) is None)
        return bool(channel.took)


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        (b"\x80not json", {"reply_to": "x", "correlation_id": "1"}),
        (b"{}", {"reply_to": "x", "content_type": "application/json"}),
        (b"cos\nsystem\n", {"reply_to": "x", "content_type": "application/x-python-serialize"}),
        (b"plain", {"content_type": "application/data"}),
        (b"", {"reply_to": "x"}),
    ],
)
def test_a_body_that_cannot_be_read_ends_nothing(
    echo: Any, body: bytes, properties: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    publish(echo.uri, body, "nameko-rpc", f"{echo._name}.echo", **properties)

    assert echo.echo(1) == 1
    assert echo.kind.ran == [1]
    assert "not json" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("missing", ["reply_to", "correlation_id"])
def test_a_request_that_cannot_be_answered_is_not_run(echo: Any, missing: str) -> None:
    properties = {"reply_to": "x", "correlation_id": "1"}
    del properties[missing]
    request = {"to": f"{echo._name}.echo", "args": 0, "context": {"deadline": 9e9}}

    publish(echo.uri, codec.seal(request), "nameko-rpc", request["to"], **properties)

    assert echo.echo(1) == 1
    assert echo.kind.ran == [1]


def test_a_sealed_request_cannot_be_sent_to_another_method(echo: Any) -> None:
    request = {"to": f"{echo._name}.fail", "args": 0, "context": {"deadline": 9e9}}

    publish(echo.uri, codec.seal(request), "nameko-rpc", f"{echo._name}.echo", reply_to="x", correlation_id="1")

    assert echo.echo(1) == 1
    assert echo.kind.ran == [1]


def test_a_time_out_that_escapes_a_handler_ends_the_container_and_not_a_slot(echo: Any) -> None:
    with pytest.raises(Unavailable):
        echo.escape({}, deadline=0.5)

    with pytest.raises(ContainerFailed):
        echo.container.wait()


def test_context_travels_with_a_call_through_a_second_service(broker: str, fresh: Any, serve: Any, caller: Any) -> None:
    inner, outer = fresh("inner"), fresh("outer")

    class Inner:
        name = inner
        seen: list[Any] = []

        @SafeRpc.decorator
        def ask(self, args: Any) -> Any:
            return self.seen

    class Outer:
        name = outer
        next = Remote(inner)

        @SafeRpc.decorator
        def ask(self, args: Any) -> Any:
            return self.next._context

    serve(broker, Inner, Outer)

    context = caller(broker).service(outer, request_id="r1", actor="signed", unset=None).ask({}, deadline=3)

    assert context["request_id"] == "r1"
    assert context["actor"] == "signed"
    assert "unset" not in context
    assert "deadline" in context


def test_ten_thousand_calls_in_a_row_are_all_answered(echo: Any) -> None:
    assert all(echo.echo(number) == number for number in range(10_000))
    assert len(echo.kind.ran) == 10_000


def test_ten_thousand_calls_at_once_are_all_answered_once(echo: Any) -> None:
    pool = eventlet.GreenPool(10_000)

    answers = list(pool.imap(lambda number: echo.echo(number, deadline=30), range(10_000)))

    assert answers == list(range(10_000))
    assert sorted(echo.kind.ran) == answers


def test_a_call_may_last_longer_than_the_pool_is_wide(broker: str, fresh: Any, serve: Any, caller: Any) -> None:
    service = an_echo(fresh("echo"))
    serve(broker, service, max_workers=2)
    remote = caller(broker).service(service.name)  # type: ignore[attr-defined]
    pool = eventlet.GreenPool()

    answers = list(pool.imap(lambda _: remote.late({"seconds": 0.05}), range(20)))

    assert answers == ["late"] * 20


def test_requests_and_replies_are_on_classic_queues_without_dead_letters(echo: Any) -> None:
    consumer = next(e for e in echo.container.extensions if type(e).__name__ == "SafeRpcConsumer")

    for queue in (consumer.queue, echo._replies.queue):
        assert isinstance(queue, Queue)
        assert queue.queue_arguments["x-queue-type"] == "classic"
        assert not any("dead-letter" in argument for argument in queue.queue_arguments)


def test_a_connection_that_a_sender_finds_lost_takes_nobody_with_it(
    rabbit: Any, fresh: Any, serve: Any, caller: Any
) -> None:
    """
    The number of a socket closed under its reader is the next socket's at once. Eventlet tells such a reader by an
    EOFError that goes past the hub into the main greenlet: a broker killed at the wrong moment ended the process.
    """

    def reset(frame: Any) -> None:
        raise ConnectionResetError

    codec.register(KEY)
    service = an_echo(fresh("echo"))
    serve(rabbit.uri, service)
    remote = caller(rabbit.uri).service(service.name)  # type: ignore[attr-defined]
    for number in range(5):
        assert remote.echo({"n": number}) == {"n": number}
        lost = wire(rabbit.uri).channel.connection
        place = lost.transport.sock.fileno()

        lost.transport._write = reset

        assert remote.echo({"again": number}) == {"again": number}
        assert wire(rabbit.uri).channel.connection.transport.sock.fileno() != place
        until(lambda: lost.channels is None)  # noqa: B023


def test_a_call_whose_request_was_lost_with_the_connection_is_refused_at_once(
    rabbit: Any, fresh: Any, serve: Any, caller: Any
) -> None:
    """
    A written request is not a sent one: nobody answers it, and who asked used to wait for his whole deadline.
    """
    codec.register(KEY)
    service = an_echo(fresh("echo"))
    serve(rabbit.uri, service)
    remote = caller(rabbit.uri).service(service.name)  # type: ignore[attr-defined]
    assert remote.echo(1) == 1

    wire(rabbit.uri).channel.connection.transport.sock.shutdown(SHUT_RDWR)
    with promised(2), pytest.raises(Unavailable) as refusal:
        remote.echo(2)

    assert refusal.value.code == "service.unavailable"
    assert remote.echo(3) == 3


def test_an_answer_that_is_on_its_way_when_the_connection_is_lost_still_counts(
    rabbit: Any, fresh: Any, serve: Any, caller: Any
) -> None:
    """
    Answers come over another connection than requests leave by.
    """
    codec.register(KEY)
    service = an_echo(fresh("echo"))
    serve(rabbit.uri, service)
    remote = caller(rabbit.uri).service(service.name)  # type: ignore[attr-defined]
    assert remote.echo(1) == 1
    call = eventlet.spawn(remote.late, {"seconds": 0.1})
    until(lambda: wire(rabbit.uri).sent)
    give_way()

    wire(rabbit.uri).channel.connection.transport.sock.shutdown(SHUT_RDWR)

    assert call.wait() == "late"

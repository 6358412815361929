"""What the relay and its consumers may rely on, on both brokers."""

from __future__ import annotations

from typing import Any

import eventlet
import pytest
from kombu import Connection, Exchange, Queue
from kombu.exceptions import ChannelError
from nameko.messaging import Consumer

from chassis import codec
from chassis.containers import SafeQueueConsumer
from chassis.publisher import ConfirmedPublisher, Message, PublishFailed
from tests.contracts.conftest import publish, until
from tests.nodes.processes import promised


class Take(Consumer):
    """The plainest consumer on a safe connection."""

    queue_consumer = SafeQueueConsumer()


@pytest.fixture
def post(fresh: Any) -> Any:
    """An exchange of the test's own with one durable queue."""
    exchange = Exchange(fresh("post"), type="topic", durable=True)
    return Queue(fresh("box"), exchange, routing_key="a.#", durable=True)


def letters(queue: Queue, number: int, content_type: str = codec.OURS) -> list[Message]:
    return [Message(queue.exchange.name, "a.b", content_type, {"n": n}, f"m{n}") for n in range(number)]


def a_reader(queue: Queue, seen: list[Any], act: Any = lambda number: None) -> type:
    class Reader:
        name = f"reader-{queue.name}"

        @Take.decorator(queue, requeue_on_error=True)
        def take(self, body: Any) -> None:
            seen.append(body["n"])
            act(body["n"])

    return Reader


@pytest.mark.parametrize("content_type", [codec.OURS, codec.CLOUDEVENTS])
def test_a_batch_arrives_in_order_with_ids(broker: str, post: Queue, serve: Any, content_type: str) -> None:
    seen: list[int] = []
    serve(broker, a_reader(post, seen), max_workers=1)

    ConfirmedPublisher(broker).publish_batch(letters(post, 500, content_type))

    until(lambda: len(seen) == 500)
    assert seen == list(range(500))


def test_a_message_that_no_queue_wants_is_named(broker: str, post: Queue) -> None:
    publisher = ConfirmedPublisher(broker, declare=[post.exchange])

    with pytest.raises(PublishFailed) as failure:
        publisher.publish_batch([Message(post.exchange.name, "a.b", codec.OURS, {}, "lost")])

    assert failure.value.unroutable == {"lost"}
    assert not failure.value.confirmed


def test_a_message_that_nobody_needs_may_be_let_go(broker: str, post: Queue) -> None:
    publisher = ConfirmedPublisher(broker, declare=[post.exchange])

    publisher.publish_batch([Message(post.exchange.name, "a.b", codec.OURS, {}, "spare", mandatory=False)])


def test_a_missing_exchange_fails_the_batch_and_not_the_publisher(broker: str, post: Queue, serve: Any) -> None:
    publisher, seen = ConfirmedPublisher(broker), list[int]()
    with pytest.raises(PublishFailed):
        publisher.publish_batch(letters(post, 1))
    serve(broker, a_reader(post, seen))

    publisher.publish_batch(letters(post, 1))

    until(lambda: seen == [0])


def test_a_handler_that_raises_gets_the_event_again(broker: str, post: Queue, serve: Any) -> None:
    seen: list[int] = []

    def fail_twice(_: int) -> None:
        if len(seen) < 3:
            raise ValueError

    serve(broker, a_reader(post, seen, fail_twice))
    ConfirmedPublisher(broker).publish_batch(letters(post, 1))

    until(lambda: len(seen) == 3)


def test_what_is_not_acknowledged_comes_again_when_its_reader_goes(broker: str, post: Queue) -> None:
    with Connection(broker) as setting_up:
        post(setting_up.channel()).declare()
        publish(broker, codec.seal({"n": 1}), post.exchange.name, "a.b")
        first = Connection(broker)
        channel, got = first.channel(), []
        channel.basic_consume(queue=post.name, no_ack=False, callback=got.append, consumer_tag="one")
        until(lambda: drained(first) and got)
        first.close()

        again = setting_up.channel()
        until(lambda: (message := again.basic_get(post.name)) and got.append(message) is None)

    assert got[1].delivery_info["redelivered"]


def drained(connection: Connection) -> bool:
    try:
        connection.drain_events(timeout=0.05)
    except TimeoutError:
        return True
    return True


def test_an_event_that_cannot_be_read_is_put_away_and_the_next_one_read(broker: str, post: Queue, serve: Any) -> None:
    seen: list[int] = []
    serve(broker, a_reader(post, seen))

    publish(broker, b"{", post.exchange.name, "a.b", content_type=codec.CLOUDEVENTS)
    publish(broker, b"x", post.exchange.name, "a.b", content_type="application/x-yaml")
    ConfirmedPublisher(broker).publish_batch(letters(post, 1))

    until(lambda: seen == [0])


def test_ten_thousand_events_with_failing_handlers_are_all_taken(broker: str, post: Queue, serve: Any) -> None:
    seen: list[int] = []

    def fail_often(number: int) -> None:
        if number % 7 == 0 and seen.count(number) < 2:
            raise ValueError

    serve(broker, a_reader(post, seen, fail_often))
    publisher = ConfirmedPublisher(broker, timeout=60)
    batch = letters(post, 10_000)
    for start in range(0, 10_000, 200):
        publisher.publish_batch(batch[start : start + 200])

    until(lambda: len(set(seen)) == 10_000, 60)
    assert seen.count(7) == 2


class TestInProcess:
    """Without a broker's disk, only a consumer's acknowledgement is as good as a confirm."""

    def test_a_publish_is_confirmed_only_when_every_queue_has_acknowledged(self, fresh: Any, serve: Any) -> None:
        codec.register(bytes(32))
        uri, exchange = f"inproc://{fresh('b')}", Exchange(fresh("post"), type="fanout", durable=True)
        gate, seen = eventlet.Event(), list[int]()
        held = a_reader(Queue(fresh("box"), exchange), seen, lambda _: gate.wait())
        serve(uri, held, a_reader(Queue(fresh("box"), exchange), seen))
        publishing = eventlet.spawn(
            ConfirmedPublisher(uri).publish_batch, [Message(exchange.name, "", codec.OURS, {"n": 1}, "m")]
        )

        until(lambda: len(seen) == 2)
        assert not publishing.dead

        gate.send()
        publishing.wait()

    def test_one_that_is_published_again_while_unacknowledged_is_not_doubled(
        self, fresh: Any, post: Queue, serve: Any
    ) -> None:
        codec.register(bytes(32))
        uri, gate, seen = f"inproc://{fresh('b')}", eventlet.Event(), list[int]()
        serve(uri, a_reader(post, seen, lambda _: gate.wait()))
        impatient = ConfirmedPublisher(uri, timeout=0.05)
        for _ in range(3):
            with pytest.raises(PublishFailed):
                impatient.publish_batch(letters(post, 1))

        gate.send()
        impatient.publish_batch(letters(post, 1))

        assert seen == [0]

    def test_a_reader_holds_no_more_than_its_prefetch(self, fresh: Any, post: Queue, serve: Any) -> None:
        codec.register(bytes(32))
        uri, gate, seen = f"inproc://{fresh('b')}", eventlet.Event(), list[int]()
        serve(uri, a_reader(post, seen, lambda _: gate.wait()), max_workers=3)
        publishing = eventlet.spawn(ConfirmedPublisher(uri).publish_batch, letters(post, 10))
        until(lambda: len(seen) == 3)
        with Connection(uri) as connection:
            assert connection.channel().queue_declare(post.name, passive=True).message_count == 7

        gate.send()
        publishing.wait()
        assert len(seen) == 10

    def test_a_plain_publish_with_confirm_raises_when_nobody_acknowledges(self, fresh: Any, post: Queue) -> None:
        with Connection(f"inproc://{fresh('b')}", transport_options={"confirm_publish": True}) as connection:
            channel = connection.channel()
            post(channel).declare()
            message = channel.prepare_message(b"{}", None, codec.CLOUDEVENTS, "utf-8", {}, {})

            with promised(5), pytest.raises(TimeoutError):
                channel.basic_publish(message, exchange=post.exchange.name, routing_key="a.b", confirm_timeout=0.1)
            with promised(5), pytest.raises(ChannelError, match="NO_ROUTE"):
                channel.basic_publish(message, exchange=post.exchange.name, routing_key="z", mandatory=True)

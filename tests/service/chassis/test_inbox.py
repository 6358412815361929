"""Events on both sides: delivered at least once, in effect once, and after five failures kept and not lost."""

from __future__ import annotations

from collections import Counter

import pytest
from eventlet import spawn
from eventlet.event import Event
from kombu import Connection
from sqlalchemy import select

from chassis import codec, inbox, tables
from chassis.errors import NotFound, Unavailable
from chassis.ids import new_id
from chassis.publisher import ConfirmedPublisher, Message
from tests.contracts.conftest import publish
from tests.service.chassis.given import Many, Settings, Side, Things, serving, things, until

QUEUE = "evt-others-others.happened--things.take"


def an_event(name, id=None):
    """A CloudEvent of another service."""
    id = id or new_id()
    body = {"specversion": "1.0", "id": id, "source": "/muniment/others", "type": "others.happened", "dataversion": 1}
    body |= {"time": "2026-11-22T12:00:00.000000Z", "subject": None, "actor": "ana", "data": {"name": name}}
    return Message("others.events", "others.happened", codec.CLOUDEVENTS, body, id)


def tell(side, *events):
    """Publish as the relay of the other service would."""
    publisher = ConfirmedPublisher(side.settings.amqp_uri, timeout=20)
    publisher.publish_batch(events)
    publisher.close()


@pytest.fixture(autouse=True)
def swift(monkeypatch):
    """Pauses that a test can wait for."""
    monkeypatch.setattr(inbox, "PAUSES", (0.01, 0.02))


@pytest.fixture
def failing(monkeypatch):
    """How often the handler is still to fail, by name of the thing; what it has seen."""
    left, seen = Counter(), Counter()

    def fail(event):
        name = event["data"]["name"]
        seen[name] += 1
        if left[name] > 0:
            left[name] -= 1
            raise ValueError("the name is canary")

    monkeypatch.setattr(Things, "before", staticmethod(fail))
    left.seen = seen
    return left


def rows(side, table):
    with side.store.database.read() as connection:
        return connection.execute(select(table)).all()


def names(side):
    return sorted(row.name for row in rows(side, things))


def waiting(side):
    """How many messages the handler's queue still holds."""
    with Connection(side.settings.amqp_uri) as connection:
        return connection.channel().queue_declare(QUEUE, passive=True).message_count


def test_an_event_that_is_delivered_again_takes_effect_once(side: Side) -> None:
    again = an_event("one")

    for _ in range(3):
        tell(side, again)
    tell(side, an_event("last"))

    until(lambda: "last" in names(side))
    assert names(side) == ["last", "one"]
    assert len(rows(side, tables.journal)) == 2


def test_a_handler_that_fails_is_tried_again_until_it_succeeds(side, failing):
    failing["one"] = 4

    tell(side, an_event("one"))

    until(lambda: names(side) == ["one"])
    assert failing.seen["one"] == 5 and not rows(side, tables.dead_letters)


def test_after_five_failures_an_event_is_kept_and_holds_up_nobody(side, failing):
    failing["poison"] = 10**6
    event = an_event("poison")

    tell(side, event, *(an_event(f"good-{n}") for n in range(5)))

    until(lambda: rows(side, tables.dead_letters) and len(names(side)) == 5)
    (letter,) = rows(side, tables.dead_letters)
    assert (letter.handler, letter.message, letter.error) == ("take", event.message_id, "ValueError")
    assert codec.loads(letter.body) == event.body and "canary" not in str(letter)
    until(lambda: waiting(side) == 0)
    assert failing.seen["poison"] == inbox.ATTEMPTS == 5


def test_a_kept_event_that_is_delivered_once_more_is_not_kept_twice(side, failing):
    """
    A relay that was killed before it marked its batch sends all of it again.
    """
    failing["poison"] = 10**6
    event = an_event("poison")
    tell(side, event)
    until(lambda: rows(side, tables.dead_letters))

    tell(side, event)

    until(lambda: failing.seen["poison"] == 6)
    tell(side, an_event("last"))
    until(lambda: "last" in names(side))
    assert len(rows(side, tables.dead_letters)) == 1


def test_a_kept_event_can_be_replayed_when_its_handler_is_mended(side, failing):
    failing["one"] = 5
    event = an_event("one")
    tell(side, event)
    until(lambda: rows(side, tables.dead_letters))
    (letter,) = inbox.dead_letters(side.store.database)

    handler, body = inbox.take_dead_letter(side.store.database, letter["id"])
    tell(side, Message("others.events", "others.happened", codec.CLOUDEVENTS, body, body["id"]))

    until(lambda: names(side) == ["one"])
    assert (handler, body) == ("take", event.body)
    assert not rows(side, tables.dead_letters)
    with pytest.raises(NotFound):
        inbox.take_dead_letter(side.store.database, letter["id"])


def test_a_replayed_event_has_five_attempts_again(side, failing):
    failing["one"] = 9
    event = an_event("one")
    tell(side, event)
    until(lambda: rows(side, tables.dead_letters))

    inbox.take_dead_letter(side.store.database, rows(side, tables.dead_letters)[0].id)
    tell(side, event)

    until(lambda: names(side) == ["one"])
    assert failing.seen["one"] == 10


def test_while_the_database_is_away_nothing_is_counted_and_nothing_given_up(side, monkeypatch):
    """
    An outage must not turn every event into a dead letter, nor use up the broker's limit of twenty deliveries.
    """
    database, write, tried = side.store.database, side.store.database.write, []

    def away():
        tried.append(1)
        if len(tried) < 60:
            raise Unavailable("database.unavailable")
        return write()

    monkeypatch.setattr(database, "write", away)
    tell(side, an_event("one"))

    until(lambda: names(side) == ["one"])
    (mark,) = rows(side, tables.inbox)
    assert (mark.done, mark.attempts) == (True, 0) and not rows(side, tables.dead_letters)


def test_a_failure_for_want_of_the_database_is_no_attempt(side, monkeypatch):
    """
    It may be back when the failure is counted; the event is not to blame all the same.
    """
    tried = []

    def away(event):
        tried.append(1)
        if len(tried) < 8:
            raise Unavailable("database.unavailable")

    monkeypatch.setattr(Things, "before", staticmethod(away))
    tell(side, an_event("one"))

    until(lambda: names(side) == ["one"])
    (mark,) = rows(side, tables.inbox)
    assert (mark.done, mark.attempts) == (True, 0) and not rows(side, tables.dead_letters)


def test_an_event_that_has_no_form_is_put_away_and_the_next_one_read(side):
    uri = side.settings.amqp_uri
    publish(uri, codec.dumps(an_event("long", "x" * 37).body), "others.events", "others.happened",
            content_type=codec.CLOUDEVENTS)  # fmt: skip
    for body in (b"[]", b'{"id": "1"}', b"1", b"{"):
        publish(uri, body, "others.events", "others.happened", content_type=codec.CLOUDEVENTS)

    tell(side, an_event("one"))

    until(lambda: names(side) == ["one"])


def test_an_event_waits_for_a_service_that_is_away(postgres_url, rabbit):
    """
    Its queue outlives the service. In one process both go together; there the outbox waits.
    """
    settings = Settings(postgres_url, rabbit.uri)
    with serving(settings) as before:
        before.call("add", {"name": "zero"})
    tell(before, an_event("one"))

    with serving(settings) as after:
        until(lambda: names(after) == ["one", "zero"])


def hold_up(monkeypatch):
    """Keep the first event's handler until it is let go on. Who tells waits too: inside the process for its effect."""
    let_go = Event()

    def hold(event):
        if event["data"]["name"] == "first":
            let_go.wait()

    monkeypatch.setattr(Things, "before", staticmethod(hold))
    return let_go


def gathered(side, *wanted):
    """Whether these wait for the next group."""
    (container,) = side.runner.containers
    (handler,) = (one for one in container.entrypoints if isinstance(one, inbox.OnEvents))
    return sorted(event["data"]["name"] for event, _ in handler.waiting) == sorted(wanted)


def test_what_waits_takes_effect_together_and_each_once(together, monkeypatch):
    """
    A transaction, its mark and its entries for each of many events is most of what they cost.
    """
    let_go, again = hold_up(monkeypatch), an_event("again")
    spawn(tell, together, an_event("first"))
    until(lambda: Many.groups)

    some = [f"n-{n}" for n in range(5)]
    spawn(tell, together, again, *map(an_event, some))
    until(lambda: gathered(together, "again", *some))
    let_go.send()

    until(lambda: len(names(together)) == 7)
    tell(together, again, again, an_event("last"))
    until(lambda: "last" in names(together))
    assert names(together) == ["again", "first", "last", *some]
    assert sorted(Many.groups[1]) == ["again", *some]
    entries = [row.entry for row in rows(together, tables.journal)]
    assert len({entry["request"] for entry in entries}) == len(entries) == 8
    assert all(row.done for row in rows(together, tables.inbox))


def test_one_that_fails_takes_nobody_of_its_group_with_it(together, failing, monkeypatch):
    failing["poison"] = 10**6
    fail, let_go = Things.before, hold_up(monkeypatch)
    hold, event = Things.before, an_event("poison")
    monkeypatch.setattr(Things, "before", staticmethod(lambda event: (hold(event), fail(event))))
    spawn(tell, together, an_event("first"))
    until(lambda: Many.groups)

    spawn(tell, together, an_event("before"), event, an_event("after"))
    until(lambda: gathered(together, "before", "poison", "after"))
    let_go.send()

    until(lambda: rows(together, tables.dead_letters) and len(names(together)) == 3)
    (letter,) = rows(together, tables.dead_letters)
    assert letter.message == event.message_id and names(together) == ["after", "before", "first"]
    until(lambda: waiting(together) == 0)
    assert failing.seen["poison"] == inbox.ATTEMPTS + 1

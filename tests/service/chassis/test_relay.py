"""The relay numbers in one committed step and publishes in the next, so that a crash between them changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import eventlet
import pytest
from sqlalchemy import select

from chassis import codec, relay, tables
from chassis.publisher import PublishFailed
from chassis.relay import ACKNOWLEDGED, GENESIS, chain
from tests.contracts.conftest import publish
from tests.service.chassis.given import Shop, ThingSeen, until

ROOT = Path(__file__).resolve().parents[3]
RELAYING = """
import sys
from tests.service.chassis.given import SEED, Shop, codec
codec.register(SEED)
shop = Shop(sys.argv[1])
publish = shop.wire.publish_batch
def printed(messages):
    publish(messages)
    print(codec.dumps(messages[0].body).decode(), flush=True)
shop.wire.publish_batch = printed
shop.relay.turn()
"""


def relaying(url: str, failpoint: str) -> list[Any]:
    """Let a relay of its own process run until the failpoint kills it; what it published."""
    environment = {"MUNIMENT_FAIL": failpoint, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", RELAYING, url], env=environment, capture_output=True, text=True)
    assert done.returncode == 137, done.stderr
    return [codec.loads(line) for line in done.stdout.splitlines()]


def whole(entries: list[dict[str, Any]]) -> bool:
    """Whether the entries are numbered without a gap and each carries the chain hash of those before it."""
    head = GENESIS
    for number, entry in enumerate(entries, 1):
        if (entry["number"], entry["previous"]) != (number, head.hex()):
            return False
        head = chain(head, {name: value for name, value in entry.items() if name != "previous"})
    return True


def test_entries_are_numbered_chained_and_published_in_order(shop: Shop) -> None:
    for name in "abc":
        shop.add(name)
        shop.bound().record_event(ThingSeen("r-1"))

    shop.relay.turn()

    (entries,) = shop.wire.entries
    assert len(entries) == 6 and whole(entries)
    assert shop.count_unsent() == 0
    shop.add("d")
    shop.relay.turn()
    assert whole(sum(shop.wire.entries, []))


def test_only_published_events_reach_other_departments_under_their_entrys_id(shop: Shop) -> None:
    shop.add("one")
    shop.bound().record_event(ThingSeen("r-1"))

    shop.relay.turn()

    ((batch, event),) = shop.wire.batches
    assert (batch.exchange, batch.content_type, batch.mandatory) == ("muniment.journal", codec.OURS, True)
    assert (event.exchange, event.routing_key) == ("things.events", "things.added")
    assert event.message_id == event.body["id"] == batch.body["entries"][0]["id"]
    assert event.body["specversion"] == "1.0" and event.body["subject"] == batch.body["entries"][0]["record"]


def test_killed_between_numbering_and_publishing_the_numbers_and_the_chain_stay(url: str) -> None:
    """
    Numbers given while publishing would be given anew, and look like tampering.
    """
    shop = Shop(url)
    for name in "abc":
        shop.add(name)

    assert relaying(url, "relay.numbered") == []
    numbered = [tuple(row) for row in shop.entries(tables.journal.c.id, tables.journal.c.number)]
    shop.add("d")
    shop.relay.turn()

    (entries,) = shop.wire.entries
    assert [number for _, number in numbered] == [1, 2, 3]
    assert [(entry["id"], entry["number"]) for entry in entries][:3] == numbered
    assert len(entries) == 4 and whole(entries)


def test_killed_between_the_confirmation_and_its_mark_the_same_is_sent_again(url: str) -> None:
    shop = Shop(url)
    shop.add("one")

    (published,) = relaying(url, "relay.confirmed")
    shop.relay.turn()

    assert shop.wire.batches[0][0].body == published and shop.count_unsent() == 0


def test_two_relays_of_one_service_take_turns(postgres_url: str) -> None:
    shop, gate, entered = Shop(postgres_url), eventlet.Event(), eventlet.Event()
    other = Shop(postgres_url)
    shop.add("one")

    def held(messages: Any) -> None:
        entered.send()
        gate.wait()

    shop.wire.publish_batch = held  # type: ignore[method-assign]
    first = eventlet.spawn(shop.relay.turn)
    entered.wait()

    assert other.relay.turn() is False and other.wire.batches == []

    gate.send()
    assert first.wait() is True and shop.count_unsent() == 0
    assert other.relay.turn() is True


def test_what_is_not_confirmed_stays_unsent(shop: Shop) -> None:
    shop.add("one")
    shop.wire.failure = PublishFailed("refused", frozenset())

    with pytest.raises(PublishFailed):
        shop.relay.turn()
    assert shop.count_unsent() == 1

    shop.wire.failure = None
    shop.relay.turn()
    assert shop.count_unsent() == 0 and shop.wire.entries[0] == shop.wire.entries[1]


def test_what_is_confirmed_from_the_front_is_not_sent_again(shop: Shop) -> None:
    """
    Else one slow subscriber would have all others get a batch again and again.
    """
    for name in "abcd":
        shop.add(name)
    shop.wire.failure = PublishFailed("_TimedOut", frozenset())
    with pytest.raises(PublishFailed):
        shop.relay.turn()
    batch, first, second, _, fourth = (message.message_id for message in shop.wire.batches[0])

    for confirmed, left in (({first, second}, 4), ({batch, second}, 4), ({batch, first, second, fourth}, 2)):
        shop.wire.failure = PublishFailed("_TimedOut", frozenset(confirmed))
        with pytest.raises(PublishFailed):
            shop.relay.turn()
        assert shop.count_unsent() == left

    shop.wire.failure = None
    shop.relay.turn()
    assert [entry["number"] for entry in shop.wire.entries[-1]] == [3, 4]


def test_a_relay_that_runs_goes_on_after_a_failure(shop: Shop) -> None:
    shop.wire.failure = PublishFailed("refused", frozenset())
    shop.add("one")
    running = eventlet.spawn(shop.relay.run)
    until(lambda: shop.wire.batches)

    shop.wire.failure = None

    until(lambda: not shop.count_unsent())
    shop.relay.stop()
    running.wait()


def test_a_relay_that_has_rested_is_woken_by_a_commit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "POLL", 3600)
    running = eventlet.spawn(shop.relay.run)
    shop.add("one")
    until(lambda: not shop.count_unsent())

    shop.add("two")

    until(lambda: not shop.count_unsent())
    shop.relay.stop()
    running.wait()


def test_a_batch_that_was_lost_is_sent_again_when_nothing_has_moved(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A broker that confirmed and then lost its disk, or a journal queue that somebody emptied.
    """
    now = [1000.0]
    monkeypatch.setattr(relay, "monotonic", lambda: now[0])
    shop.add("one")
    shop.bound().record_event(ThingSeen("r-1"))

    for seconds, sent in ((0, 1), (19, 1), (2, 2), (19, 2), (2, 3)):
        now[0] += seconds
        shop.relay.turn()
        assert len(shop.wire.batches) == sent

    assert shop.wire.entries[0] == shop.wire.entries[1] == shop.wire.entries[2]
    assert [len(batch) for batch in shop.wire.batches] == [2, 1, 1]


def test_what_the_ledger_has_acknowledged_is_never_sent_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(relay, "monotonic", lambda: now[0])
    for name in "abc":
        shop.add(name)
    shop.relay.turn()
    with shop.database.write() as connection:
        connection.execute(tables.relay.update().values(acknowledged=2))

    shop.relay.turn()
    now[0] += 21
    shop.relay.turn()

    assert [[entry["number"] for entry in entries] for entries in shop.wire.entries] == [[1, 2, 3], [3]]


def test_an_acknowledgement_is_kept_unless_it_is_lower_or_not_the_ledgers(side: Any) -> None:
    """
    Whoever could forge one could hide that the ledger is behind.
    """
    side.call("add", {"name": "one"})
    uri, name = side.settings.amqp_uri, ACKNOWLEDGED.name

    def acknowledged() -> Any:
        with side.store.database.read() as connection:
            return connection.execute(select(tables.relay.c.acknowledged)).scalar()

    until(lambda: acknowledged() == 0, "the relay to number the entry")
    forged = {"source": "things", "number": 10**6}
    for body in (codec.dumps(forged), b"{", codec.dumps([1])):
        publish(uri, body, name, "things", content_type=codec.CLOUDEVENTS)
    for told in (b"x", codec.seal({"number": "7"}), codec.seal([7]), codec.seal({"number": 7})):
        publish(uri, told, name, "things")
    until(lambda: acknowledged() == 7)
    publish(uri, codec.seal({"number": 6}), name, "things")
    publish(uri, codec.seal({"number": 8}), name, "things")
    until(lambda: acknowledged() == 8)

    assert side.call("add", {"name": "two"})

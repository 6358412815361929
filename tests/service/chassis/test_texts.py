"""A text in force: asked for once when it is missing, kept by digest, parsed once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from chassis import texts
from chassis.clock import rfc3339
from chassis.entrypoints import rpc
from chassis.errors import NotFound, Unavailable
from chassis.rpc import SafeRpc
from chassis.texts import InForce, Shelf
from tests.service.chassis.given import NOON, Shop, Things, serving

DAY = timedelta(days=1)
parsed: Counter[str] = Counter()


def parse(text):
    parsed[text] += 1
    return text.upper()


class Publisher:
    """Publishes what the test gives it."""

    name = "publisher"
    published: dict = {}
    current = None
    asked: list = []

    @SafeRpc.decorator
    def rules(self, args):
        """The text of a digest, or the one in force."""
        self.asked.append(args)
        digest = args.get("digest") or self.current
        if digest is None:
            return {"digest": None}
        if digest not in self.published:
            raise NotFound("rules.unknown")
        return {"digest": digest, "text": self.published[digest], "in_force_from": rfc3339(NOON - DAY)}


class Reader(Things):
    """Works by the rules in force."""

    name = "things"
    rules = InForce("rules", "publisher", parse)

    @rpc(internal=True)
    def read(self, args):
        """The parsed text."""
        return self.rules(args.get("digest"))

    @rpc(internal=True)
    def write(self, args):
        """The same in the middle of a transaction."""
        with self.store.begin():
            return self.rules()


@pytest.fixture
def side(sqlite_url, monkeypatch):
    parsed.clear()
    for name, value in (("published", {"d-1": "one", "d-2": "two"}), ("current", "d-1"), ("asked", [])):
        monkeypatch.setattr(Publisher, name, value)
    with serving(Shop(sqlite_url).settings, Reader, Publisher) as running:
        running.shelf = Shelf(Shop(sqlite_url).database, running.settings)
        yield running


def test_on_a_miss_the_publisher_is_asked_once(side):
    assert [side.call("read", {}) for _ in range(5)] == ["ONE"] * 5

    assert Publisher.asked == [{}] and parsed == {"one": 1}
    assert side.shelf.in_force("rules") == ("d-1", "one")


def test_a_text_that_is_on_the_shelf_needs_nobody(side):
    side.shelf.keep("rules", "d-2", "two", NOON - DAY)

    assert side.call("read", {}) == "TWO" and Publisher.asked == []


def test_a_digest_gives_that_very_text_in_force_or_not(side):
    assert side.call("read", {}) == "ONE"

    assert side.call("read", {"digest": "d-2"}) == "TWO" == side.call("read", {"digest": "d-2"})
    assert Publisher.asked == [{}, {"digest": "d-2"}]


def test_an_unknown_digest_is_not_found(side):
    with pytest.raises(NotFound):
        side.call("read", {"digest": "d-9"})


def test_where_nothing_is_in_force_the_call_is_refused(side, monkeypatch):
    monkeypatch.setattr(Publisher, "current", None)

    with pytest.raises(Unavailable) as refusal:
        side.call("read", {})

    assert refusal.value.code == "rules.none"


def test_a_text_comes_into_force_on_its_day(side, monkeypatch):
    monkeypatch.setattr(texts, "LOOK_AGAIN", 0)
    side.shelf.keep("rules", "d-1", "one", NOON - DAY)
    side.shelf.keep("rules", "d-2", "two", NOON + DAY)
    assert side.call("read", {}) == "ONE"

    side.settings.clock.advance(2 * DAY)

    assert side.call("read", {}) == "TWO"


def test_a_text_kept_again_stays_as_it_was(side):
    for text in ("one", "changed"):
        side.shelf.keep("rules", "d-1", text, NOON - DAY)

    assert side.shelf.by_digest("d-1") == "one"


def test_within_a_transaction_nobody_is_asked(side, monkeypatch):
    """
    On SQLite whoever keeps the answer would wait for the transaction that waits for him: the service stood still.
    """
    monkeypatch.setattr(texts, "LOOK_AGAIN", 0)
    monkeypatch.setattr(texts, "ASK_AGAIN", 0)
    assert side.call("read", {}) == "ONE"

    assert side.call("write", {}) == "ONE" and Publisher.asked == [{}]
    assert side.call("read", {}) == "ONE" and Publisher.asked == [{}, {}]

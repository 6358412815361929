"""One piece of work is one transaction: all of it or nothing, and never twice for one Idempotency-Key."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from time import monotonic

import eventlet
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from chassis import codec, tables
from chassis.errors import Conflict, Forbidden, Invalid, Unavailable, status_of
from chassis.store import Handled
from tests.nodes.processes import promised
from tests.service.chassis.given import ANA, BEN, Shop, ThingAdded, serving, things, until

STATE = (things, tables.journal, tables.idempotency, tables.inbox)


@pytest.mark.parametrize("failure", [Forbidden("a.b"), ValueError("x"), eventlet.Timeout(None), KeyboardInterrupt()])
def test_nothing_remains_of_work_that_raises(shop, failure):
    """
    State, journal, answer and the message's mark stand or fall together, whatever is raised.
    """
    for bound in (shop.bound(key="k-1", args={}), shop.bound(message="m-1")):
        with pytest.raises(type(failure)), bound.begin() as work:
            work.add("lost")
            work.flush()
            work.answer({"id": "lost"})
            raise failure

    assert [shop.count(table) for table in STATE] == [0, 0, 0, 0]


def test_what_is_done_is_whole(shop):
    shop.add("kept", key="k-1")

    assert shop.names() == ["kept"] and shop.entries() == ["things.added"]
    assert shop.count(tables.idempotency) == 1


def test_the_relay_is_woken_after_a_commit_and_never_before(shop, monkeypatch):
    woken = []
    monkeypatch.setattr(shop.relay, "wake", lambda: woken.append(shop.names()))

    with pytest.raises(ValueError), shop.bound().begin() as work:
        work.add("lost")
        raise ValueError
    shop.add("kept")

    assert woken == [["kept"]]


def test_the_same_call_again_gets_the_same_answer_and_does_nothing(shop):
    first = shop.add("one", key="k-1")

    assert shop.add("one", key="k-1") == first
    assert shop.names() == ["one"] and len(shop.entries()) == 1


def test_a_key_used_for_another_request_is_refused(shop):
    shop.add("one", key="k-1")

    with pytest.raises(Invalid) as refusal:
        shop.add("two", key="k-1")

    assert (refusal.value.code, status_of(refusal.value)) == ("idempotency.other_request", 422)
    assert shop.names() == ["one"]


def test_a_key_used_on_another_method_is_refused(shop):
    shop.add("one", key="k-1")

    with pytest.raises(Invalid), shop.bound(key="k-1", args={"name": "one"}, method="drop").begin():
        pass


def test_a_key_belongs_to_its_caller(shop):
    """
    Otherwise one clerk could read the other's answer by guessing his key.
    """
    hers, his = shop.add("one", key="k-1", actor=ANA), shop.add("one", key="k-1", actor=BEN)

    assert hers != his and shop.names() == ["one", "one"]


def test_many_calls_at_once_with_one_key_have_one_effect(shop):
    calls = [eventlet.spawn(shop.add, "one", "k-1") for _ in range(32)]

    answers = {call.wait()["id"] for call in calls}

    assert len(answers) == 1 and shop.names() == ["one"] and len(shop.entries()) == 1


def test_a_refused_call_may_be_repeated_under_its_key(shop):
    with pytest.raises(Forbidden):
        shop.add("forbidden", key="k-1")

    with pytest.raises(Forbidden):
        shop.add("forbidden", key="k-1")
    assert shop.count(tables.idempotency) == 0


def test_a_key_in_flight_is_refused_after_two_seconds(postgres_url):
    """
    On SQLite the second call waits its turn; on a server it would hold a connection for as long as the first one does.
    """
    shop, gate = Shop(postgres_url), eventlet.Event()

    def hold():
        with shop.bound(key="k-1", args={"name": "one"}).begin() as work:
            work.add("one")
            gate.send()
            done.wait()

    done, holding = eventlet.Event(), eventlet.spawn(hold)
    gate.wait()
    start = monotonic()
    with promised(4), pytest.raises(Conflict) as refusal:
        shop.add("one", key="k-1")

    assert refusal.value.code == "request.in_flight" and monotonic() - start > 1.5
    done.send()
    holding.wait()
    assert shop.names() == ["one"]


def test_the_keys_fingerprint_says_nothing_of_the_body(shop):
    """
    A plain hash of a short body could be guessed; this one needs the message key.
    """
    shop.add("one", key="k-1")

    with shop.database.read() as connection:
        (print_,) = connection.execute(select(tables.idempotency.c.fingerprint)).scalars()
    assert print_ != hashlib.sha256(codec.canonical(["add", {"name": "one"}])).digest()


def test_a_refusal_is_journalled_after_the_rollback(shop):
    """
    Work is undone; that it was tried and refused is not.
    """
    with pytest.raises(Forbidden):
        shop.add("forbidden")

    (entry,) = (row.entry for row in shop.entries(tables.journal.c.entry))
    assert shop.names() == []
    assert (entry["type"], entry["actor"]) == ("things.refused", "ana")
    assert entry["data"] == {"call": "add", "code": "thing.forbidden"}


def test_a_part_that_is_away_is_no_refusal_and_leaves_no_entry(shop, monkeypatch):
    def away(*_):
        raise Unavailable("database.unavailable")

    monkeypatch.setattr("tests.service.chassis.given.ThingWork.add", away)

    with pytest.raises(Unavailable):
        shop.add("one")

    assert shop.entries() == []


def test_a_message_takes_effect_once(shop):
    with shop.bound(message="m-1", method="take").begin() as work:
        work.add("one")

    with pytest.raises(Handled), shop.bound(message="m-1", method="take").begin() as work:
        work.add("one")
    with shop.bound(message="m-1", method="another").begin() as work:
        work.add("two")

    assert shop.names() == ["one", "two"]


def test_answers_are_forgotten_after_a_day_and_messages_after_four_hundred(shop):
    shop.add("one", key="k-1")
    with shop.bound(message="m-1").begin() as work:
        work.emit(ThingAdded("r-1"))
    kept = []
    for hours in (23.9, 0.2, 24 * 400 - 24.2, 0.2):
        shop.clock.advance(timedelta(hours=hours))
        shop.store.prune()
        kept.append((shop.count(tables.idempotency), shop.count(tables.inbox)))

    assert kept == [(1, 1), (0, 1), (0, 1), (0, 0)]


def test_a_service_that_runs_sweeps_by_itself(shop):
    shop.add("one", key="k-1")
    shop.clock.advance(timedelta(days=2))

    with serving(shop.settings):
        until(lambda: shop.count(tables.idempotency) == 0)


def test_what_was_put_is_there_for_whatever_is_read_or_changed_next(shop):
    """
    Rows wait, so that those of one work are one statement; nobody may see that they did.
    """
    with shop.bound(method="take").begin() as work:
        work.put(things, [{"id": "1", "name": "one"}])
        work.put(things, [{"id": "2", "name": "two"}])
        found = sorted(work.connection.execute(select(things.c.name)).scalars())
        work.put(things, [{"id": "3", "name": "three"}])
        work.connection.execute(update(things).where(things.c.id == "3").values(name="changed"))

    assert found == ["one", "two"] and shop.names() == ["changed", "one", "two"]


def test_a_row_that_is_put_stays_as_it_was_then(shop):
    row = {"id": "1", "name": "one"}

    with shop.bound(method="take").begin() as work:
        work.put(things, [row])
        row["name"] = "changed meanwhile"

    assert shop.names() == ["one"]


@pytest.mark.parametrize("count", [1, 3, 120])
def test_a_row_that_is_there_is_refused_left_or_follows_as_was_said(shop, count):
    rows = [{"id": f"{n}", "name": f"old-{n}"} for n in range(count)]
    later = [{**row, "name": row["name"].replace("old", "new")} for row in rows]
    with shop.bound(method="take").begin() as work:
        work.put(things, rows)

    with pytest.raises(IntegrityError), shop.bound(method="take").begin() as work:
        work.put(things, later)
    with shop.bound(method="take").begin() as work:
        work.put(things, [*later, {"id": "more", "name": "more"}], over=())
    left = shop.names()
    with shop.bound(method="take").begin() as work:
        work.put(things, later, over=("name",))

    assert left == sorted(["more", *(row["name"] for row in rows)])
    assert shop.names() == sorted(["more", *(row["name"] for row in later)])

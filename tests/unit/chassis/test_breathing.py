"""Long computing gives way: a turn for everybody, and more than that while somebody is served."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import eventlet
import pytest

from chassis import breathing
from chassis.breathing import (
    AT_MOST,
    COURTESY,
    LONGEST,
    MOMENT,
    SERVING,
    Lock,
    gently,
    give_way,
    on_behalf,
    served,
    unwatched,
)


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was rested, each time; every look at the clock is 0.6 ms later than the one before."""
    rests: list[float] = []
    looks = count()
    monkeypatch.setattr(breathing, "perf_counter", lambda: next(looks) * 0.0006)
    monkeypatch.setattr(eventlet, "sleep", rests.append)
    vars(eventlet.getcurrent()).pop("rested", None)
    return rests


@pytest.fixture
def somebody() -> Iterator[None]:
    """A call that is being answered by another greenlet."""

    def answering() -> None:
        with served():
            eventlet.getcurrent().parent.switch()

    answer = eventlet.greenthread.greenlet.greenlet(answering)
    answer.switch()
    yield
    answer.switch()


class Noting:
    """Notes whether it is waited for while it runs."""

    def __init__(self) -> None:
        self.waited_for: list[bool] = []

    def __call__(self) -> None:
        self.waited_for.append(eventlet.getcurrent() in breathing._served)


def test_the_hub_has_a_turn_every_millisecond_or_two(rests: list[float]) -> None:
    assert list(gently(range(8))) == list(range(8))

    assert rests == [0] * 4


def test_while_somebody_is_served_it_rests_longer_than_it_computes(rests: list[float], somebody: None) -> None:
    assert SERVING < 0.0006 < AT_MOST

    list(gently(range(8)))

    assert len(rests) >= 4 and all(rest == pytest.approx(0.0006 * COURTESY) for rest in rests)


def test_whoever_is_served_does_not_wait_for_himself(rests: list[float]) -> None:
    with served():
        list(gently(range(8)))

    assert rests == [0] * 4


def test_of_two_who_are_served_neither_rests_for_the_other(rests: list[float], somebody: None) -> None:
    with served():
        list(gently(range(8)))

    assert rests == [0] * 4


def test_nobody_rests_longer_than_a_second_at_once(rests: list[float], somebody: None) -> None:
    def slow() -> Iterator[int]:
        for one in range(3):
            for _ in range(1000):
                breathing.perf_counter()
            yield one

    list(gently(slow()))

    assert rests == [LONGEST] * 3


def test_inside_a_loop_what_was_rested_there_counts_for_the_loop_around_it(rests: list[float], somebody: None) -> None:
    for _ in gently(range(2)):
        list(gently(range(4)))

    assert max(rests) <= 0.0006 * 3 * COURTESY


def test_a_place_that_is_no_loop_gives_way_by_the_turn_it_has_had(
    rests: list[float], somebody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breathing, "_since", -0.0005)
    give_way()

    assert rests == [pytest.approx(0.0005 * COURTESY)]


def test_the_hub_tells_when_a_turn_began() -> None:
    before = breathing._since
    eventlet.spawn(int).wait()

    assert breathing._since > before


def test_whoever_holds_what_nobody_wants_rests(somebody: None) -> None:
    lock = Lock()
    with lock.held(), eventlet.Timeout(5):
        lock.rest(0.001)

    assert not lock.wanted.ready()


def test_a_holders_rest_ends_when_somebody_wants_what_he_holds() -> None:
    lock, order = Lock(), list[str]()

    def hold(name: str) -> None:
        with lock.held():
            lock.rest(60.0)
            order.append(name)

    first = eventlet.spawn(hold, "first")
    eventlet.spawn(int).wait()
    with eventlet.Timeout(5), lock.held():
        order.append("second")
    first.wait()

    assert order == ["first", "second"]


def test_a_holder_for_whom_somebody_waits_already_does_not_rest() -> None:
    lock, waiting = Lock(), list[eventlet.greenthread.GreenThread]()

    def ask() -> None:
        with lock.held():
            pass

    with eventlet.Timeout(5), lock.held():
        waiting = [eventlet.spawn(ask), eventlet.spawn(ask)]
        eventlet.spawn(int).wait()
        lock.rest(60.0)
    for one in waiting:
        one.wait()

    assert not lock.turn.locked()


def test_what_is_done_on_behalf_of_one_who_is_served_is_waited_for_too() -> None:
    with served():
        act = on_behalf(noting := Noting())
    eventlet.spawn(act).wait()

    assert noting.waited_for == [True] and not breathing._served


def test_what_is_done_on_behalf_of_anybody_else_is_not() -> None:
    eventlet.spawn(on_behalf(noting := Noting())).wait()

    assert noting.waited_for == [False]


def test_one_that_is_served_no_more_is_waited_for_no_more(rests: list[float], somebody: None) -> None:
    with pytest.raises(ValueError), served():
        raise ValueError

    assert len(breathing._served) == 1


def test_whoever_holds_a_lock_and_asks_for_it_again_is_refused() -> None:
    """
    He would wait for himself, and everybody else for him.
    """
    lock = Lock()

    with lock.held():
        with pytest.raises(RuntimeError), lock.held():
            pass
        assert lock.mine
    assert not lock.mine and not lock.turn.locked()


def test_nobody_watches_once_nobody_has_waited_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(breathing, "perf_counter", lambda: now[0])

    with served():
        now[0] += 2 * MOMENT
        assert not unwatched()

    assert not unwatched(), "who reads on and on is only between two reads"
    now[0] += 2 * MOMENT
    assert unwatched()

"""Long computing gives way: a turn for everybody, and more than that while somebody is served."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import eventlet
import pytest

from chassis import breathing
from chassis.breathing import AT_MOST, COURTESY, SERVING, gently, hurried, served


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was rested, each time; every look at the clock is 0.6 ms later than the one before."""
    rests: list[float] = []
    looks = count()
    monkeypatch.setattr(breathing, "perf_counter", lambda: next(looks) * 0.0006)
    monkeypatch.setattr(eventlet, "sleep", rests.append)
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


def test_whoever_holds_what_others_wait_for_never_rests(rests: list[float], somebody: None) -> None:
    with hurried():
        list(gently(range(8)))

    assert rests == [0] * 4


def test_one_that_is_served_no_more_is_waited_for_no_more(rests: list[float], somebody: None) -> None:
    with pytest.raises(ValueError), served():
        raise ValueError

    assert len(breathing._served) == 1

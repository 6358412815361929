"""Giving way: long computing lets whoever is being served go first, and the hub has a turn every millisecond or two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeVar

import eventlet

AT_MOST = 0.001  # seconds that others wait; a turn of the hub itself costs a tenth of a millisecond at most
SERVING = 0.0004  # the same while somebody is served,
COURTESY = 8.0  # and how many times as long as it has computed it rests then
T = TypeVar("T")
_alone = False
_served = set[Any]()  # the greenlets of the calls that somebody waits for
_hurried = set[Any]()  # those that hold what others wait for


@contextmanager
def served() -> Iterator[None]:
    """Somebody waits for what this greenlet does."""
    with _one_of(_served):
        yield


@contextmanager
def hurried() -> Iterator[None]:
    """This greenlet holds what those who are served may need: it gives them their turns, and never rests."""
    with _one_of(_hurried):
        yield


@contextmanager
def _one_of(greenlets: set[Any]) -> Iterator[None]:
    mine = eventlet.getcurrent()
    greenlets.add(mine)
    try:
        yield
    finally:
        greenlets.discard(mine)


def gently(items: Iterable[T]) -> Iterator[T]:
    """One after the other; whoever waits has his turn every millisecond or two, and more of it while he is served."""
    if _alone:
        yield from items
        return
    since = perf_counter()
    for item in items:
        if (taken := perf_counter() - since) > SERVING:
            resting = _must_rest()
            if resting or taken > AT_MOST:
                eventlet.sleep(taken * COURTESY if resting else 0)
                since = perf_counter()
        yield item


def _must_rest() -> bool:
    mine = eventlet.getcurrent()
    return bool(_served) and mine not in _served and mine not in _hurried


def stop() -> None:
    """Nobody waits in this process, and there is no hub that could be given a turn."""
    global _alone
    _alone = True

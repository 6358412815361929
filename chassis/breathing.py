"""Giving way: long computing lets whoever is being served go first, and the hub has a turn every millisecond or two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeVar

import eventlet
from eventlet import hubs
from eventlet.event import Event as Signal
from eventlet.semaphore import Semaphore

AT_MOST = 0.001  # seconds that others wait; a turn of the hub itself costs a tenth of a millisecond at most
SERVING = 0.0004  # the same while somebody is served,
COURTESY = 15.0  # and how many times as long as it has worked it rests then,
LONGEST = 1.0  # but never longer
MOMENT = 0.2  # seconds; who reads on and on comes more often than that
T = TypeVar("T")
_alone = False
_since = 0.0  # when whoever runs was given his turn
_served = set[Any]()  # the greenlets of the calls that somebody waits for
_answered = 0.0  # when the last of them had his answer
_holding: dict[Any, Lock] = {}  # what a greenlet holds that others may wait for


class Lock:
    """Held by one at a time, in the order in which they asked. Its holder rests only until somebody waits for it."""

    def __init__(self) -> None:
        self.turn, self.wanted = Semaphore(1), Signal()

    @property
    def mine(self) -> bool:
        """Whether this greenlet holds it."""
        return _holding.get(eventlet.getcurrent()) is self

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for it, and have it. Who has it already is refused at once: he would wait for himself, for ever."""
        if self.mine:
            raise RuntimeError("whoever holds this lock asks for it again")
        if self.turn.locked() and not self.wanted.ready():
            self.wanted.send()
        with self.turn:
            if self.turn.balance == 0:
                self.wanted = Signal()
            mine = eventlet.getcurrent()
            _holding[mine] = self
            try:
                yield
            finally:
                _holding.pop(mine, None)

    def rest(self, seconds: float) -> None:
        """Wait as long, or until somebody wants what is held."""
        if self.wanted.ready():
            eventlet.sleep(0)
        else:
            self.wanted.wait(seconds)


@contextmanager
def served() -> Iterator[None]:
    """Somebody waits for what this greenlet does."""
    global _answered
    mine = {eventlet.getcurrent()} - _served
    _served.update(mine)
    try:
        yield
    finally:
        _served.difference_update(mine)
        _answered = perf_counter()


def unwatched() -> bool:
    """Whether nobody waits, nor has done so a moment ago: what is done now may take its time."""
    return not _served and perf_counter() - _answered > MOMENT


def on_behalf(act: Callable[[], None]) -> Callable[[], None]:
    """What another greenlet is to do; if somebody waits for what this one does, he waits for that too."""
    return served()(act) if eventlet.getcurrent() in _served else act


def gently(items: Iterable[T]) -> Iterator[T]:
    """One after the other; whoever waits has his turn every millisecond or two, and more of it while he is served.

    What a server's database did for this greenlet meanwhile counts as its own work: they share the machine.
    """
    mine, began = eventlet.getcurrent(), perf_counter()
    for item in items:
        _rest(mine, perf_counter() - max(began, getattr(mine, "rested", 0.0)))
        yield item


def give_way() -> None:
    """Let whoever waits go first, if this greenlet has had its turn. For a place that is no loop."""
    _rest(eventlet.getcurrent(), perf_counter() - _since)


def _rest(mine: Any, taken: float) -> None:
    if _alone or taken < SERVING:
        return
    if _served and mine not in _served:
        rest = _holding[mine].rest if mine in _holding else eventlet.sleep
        rest(min(taken * COURTESY, LONGEST))
    elif taken > AT_MOST:
        eventlet.sleep(0)
    else:
        return
    mine.rested = perf_counter()


def watch() -> None:
    """From now on it is known when whoever runs was given his turn: the hub gives it."""
    hub = hubs.get_hub()
    switch = hub.switch

    def given() -> Any:
        global _since
        try:
            return switch()
        finally:
            _since = perf_counter()

    hub.switch = given


def stop() -> None:
    """Nobody waits in this process, and there is no hub that could be given a turn."""
    global _alone
    _alone = True

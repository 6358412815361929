"""Letting the others in between: long computing gives the hub a turn every millisecond or two, not at every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import TypeVar

import eventlet

AT_MOST = 0.001  # seconds that others wait; a turn of the hub itself costs a tenth of a millisecond at most
T = TypeVar("T")
_alone = False


def gently(items: Iterable[T]) -> Iterator[T]:
    """One after the other; whoever waits has his turn every millisecond or two."""
    if _alone:
        yield from items
        return
    since = perf_counter()
    for item in items:
        yield item
        if perf_counter() - since > AT_MOST:
            eventlet.sleep(0)
            since = perf_counter()


def stop() -> None:
    """Nobody waits in this process, and there is no hub that could be given a turn."""
    global _alone
    _alone = True

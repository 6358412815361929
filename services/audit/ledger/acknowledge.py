"""When each source is told how far its journal is sequenced: at once, yet at most once a second; repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

EVERY = 1.0
AGAIN = 10.0


class Acknowledgements:
    """What has been told to whom, and what waits for its second to pass."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.told: dict[str, float] = {}
        self.waiting: dict[str, int] = {}
        self.repeated = clock() - AGAIN

    def sequenced(self, source: str, number: int) -> None:
        """A batch of that source is committed up to a number."""
        self.waiting[source] = max(number, self.waiting.get(source, 0))

    def due(self) -> dict[str, int]:
        """Whom to tell what now; it counts as told."""
        now = self.clock()
        ready = [source for source in self.waiting if now - self.told.get(source, now - EVERY) >= EVERY]
        self.told.update(dict.fromkeys(ready, now))
        return {source: self.waiting.pop(source) for source in ready}

    def repeat_due(self) -> bool:
        """Whether all sources are to be told again: a lost acknowledgement must not stop a quiet one."""
        return self.clock() - self.repeated >= AGAIN

    def repeat(self, numbers: Mapping[str, int]) -> None:
        """Tell all sources how far they are."""
        self.repeated = self.clock()
        for source, number in numbers.items():
            self.sequenced(source, number)

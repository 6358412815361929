"""Kills: each of the five processes, the broker and the database, in an order that the seed gives."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.nodes.processes import until
from tests.system.suite import SERVICES, Nodes, Suite

TARGETS = (*SERVICES, "broker", "database")
BACK = 90.0


class Nemesis:
    """Kills one thing after the other and lets it come back; what ended by itself is started again and counted."""

    def __init__(self, suite: Suite, nodes: Nodes, seed: int, say: Callable[[str], None]) -> None:
        self.suite, self.nodes, self.say = suite, nodes, say
        self.chance = random.Random(seed)
        self.kills: dict[str, int] = dict.fromkeys(TARGETS, 0)

    def run(self, times: int, progress: Callable[[], int], between: int) -> None:
        """Kill everything so many times, each as soon as `between` more writes were acknowledged."""
        order = [target for target in TARGETS for _ in range(times)]
        self.chance.shuffle(order)
        for target in order:
            self.wait_while_growing(progress, progress() + between)
            begun = time.monotonic()
            self.kill(target)
            self.wait_for(self.ready, f"all to be back after {target} died")
            self.say(f"killed {target}: back after {time.monotonic() - begun:.1f} s, {progress()} acknowledged")

    def kill(self, target: str) -> None:
        """kill -9, then start it again."""
        self.kills[target] += 1
        if target == "broker":
            self.nodes.broker.kill9()
            self.nodes.broker.start()
        elif target == "database":
            self.nodes.server.kill9()
            self.nodes.server.start()
        else:
            self.suite.kill9(target)
            self.suite.restart(target, ready=False)

    def wait_while_growing(self, progress: Callable[[], int], goal: int) -> None:
        """Until so many writes are acknowledged; it may take long, but not without one more."""
        while (done := progress()) < goal:
            self.wait_for(lambda: progress() > done, f"more than {done} writes to be acknowledged")

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait, starting again what ended by itself."""

        def reached() -> bool:
            self.suite.revive()
            return bool(condition())

        until(reached, BACK, what, self.suite.tails)

    def ready(self) -> bool:
        """Whether every process says so."""
        return all(self.suite.ready(name) for name in self.suite.names) and self.suite.open_for_all()

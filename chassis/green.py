"""Makes the process cooperative. Imported before anything else by every entry point and by the tests."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
# The fall-back if the assignment below should ever miss: psycopg's own choice blocks the whole hub.
os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import eventlet.debug  # noqa: E402
import orjson  # noqa: E402
from eventlet.hubs import trampoline  # noqa: E402
from psycopg import errors, waiting  # noqa: E402
from psycopg.types.json import set_json_loads  # noqa: E402

from chassis import breathing  # noqa: E402

# A commit in a thread is done before it is known to be: five milliseconds, Python's own choice, would be everybody's.
sys.setswitchinterval(0.0003)
# The hub prints the text of exceptions, which may hold contents; containers log their types.
eventlet.debug.hub_exceptions(False)


def wait(gen: Any, fileno: int, interval: float = 0.0, timeout: float | None = None) -> Any:
    """Let the hub run while psycopg waits for its socket; raises psycopg's own time-out."""
    clock = eventlet.hubs.get_hub().clock
    until = None if timeout is None else clock() + timeout
    try:
        wants = next(gen)
        while True:
            ready = _ready(fileno, wants, None if until is None else max(until - clock(), 0.001))
            wants = gen.send(ready)
            if until is not None and clock() >= until:
                raise errors._WaitTimeout("wait timeout expired")
    except StopIteration as done:
        return done.value


def _ready(fileno: int, wants: int, seconds: float | None) -> int:
    # Either of both is a sending that stalls. The hub waits for one only; reading without need costs nothing.
    writes, otherwise = wants & 2, 1 if wants == 3 else 0
    patience = min(seconds or 0.05, 0.05) if wants == 3 else seconds
    try:
        trampoline(fileno, read=not writes, write=bool(writes), timeout=patience, timeout_exc=TimeoutError)
    except TimeoutError:
        return otherwise
    return writes or 1


breathing.watch()
waiting.wait = wait
set_json_loads(orjson.loads)


class HubBlocked(RuntimeError):
    """The database driver stops every other greenlet while it waits; the process must not serve."""


def prove_cooperation(engine: Any) -> None:
    """Refuse to start on a driver that blocks the hub (only PostgreSQL can: it is asked to sleep 0.2 s)."""
    if engine.dialect.name != "postgresql":
        return
    ticks: list[int] = []
    ticking = eventlet.spawn(_tick, ticks)
    with engine.connect() as connection:
        before = len(ticks)
        connection.exec_driver_sql("select pg_sleep(0.2)")
    ticking.kill()
    # One is proof, as a blocked hub gives none; to ask for more would blame the driver for a busy machine.
    if len(ticks) == before:
        raise HubBlocked("the PostgreSQL driver blocks the process while it waits")


def _tick(ticks: list[int]) -> None:
    while True:
        ticks.append(1)
        eventlet.sleep(0.01)

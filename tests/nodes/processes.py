"""What both private nodes need of the system: free ports, waiting for a condition, ending with the test run."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
# A wait that is not in vain ends with its condition, so that on a busy machine patience costs nothing but a failure's.
BUSY = 4
PORTS = (20_000, 32_000)
_PR_SET_PDEATHSIG = 1
_promised_ports: list[socket.socket] = []


class NodeFailed(RuntimeError):
    """A private node cannot be had; the text says what to do."""


def free_port() -> int:
    """A loopback port that nobody listens on, and that nobody gets before who asked for it listens there.

    It lies below those that outgoing connections are given: one of them would have it, now and then, at a restart.
    """
    while True:
        port = random.randrange(*PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            _promised_ports.append(_promise(port))
            probe.bind((LOOPBACK, port))
            return port


def _promise(port: int) -> socket.socket:
    """Held while this process lives; no other test process gets the same."""
    held = socket.socket(socket.AF_UNIX)
    if sys.platform == "linux":
        held.bind(f"\0muniment-tests-{port}")
    return held


def until(condition: Callable[[], object], seconds: float, what: str, said: Callable[[], str] = lambda: "") -> None:
    """Return as soon as `condition()` is true; fail if a busy machine should long have had it.

    `seconds` are those of an idle one. The failure names `what` was waited for, and what was `said` meanwhile.
    """
    begun, pause = time.monotonic(), threading.Event()
    while not condition():
        if (waited := time.monotonic() - begun) > seconds * BUSY:
            raise NodeFailed(f"waited {waited:.0f} s in vain: {what}\n{said()}".rstrip())
        # Who asks too often keeps what it waits for from happening.
        pause.wait(min(max(waited / 10, 0.02), 0.25))


@contextlib.contextmanager
def promised(seconds: float) -> Iterator[None]:
    """What is done here takes no longer on a machine that does nothing else; a busy one is given as much more."""
    before, begun = _slowness(), time.monotonic()
    yield
    took = time.monotonic() - begun
    allowed = seconds * max(before, _slowness())
    assert took <= allowed, f"it took {took:.1f} s, where {allowed:.1f} were allowed"


def _slowness(sample: float = 0.05) -> float:
    """How much longer it takes just now to compute something than it would if nobody else did."""
    begun, spent = time.monotonic(), time.thread_time()
    while time.thread_time() - spent < sample:
        pass
    return (time.monotonic() - begun) / sample


def end_with_parent() -> None:
    """For `preexec_fn`: the node dies with the test run, even when that is killed -9 (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def family(pid: int) -> list[psutil.Process]:
    """The process and everything below it, as it is now."""
    try:
        head = psutil.Process(pid)
        return [head, *head.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def send(processes: Iterable[psutil.Process], number: int) -> None:
    """Signal each of them that still exists."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def gone(processes: Iterable[psutil.Process], seconds: float = 10) -> None:
    """Wait until none of them runs any more (psutil's own wait needs `select.poll`, which green threads take away)."""
    until(lambda: not any(alive(p) for p in processes), seconds, "the processes of a private node to end")


def alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that only waits to be reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def tail(path: Path, lines: int = 15) -> str:
    """The end of a log, for the text of a failure."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"


def is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0

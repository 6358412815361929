"""What both private nodes need of the system: free ports, waiting for a condition, ending with the test run."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1


class NodeFailed(RuntimeError):
    """A private node cannot be had; the text says what to do."""


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Return as soon as `condition()` is true; fail naming `what` after `seconds`."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > end:
            raise NodeFailed(f"waited {seconds:.0f} s in vain: {what}")
        pause.wait(0.02)


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

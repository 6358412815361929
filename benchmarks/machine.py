"""What the machine did meanwhile: CPU seconds by process from /proc, and whatever else was running on it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from time import monotonic

import psutil

TICKS = os.sysconf("SC_CLK_TCK")
LIBRARIES = ("nameko", "eventlet", "kombu", "SQLAlchemy", "psycopg", "orjson", "marshmallow", "cryptography")
Groups = Mapping[str, Iterable[int]]


@dataclass(frozen=True)
class Used:
    """CPU over a stretch of time: seconds by group, and the cores that all other processes took."""

    seconds: float
    by_group: dict[str, float]
    others: float


class Meter:
    """Counts from where it is made until `read()`. A group is a process with all that it started."""

    def __init__(self, groups: Groups) -> None:
        self.heads = groups
        self.begun, self.machine, self.before = monotonic(), _machine(), self._ours()

    def read(self, aside: float = 0.0) -> Used:
        """What was used since; `aside` are the load generator's seconds, which are nobody's."""
        seconds, machine, now = monotonic() - self.begun, _machine(), self._ours()
        used = {name: now[name] - self.before[name] for name in now}
        others = max(machine - self.machine - sum(used.values()) - aside, 0.0) / seconds
        return Used(seconds, used, others)

    def _ours(self) -> dict[str, float]:
        return {name: sum(map(_process, chain(*map(_family, heads)))) for name, heads in self.heads.items()}


def _family(pid: int) -> list[int]:
    with suppress(psutil.NoSuchProcess):
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return [pid]


def _process(pid: int) -> float:
    """Its seconds, and those of what it has started and seen ending."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def _machine() -> float:
    user, nice, system, _, _, irq, softirq, steal, *_ = map(int, Path("/proc/stat").read_text().split()[1:11])
    return (user + nice + system + irq + softirq + steal) / TICKS


def described() -> dict[str, object]:
    """The machine and the versions that a figure was taken with."""
    return {
        "cores": os.cpu_count(),
        "cpu": _model(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())

"""`python -m benchmarks.imports`: one large file through the whole suite, on either database, with others reading."""

from __future__ import annotations

import argparse
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

from benchmarks import invented
from benchmarks.governed import QUIET, Bench
from benchmarks.load import Report, drive
from benchmarks.machine import Meter, Used
from tests.system.conftest import running
from tests.system.suite import Suite

READING, LOOK = 20.0, 0.5  # seconds
SETTLED = 0.1  # of the rows; from then on memory has to stay where it is
LAG, DRAINED = 50.0, 60.0  # what is promised: milliseconds of the hub, seconds until the ledger has followed
SLOWER, GROWTH = 2.0, 50.0


@dataclass
class Watch:
    """What was seen while the file was taken in."""

    lags: list[float] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)  # rows taken, MiB of the process

    def growth(self, rows: int) -> float:
        """How far memory went up after the first rows."""
        settled = [mib for taken, mib in self.memory if taken >= rows * SETTLED]
        return max(settled) - settled[0] if settled else 0.0


@dataclass(frozen=True)
class Result:
    """One file taken in."""

    rows: int
    seconds: float
    used: Used
    watch: Watch
    alone: Report
    meanwhile: Report
    drained: float

    def lines(self) -> list[str]:
        """The figures beside what is promised."""
        cpu = {name: seconds / self.rows * 1000 for name, seconds in self.used.by_group.items()}
        told = ", ".join(f"{name} {one:.2f}" for name, one in cpu.items())
        slower = self.meanwhile.p95 / self.alone.p95
        return [
            f"rows          {self.rows / self.seconds:7.0f}/s   {sum(cpu.values()):.2f} CPU ms a row ({told})",
            f"memory        +{self.watch.growth(self.rows):.0f} MiB after the first tenth (at most {GROWTH:.0f})",
            f"hub lag       {max(self.watch.lags, default=0):.0f} ms at most (at most {LAG:.0f})",
            f"reads' p95    {self.alone.p95:.1f} ms alone, {self.meanwhile.p95:.1f} ms meanwhile: "
            f"{slower:.1f} times (at most {SLOWER:.0f})",
            f"ledger        drained {self.drained:.1f} s after (at most {DRAINED:.0f})",
            f"other work    {self.used.others:.2f} of the machine's cores",
        ]


class Importing(Bench):
    """The same on one process as on five."""

    def __init__(self, suite: Suite) -> None:
        if suite.distributed:
            super().__init__(suite)
        else:
            self._embedded(suite)
        self.worker = psutil.Process(suite.processes["records" if suite.distributed else "suite"].pid)

    def measure(self, rows: int) -> Result:
        """Reads alone, then a file with reads meanwhile, then the time until the ledger has followed."""
        lines = self.prepare()
        self.drain()
        alone = drive(self.suite.url, lines, self.headers, QUIET, READING / 2)
        sheet, meter, begun = invented.sheet(rows), Meter(self.groups), time.monotonic()
        with self._readers(lines, READING) as readers:
            upload = self.clerk.upload("/v1/imports", {"class": invented.CLASS}, "rows.csv", sheet)["id"]
            watch = self._watched(f"/v1/imports/{upload}")
            seconds, used = time.monotonic() - begun, meter.read()
        self._expect(upload, rows)
        return Result(rows, seconds, used, watch, alone, readers.result(), self.drain())

    def _embedded(self, suite: Suite) -> None:
        from cli.http import Gateway

        token = suite.token("zheng")
        self.suite, self.clerk = suite, Gateway(suite.url, token)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.groups = {"suite": [suite.processes["suite"].pid]}
        self.made, self.bytes_read = 0, 0

    def _watched(self, path: str) -> Watch:
        watch = Watch()
        for status in self._statuses(path):
            watch.lags.append(self._figure("muniment_hub_lag_seconds") * 1000)
            watch.memory.append((status["rows"], self.worker.memory_info().rss / 2**20))
        return watch

    def _statuses(self, path: str) -> Iterator[dict[str, int]]:
        while (status := self.clerk.get(path))["state"] in ("receiving", "running"):
            yield status
            time.sleep(LOOK)

    def _figure(self, name: str) -> float:
        port = self.suite.ports["records" if self.suite.distributed else "suite"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return max(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def main() -> None:
    """Measure once, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    args = parser.parse_args()
    with running("distributed" if args.database == "postgresql" else "embedded") as suite:
        print("\n".join(Importing(suite).measure(args.rows).lines()))


if __name__ == "__main__":
    main()

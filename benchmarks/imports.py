"""`python -m benchmarks.imports`: one large file through the whole suite, with others reading; then killed and resumed.

On both databases unless one is named; bounded, and ended by itself.
"""

from __future__ import annotations

import argparse
import random
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

from benchmarks import content, echo, invented
from benchmarks.governed import PACE, QUIET, Bench
from benchmarks.load import Report, drive
from benchmarks.machine import Meter, Used
from benchmarks.results import SLOWER, rows_to_echoes
from tests.nodes.rabbit import PrivateRabbit
from tests.system.conftest import running
from tests.system.suite import Suite

SIDES = {"postgresql": "distributed", "sqlite": "embedded"}
READING, LOOK, ECHO = 20.0, 0.5, 8.0  # seconds
SETTLED = 0.1  # of the rows; from then on memory has to stay where it is
LAG, DRAINED = 50.0, 60.0  # what is promised: milliseconds of the hub, seconds until the ledger has followed
GROWTH = 50.0
SLOWEST, LEAST = 50.0, 120.0  # rows a second below which a run is given up, and seconds that each may take anyway


@dataclass
class Watch:
    """What was seen while the file was taken in."""

    lags: list[float] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)  # rows taken, MiB of the process and its copy

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

    def lines(self, stock: dict[str, float]) -> list[str]:
        """The figures beside what is promised."""
        cpu = {name: seconds / self.rows * 1000 for name, seconds in self.used.by_group.items()}
        told = ", ".join(f"{name} {one:.2f}" for name, one in cpu.items())
        slower, rate, whole = self.meanwhile.p95 / self.alone.p95, self.rows / self.seconds, sum(cpu.values())
        return [
            f"rows          {rate:.0f}/s, {whole:.2f} CPU ms a row ({told})",
            rows_to_echoes(rate, whole, stock),
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

    def measure(self, rows: int) -> tuple[Result, content.Left]:
        """Reads alone, then a file with reads meanwhile, then the time until the ledger has followed; what it left."""
        lines = self.prepare()
        self.drain()
        alone = drive(self.suite.url, lines, self.headers, QUIET, READING / 2, PACE)
        sheet, meter, begun = invented.sheet(rows), Meter(self.groups), time.monotonic()
        with self._readers(lines, READING) as readers:
            upload = self._upload(sheet)
            watch = self._watched(upload, rows)
            seconds, used = time.monotonic() - begun, meter.read()
        self._expect(upload, rows)
        result = Result(rows, seconds, used, watch, alone, readers.result(), self.drain())
        return result, content.left(self.suite, upload)

    def killed(self, rows: int, row: int) -> content.Left:
        """What the same file leaves where the process dies at about this row and is started again."""
        name = "records" if self.suite.distributed else "suite"
        upload = self._upload(invented.sheet(rows))
        reached = next(
            (status["rows"] for status in self._statuses(upload, rows, LOOK / 10) if status["rows"] >= row), 0
        )
        self.suite.kill9(name)
        self.suite.restart(name)
        for _ in self._statuses(upload, rows):
            pass
        self._expect(upload, rows)
        print(f"killed        drawn: row {row}, {reached} of {rows} rows were told of when it died")
        return content.left(self.suite, upload)

    def _upload(self, sheet: bytes) -> str:
        return str(self.clerk.upload("/v1/imports", {"class": invented.CLASS}, "rows.csv", sheet)["id"])

    def _embedded(self, suite: Suite) -> None:
        from cli.http import Gateway

        token = suite.token("zheng")
        self.suite, self.clerk = suite, Gateway(suite.url, token)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.groups = {"suite": [suite.processes["suite"].pid]}
        self.made, self.bytes_read = 0, 0

    def _watched(self, upload: str, rows: int) -> Watch:
        watch = Watch()
        for status in self._statuses(upload, rows):
            watch.lags.append(self._figure("muniment_hub_lag_seconds") * 1000)
            watch.memory.append((status["rows"], sum(map(_resident, self._workers())) / 2**20))
        return watch

    def _workers(self) -> list[psutil.Process]:
        """The process, and the copy of it that computes."""
        return [self.worker, *self.worker.children()]

    def _statuses(self, upload: str, rows: int, look: float = LOOK) -> Iterator[dict[str, int]]:
        until = time.monotonic() + LEAST + rows / SLOWEST
        while (status := self.clerk.get(f"/v1/imports/{upload}"))["state"] in ("receiving", "running"):
            yield status
            if time.monotonic() > until:
                raise SystemExit(f"given up: {status['rows']} of {rows} rows were taken in")
            time.sleep(look)

    def _figure(self, name: str) -> float:
        port = self.suite.ports["records" if self.suite.distributed else "suite"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return max(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:  # a copy that has just ended
        return 0


def main() -> None:
    """Measure each database once, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", choices=SIDES, action="append", help="one of them only")
    args = parser.parse_args()
    stock = nameko_echo()
    print(f"nameko's echo {stock['rate']:.0f}/s, {stock['cpu']:.2f} CPU ms")
    for database in args.database or SIDES:
        one(database, args.rows, stock)


def nameko_echo() -> dict[str, float]:
    """What this machine does with nameko's own echo, which everything is held against."""
    broker = PrivateRabbit()
    try:
        broker.start()
        report, used = echo.measure("stock", broker, ECHO)
    finally:
        broker.stop()
    return {"rate": report.rate, "cpu": sum(used.by_group.values()) / report.requests * 1000}


def one(database: str, rows: int, stock: dict[str, float]) -> None:
    """A file taken in, and the same one again elsewhere with the process killed at a row drawn by lot."""
    print(f"--- {rows} rows on {database}")
    with running(SIDES[database]) as suite:
        result, whole = Importing(suite).measure(rows)
        print("\n".join(result.lines(stock)), flush=True)
    with running(SIDES[database]) as suite:
        resumed = Importing(suite).killed(rows, random.SystemRandom().randint(1, rows - 1))
    print(f"undisturbed   {content.shown(whole)}\nresumed       {content.shown(resumed)}")
    if whole != resumed:
        raise SystemExit("what the killed and resumed import left is not what the undisturbed one left")
    print("the same      every record, value, mask and level, and the count of everything beside them")


if __name__ == "__main__":
    main()

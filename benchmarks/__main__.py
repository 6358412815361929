"""`python -m benchmarks` (`make bench`): one run on the distributed side, bounded, on the loopback, ended by itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks import echo, results, search
from benchmarks.governed import Bench, Taken
from benchmarks.load import Report, generator
from benchmarks.machine import Used, described
from tests.system.suite import Nodes, Suite

Measured = tuple[Report, Used]


@dataclass(frozen=True)
class Plan:
    """How long and how often. The sides take turns, so that what else the machine does falls on all."""

    seconds: float
    rounds: int
    rows: int
    reading: float  # seconds that others read while the rows are taken in
    names: tuple[int, ...]  # over how many customers is searched


WHOLE, QUICK = Plan(6, 3, 10_000, 12, (200_000, 1_000_000)), Plan(3, 1, 800, 3, (5_000,))


@dataclass
class Figures:
    """What was measured, by name; several rounds of each."""

    runs: dict[str, list[Measured]] = field(default_factory=dict)
    taken: Taken | None = None
    bytes_read: int = 0

    def keep(self, name: str, measured: Measured) -> None:
        """Keep a round, and say what it gave."""
        self.runs.setdefault(name, []).append(measured)
        report, used = measured
        print(f"  {name:24} {report.rate:7.0f}/s  {_cpu(measured):6.2f} CPU ms{results.doubt(used.others)}", flush=True)

    def told(self) -> dict[str, Any]:
        """The medians, as they are kept."""
        return {name: _told(rounds) for name, rounds in self.runs.items()}


def _cpu(measured: Measured) -> float:
    report, used = measured
    return sum(used.by_group.values()) / report.requests * 1000


def _told(rounds: list[Measured]) -> dict[str, Any]:
    def middle(of: Callable[[Measured], float]) -> float:
        return round(median(map(of, rounds)), 3)

    def spent(name: str) -> float:
        return middle(lambda run: run[1].by_group[name] / run[0].requests * 1000)

    return {
        "rate": middle(lambda run: run[0].rate),
        "p50": middle(lambda run: run[0].p50),
        "p95": middle(lambda run: run[0].p95),
        "cpu": middle(_cpu),
        "cpu_by_process": {name: spent(name) for name in rounds[0][1].by_group},
        "others": middle(lambda run: run[1].others),
    }


@contextmanager
def running() -> Iterator[tuple[Nodes, Suite]]:
    """A broker, a server and the five processes of our own."""
    nodes = Nodes()
    suite = Suite(nodes.broker, nodes.server)
    try:
        nodes.start()
        suite.start()
        yield nodes, suite
    finally:
        suite.stop()
        nodes.stop()


def measure(plan: Plan) -> Figures:
    """All of it, in turns, on one broker."""
    figures = Figures()
    with running() as (nodes, suite):
        bench = Bench(suite)
        lines = bench.prepare()
        figures.bytes_read = bench.bytes_read
        for _ in range(plan.rounds):
            figures.keep("nameko's echo", echo.measure("stock", nodes.broker, plan.seconds))
            figures.keep("our echo", echo.measure("ours", nodes.broker, plan.seconds))
            figures.keep("governed read", bench.read(lines, plan.seconds))
            bench.drain()
        # Apart from the reads: the database goes on tidying up after creates for a while, and would be charged to them.
        for _ in range(plan.rounds):
            figures.keep("governed create", bench.create(plan.seconds))
            bench.drain()
        figures.taken = bench.take_in(lines, plan.rows, plan.reading)
    return figures


def main() -> None:
    """Measure, print, keep, and renew the document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of each, under a minute; keeps nothing")
    quick = parser.parse_args().quick
    plan = QUICK if quick else WHOLE
    figures, searched = measure(plan), search.at_once(plan.names)
    told = {"machine": described(), "load": generator(), "connections": echo.CONNECTIONS, "runs": figures.told()}
    told |= {"bytes_read": figures.bytes_read, "import": asdict(figures.taken) if figures.taken else {}}
    told["search"] = searched
    print("\n".join(results.lines(told)))
    if not quick:
        print(f"kept as {results.keep(told)}")


if __name__ == "__main__":
    main()

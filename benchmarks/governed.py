"""The suite under load through its gateway, with real tokens: reads, creates, an import with reads meanwhile."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import invented
from benchmarks.load import Line, Report, drive
from benchmarks.machine import Groups, Meter, Used
from cli.http import Gateway
from tests.nodes.processes import until
from tests.system.suite import SERVICES, Suite

CLERK = "zheng"
CONNECTIONS, WARM = 32, 1
RECORDS = 200
QUIET, PACE = 8, 25  # connections of those who read while a file is imported, and how many reads they begin a second
FASTEST = 1500  # creates a second: so many bodies are prepared
DRAIN = 90.0


@dataclass(frozen=True)
class Taken:
    """One file taken in: how fast, and what others felt of it (reads' p95 alone and meanwhile, in ms)."""

    rows: int
    seconds: float
    used: Used
    alone: float
    meanwhile: float
    hub_lag: float
    drained: float


class Bench:
    """A running suite, the clerk who works on it, and the processes whose time is counted."""

    def __init__(self, suite: Suite) -> None:
        self.suite, self.clerk = suite, Gateway(suite.url, suite.token(CLERK))
        self.headers = {"Authorization": f"Bearer {suite.token(CLERK)}", "Content-Type": "application/json"}
        nodes = {"broker": [suite.broker.pid], "database": [suite.server.pid]}
        self.groups: Groups = {**nodes, **{name: [suite.processes[name].pid] for name in SERVICES}}
        self.made, self.bytes_read = 0, 0

    def prepare(self) -> list[Line]:
        """Make some records; the requests that read them, ten fields each."""
        made = [self.clerk.post("/v1/records", invented.creation(n)) for n in self._fresh(RECORDS)]
        lines = [("GET", invented.reading(one["id"]), "") for one in made]
        fields = self.clerk.get(lines[0][1])["fields"]
        if {field["state"] for field in fields.values()} != {"clear"}:
            raise SystemExit("the benchmark's own records cannot be read in clear")
        self.bytes_read = invented.size(fields)
        return lines

    def read(self, lines: list[Line], seconds: float) -> tuple[Report, Used]:
        """Governed reads: decided, journalled, opened; relay and ledger at work."""
        return self._load(lines, lines, seconds)

    def create(self, seconds: float) -> tuple[Report, Used]:
        """Governed creates: validated, sealed in six parts, indexed, journalled, published."""
        warm, real = self._bodies(WARM * FASTEST), self._bodies(int(seconds * FASTEST))
        return self._load(warm, real, seconds)

    def take_in(self, lines: list[Line], rows: int, reading: float) -> Taken:
        """Import a file while a few go on reading."""
        self.drain()
        alone = drive(self.suite.url, lines, self.headers, QUIET, reading / 2, PACE).p95
        watch = (invented.sheet(rows), Meter(self.groups), time.monotonic())
        with self._readers(lines, reading) as readers:
            upload = self.clerk.upload("/v1/imports", {"class": invented.CLASS}, "rows.csv", watch[0])["id"]
            lag = max(self._until_taken(f"/v1/imports/{upload}"))
            seconds, used = time.monotonic() - watch[2], watch[1].read()
        self._expect(upload, rows)
        return Taken(rows, seconds, used, alone, readers.result().p95, lag, self.drain())

    def drain(self) -> float:
        """Seconds until the ledger has taken everything."""
        begun = time.monotonic()
        until(self._followed, DRAIN, "the ledger to take what waits")
        return time.monotonic() - begun

    def _load(self, warm: list[Line], lines: list[Line], seconds: float) -> tuple[Report, Used]:
        drive(self.suite.url, warm, self.headers, CONNECTIONS, WARM)
        meter = Meter(self.groups)
        report = drive(self.suite.url, lines, self.headers, CONNECTIONS, seconds)
        return report, meter.read(report.cpu)

    def _fresh(self, many: int) -> range:
        self.made += many
        return range(self.made - many, self.made)

    def _bodies(self, many: int) -> list[Line]:
        return [("POST", "/v1/records", invented.body(number)) for number in self._fresh(many)]

    @contextmanager
    def _readers(self, lines: list[Line], seconds: float) -> Iterator[Future[Report]]:
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(drive, self.suite.url, lines, self.headers, QUIET, seconds, PACE)

    def _until_taken(self, path: str) -> Iterator[float]:
        """The hub's lag in milliseconds while the file is being taken in, looked at twice a second."""
        while self.clerk.get(path)["state"] in ("receiving", "running"):
            yield self._figure("muniment_hub_lag_seconds") * 1000
            time.sleep(0.5)
        yield 0.0

    def _expect(self, upload: str, rows: int) -> None:
        told = self.clerk.get(f"/v1/imports/{upload}")
        if told["accepted"] != rows:
            raise SystemExit(f"of {rows} rows only {told['accepted']} were taken in")

    def _followed(self) -> bool:
        return not self._figure("muniment_outbox_pending") and not self._figure("muniment_ledger_lag_seconds")

    def _figure(self, name: str) -> float:
        """A figure of the records process, from its ops port."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.suite.ports['records']}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

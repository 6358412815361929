"""make chaos: clients write while processes, broker and database are killed -9; then everything is checked.

python -m tests.faults.chaos [--kills 5] [--writes 2000] [--clients 4] [--seed N] [--keep]
"""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

import argparse
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import subscriber
from tests.faults.checkers import Findings, check, traces
from tests.faults.client import PEOPLE
from tests.faults.evidence import Evidence, gather
from tests.faults.history import History, acknowledged
from tests.faults.nemesis import Nemesis
from tests.nodes.processes import NodeFailed, end_with_parent, until
from tests.system.suite import ROOT, Nodes, Suite


@dataclass
class Run:
    """One run: how much, how often, and what came of it."""

    kills: int = 5
    writes: int = 2000
    clients: int = 4
    seed: int = field(default_factory=lambda: random.SystemRandom().randrange(1_000_000))
    between: int = 20
    keep: bool = False
    history: History = field(default_factory=History)
    evidence: Evidence = field(default_factory=Evidence)
    deaths: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def execute(self) -> Findings:
        """Start, write and kill, heal, check."""
        begun = time.monotonic()
        nodes = Nodes().start()
        suite = Suite(nodes.broker, nodes.server)
        try:
            suite.start()
            self.seconds["start"] = time.monotonic() - begun
            return self._break_and_check(suite, nodes)
        finally:
            suite.stop(keep=self.keep)
            if self.keep:
                print(f"kept: {suite.dir}")
            nodes.stop()

    def _break_and_check(self, suite: Suite, nodes: Nodes) -> Findings:
        heard, stop = suite.dir / "events.jsonl", suite.dir / "stop"
        department = self._process("tests.faults.subscriber", nodes.broker.uri, str(heard))
        logs, clients = self._clients(suite, stop)
        begun = time.monotonic()
        try:
            nemesis = Nemesis(suite, nodes, self.seed, say)
            nemesis.run(self.kills, lambda: acknowledged(logs), self.between)
            nemesis.wait_while_growing(lambda: acknowledged(logs), self.writes)
            stop.touch()
            nemesis.wait_for(lambda: all(c.poll() is not None for c in clients), "the clients to finish")
            self.seconds["writing"], begun = time.monotonic() - begun, time.monotonic()
            self.deaths, self.history = suite.deaths, History.of(logs)
            self.evidence = gather(suite, self.history, 120)
            findings = self._checked(heard)
            self.seconds["checking"] = time.monotonic() - begun
            return findings
        finally:
            for process in (*clients, department):
                process.kill()
                process.wait()

    def _checked(self, heard: Path) -> Findings:
        def complete() -> bool:
            return not check(self.history, self.evidence, subscriber.delivered(heard)).missing_events

        try:
            until(complete, 20, "the subscriber to have every event")
        except NodeFailed:
            say("the subscriber still lacks events")
        return check(self.history, self.evidence, subscriber.delivered(heard))

    def _clients(self, suite: Suite, stop: Path) -> tuple[list[Path], list[subprocess.Popen[bytes]]]:
        tokens = suite.dir / "tokens.json"
        tokens.write_text(json.dumps({person: suite.token(person) for person in PEOPLE}))
        logs = [suite.dir / f"client-{n}.jsonl" for n in range(self.clients)]
        given = ("--url", suite.url, "--tokens", str(tokens), "--stop", str(stop))
        started = [
            self._process("tests.faults.client", "--name", str(n), "--log", str(log), *given)
            for n, log in enumerate(logs)
        ]
        return logs, started

    def _process(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, preexec_fn=end_with_parent)  # noqa: PLW1509

    def lines(self, findings: Findings) -> list[str]:
        """What is printed at the end."""
        done = self.history.acknowledged()
        recovered = sum(operation.unknown > 0 for operation in done)
        found = traces(self.evidence)
        held = sum(found[operation.name] == 1 for operation in done)
        numbers = {
            "invoked": len(self.history.operations),
            "acknowledged": len(done),
            "ok": held,
            "lost": len(findings.lost),
            "unexpected": len(findings.unexpected),
            "duplicated": len(findings.doubled),
            "recovered": recovered,
            "events missing": len(findings.missing_events),
            "events extra": len(findings.extra_events),
            "without entry": len(findings.unjournalled),
            "reads": len(self.history.reads),
            "entries": len(self.evidence.entries),
            "ended by themselves": len(self.deaths),
        }
        seconds = ", ".join(f"{what} {spent:.0f} s" for what, spent in self.seconds.items())
        verdict = ["ledger: " + (self.evidence.verdict.splitlines() or ["not read"])[0]]
        return [
            *findings.lines(),
            ", ".join(f"{k} {v}" for k, v in numbers.items()),
            *verdict,
            f"seed {self.seed}: {seconds}",
        ]


def say(line: str) -> None:
    """A line at once."""
    print(line, flush=True)


def main() -> None:
    """Run as told; exits 0 when everything held."""
    parser = argparse.ArgumentParser(prog="make chaos")
    for name, default in (("kills", 5), ("writes", 2000), ("clients", 4), ("seed", None), ("between", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--keep", action="store_true")
    given = {key: value for key, value in vars(parser.parse_args()).items() if value is not None}
    run = Run(**given)
    say(f"seed {run.seed}: until {run.writes} writes are acknowledged and everything died {run.kills} times")
    findings = run.execute()
    print(*run.lines(findings), sep="\n")
    sys.exit(1 if findings.kinds() else 0)


if __name__ == "__main__":
    main()

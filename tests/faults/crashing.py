"""A short run against one suite: a client, a supervisor that starts again what died, then the checkers."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.faults.checkers import Findings, check
from tests.faults.client import PEOPLE, Client
from tests.faults.evidence import gather
from tests.faults.history import History
from tests.nodes.processes import NodeFailed, until
from tests.system.suite import Suite


def client_of(suite: Suite, name: str = "c", patience: float = 60) -> Client:
    """A client of this suite that writes down what it does."""
    tokens = {person: suite.token(person) for person in PEOPLE}
    return Client(name, suite.url, tokens, log_of(suite, name), patience)


def log_of(suite: Suite, name: str = "c") -> Path:
    """Where a client writes."""
    return suite.dir / f"client-{name}.jsonl"


def run_rounds(suite: Suite, client: Client, rounds: int = 2, seconds: float = 100) -> None:
    """Some rounds, while whatever ends is started again without its failpoint."""
    writing = threading.Thread(target=client.rounds, args=(lambda done: done < rounds,), daemon=True)
    writing.start()

    def over() -> bool:
        died = [name for name, process in suite.processes.items() if process.poll() is not None]
        for name in died:
            suite.fail.pop(name, None)
        suite.revive()
        return not writing.is_alive()

    until(over, seconds, f"the client to finish\n{suite.tails()}")
    writing.join()


def findings_of(suite: Suite, seconds: float = 60) -> Findings:
    """What does not hold now, after all that clients did to this suite."""
    history = History.of(sorted(suite.dir.glob("client-*.jsonl")))
    try:
        return check(history, gather(suite, history, seconds))
    except NodeFailed as vain:
        return Findings(stuck=[str(vain).splitlines()[0]])

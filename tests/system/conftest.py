"""The whole suite, embedded and distributed; one of each for all tests that leave it in order."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.nodes.given import GivenBroker, Servers
from tests.system.suite import MUNIMENT, Nodes, Suite

SIDES = ("embedded", "distributed")
_on_given_broker: list[ExitStack] = []


@contextmanager
def running(side: str, program: Iterable[str] = MUNIMENT, given: bool = False) -> Iterator[Suite]:
    """A suite of its own on one side, with nodes of its own where it needs them; `given`: on the given ones, if any."""
    with ExitStack() as ending:
        yield _started(side, program, given, ending)


def _started(side: str, program: Iterable[str], given: bool, ending: ExitStack) -> Suite:
    suite = Suite(program=program) if side == "embedded" else _distributed(program, given, ending)
    ending.callback(suite.stop)
    return suite.start()


def _distributed(program: Iterable[str], given: bool, ending: ExitStack) -> Suite:
    nodes = Servers() if given else Nodes()
    ending.callback(nodes.stop)
    if isinstance(nodes.broker, GivenBroker):
        _alone(ending)
        program = nodes.broker.program
    nodes.start()
    return Suite(nodes.broker, nodes.server, program)


def _alone(ending: ExitStack) -> None:
    """Whoever has the given broker leaves it: two suites there would answer each other's calls."""
    while _on_given_broker:
        _on_given_broker.pop().close()
    _on_given_broker.append(ending)


class Shared:
    """A suite for many tests, started again after one that needed the given broker for itself."""

    def __init__(self, side: str) -> None:
        self.side, self.ending = side, ExitStack()
        self.running: Suite | None = None

    def suite(self) -> Suite:
        """It, running."""
        if self.running is None or self.running.stopped:
            self.running = self.ending.enter_context(running(self.side, given=True))
        return self.running


@pytest.fixture(scope="package", params=SIDES)
def shared(request: pytest.FixtureRequest) -> Iterator[Shared]:
    """One for the tests of this folder; at their end no service may have failed inside, whatever was answered."""
    one = Shared(request.param)
    with one.ending:
        yield one
        assert one.running is None or one.running.failures() == []


@pytest.fixture
def suite(shared: Shared) -> Suite:
    """A running suite that the test leaves as it found it, but for more records."""
    return shared.suite()


@pytest.fixture(params=SIDES)
def own_suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """A running suite for one test alone, which may end and freeze its processes, but neither broker nor server."""
    with running(request.param, given=True) as started:
        yield started

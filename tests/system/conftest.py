"""The whole suite, embedded and distributed; one of each for all tests that leave it in order."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from tests.system.suite import MUNIMENT, Nodes, Suite

SIDES = ("embedded", "distributed")


@contextmanager
def running(side: str, program: Iterable[str] = MUNIMENT) -> Iterator[Suite]:
    """A suite of its own on one side, with nodes of its own where it needs them."""
    nodes = Nodes().start() if side == "distributed" else None
    suite = Suite(nodes.broker, nodes.server, program) if nodes else Suite(program=program)
    try:
        yield suite.start()
    finally:
        suite.stop()
        if nodes:
            nodes.stop()


@pytest.fixture(scope="session", params=SIDES)
def suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """A running suite that the test leaves as it found it, but for more records."""
    with running(request.param) as started:
        yield started


@pytest.fixture(params=SIDES)
def own_suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """A running suite for one test alone, which may end and freeze what it likes."""
    with running(request.param) as started:
        yield started

"""Fixtures for the whole tree: a real broker and a real database, given or private, and the counts at the end."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if importlib.util.find_spec("chassis.green"):
    import chassis.green  # noqa: F401  (before anything that opens a socket)

import pytest
from hypothesis import HealthCheck, settings

from tests.nodes.given import GivenBroker, close_given, given_broker, given_server
from tests.nodes.postgres import PrivatePostgres, Server
from tests.nodes.rabbit import PrivateRabbit
from tests.requirements import Proofs

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("muniment", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("muniment")
LAYERS = ("unit", "service", "contracts", "system", "faults", "regimes", "browser")


def pytest_configure(config: pytest.Config) -> None:
    """Keep which requirements this run proves."""
    config.pluginmanager.register(Proofs(ROOT / "build" / "proved"), "requirements")


@pytest.fixture(scope="session")
def private_rabbit() -> Iterator[PrivateRabbit]:
    """A broker of this run's own, to kill and freeze."""
    node = PrivateRabbit()
    try:
        yield node.start()
    finally:
        node.stop()


@pytest.fixture(scope="session")
def private_postgres() -> Iterator[PrivatePostgres]:
    """A database server of this run's own, to kill and freeze."""
    node = PrivatePostgres()
    try:
        yield node.start()
    finally:
        node.stop()


@pytest.fixture(scope="session")
def rabbit(request: pytest.FixtureRequest) -> GivenBroker | PrivateRabbit:
    """The broker that AMQP_URI names, else a private one; both have `.uri`."""
    given = given_broker()
    return given.start().note() if given else request.getfixturevalue("private_rabbit")


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server that DATABASE_URL names, else a private one; both make databases and have `.url`."""
    given = given_server()
    yield given or request.getfixturevalue("private_postgres")
    if given:
        given.stop()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input beside the checkout; without it the test is skipped and the end of the run says so."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real input at {SHARED_DATA.parent.name}/{SHARED_DATA.name} beside the checkout")
    return SHARED_DATA


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line: tests and seconds per layer, and what was skipped."""
    counts: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    for report in (r for found in terminalreporter.stats.values() for r in found if hasattr(r, "duration")):
        layer = _layer(report.nodeid)
        counts[layer] += report.when == "call"
        seconds[layer] += report.duration
    parts = [f"{layer} {counts[layer]} in {seconds[layer]:.1f} s" for layer in LAYERS if counts[layer]]
    terminalreporter.write_line("per layer: " + (" · ".join(parts) or "nothing ran"))
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.write_line(f"WARNING: {len(skipped)} tests did not run; the reasons stand above", yellow=True)


def pytest_unconfigure() -> None:
    """After the last fixture, however the run ended."""
    close_given()


def _layer(nodeid: str) -> str:
    parts = Path(nodeid.split("::")[0]).parts
    return parts[1] if len(parts) > 2 else "other"

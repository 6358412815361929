"""Services on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.nodes.lending import FilesLender, Lender, ServersLender
from tests.nodes.postgres import Server
from tests.service.given_records import Suite
from tests.service.given_registers import Forms


@pytest.fixture(scope="session")
def lender(postgres: Server) -> Iterator[ServersLender]:
    """Databases on the server, emptied between tests and dropped when the last has run."""
    lender = ServersLender(postgres)
    yield lender
    lender.close()


@pytest.fixture(scope="session")
def file_lender(tmp_path_factory: pytest.TempPathFactory) -> FilesLender:
    """SQLite files."""
    return FilesLender(tmp_path_factory.mktemp("lent"))


@pytest.fixture(params=["sqlite", "postgres"])
def lent(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """`lent("records")`: the URL of a database at head that has no rows; on each of both."""
    lender: Lender = request.getfixturevalue("file_lender" if request.param == "sqlite" else "lender")
    taken: list[tuple[str, str]] = []

    def lend(kind: str) -> str:
        taken.append((kind, lender.lend(kind)))
        return taken[-1][1]

    yield lend
    for kind, url in taken:
        lender.give_back(kind, url)


@pytest.fixture
def suite(lent: Callable[[str], str], tmp_path: Path) -> Iterator[Suite]:
    """Records with its own database and its keystore."""
    suite = Suite(tmp_path, lent("records"), lent("keystore"))
    yield suite
    suite.close()


@pytest.fixture
def forms(suite: Suite) -> Forms:
    """The same under a regime with a form of every sort."""
    suite.__class__ = Forms
    assert isinstance(suite, Forms)
    return suite

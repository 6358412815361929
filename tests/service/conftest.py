"""Services on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes.lending import Lender
from tests.nodes.postgres import Server
from tests.service.given_records import Suite
from tests.service.given_registers import Forms


@pytest.fixture(scope="session")
def lender(postgres: Server) -> Iterator[Lender]:
    """Databases on the server, emptied between tests and dropped when the last has run."""
    lender = Lender(postgres)
    yield lender
    lender.close()


@pytest.fixture
def one_database(lender: Lender) -> Iterator[str]:
    """A database that no other test had: the ledger's begins with a row that is not to be emptied away."""
    yield lender.lend("audit").replace("postgresql+psycopg", "postgresql", 1)


@pytest.fixture(params=["sqlite", "postgres"])
def suite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Suite]:
    """Records with its own database and its keystore."""
    if request.param == "sqlite":
        suite = Suite(tmp_path, f"sqlite:///{tmp_path}/records.db", f"sqlite:///{tmp_path}/keystore.db")
        yield suite
        suite.close()
        return
    lender: Lender = request.getfixturevalue("lender")
    urls = [lender.lend("records"), lender.lend("keystore")]
    suite = Suite(tmp_path, *urls)
    yield suite
    suite.close()
    for kind, url in zip(("records", "keystore"), urls, strict=True):
        lender.give_back(kind, url)


@pytest.fixture
def forms(suite: Suite) -> Forms:
    """The same under a regime with a form of every sort."""
    suite.__class__ = Forms
    assert isinstance(suite, Forms)
    return suite

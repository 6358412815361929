"""Services on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.ids import new_id
from tests.service.given_records import Suite


@pytest.fixture(params=["sqlite", "postgres"])
def suite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Suite]:
    """Records with its own database and its keystore."""
    if request.param == "sqlite":
        suite = Suite(tmp_path, f"sqlite:///{tmp_path}/records.db", f"sqlite:///{tmp_path}/keystore.db")
        yield suite
        suite.close()
        return
    server, name = request.getfixturevalue("postgres"), f"records_{new_id()[-12:]}"
    urls = [server.database(one).replace("postgresql://", "postgresql+psycopg://") for one in (name, f"keys_{name}")]
    suite = Suite(tmp_path, *urls)
    yield suite
    suite.close()
    server.drop(name)
    server.drop(f"keys_{name}")

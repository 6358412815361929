"""The demo company's regime and people, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from regimes import organisation as organisations
from regimes.people import Organisation

DEMO = Path(regimes.__file__).parents[1] / "demo"


@pytest.fixture(scope="session")
def hengtong() -> regimes.Regime:
    return regimes.load("hengtong", DEMO / "regimes")


@pytest.fixture(scope="session")
def company() -> Organisation:
    return organisations.load(DEMO / "organisation.yaml")

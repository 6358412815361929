"""The command as a person calls it, on a data folder of the test's own."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from cli.secrets import make
from tests.nodes.prepared import prepare
from tests.system.suite import DATABASES

SETTINGS = ("AMQP_URI", "DATABASE_URL", "KEYSTORE_URL", "MUNIMENT_KEYS", "MUNIMENT_MODE", "LC_ALL", "LC_MESSAGES",
            "MUNIMENT_DATABASE_PREFIX")  # fmt: skip
Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and no setting but that one."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MUNIMENT_LANG", "en")
    monkeypatch.setenv("MUNIMENT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def installed(data: Path) -> Path:
    """Keys and databases as `serve` leaves them."""
    from chassis.db import database
    from chassis.settings import read_settings

    make(data / "keys")
    for name in DATABASES:
        prepare(database(read_settings().database(name)), name)
    return data


@pytest.fixture
def run(data: Path) -> Run:
    """`run("doctor", "records")` -> exit code and output."""
    return lambda *arguments, **more: CliRunner().invoke(main, [str(a) for a in arguments], **more)

"""`muniment token`: whose token, and in plain words why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.token import PASSWORDS
from tests.nodes.processes import free_port
from tests.unit.cli.conftest import Run


@pytest.fixture
def demo(data: Path) -> Path:
    """A folder with the passwords that a demo made."""
    data.mkdir()
    (data / PASSWORDS).write_text(json.dumps({"zheng": "one", "sun": "two"}))
    return data


def test_somebody_the_demo_does_not_have_is_named_with_those_it_has(run: Run, demo: Path) -> None:
    done = run("token", "--as", "nobody")

    assert done.exit_code == 1 and "the demo has nobody named nobody; it has zheng, sun" in done.output


def test_without_a_demo_a_password_is_asked_for(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUNIMENT_LANG", "zh")

    done = run("token", "--as", "zheng")

    assert done.exit_code == 1 and "请给出 --password" in done.output


def test_a_gateway_that_is_away_is_named(run: Run, demo: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    done = run("token", "--as", "zheng", "--url", url)

    assert done.exit_code == 1 and f"{url} does not answer" in done.output

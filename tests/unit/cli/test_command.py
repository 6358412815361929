"""The command itself: every subcommand loads, says what it is for in two languages, and is quick to ask."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest

from cli.main import COMMANDS, main
from tests.unit.cli.conftest import Run


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_speaks_both_languages(run: Run, name: str) -> None:
    command = main.get_command(click.Context(main), name)

    assert command is not None
    for found in (command, *getattr(command, "commands", {}).values()):
        assert re.search("[a-z]", found.help or "") and re.search("[一-鿿]", found.help or ""), found.name
    assert run(name, "--help").exit_code == 0


def test_help_loads_no_framework() -> None:
    """Asking for help must not take the time of a start."""
    code = "import sys; from cli.main import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    loaded = {word.split(".")[0] for word in said.split()}
    assert not loaded & {"eventlet", "nameko", "sqlalchemy", "kombu"}


def test_nothing_is_coloured_in_a_pipe(run: Run, installed: object) -> None:
    assert "\x1b[" not in run("doctor", "audit").output

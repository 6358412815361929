"""Putting a regime and an organisation in force in a running suite, over its own RPC."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

READY = "ready"  # in the data directory once regime and organisation are in force
DEMO = Path(__file__).resolve().parent.parent / "demo"


def regime_text(name: str, *folders: Path) -> str:
    """The canonical text of a regime by name (from the folders) or file, merged with what it extends."""
    import regimes

    return regimes.load(name, *folders).text


def publish(client: Any, regime: str, organisation: str, passwords: dict[str, str]) -> dict[str, Any]:
    """Organisation first, because a regime is checked with the people who have to live by it."""
    approvals = client.service("approvals")
    people = approvals.load_organisation({"text": organisation, "passwords": passwords}, deadline=30)
    return {**approvals.publish_regime({"text": regime}, deadline=30), "people": people["people"]}


def files_of(regime: Path, organisation: Path, passwords: Path | None) -> tuple[str, str, dict[str, str]]:
    """The three texts that put an organisation in force."""
    known = json.loads(passwords.read_text()) if passwords else {}
    return regime_text(regime.stem, regime.parent), organisation.read_text(), known


def options(command: Any) -> Any:
    """The options by which a command is told what to put in force."""
    path = click.Path(exists=True, dir_okay=False, path_type=Path)
    for name, text in (
        ("--passwords", "JSON file: person to first password. 人员初始密码文件。"),
        ("--organisation", "The organisation file. 组织文件。"),
        ("--regime", "The organisation's regime file. 组织的制度文件。"),
    ):
        command = click.option(name, type=path, help=text)(command)
    return command

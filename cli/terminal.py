"""What commands write: in the reader's language, in colour only on a terminal that wants it, or as JSON."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

as_json = click.option("--json", "json_", is_flag=True, help="Answer as JSON. 以 JSON 输出。")


def language() -> str:
    """`zh` or `en`: MUNIMENT_LANG, else the language of the terminal."""
    for name in ("MUNIMENT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if said := os.environ.get(name, ""):
            return "zh" if said.lower().startswith("zh") else "en"
    return "en"


def said(en: str, zh: str) -> str:
    """The one of both texts that the reader reads."""
    return zh if language() == "zh" else en


def console(stderr: bool = False) -> Console:
    """A console that guesses nothing into the texts; it obeys NO_COLOR and writes plainly into a pipe."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def dump(value: Any) -> None:
    """A value as JSON, for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))

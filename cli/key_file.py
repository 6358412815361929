"""The key file of this installation, for commands that renew what is in it."""

from __future__ import annotations

import sys
from typing import Any

from cli.terminal import said


def key_file() -> Any:
    """It, open; one that is missing or cannot be read ends the command with a line that names no key."""
    from vault.kek import KeyFile

    try:
        return KeyFile(settings().keys / "kek")
    except (OSError, ValueError) as wrong:
        sys.exit(
            said(f"the key file cannot be used: {type(wrong).__name__}", f"无法使用密钥文件：{type(wrong).__name__}")
        )


def counted(name: str, statement: Any) -> int:
    """What a counting statement says in one of the databases."""
    from chassis.db import database

    with database(settings().database(name)).read() as connection:
        return int(connection.execute(statement).scalar_one())


def settings() -> Any:
    """What this installation is set to."""
    from chassis.settings import read_settings

    return read_settings()

"""Databases at head, for tests that do not ask how they came there: a file is copied from one that was migrated."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from chassis.db import Database
from chassis.migrate import migrate

_migrated: set[str] = set()


def prepare(database: Database, service: str) -> Database:
    """Bring it to head, once: on a server it stays there however often it is emptied."""
    if database.sqlite and not (file := _file(database)).exists():
        shutil.copyfile(_mold(service), file)
    elif database.url not in _migrated:
        migrate(database, service)
    _migrated.add(database.url)
    return database


def leave(database: Database) -> None:
    """Close what connects to it, unless the next test can go on with that."""
    for engine in (database.engine, database.autocommit):
        if database.sqlite or engine.pool.checkedout():  # type: ignore[attr-defined]
            engine.dispose()


@cache
def _mold(service: str) -> Path:
    """A database of that service without rows; all of it is in the one file, as nobody has it open any more."""
    made = Database(f"sqlite:///{_folder() / service}.db")
    migrate(made, service)
    leave(made)
    return _file(made)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="muniment-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _file(database: Database) -> Path:
    return Path(str(database.engine.url.database))

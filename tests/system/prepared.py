"""The data of an embedded suite with the demo company in force: made once in a test run, copied for each suite."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.faults.evidence import quiesce
from tests.system.suite import Suite


class Model(Suite):
    """The suite that the others begin as copies of."""

    prepared = False


def lay_out(data: Path) -> None:
    """Put a copy there, with its keys; whoever is first in this run makes what is copied."""
    folder = _folder()
    with (folder / "model.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "model").exists():
            _make(folder)
    shutil.copytree(folder / "model", data)


def _make(folder: Path) -> None:
    model = Model(dir=folder / "model-in-the-making").start()
    quiesce(model)
    model.terminate("suite")
    model.data.rename(folder / "model")
    model.stop()


@cache
def _folder() -> Path:
    """That of the whole run, or this process's own."""
    if of_the_run := os.environ.get("MUNIMENT_TESTS_PREPARED"):
        return Path(of_the_run)
    own = Path(tempfile.mkdtemp(prefix="muniment-prepared-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own

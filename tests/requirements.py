"""Keeps which tests passed that say which requirements they prove: build/proved, a file for each file of tests.

`python -m cli.requirements` makes docs/requirements-map.md from it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any


class Proofs:
    """A plugin: of every test with the marker `covers` whether all of its cases passed in this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.covers: dict[str, set[str]] = {}
        self.passed: dict[str, bool] = {}

    def pytest_collection_finish(self, session: Any) -> None:
        """What the tests that will run say they prove."""
        for item in session.items:
            named = {name for marker in item.iter_markers("covers") for name in marker.args}
            if named:
                self.covers.setdefault(_name(item.nodeid), set()).update(named)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test passed if every case of it did, with what goes before and after it; a skipped one proves nothing."""
        name = _name(report.nodeid)
        if name in self.covers:
            self.passed[name] = self.passed.get(name, True) and report.passed

    def pytest_sessionfinish(self) -> None:
        """Renew what is known of the tests that ran, and leave the others as they are."""
        ran = defaultdict(dict[str, list[str]])
        for name, passed in self.passed.items():
            ran[name.split("::")[0]][name] = sorted(self.covers[name]) if passed else []
        for file, tests in ran.items():
            self._keep(self.folder / f"{file.replace('/', '.')}.json", tests)

    def _keep(self, kept: Path, tests: dict[str, list[str]]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        known = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
        kept.write_text(json.dumps(known | tests, indent=1, sort_keys=True) + "\n", "utf-8")


def _name(nodeid: str) -> str:
    """The test without its case."""
    return nodeid.split("[")[0]

"""Makes docs/requirements-map.md: which test or regime answers which requirement, and what is left out and why.

Run the tests first (`make test`), then `python -m cli.requirements`; it fails while a requirement has neither.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
MAP, PROVED = ROOT / "docs" / "requirements-map.md", ROOT / "build" / "proved"
REGIMES = ROOT / "regimes"
SHOWN = 3  # tests a requirement; the others can be found by their marker
NAMED = re.compile(r"Q-(\d{3})(?: to Q-(\d{3}))?")


def main() -> int:
    """Write the map; say what is neither proved nor left out, and end non-zero if anything is."""
    tests, said = passed(PROVED), in_regimes()
    open_ = [name for name in wanted() if name not in tests and name not in said and name not in left_out()]
    stale = [name for name in left_out() if name in tests]
    MAP.write_text(text(tests, said), encoding="utf-8")
    for name in open_:
        print(f"{name}: no test, no regime, no reason: {wanted()[name]}", file=sys.stderr)
    for name in stale:
        print(f"{name}: left out, and yet a test proves it; take it out of requirements-left-out.yaml", file=sys.stderr)
    return int(bool(open_ or stale))


def wanted() -> dict[str, str]:
    """Every requirement with its short title."""
    return _read("requirements.yaml")


def left_out() -> dict[str, str]:
    """Those that wait, each with its reason."""
    return _read("requirements-left-out.yaml")


def passed(folder: Path) -> dict[str, list[str]]:
    """Requirement -> the tests that prove it and passed when they ran last; tests that are gone prove nothing."""
    found: dict[str, list[str]] = defaultdict(list)
    for kept in sorted(folder.glob("*.json")):
        for test, names in json.loads(kept.read_text("utf-8")).items():
            for name in names if _exists(test) else ():
                found[name].append(test)
    return {name: sorted(tests) for name, tests in found.items()}


def in_regimes() -> dict[str, list[str]]:
    """Requirement -> the regime files that say beside a rule that it answers it; tests run their examples."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(REGIMES.glob("*.yaml")):
        comments = " ".join(line.partition("#")[2] for line in path.read_text("utf-8").splitlines())
        for first, last in NAMED.findall(comments):
            for number in range(int(first), int(last or first) + 1):
                found[f"Q-{number:03}"].append(path.name)
    return {name: sorted(set(files)) for name, files in found.items()}


def text(tests: dict[str, list[str]], said: dict[str, list[str]]) -> str:
    """The whole page."""
    waiting = left_out()
    rows = [_row(name, title, tests, said) for name, title in wanted().items() if name not in waiting]
    rest = [f"| {name} | {wanted()[name]} | {reason} |" for name, reason in sorted(waiting.items())]
    head = f"""# Requirements

What customer-records regimes ask of records, and what answers it. Made by `python -m cli.requirements` from the tests
that passed (marker `covers`) and from the regimes; {len(rows)} answered, {len(rest)} waiting.

| Requirement | What | Proved by | Said in |
|---|---|---|---|
"""
    waits = "\n\n## What waits, and why\n\n| Requirement | What | Why |\n|---|---|---|\n"
    return head + "\n".join(rows) + waits + "\n".join(rest) + "\n"


def _row(name: str, title: str, tests: dict[str, list[str]], said: dict[str, list[str]]) -> str:
    proofs = tests.get(name, [])
    more = [f"and {len(proofs) - SHOWN} more"] if len(proofs) > SHOWN else []
    shown = "<br>".join([*(f"`{one}`" for one in proofs[:SHOWN]), *more]) or "–"
    return f"| {name} | {title} | {shown} | {', '.join(f'`{one}`' for one in said.get(name, ())) or '–'} |"


def _exists(test: str) -> bool:
    file, *names = test.split("::")
    path = ROOT / file
    return path.is_file() and f"def {names[-1]}(" in path.read_text("utf-8")


def _read(name: str) -> dict[str, Any]:
    path = ROOT / "docs" / name
    return dict(yaml.safe_load(path.read_text("utf-8")) or {})


if __name__ == "__main__":
    sys.exit(main())

"""What became of every row: counts that add up, and a CSV for whoever has to correct the file.

The rows' own cells are not in it: the file goes with its key as soon as it is read, and its sender has it anyway.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.records.importing.guarding import guarded
from services.records.importing.problems import Problem

OUTCOMES = {"accepted": "已接收", "rejected": "已拒绝", "duplicate": "重复", "likely": "疑似重复"}
# Nothing that stands in a cell becomes a formula, a link or a number.
PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
HEADINGS = {"en": ("row", "outcome", "code", "reason"), "zh": ("行号", "结果", "代码", "原因")}
MARK = "\ufeff"  # without it Excel takes UTF-8 for the local code page


@dataclass(frozen=True)
class Line:
    """What became of one row. `cells` are given only in the report for the person who brought the file."""

    number: int
    outcome: str
    problems: tuple[Problem, ...] = ()
    cells: tuple[str, ...] = field(default=(), repr=False)


class Tally:
    """Counts outcomes; every row has exactly one, so they add up by construction."""

    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        self._codes: Counter[str] = Counter()

    def add(self, line: Line) -> Line:
        """Count one row and hand it on."""
        if line.outcome not in OUTCOMES:
            raise ValueError(f"no such outcome: {line.outcome}")
        self._outcomes[line.outcome] += 1
        self._codes.update(problem.code for problem in line.problems)
        return line

    @property
    def counts(self) -> dict[str, int]:
        """rows = accepted + rejected + duplicates."""
        found = self._outcomes
        return {
            "rows": found.total(),
            "accepted": found["accepted"],
            "rejected": found["rejected"],
            "duplicates": found["duplicate"] + found["likely"],
        }

    @property
    def codes(self) -> dict[str, int]:
        """How often each reason was given."""
        return dict(self._codes.most_common())


def as_csv(
    lines: Iterable[Line], titles: Iterable[str] = (), language: str = "en", headed: bool = True
) -> Iterator[str]:
    """The report, a piece at a time: row, outcome, code, reason, then the row's own cells if they were given."""
    if headed:
        yield MARK + _written([*HEADINGS["zh" if zh(language) else "en"], *titles])
    for line in lines:
        yield _written(cells(line, language))


def zh(language: str) -> bool:
    """Whether the clerk reads Chinese."""
    return language.lower().startswith("zh")


def cells(line: Line, language: str) -> list[str]:
    """The same as texts."""
    outcome = OUTCOMES[line.outcome] if zh(language) else line.outcome
    codes = " ".join(problem.code for problem in line.problems)
    reasons = ("；" if zh(language) else "; ").join(problem.reason(language) for problem in line.problems)
    return [str(line.number), outcome, codes, reasons, *line.cells]


def _written(texts: list[str]) -> str:
    piece = io.StringIO()
    csv.writer(piece, lineterminator="\r\n").writerow([guarded(cell) for cell in texts])
    return piece.getvalue()

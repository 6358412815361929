"""Tables: rows of the same columns as one value; a problem is told by its row and column."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from regimes.model import Field
from regimes.problem import Problem

MOST_ROWS = 1000
LONGEST = 256 * 1024

Cell = Callable[[Field, Any, str | None], str]


class TableProblem(Problem):
    """What is wrong in a table, cell by cell: the key is "row/column", counted from 0, or "row"."""

    def __init__(self, cells: dict[str, Problem]) -> None:
        first = next(iter(cells.values()))
        more = f" (and {len(cells) - 1} more)" if len(cells) > 1 else ""
        super().__init__(first.code, first.detail + more)
        self.cells = cells


def canonical(field: Field, raw: Any, cell: Cell) -> str:
    """The rows as compact JSON, columns in the order of the class, empty cells and rows left out."""
    rows, wrong = [], {}
    for number, row in enumerate(_rows(raw)):
        values, problems = _row(field, row, cell)
        wrong.update({f"{number}/{key}".rstrip("/"): _at(number, field, key, one) for key, one in problems.items()})
        if values:
            rows.append(values)
    if wrong:
        raise TableProblem(wrong)
    if not rows:
        raise Problem("value.empty", "the table has no row; leave the field out instead")
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def rows_of(value: str) -> list[dict[str, str]]:
    """The rows of a canonical value."""
    return list(json.loads(value))


def _rows(raw: Any) -> list[Any]:
    if isinstance(raw, str):
        raw = _parsed(raw)
    if not isinstance(raw, list | tuple):
        raise Problem("table.invalid", "must be a list of rows, each with its columns by name")
    if len(raw) > MOST_ROWS:
        raise Problem("table.too_long", f"at most {MOST_ROWS} rows; longer lists are kept in a register")
    return list(raw)


def _parsed(text: str) -> Any:
    if len(text) > LONGEST:
        raise Problem("value.too_long", f"at most {LONGEST} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Problem("table.invalid", "must be a list of rows, each with its columns by name") from None


def _row(field: Field, row: Any, cell: Cell) -> tuple[dict[str, str], dict[str, Problem]]:
    if not isinstance(row, dict):
        return {}, {"": Problem("table.row", "a row is a mapping of columns to values")}
    given = {name: value for name, value in row.items() if value is not None and str(value).strip()}
    wrong = {name: _unknown(field) for name in given if name not in field.columns}
    good: dict[str, str] = {}
    for name in sorted(field.columns, key=lambda name: field.columns[name].region is not None):
        column = field.columns[name]
        try:
            if name in given:
                good[name] = cell(column, given[name], good.get(column.region or ""))
            elif column.core and given:
                raise Problem("column.missing", "must be filled in every row")
        except Problem as problem:
            wrong[name] = problem
    return {name: good[name] for name in field.columns if name in good}, wrong


def _unknown(field: Field) -> Problem:
    return Problem("column.unknown", f"the table has no such column; its columns are {', '.join(field.columns)}")


def _at(number: int, field: Field, key: str, problem: Problem) -> Problem:
    """The problem with its place: people count rows from 1."""
    column = field.columns.get(key)
    where = f"row {number + 1}, {column.en} ({column.zh})" if column else f"row {number + 1}"
    return Problem(problem.code, f"{where}: {problem.detail}")

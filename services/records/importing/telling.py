"""How imports answer: progress, what was understood of the file, and the report of what was not taken."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

from chassis.breathing import gently
from chassis.errors import Invalid
from regimes import Regime
from regimes.model import Field
from services.records.importing import reasons, report, report_sheet, rows
from services.records.importing.model import Import
from services.records.importing.problems import Problem
from services.records.importing.reading import Table
from services.records.importing.report_sheet import Made
from services.records.importing.schemas import ImportStatusAnswer

PIECE, LINE = 128 * 1024, 40  # characters of a report that leave at once, and of a line beside its reasons
COUNTED = ("accepted", "rejected", "duplicates")
SHOWN = 60  # characters of a column's title
# A title with these is no title: the row taken for the header may be one of data, and what it holds stays sealed.
DATA = re.compile(r"\d{5}|@")


def status(taken: Import) -> dict[str, Any]:
    """How far it is, and what was understood of the file."""
    counted = sum(getattr(taken, name) for name in COUNTED)
    tried = {"encoding": taken.settings.get("encoding"), **taken.found}
    return ImportStatusAnswer().dump({**tried, **vars(taken), "rows": counted})


def opened(taken: Import, table: Table) -> Table:
    """The table, with its encoding noted for the clerk; one that was only guessed is for a dry run to look at."""
    taken.found = {**taken.found, "encoding": table.encoding, "certain": table.certain}
    if not (table.certain or taken.dry_run):
        raise Invalid(
            "import.encoding_uncertain", f"guessed to be in {table.encoding}; name the encoding, or try it dry"
        )
    return table


def understood(found: rows.Import) -> dict[str, Any]:
    """Encoding, header and columns as the status shows them, so that a clerk can correct them and start anew."""
    fields: dict[str, str] = {column.title: column.to for column in found.plan.columns}
    known = {rows.comparable(title): to for title, to in fields.items()}
    mapped, unmapped = [], []
    for place, title in enumerate(found.titles):
        to = known.get(rows.comparable(title))
        told = {"column": letters(place), "title": "" if DATA.search(title) else title[:SHOWN]}
        if to:
            mapped.append({**told, "field": to})
        elif title:
            unmapped.append(told)
    read: dict[str, Any] = {"encoding": found.encoding, "certain": found.certain, "header": found.header}
    return {**read, "columns": mapped, "unmapped": unmapped}


def letters(place: int) -> str:
    """A column as a spreadsheet calls it: A, B, … Z, AA."""
    name = ""
    while place >= 0:
        place, letter = place // 26 - 1, chr(ord("A") + place % 26)
        name = letter + name
    return name


def csv_piece(found: Iterable[Any], taken: Import, regime: Regime, language: str, after: int) -> dict[str, Any]:
    """The next rows that were not taken, with the reasons in the clerk's language; after which row it goes on."""
    lines, last = _cut(_lines(found, regime, taken.class_, language))
    return {"csv": "".join(report.as_csv(lines, (), language, headed=not after)), "next": last}


def sheet_piece(found: Iterable[Any], taken: Import, regime: Regime, language: str, made: Made) -> dict[str, Any]:
    """The same rows as the next bytes of a workbook."""
    lines, last = _cut(_lines(found, regime, taken.class_, language))
    raw, made = report_sheet.piece(made, lines, language, more=last is not None)
    name = f"import-{taken.id}.xlsx"
    return {"file": b64encode(raw).decode(), "name": name, "next": str(made) if last is not None else None}


def _cut(lines: Iterable[report.Line]) -> tuple[list[report.Line], int | None]:
    """As many lines as one piece holds; the number of the last where more follow."""
    held: list[report.Line] = []
    size = 0
    for line in gently(lines):
        if size >= PIECE:
            return held, held[-1].number
        held.append(line)
        size += LINE + sum(len(problem.detail) for problem in line.problems)
    return held, None


def _lines(found: Iterable[Any], regime: Regime, class_: str, language: str) -> Iterator[report.Line]:
    cls = regime.classes.get(class_)
    fields = cls.fields if cls else {}
    return (report.Line(row.row, row.outcome, _told(row.problems, fields, language)) for row in found)


def _told(problems: list[dict[str, Any]], fields: dict[str, Field], language: str) -> tuple[Problem, ...]:
    return tuple(Problem(one["code"], detail=reasons.reason(one, fields, language)) for one in problems)

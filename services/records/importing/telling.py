"""How imports answer: progress, what was understood of the file, and the report of what was not taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from regimes import Regime
from regimes.model import Field
from services.records.importing import reasons, report, rows
from services.records.importing.model import Import
from services.records.importing.problems import Problem
from services.records.importing.schemas import ImportStatusAnswer

COUNTED = ("accepted", "rejected", "duplicates")
SHOWN = 60  # characters of a column's title
# A title with these is no title: the row taken for the header may be one of data, and what it holds stays sealed.
DATA = re.compile(r"\d{5}|@")


def status(taken: Import) -> dict[str, Any]:
    """How far it is, and what was understood of the file."""
    counted = sum(getattr(taken, name) for name in COUNTED)
    return ImportStatusAnswer().dump({**taken.found, **vars(taken), "rows": counted})


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


def as_csv(found: Iterable[Any], regime: Regime, class_: str, language: str) -> str:
    """The rows that were not taken, with the reasons in the clerk's language."""
    return "".join(report.as_csv(_lines(found, regime, class_, language), language=language))


def as_xlsx(found: Iterable[Any], regime: Regime, class_: str, language: str) -> bytes:
    """The same as a workbook."""
    return report.as_xlsx(_lines(found, regime, class_, language), language)


def _lines(found: Iterable[Any], regime: Regime, class_: str, language: str) -> Iterator[report.Line]:
    cls = regime.classes.get(class_)
    fields = cls.fields if cls else {}
    return (report.Line(row.row, row.outcome, _told(row.problems, fields, language)) for row in found)


def _told(problems: list[dict[str, Any]], fields: dict[str, Field], language: str) -> tuple[Problem, ...]:
    return tuple(Problem(one["code"], detail=reasons.reason(one, fields, language)) for one in problems)

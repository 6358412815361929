"""Spreadsheets that leave: marked with who took them, why, when and how classified; nothing in them computes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook

from services.records.importing.report import guarded

# Nothing that a person typed becomes a formula, a link or a number that is not what he typed.
PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WITHHELD = {"en": "withheld", "zh": "未授权"}
SEALED = {"en": "not in an open file", "zh": "不得明文导出"}
WIDTH = 18
A4 = 9


@dataclass(frozen=True)
class Mark:
    """What stands on every page: who took the file away, for what, when, under which number in the log."""

    person: str
    purpose: str
    at: str
    number: str


@dataclass(frozen=True)
class Sheet:
    """What is to be written: facts above, then a table; `numbers` are columns that a chart may be drawn from."""

    title: str
    told: Sequence[tuple[str, str]]
    headings: Sequence[str]
    rows: Iterable[Sequence[str]]
    numbers: tuple[int, ...] = ()
    chart: int | None = None  # the column of numbers that is drawn, over the first column


def written(sheet: Sheet, mark: Mark) -> bytes:
    """The file: the mark above and below every page, the facts, then a line for every row."""
    room = io.BytesIO()
    with Workbook(room, PLAIN) as book:
        book.set_properties({"title": sheet.title, "comments": mark.number})
        page, bold = book.add_worksheet(), book.add_format({"bold": True, "text_wrap": True})
        for row, (word, value) in enumerate(sheet.told):
            page.write_string(row, 0, word, bold)
            page.write_string(row, 1, guarded(value))
        top = len(sheet.told) + 1
        for column, heading in enumerate(sheet.headings):
            page.write_string(top, column, guarded(heading), bold)
        last = top + _rows(page, sheet, top)
        _laid_out(page, sheet, top)
        _marked(page, mark)
        if sheet.chart is not None and last > top:
            _drawn(book, page, sheet, top, last)
    return room.getvalue()


def _rows(page: Any, sheet: Sheet, top: int) -> int:
    count = 0
    for count, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row):
            if column in sheet.numbers and cell:
                page.write_number(top + count, column, float(cell))
            else:
                page.write_string(top + count, column, guarded(cell))
    return count


def _laid_out(page: Any, sheet: Sheet, top: int) -> None:
    page.set_column(0, max(len(sheet.headings) - 1, 1), WIDTH)
    page.freeze_panes(top + 1, 0)
    page.repeat_rows(top)


def _marked(page: Any, mark: Mark) -> None:
    line = " · ".join((mark.person, mark.purpose, mark.at, mark.number)).replace("&", "&&")
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.set_header(f"&C{line}"[:255])
    page.set_footer(f"&L{line}&R&P/&N"[:255])


def _drawn(book: Any, page: Any, sheet: Sheet, top: int, last: int) -> None:
    chart, name = book.add_chart({"type": "column"}), page.get_name()
    series = {"categories": [name, top + 1, 0, last, 0], "values": [name, top + 1, sheet.chart, last, sheet.chart]}
    chart.add_series({**series, "name": [name, top, sheet.chart]})
    chart.set_title({"name": sheet.title})
    page.insert_chart(top, len(sheet.headings) + 1, chart)

"""The file itself: the mark above, a title row that an import knows again, every value as text, none as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook

from regimes import Regime
from regimes.model import Field, RecordClass
from regimes.tables import rows_of
from services.records.exporting import model
from services.records.importing import tabling
from services.records.importing.guarding import guarded
from services.records.importing.reading import LONGEST_CELL
from services.records.importing.report import MARK, PLAIN
from services.records.importing.template import columns_of
from services.records.workbook import SEALED, WITHHELD, Mark

NUMBER = {"en": "Record number", "zh": "档案编号"}
BELONGS = {"en": "Belongs to", "zh": "所属档案"}  # titles that an import knows
WORDS = {
    "en": ("Export", "Classification", "Requested by", "Purpose", "At", "Mark", "Records"),
    "zh": ("导出", "密级", "导出人", "用途", "时间", "标识", "条数"),
}
TOO_LONG = {"en": "too long for a cell", "zh": "内容过长，无法放入单元格"}


@dataclass(frozen=True)
class Line:
    """One record: what stands in clear anyway, and every field as its reader got it."""

    number: str
    about: str
    shown: dict[str, Any]


@dataclass(frozen=True)
class Stamp:
    """What stands on the file: as what it is classified, who took it, for what, when, under which number."""

    level: str
    mark: Mark

    def told(self, found: RecordClass, regime: Regime, said: str, count: int) -> list[tuple[str, str]]:
        """The same in words, line by line."""
        level, mark = regime.levels[self.level], self.mark
        one = {"en": (found.en, level.en), "zh": (found.zh, level.zh)}[said]
        values = (*one, mark.person, mark.purpose, mark.at, mark.number, str(count))
        return list(zip(WORDS[said], values, strict=True))


@dataclass(frozen=True)
class Sheet:
    """What is written: the class, the chosen fields, in whose language."""

    found: RecordClass
    regime: Regime
    fields: list[str]
    said: str
    guard: Callable[[str], str] = guarded

    @property
    def titles(self) -> list[str]:
        """The title row."""
        known = {column.path: column.title for column in columns_of(self.found, self.regime, self.said)}
        about = [BELONGS[self.said]] if self.found.about else []
        return [NUMBER[self.said], *about, *(known.get(path, path) for path in self.fields)]

    def cells(self, line: Line) -> list[str]:
        """One record's row."""
        about = [line.about] if self.found.about else []
        return [line.number, *about, *(self._cell(path, line.shown) for path in self.fields)]

    def _cell(self, path: str, shown: dict[str, Any]) -> str:
        one = shown.get(path, {"state": "withheld"})
        if one["state"] == "withheld":
            return WITHHELD[self.said]
        if one["state"] == model.SEALED:
            return SEALED[self.said]
        value, entry = one["value"] or "", self.found.fields[path]
        if one["state"] == "masked" or not value:
            return value
        text = self.guard(_written(entry, value, self.regime, self.said))
        return text if len(text) < LONGEST_CELL else TOO_LONG[self.said]


def as_csv(sheet: Sheet, lines: Iterable[Line], stamp: list[tuple[str, str]]) -> Iterator[bytes]:
    """A CSV that Excel opens as what it is."""
    yield MARK.encode()
    for cells in [*stamp, (), sheet.titles]:
        yield _row(map(guarded, cells))
    for line in lines:
        yield _row(sheet.cells(line))


def as_xlsx(sheet: Sheet, lines: Iterable[Line], stamp: list[tuple[str, str]]) -> bytes:
    """A workbook, marked on every page."""
    room, top = io.BytesIO(), len(stamp) + 1
    with Workbook(room, PLAIN) as book:
        page, bold = book.add_worksheet(), book.add_format({"bold": True})
        # As text also when somebody goes into the cell: a value that begins like a formula stays what it is.
        text = book.add_format({"num_format": "@", "quote_prefix": True})
        for row, cells in enumerate([*stamp, (), sheet.titles]):
            for column, cell in enumerate(cells):
                page.write_string(row, column, cell, bold)
        for row, line in enumerate(lines, top + 1):
            for column, cell in enumerate(sheet.cells(line)):
                page.write_string(row, column, cell, text)
        page.freeze_panes(top + 1, 0)
        page.set_column(0, len(sheet.titles) - 1, 20)
        _on_each_page(page, book, stamp, top)
    return room.getvalue()


def _on_each_page(page: Any, book: Any, stamp: list[tuple[str, str]], top: int) -> None:
    line = " · ".join(value for _, value in stamp[1:6]).replace("&", "&&")
    book.set_properties({"title": stamp[0][1], "comments": line})
    page.set_landscape()
    page.repeat_rows(top)
    page.set_header(f"&C{line}"[:255])
    page.set_footer(f"&L{line}&R&P/&N"[:255])


def _row(cells: Iterable[str]) -> bytes:
    piece = io.StringIO()
    csv.writer(piece, lineterminator="\r\n").writerow(list(cells))
    return piece.getvalue().encode()


def _written(entry: Field, value: str, regime: Regime, said: str) -> str:
    """A value as people write it: a code by its title, a table line by line; where that could be misread, as it is."""
    if entry.type == "table":
        return _lines(entry, value)
    if not entry.list:
        return value
    known = regime.lists[entry.list]
    title = (known[value].zh if said == "zh" else known[value].en) if value in known else ""
    words = [word.casefold() for code, one in known.items() for word in {code, one.en, one.zh}]
    return title if title and words.count(title.casefold()) == 1 else value


def _lines(entry: Field, value: str) -> str:
    rows = rows_of(value)
    plain = all(not set("|\n\r\t'[") & set(cell) for row in rows for cell in row.values())
    return "\n".join(tabling.written(entry, row) for row in rows) if plain else value

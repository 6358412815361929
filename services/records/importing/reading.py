"""Tables from files: CSV line by line, workbooks through calamine; the bytes say what a file is, not its name."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from chassis.errors import Invalid
from services.records.importing.decoding import Encoding, encoding_of, lines

MIB = 1 << 20
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
DELIMITERS = ",;\t|"
LONGEST_CELL = 32_767  # what a cell of a workbook holds; a longer one in a CSV is a quote nobody closed
ROUNDED = "\ufffdrounded"  # U+FFFD stands for what was lost; nobody types it

Cells = list[str]


@dataclass(frozen=True)
class Limits:
    """What a file may be at most."""

    size: int = 64 * MIB
    unpacked: int = 256 * MIB
    columns: int = 200


@dataclass
class Table:
    """A file's rows, numbered as a spreadsheet shows them. To be walked through once."""

    kind: str
    encoding: str | None
    certain: bool
    delimiter: str
    rows: Iterator[tuple[int, Cells]]


def open_table(
    source: bytes | Path | BinaryIO,
    encoding: str | None = None,
    limits: Limits | None = None,
    titles: Set[str] = frozenset(),
) -> Table:
    """The table in a file. A CSV is read as its rows are asked for; a workbook lies in memory, bounded by `limits`.

    `titles` are those that the class knows; a CSV is in the encoding in which they stand in it.
    """
    limits = limits or Limits()
    file = _file(source)
    if file.seek(0, io.SEEK_END) > limits.size:
        raise Invalid("import.too_large", f"the file is larger than {limits.size // MIB} MiB; split it")
    file.seek(0)
    head = file.read(8)
    if not head.strip():
        raise Invalid("import.empty", "the file is empty")
    if head.startswith(ZIP) or head == OLE:
        return _workbook(file, head, limits)
    return _text(file, encoding_of(file, encoding, titles), limits)


def _file(source: bytes | Path | BinaryIO) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return source.open("rb") if isinstance(source, Path) else source


# -- CSV


def _text(file: BinaryIO, found: Encoding, limits: Limits) -> Table:
    delimiter = _delimiter(line for line, _ in zip(lines(file, found), range(20), strict=False))
    return Table("csv", found.name, found.certain, delimiter, _csv_rows(lines(file, found), delimiter, limits))


def _delimiter(head: Iterator[str]) -> str:
    """The sign that cuts most of the first lines into the same number of cells."""
    sample = [line for line in head if line.strip()]
    counts = {sign: [line.count(sign) for line in sample] for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: (sum(count > 0 for count in counts[sign]), sum(counts[sign])))


def _csv_rows(text: Iterator[str], delimiter: str, limits: Limits) -> Iterator[tuple[int, Cells]]:
    taken = _Taken(text)
    reader, number = csv.reader(taken, delimiter=delimiter), 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _unclosed(number) from None
        if any(len(cell) > LONGEST_CELL for cell in cells) or (taken.over and _runs_on(taken.lines, delimiter)):
            raise _unclosed(number)
        taken.lines.clear()
        yield number, _within(cells, number, limits)


class _Taken:
    """The lines of a text, and those that went into the row being read."""

    def __init__(self, text: Iterator[str]) -> None:
        self.text, self.lines, self.over = text, list[str](), False

    def __iter__(self) -> _Taken:
        return self

    def __next__(self) -> str:
        try:
            self.lines.append(next(self.text))
        except StopIteration:
            self.over = True
            raise
        return self.lines[-1]


def _runs_on(lines: list[str], delimiter: str) -> bool:
    """Whether the last row ends inside quotation marks: a reader takes it as it is, with all that it swallowed."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as wrong:
        return "unexpected end" in str(wrong)
    return False


def _unclosed(number: int) -> Invalid:
    return Invalid(
        "import.unclosed_quote", f"row {number} opens a quotation mark that is not closed; close or double it"
    )


def _within(cells: Cells, number: int, limits: Limits) -> Cells:
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) > limits.columns:
        raise Invalid("import.too_many_columns", f"row {number} has more than {limits.columns} columns")
    return cells


# -- workbooks


def _workbook(file: BinaryIO, head: bytes, limits: Limits) -> Table:
    kind = _checked_zip(file, limits) if head.startswith(ZIP) else _checked_ole(file)
    file.seek(0)
    with _calamine_refusals():
        book = CalamineWorkbook.from_filelike(file)
        if not book.sheet_names:
            raise _no_workbook()
        sheet = book.get_sheet_by_index(0)
        if sheet.end is not None and sheet.end[1] >= limits.columns:
            raise Invalid("import.too_many_columns", f"the first sheet has more than {limits.columns} columns")
        rows = sheet.iter_rows() if sheet.end is not None else iter([])
    first = sheet.start[0] if sheet.start else 0
    return Table(kind, None, True, ",", _sheet_rows(rows, first, limits))


def _sheet_rows(rows: Iterator[list[Any]], above: int, limits: Limits) -> Iterator[tuple[int, Cells]]:
    for number, row in enumerate(rows, above + 1):
        yield number, _within([_text_of(cell) for cell in row], number, limits)


def _text_of(cell: Any) -> str:
    """A cell as the clerk reads it; a number of more than 15 digits was rounded by the spreadsheet and says so."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)


def _number(cell: float) -> str:
    if cell.is_integer():
        return f"{cell:.0f}" if abs(cell) < 1e15 else ROUNDED
    return repr(cell)


def _checked_zip(file: BinaryIO, limits: Limits) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise _no_workbook() from None
    if any(entry.flag_bits & 1 for entry in entries.values()):
        raise _encrypted()
    if sum(entry.file_size for entry in entries.values()) > limits.unpacked:
        raise Invalid("import.too_large", f"the workbook unpacks to more than {limits.unpacked // MIB} MiB; split it")
    if not {"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & entries.keys():
        raise _no_workbook()
    return "xlsx"


def _checked_ole(file: BinaryIO) -> str:
    """Old workbooks and encrypted new ones share a container; the directory names tell them apart."""
    file.seek(0)
    body = file.read()
    if "EncryptedPackage".encode("utf-16-le") in body:
        raise _encrypted()
    if not any(name.encode("utf-16-le") in body for name in ("Workbook", "Book")):
        raise _no_workbook()
    return "xls"


@contextmanager
def _calamine_refusals() -> Iterator[None]:
    try:
        yield
    except PasswordError:
        raise _encrypted() from None
    except CalamineError:
        raise _no_workbook() from None


def _no_workbook() -> Invalid:
    return Invalid("import.not_a_workbook", "the file is no readable workbook; save it as XLSX or as CSV UTF-8")


def _encrypted() -> Invalid:
    return Invalid("import.encrypted", "the workbook is protected by a password; save it without one")

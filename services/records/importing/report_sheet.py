"""The report as a workbook that is made and leaves in pieces: nobody, here or on the way, ever holds the whole of it.

A workbook is a zip. Its one large member, the sheet, comes first and in deflated runs that may simply follow each
other; how far it has come, with its checksum so far, goes along with each piece and comes back with the next request.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter import Workbook

from chassis.errors import Conflict
from services.records.importing.guarding import guarded
from services.records.importing.reading import LONGEST_CELL
from services.records.importing.report import HEADINGS, PLAIN, Line, cells, zh

SHEET = "xl/worksheets/sheet1.xml"
WIDTHS = (8, 12, 28, 90)
WRAPPED = 2  # the second format of the book, after its bold headings
LAST = 1_048_576  # rows of a sheet
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
DESCRIPTOR = b"PK\x07\x08"


@dataclass(frozen=True)
class Made:
    """How much is there: up to which row of the file, rows in all, the sheet's checksum and sizes, plain and packed."""

    after: int = 0
    rows: int = 0
    crc: int = 0
    size: int = 0
    packed: int = 0

    @classmethod
    def of(cls, text: str) -> Made:
        """As it was told with the piece before; nothing at the beginning."""
        return cls(*(int(one) for one in text.split("."))) if text else cls()

    def __str__(self) -> str:
        return f"{self.after}.{self.rows}.{self.crc}.{self.size}.{self.packed}"


def piece(made: Made, lines: Iterable[Line], language: str, more: bool) -> tuple[bytes, Made]:
    """The next bytes of the workbook: its head where nothing is there yet, these rows, its end where no more follow."""
    head, xml, after, rows = b"", [], made.after, made.rows
    if not rows:
        head, rows = _entry().FileHeader(zip64=False), 1
        xml.append(_around(language, rows)[0])
    for line in lines:
        rows, after = rows + 1, line.number
        xml.append(_row(rows, cells(line, language)))
    _refuse_overlong(rows)
    if not more:
        xml.append(_around(language, rows)[1])
    raw, packed = b"".join(xml), _packed(b"".join(xml), more)
    made = Made(after, rows, zlib.crc32(raw, made.crc), made.size + len(raw), made.packed + len(packed))
    return head + packed + (b"" if more else _end(made, language)), made


def _packed(raw: bytes, more: bool) -> bytes:
    run = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return run.compress(raw) + run.flush(zlib.Z_FULL_FLUSH if more else zlib.Z_FINISH)


def _refuse_overlong(rows: int) -> None:
    if rows > LAST:
        raise Conflict("report.too_long", "a spreadsheet cannot hold so many rows; take the report as CSV")


def _row(number: int, texts: list[str]) -> bytes:
    first, *rest = texts
    told = [f'<c r="A{number}"><v>{int(first)}</v></c>']
    for letter, text in zip("BCD", rest, strict=True):
        shown = escape(NO_XML.sub("", guarded(text)[:LONGEST_CELL]))
        kept = f'<is><t xml:space="preserve">{shown}</t></is>'
        told.append(f'<c r="{letter}{number}" s="{WRAPPED}" t="inlineStr">{kept}</c>')
    return f'<row r="{number}">{"".join(told)}</row>'.encode()


def _end(made: Made, language: str) -> bytes:
    """The other members of the book, and the directory of all."""
    entry = _entry()
    entry.CRC, entry.file_size, entry.compress_size = made.crc, made.size, made.packed
    sizes = b"".join(one.to_bytes(4, "little") for one in (made.crc, made.packed, made.size))
    tail = _Tail(len(entry.FileHeader(zip64=False)) + made.packed)
    tail.write(DESCRIPTOR + sizes)
    with ZipFile(tail, "w", ZIP_DEFLATED) as book, ZipFile(io.BytesIO(_book(language, made.rows))) as usual:  # type: ignore[call-overload]
        book.filelist.append(entry)
        for name in usual.namelist():
            if name != SHEET:
                book.writestr(ZipInfo(name), usual.read(name), ZIP_DEFLATED)
    return bytes(tail.written)


def _entry() -> ZipInfo:
    entry = ZipInfo(SHEET)
    entry.compress_type, entry.header_offset = ZIP_DEFLATED, 0
    entry.flag_bits |= 0x08  # its sizes stand behind it
    return entry


class _Tail:
    """What is written after so many bytes that have left already."""

    def __init__(self, gone: int) -> None:
        self.gone, self.written = gone, bytearray()

    def write(self, raw: bytes) -> int:
        self.written += raw
        return len(raw)

    def tell(self) -> int:
        return self.gone + len(self.written)

    def flush(self) -> None:
        """Nothing is held back."""


def _around(language: str, rows: int) -> tuple[bytes, bytes]:
    """What stands before the first row of the sheet, headings included, and after the last."""
    with ZipFile(io.BytesIO(_book(language, rows))) as book:
        before, end, after = book.read(SHEET).partition(b"</sheetData>")
    return re.sub(rb"<dimension [^>]*>", b"", before), end + after


def _book(language: str, rows: int) -> bytes:
    """The report without its rows: headings, widths, and a filter over the columns."""
    room = io.BytesIO()
    with Workbook(room, PLAIN) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.write_row(0, 0, HEADINGS["zh" if zh(language) else "en"], bold)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width, wrapped if column else None)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(rows - 1, 1), len(WIDTHS) - 1)
    return room.getvalue()

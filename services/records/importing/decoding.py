"""Which encoding a text is in: mark, strict UTF-8, strict GB18030, UTF-16, and only then a guess that is called one."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from charset_normalizer import from_bytes

from chassis.errors import Invalid

CHUNK = 1 << 16
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"\x84\x31\x95\x33": "gb18030",
}
CANDIDATES = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
SEPARATORS = set("\n\r,;\t|")  # almost any bytes pass for UTF-16; only the right byte order has these in it
NO_TEXT = re.compile("[\\x00-\\x08\\x0b\\x0e-\\x1f\ufffe\uffff]")  # no table holds these: another encoding, or no text


@dataclass(frozen=True)
class Encoding:
    """The encoding used, and whether it follows from the bytes or was guessed."""

    name: str
    certain: bool


def encoding_of(file: BinaryIO, chosen: str | None = None) -> Encoding:
    """The encoding of a text file, read in pieces; refuses what is no text."""
    if chosen:
        return _checked(file, chosen)
    for mark, name in MARKS.items():
        if _head(file, len(mark)) == mark and _fits(file, name):
            return Encoding(name, True)
    for name in CANDIDATES:
        if _fits(file, name) and (not name.startswith("utf-16") or _is_separated(file, name)):
            return Encoding(name, name == "utf-8")
    return Encoding(_guessed(file), False)


def lines(file: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """The lines of the text, one at a time, line ends kept for the CSV reader."""
    file.seek(0)
    text = io.TextIOWrapper(_Kept(file), encoding.name, errors="strict", newline="")
    for number, line in enumerate(text):
        yield line.removeprefix("\ufeff") if number == 0 else line


class _Kept(io.BufferedReader):
    """Leaves the caller's file open when the text wrapper goes."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(_Raw(file), CHUNK)


class _Raw(io.RawIOBase):
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _checked(file: BinaryIO, chosen: str) -> Encoding:
    try:
        known = codecs.lookup(chosen)
    except LookupError:
        raise _refused(f"there is no encoding {chosen!r}; try utf-8 or gb18030") from None
    if not getattr(known, "_is_text_encoding", True) or not _fits(file, known.name):
        raise _refused(f"the file is not in the encoding {known.name}; leave the encoding out to have it found")
    return Encoding(known.name, True)


def _fits(file: BinaryIO, name: str) -> bool:
    """Every byte decodes, and no control character comes out that no table holds."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    file.seek(0)
    try:
        while piece := file.read(CHUNK):
            if not _is_text(decoder.decode(piece)):
                return False
        return _is_text(decoder.decode(b"", final=True))
    except UnicodeError:
        return False


def _is_separated(file: BinaryIO, name: str) -> bool:
    return not SEPARATORS.isdisjoint(_head(file, CHUNK).decode(name, "ignore"))


def _is_text(text: str) -> bool:
    return NO_TEXT.search(text) is None


def _guessed(file: BinaryIO) -> str:
    best = from_bytes(_head(file, 1 << 18)).best()
    if best is None or not _fits(file, best.encoding):
        raise _refused("the file is no text in any encoding known here; save it as CSV UTF-8 or as XLSX")
    return best.encoding


def _head(file: BinaryIO, size: int) -> bytes:
    file.seek(0)
    return file.read(size)


def _refused(detail: str) -> Invalid:
    return Invalid("import.encoding", detail)

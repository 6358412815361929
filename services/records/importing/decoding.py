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
PLAIN, WIDE = ("utf-8", "gb18030"), ("utf-16-le", "utf-16-be")
SEPARATORS = "\n\r,;\t|"
CJK = re.compile("[\u3400-\u9fff]")
LONE = re.compile("(?<=[A-Za-z])[\u3400-\u9fff](?=[a-z])|(?<=[a-z])[\u3400-\u9fff](?![\u3400-\u9fff])")
STRAY = 0.1
SHARE = 0.2  # of the bytes that look like separators; the others are halves of Chinese characters
NO_TEXT = re.compile("[\\x00-\\x08\\x0b\\x0e-\\x1f\ufffe\uffff]")  # no table holds these: another encoding, or no text


@dataclass(frozen=True)
class Encoding:
    """The encoding used, and whether it follows from the bytes or was guessed."""

    name: str
    certain: bool


def encoding_of(file: BinaryIO, chosen: str | None = None) -> Encoding:
    """The encoding of a text file, read in pieces; refuses what is no text, and text with control characters in it."""
    if chosen:
        return _checked(file, chosen)
    for mark, name in MARKS.items():
        if _head(file, len(mark)) == mark and (whole := _read(file, name)):
            return _clean(whole, Encoding(name, True))
    found = {name: seen for name in PLAIN if (seen := _read(file, name))}
    for name, seen in found.items():
        if seen.line is None and (name == "utf-8" or _is_chinese(file)):
            return Encoding(name, name == "utf-8")
    for name in WIDE:
        if _is_separated(file, name) and (seen := _read(file, name)) and seen.line is None:
            return Encoding(name, False)
    for name, seen in found.items():
        if seen.line is not None and _is_mostly_text(file, name):
            return _clean(seen, Encoding(name, False))
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
    found = _read(file, known.name) if getattr(known, "_is_text_encoding", True) else None
    if found is None:
        raise _refused(f"the file is not in the encoding {known.name}; leave the encoding out to have it found")
    return _clean(found, Encoding(known.name, True))


@dataclass(frozen=True)
class _Read:
    """A file that decodes whole; `line` is where the first character stands that no table holds."""

    line: int | None


def _read(file: BinaryIO, name: str) -> _Read | None:
    """What comes of reading the file in an encoding; None where its bytes are not in it."""
    decoder, line, number = codecs.getincrementaldecoder(name)("strict"), None, 1
    file.seek(0)
    try:
        while True:
            piece = file.read(CHUNK)
            text = decoder.decode(piece, final=not piece)
            if line is None and (strange := NO_TEXT.search(text)):
                line = number + text.count("\n", 0, strange.start())
            number += text.count("\n")
            if not piece:
                return _Read(line)
    except UnicodeError:
        return None


def _clean(found: _Read, encoding: Encoding) -> Encoding:
    if found.line is None:
        return encoding
    told = f"line {found.line} holds a NUL or another control character; save the file again as CSV UTF-8 or as XLSX"
    raise Invalid("import.control_characters", told)


def _is_separated(file: BinaryIO, name: str) -> bool:
    """Almost any bytes pass for UTF-16; in a table the signs between its cells are whole characters of it."""
    raw = _head(file, CHUNK)
    seen = sum(raw.count(sign.encode()) for sign in SEPARATORS)
    return sum(map(raw.decode(name, "ignore").count, SEPARATORS)) > seen * SHARE


def _is_mostly_text(file: BinaryIO, name: str) -> bool:
    """Some control characters have strayed into a text; where there are many it is none."""
    text = _head(file, CHUNK).decode(name, "ignore")
    return len(text) - len(NO_TEXT.sub("", text)) < len(text) * STRAY


def _is_chinese(file: BinaryIO) -> bool:
    """Not a text of the West read wrongly: there an accented letter and its neighbour come out as one lone sign."""
    text = _head(file, CHUNK).decode("gb18030", "ignore")
    signs = len(text) - len(CJK.sub("", text))
    return not signs or (len(text) - len(LONE.sub("", text))) * 2 < signs


def _guessed(file: BinaryIO) -> str:
    best = from_bytes(_head(file, 1 << 18)).best()
    found = _read(file, best.encoding) if best else None
    if best is None or found is None or found.line is not None:
        raise _refused("the file is no text in any encoding known here; save it as CSV UTF-8 or as XLSX")
    return best.encoding


def _head(file: BinaryIO, size: int) -> bytes:
    file.seek(0)
    return file.read(size)


def _refused(detail: str) -> Invalid:
    return Invalid("import.encoding", detail)

"""Which encoding a text is in: mark, strict UTF-8, what the bytes weigh as, UTF-16, and then a guess called one."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any, BinaryIO

from charset_normalizer import from_bytes

from chassis.errors import Invalid
from services.records.importing.weighing import EASTERN, Weighed, known, outweighs, weighed

CHUNK = 1 << 16
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"\x84\x31\x95\x33": "gb18030",
}
WIDE = ("utf-16-le", "utf-16-be")
AKIN = ("gb2312", "gbk", "hz", "cp950", "shift_jis", "shift_jis_2004", "shift_jisx0213", "euc_jis_2004", "euc_jisx0213")
SEPARATORS = "\n\r,;\t|"
CJK = re.compile("[\u3400-\u9fff]")
LONE = re.compile("(?<=[A-Za-z])[\u3400-\u9fff](?=[a-z])|(?<=[a-z])[\u3400-\u9fff](?![\u3400-\u9fff])")
ACCENTED, FOREIGN = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][a-z]"), re.compile(rb"[\x80-\xff]{3}")
STRAY = 0.1
SHARE = 0.2  # of the bytes that look like separators; the others are halves of Chinese characters
NO_TEXT = re.compile("[\\x00-\\x08\\x0b\\x0e-\\x1f\ufffe\uffff]")  # no table holds these: another encoding, or no text


@dataclass(frozen=True)
class Encoding:
    """The encoding used, and whether it follows from the bytes or was guessed."""

    name: str
    certain: bool


def encoding_of(file: BinaryIO, chosen: str | None = None, titles: Set[str] = frozenset()) -> Encoding:
    """The encoding of a text file, read in pieces; refuses what is no text, and text with control characters in it.

    `titles` are those of the class in comparable form: the encoding in which they stand there is the one.
    """
    if chosen:
        return _checked(file, chosen)
    for mark, name in MARKS.items():
        if _head(file, len(mark)) == mark and (whole := _read(file, name)):
            return _clean(whole, Encoding(name, True))
    plain = _read(file, "utf-8")
    if plain and plain.line is None:
        return Encoding("utf-8", True)
    weighing = weighed(_head(file, CHUNK), titles)
    return _eastern(file, weighing) or _wide(file, titles) or _strayed(file, plain, weighing) or _guessed(file)


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
    return (len(text) - len(LONE.sub("", text))) * 2 < signs


def _eastern(file: BinaryIO, weighing: list[Weighed]) -> Encoding | None:
    """The likeliest Chinese or Japanese encoding that the whole file is in; certain where no other could be."""
    for place, one in enumerate(weighing):
        if (one.plausible or (one.name == "gb18030" and _is_chinese(file))) and _is_whole(file, one.name):
            return Encoding(one.name, one.plausible and outweighs(one, weighing[:place] + weighing[place + 1 :]))
    return None


def _wide(file: BinaryIO, titles: Set[str]) -> Encoding | None:
    for name in WIDE:
        if _is_separated(file, name) and _is_whole(file, name):
            return Encoding(name, known(_head(file, CHUNK).decode(name, "ignore"), titles, ascii_too=True) > 0)
    return None


def _strayed(file: BinaryIO, plain: _Read | None, weighing: list[Weighed]) -> Encoding | None:
    """A text that would be one but for a control character in it is refused with the place of that."""
    found = {"utf-8": plain} | {one.name: _read(file, one.name) for one in weighing}
    for name, seen in found.items():
        if seen and seen.line is not None and _is_mostly_text(file, name):
            return _clean(seen, Encoding(name, False))
    return None


def _is_whole(file: BinaryIO, name: str) -> bool:
    return (seen := _read(file, name)) is not None and seen.line is None


def _guessed(file: BinaryIO) -> Encoding:
    """Of the alphabets that are left; what weighed nothing as Chinese or Japanese is not guessed to be either."""
    if _is_western(_head(file, CHUNK)) and _is_whole(file, "cp1252"):
        return Encoding("cp1252", False)
    tried = [*EASTERN, *AKIN]
    best = from_bytes(_head(file, 1 << 18), cp_exclusion=tried).best()
    if best is None or not _is_whole(file, best.encoding):
        told = "the file is no text in any encoding known here; save it as CSV UTF-8 or as XLSX"
        raise Invalid("import.no_text", told)
    return Encoding(best.encoding, False)


def _is_western(head: bytes) -> bool:
    """Accented letters stand alone or in pairs among plain ones; a word of another alphabet has none of those."""
    return bool(ACCENTED.search(head)) and not FOREIGN.search(head)


def _head(file: BinaryIO, size: int) -> bytes:
    file.seek(0)
    return file.read(size)


def _refused(detail: str) -> Invalid:
    return Invalid("import.encoding", detail)

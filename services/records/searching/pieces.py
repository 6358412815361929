"""The pieces of a value under which it is found again: whole, signs and pairs, sounds, last four, day of the year."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

from regimes.model import Field
from regimes.oddities import simplified
from services.records.searching import pinyin

START = "^"  # stands before the first sign, so that the beginning of a value is a pair of its own
LONGEST = 64  # signs of a value that are taken to pieces: what one row costs stays bounded
LAST = 4
UNSEARCHED = ("table", "document", "signature")
SPOKEN, WRITTEN, ENDING = ("name",), ("name", "address"), ("phone", "resident_id")
WHOLE = ("is", "last4")  # kinds whose pieces are one person's, and are remembered nowhere
Pieces = dict[str, set[str]]


def folded(text: str) -> str:
    """The form in which two spellings of one text meet."""
    if text.isascii():
        return "".join(text.lower().split())
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_simpler())
    return "".join(plain.split())


@cache
def _simpler() -> dict[int, str]:
    """Each traditional character as it is written simplified."""
    signs = [chr(code) for first, last in pinyin.HAN for code in range(ord(first), ord(last) + 1)]
    plain = simplified("\n".join(signs)).split("\n")
    return {ord(sign): other for sign, other in zip(signs, plain, strict=True) if sign != other and len(other) == 1}


def pieces(field: Field, value: str) -> Pieces:
    """What a value is indexed by, by kind; nothing where its type is not searched."""
    if field.type in UNSEARCHED:
        return {}
    whole = folded(value)
    found: Pieces = {"is": {whole}}
    if field.type in WRITTEN:
        found["pair"] = set(pairs(START + whole[:LONGEST]))
    if field.type in SPOKEN:
        found |= {"sign": set(whole[:LONGEST]), **_spoken(whole[:LONGEST])}
    if field.type in ENDING:
        found["last4"] = {ending(whole)}
    if field.type == "date":
        found["day"] = {whole[5:]}
    return found


def _spoken(name: str) -> Pieces:
    ways = pinyin.readings(name)
    syllables = {syllable for way in ways for syllable in way}
    letters = {pair for way in ways for pair in pairs(pinyin.initials(way))}
    return {"pinyin": syllables, "initials": letters} if ways else {}


def pairs(text: str) -> Iterator[str]:
    """Every two neighbours."""
    return (text[at : at + 2] for at in range(len(text) - 1))


def ending(text: str) -> str:
    """The last four letters and digits."""
    return "".join(sign for sign in text if sign.isalnum())[-LAST:].casefold()

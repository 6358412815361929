"""What is searched for: conditions on fields, the pieces they are found by, and whether an opened value fits. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chassis.errors import Invalid
from regimes import Regime
from regimes.model import Field, RecordClass
from regimes.values import Problem, validate
from services.records.searching import pinyin
from services.records.searching.pieces import ENDING, LONGEST, SPOKEN, START, UNSEARCHED, WRITTEN, ending, folded, pairs
from vault.tokens import SearchIndex

Way = list[tuple[str, str]]  # pieces that must all be there: kind and text
RANGED = ("date", "date_time", "number", "money")
BOUNDS = ("from", "to")


@dataclass(frozen=True)
class Condition:
    """One field, how it is compared, and with what; the text is folded as the index's is."""

    field: Field
    how: str
    text: str
    other: str = ""  # the upper bound of a range

    @property
    def path(self) -> str:
        """The field's path."""
        return self.field.path

    @property
    def ways(self) -> list[Way]:
        """The alternatives by which the index finds it; none for a range, which only an opened value answers."""
        found: list[Way] = WAYS[self.how](self.text)
        return found

    def tokens(self, class_: str, indexes: list[SearchIndex]) -> list[list[int]]:
        """The same as blind tokens, under every generation of the key that is in use."""
        return [_blind(index, f"{class_}/{self.path}", way) for index in indexes for way in self.ways]

    def fits(self, value: str) -> bool:
        """Whether the value itself is what was asked for: tokens find too much now and then, this does not."""
        if self.how == "range":
            return self._within(value)
        return bool(FITTING[self.how](folded(value), self.text))

    def _within(self, value: str) -> bool:
        if self.field.type in ("date", "date_time"):
            return (not self.text or value >= self.text) and (not self.other or value[: len(self.other)] <= self.other)
        low, high = (Decimal(bound) if bound else None for bound in (self.text, self.other))
        return (low is None or Decimal(value) >= low) and (high is None or Decimal(value) <= high)


def index_name(class_: str, path: str) -> str:
    """What a field's tokens are made apart by: equal texts of two fields, or two classes, have other tokens."""
    return f"{class_}/{path}"


def _blind(index: SearchIndex, field: str, way: Way) -> list[int]:
    kinds = dict.fromkeys(kind for kind, _ in way)
    return [one for kind in kinds for one in index.tokens(field, kind, [text for own, text in way if own == kind])]


def _one(kind: str) -> Any:
    return lambda text: [[(kind, text)]]


def _like(text: str) -> list[Way]:
    return [[("sign", text)]] if len(text) == 1 else [[("pair", pair) for pair in pairs(text[:LONGEST])]]


def _prefix(text: str) -> list[Way]:
    return [[("pair", pair) for pair in pairs((START + text)[:LONGEST])]]


def _pinyin(text: str) -> list[Way]:
    return [[("pinyin", syllable) for syllable in dict.fromkeys(way)] for way in pinyin.cuts(text)]


def _initials(text: str) -> list[Way]:
    return [[("initials", pair) for pair in dict.fromkeys(pairs(text))]]


WAYS = {
    "is": _one("is"),
    "last4": _one("last4"),
    "like": _like,
    "prefix": _prefix,
    "pinyin": _pinyin,
    "initials": _initials,
    "range": lambda text: [],
}


def _sounds(value: str, text: str) -> bool:
    letters = "".join(text.replace("'", " ").split())
    spoken = [way[at:] for way in pinyin.readings(value) for at in range(len(way))]
    return any("".join(rest).startswith(letters) for rest in spoken)


FITTING = {
    "is": lambda value, text: value == text,
    "last4": lambda value, text: ending(value) == text,
    "like": lambda value, text: text in value,
    "prefix": lambda value, text: value.startswith(text),
    "pinyin": _sounds,
    "initials": lambda value, text: any(text in pinyin.initials(way) for way in pinyin.readings(value)),
}
TYPES = {"like": WRITTEN, "prefix": WRITTEN, "pinyin": SPOKEN, "initials": SPOKEN, "last4": ENDING, "range": RANGED}
LEAST = {"pinyin": 2, "initials": 2, "last4": 4}


def conditions(
    found: RecordClass, where: Mapping[str, Any], regime: Regime, wrong: Iterable[dict[str, str]] = ()
) -> list[Condition]:
    """Every condition, read like the field itself; all that is wrong is named with what was before, never a value."""
    read, more = each(where, lambda path, wanted: _condition(_field(found, path), wanted, regime))
    if errors := [*wrong, *more]:
        raise Invalid("search.invalid", f"{len(errors)} conditions cannot be searched", {"errors": errors})
    return [*read.values()]


def each(where: Mapping[str, Any], read: Callable[[str, Any], Any]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """What reads well, and what is wrong with the rest."""
    good, wrong = {}, []
    for path, wanted in where.items():
        try:
            good[path] = read(path, wanted)
        except Problem as problem:
            wrong.append({"pointer": f"/where/{path}", "code": problem.code, "detail": problem.detail})
    return good, wrong


def _field(found: RecordClass, path: str) -> Field:
    field = found.fields.get(path)
    if field is None:
        raise Problem("field.unknown", "the class has no such field")
    if field.type in UNSEARCHED:
        raise Problem("search.way", f"a {field.type} is not searched")
    return field


def _condition(field: Field, wanted: Any, regime: Regime) -> Condition:
    if not isinstance(wanted, dict):
        return Condition(field, "is", folded(validate(field, wanted, regime)))
    if wanted and not set(wanted) - set(BOUNDS):
        _refuse_type(field, "range")
        low, high = (validate(field, wanted[name], regime) if name in wanted else "" for name in BOUNDS)
        return Condition(field, "range", low, high)
    how, text = next(iter(wanted.items()), ("", ""))
    if len(wanted) != 1 or how not in TYPES or how == "range" or not isinstance(text, str):
        raise Problem("search.way", "a value, or one of like, prefix, pinyin, initials, last4, or from and to")
    _refuse_type(field, how)
    return Condition(field, how, _readable(field, how, text))


def _refuse_type(field: Field, how: str) -> None:
    if field.type not in TYPES[how]:
        raise Problem("search.way", f"a {field.type} is not searched so; this is for {', '.join(TYPES[how])}")


def _readable(field: Field, how: str, text: str) -> str:
    """The text as the index has it; long enough to mean something."""
    told = pinyin.toneless(text) if how == "pinyin" else ending(folded(text)) if how == "last4" else folded(text)
    least = LEAST.get(how) or (1 if field.type in SPOKEN or how == "prefix" else 2)
    if len(told) < least:
        raise Problem("search.too_short", f"give at least {least} characters")
    if how in ("pinyin", "initials") and not (told.isascii() and told.replace(" ", "").replace("'", "").isalnum()):
        raise Problem("search.letters", "write it in Latin letters")
    if len(told) > LONGEST:
        raise Problem("value.too_long", f"at most {LONGEST} characters")
    return told

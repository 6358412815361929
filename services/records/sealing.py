"""From what somebody typed to what is stored: checked, masked, sealed, indexed. Pure but for randomness."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from regimes import Regime
from regimes.model import Field, RecordClass
from regimes.values import mask, validate_all
from services.records.refusals import broken
from services.records.registers.model import by_hand
from vault.envelope import PartContext, seal_part
from vault.tokens import Blind

Values = dict[str, str]
REASON = "~reason"  # sealed beside the fields of a version; no field name begins so


@dataclass(frozen=True)
class PartToStore:
    """One part version ready to be written."""

    part: str
    name: str
    level: str
    key: str
    version: int
    changed: list[str]
    sealed: bytes


def check(
    found: RecordClass,
    raw: Mapping[str, Any],
    regime: Regime,
    whole: bool = True,
    known: Mapping[str, str] | None = None,
) -> Values:
    """Canonical values of all fields given, or Invalid `record.invalid` with every problem (field, rule, remedy).

    The same for manual entry, import and change (Q-071). `whole` also demands the core fields.
    `known` are facets the record has already: they decide which fields it has.
    """
    values, wrong = validate_all(found.fields, dict(raw), regime, known)
    errors = [_against(found, path, p.code, p.detail) for path, p in wrong.items()]
    errors += by_hand(found, values)
    if whole:
        told = {path.partition("/")[0] for path in wrong}  # a table with a wrong cell is there
        missing = [path for path in found.core_for(values) if path not in values and path not in told]
        errors += [_missing(found, path) for path in missing]
    if errors:
        raise broken(errors)
    return values


def _missing(found: RecordClass, path: str) -> dict[str, Any]:
    said = f"{found.fields[path].en} ({found.fields[path].zh}) is a core field: a record is not valid without it"
    return _against(found, path, "field.missing", said)


def _against(found: RecordClass, path: str, code: str, said: str) -> dict[str, Any]:
    """What is wrong with a field, which is also named as people name it."""
    table, _, place = path.partition("/")  # of a table's cell: TABLE/ROW/COLUMN
    field = found.fields.get(table)
    column = field.columns.get(place.partition("/")[2]) if field else None
    named = [one for one in (field, column) if one]
    label = {"en": ": ".join(one.en for one in named), "zh": "：".join(one.zh for one in named)}
    return {"pointer": f"/fields/{path}", "code": code, "detail": said, **({"label": label} if named else {})}


def level_of(found: RecordClass, paths: Iterable[str], regime: Regime) -> str:
    """A record is as high as its highest field; an empty one as its class's lowest."""
    names = [found.fields[path].level for path in paths]
    lowest = min(regime.levels, key=lambda name: regime.levels[name].rank)
    return max([lowest, *names], key=lambda name: regime.levels[name].rank)


def complete(found: RecordClass, paths: Iterable[str], facets: Mapping[str, str]) -> bool:
    """Whether every core field that such a record has, by its facets, has a value."""
    return set(found.core_for(facets)) <= set(paths)


def facets_of(found: RecordClass, values: Values) -> dict[str, str]:
    """What may stand in clear, be filtered and counted: only what the class declares so."""
    return {path: values[path] for path in found.facets if path in values}


def by_part(values: Mapping[str, str]) -> dict[str, Values]:
    """Values grouped by the part they belong to."""
    grouped: dict[str, Values] = {}
    for path, value in values.items():
        grouped.setdefault(path.split(".")[0], {})[path] = value
    return grouped


def seal(dek: bytes, context: PartContext, found: RecordClass, values: Values, reason: str, regime: Regime) -> bytes:
    """Seal one part version: its values, their masks, and the reason that was given for it."""
    raw = {path: value.encode() for path, value in values.items()}
    return seal_part(dek, context, {**raw, REASON: reason.encode()}, masks(found, values, regime)).packed


def masks(found: RecordClass, values: Mapping[str, str], regime: Regime) -> dict[str, bytes]:
    """What is shown of values to those who may not see them; made when they are written, never when they are read."""
    made = {path: _mask(found.fields[path], value, regime) for path, value in values.items()}
    return {path: text.encode() for path, text in made.items() if text is not None}


def tokens_of(found: RecordClass, values: Values, blind: Blind) -> dict[str, bytes]:
    """Blind tokens of the fields by which duplicates are found."""
    wanted = [path for path in found.match if path in values]
    return {path: blind.token(path, normalised(values[path])) for path in wanted}


def unit_of(found: RecordClass, values: Values, blind: Blind) -> bytes | None:
    """The blind token of the filing unit that may have one open file only, where the class says so."""
    if found.one_per is None or not all(path in values for path in found.one_per.fields):
        return None
    fields = "\x1f".join(normalised(values[path]) for path in found.one_per.fields)
    return blind.token(f"unit.{found.name}", fields)


def normalised(value: str) -> str:
    """The form in which two spellings of one value meet."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())


def _mask(field: Field, value: str, regime: Regime) -> str | None:
    return mask(field, value, regime.levels[field.level])

"""Field types: raw input becomes one canonical text or a Problem with its remedy; protected values become masks."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from regimes import readers, tables
from regimes.masks import mask
from regimes.model import Field
from regimes.oddities import unfilled, warnings, warnings_of
from regimes.problem import Problem

if TYPE_CHECKING:
    from regimes.regime import Regime

__all__ = ["READERS", "Problem", "mask", "unfilled", "validate", "validate_all", "warnings", "warnings_of"]

LONGEST = {"text": 4000, "name": 200, "address": 500, "code": 64, "email": 254, "postcode": 16}
READERS = (*readers.READERS, "table")


def validate(field: Field, raw: Any, regime: Regime, region: str | None = None) -> str:
    """The canonical text of one value. `region` = the country of a phone or postcode, by default CN.

    A table's Problem is a TableProblem where its cells are wrong.
    """
    if field.type == "table":
        return tables.canonical(field, raw, lambda column, cell, region: validate(column, cell, regime, region))
    text = _clean(field, raw)
    if not text:
        raise Problem("value.empty", "the value is empty; leave the field out instead")
    longest = LONGEST.get(field.type, 64)
    if len(text) > longest:
        raise Problem("value.too_long", f"at most {longest} characters")
    value = readers.READERS[field.type](text, field, regime, (region or "CN").upper())
    if field.least is not None and Decimal(value) < Decimal(field.least):
        raise Problem("number.too_small", f"must be at least {field.least}")
    return value


def validate_all(
    fields: dict[str, Field], raw: dict[str, Any], regime: Regime, known: Mapping[str, str] | None = None
) -> tuple[dict[str, str], dict[str, Problem]]:
    """Every value of a record by its path: what is well formed, and what is wrong with the rest.

    Empty values are left out. A phone's country is taken from the field its `region` names. `known` holds facets the
    record has already: they decide which fields apply to it. A table's problems have a path each, with row and column.
    """
    good: dict[str, str] = {}
    wrong: dict[str, Problem] = {}
    # Countries come first, and where a country is wrong its phones are not judged by another's rules.
    for path in sorted(raw, key=lambda path: path in fields and fields[path].region is not None):
        if path not in fields:
            wrong[path] = Problem("field.unknown", "the class has no such field")
        elif _given(raw[path]) and fields[path].region not in wrong:
            try:
                good[path] = validate(fields[path], raw[path], regime, good.get(fields[path].region or ""))
            except tables.TableProblem as problem:
                wrong |= {f"{path}/{cell}": one for cell, one in problem.cells.items()}
            except Problem as problem:
                wrong[path] = problem
    facets = {**(known or {}), **good}
    misplaced = {path: _not_for(fields[path]) for path in good if not fields[path].applies(facets)}
    return {path: value for path, value in good.items() if path not in misplaced}, {**wrong, **misplaced}


def _given(value: Any) -> bool:
    return value is not None and bool(str(value).strip()) and value != []


def _not_for(field: Field) -> Problem:
    asked = " or ".join(sorted({path for one in field.when for path in one}))
    return Problem("field.not_for", f"not a field of such a record; leave it out or correct {asked}")


def _clean(field: Field, raw: Any) -> str:
    """One Unicode spelling, no invisible characters; figures typed full width count as figures."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal | date):
        raise Problem("value.type", "must be text")
    text = raw if isinstance(raw, str) else raw.isoformat() if isinstance(raw, date) else str(raw)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Problem("text.invalid", "contains a broken character; type it again") from None
    plain = field.type in ("text", "name", "address")
    text = unicodedata.normalize("NFC" if plain else "NFKC", text).strip()
    allowed = "\n\t" if field.type == "text" else ""
    # What cannot be seen makes two names out of one; in a text it may belong to a sign, as in emoji.
    hidden = ("Cc", "Cs", "Co") if field.type == "text" else ("Cc", "Cs", "Co", "Cf")
    if not text.isprintable() and any(unicodedata.category(sign) in hidden and sign not in allowed for sign in text):
        raise Problem("text.invalid", "contains control or invisible characters; type it again")
    return text if field.type == "text" else " ".join(text.split())

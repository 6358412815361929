"""What is odd about accepted values: told to who enters them, and never a reason to refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import opencc

from regimes import numbers, tables
from regimes.model import Field, RecordClass
from regimes.problem import Problem

# A name is written as its owner writes it; addresses and texts follow the standard.
SIMPLIFIED = ("text", "address")
SHOWN = 5
SEXES = ("male", "female")


def warnings(field: Field, value: str) -> list[Problem]:
    """What is odd about one canonical value and yet accepted."""
    if field.type == "resident_id":
        odd = numbers.unknown_area(value)
    else:
        odd = _traditional(value) if field.type in SIMPLIFIED else None
    return [odd] if odd else []


def warnings_of(found: RecordClass, values: Mapping[str, str], whole: bool = True) -> list[dict[str, str]]:
    """Every warning about a record's canonical values, as {pointer, code, detail}, and zh where it names fields.

    `whole` also names the fields that could be filled and are not: they lower completeness (Q-070).
    """
    told = [
        {"pointer": f"/fields/{path}", "code": odd.code, "detail": odd.detail}
        for name, value in values.items()
        for path, odd in _odd(found.fields[name], name, value)
    ]
    beside = _apart(found, values)
    told += [{"pointer": f"/fields/{path}", "code": odd.code, "detail": odd.detail} for path, odd in beside]
    empty = unfilled(found, values) if whole else []
    if empty:
        told.append({"pointer": "/fields", "code": "fields.unfilled", **_named([found.fields[path] for path in empty])})
    return told


def _named(fields: list[Field]) -> dict[str, str]:
    """The first of them by name, and how many more there are, in either language."""
    more = len(fields) - SHOWN
    en, zh = (", ".join(one.en for one in fields[:SHOWN]), "、".join(one.zh for one in fields[:SHOWN]))
    rest = (f" and {more} more", f"等 {len(fields)} 项") if more > 0 else ("", "")
    return {"detail": f"not filled in: {en}{rest[0]}", "zh": f"尚有可填而未填的字段：{zh}{rest[1]}"}


def unfilled(found: RecordClass, values: Mapping[str, str]) -> list[str]:
    """The fields that apply to such a record, are not core, and have no value."""
    return [
        path for path, field in found.fields.items() if not (path in values or field.core) and field.applies(values)
    ]


def _odd(field: Field, path: str, value: str) -> Iterator[tuple[str, Problem]]:
    if field.type != "table":
        yield from ((path, odd) for odd in warnings(field, value))
        return
    for number, row in enumerate(tables.rows_of(value)):
        for name, cell in row.items():
            for odd in warnings(field.columns[name], cell):
                yield f"{path}/{number}/{name}", Problem(odd.code, f"row {number + 1}: {odd.detail}")


def _apart(found: RecordClass, values: Mapping[str, str]) -> Iterator[tuple[str, Problem]]:
    """What stands beside a resident id in its part and says otherwise than the id itself."""
    for path, value in values.items():
        field = found.fields[path]
        told = numbers.told_by(value) if field.type == "resident_id" else {}
        for name, (code, meant) in told.items():
            beside = f"{field.part}.{name}"
            if beside in values and values[beside] != meant and not (name == "sex" and values[beside] not in SEXES):
                yield beside, Problem(code, "differs from what the resident id says; compare with the card")


def simplified(value: str) -> str:
    """The same in simplified characters."""
    return value if value.isascii() else str(_converter().convert(value))


def _traditional(value: str) -> Problem | None:
    """A warning that names the signs and how they are written simplified."""
    if value.isascii():
        return None
    plain = simplified(value)
    signs = list(dict.fromkeys(f"{one}→{other}" for one, other in zip(value, plain, strict=False) if one != other))
    if not signs:
        return None
    shown = ", ".join(signs[:SHOWN])
    return Problem("text.traditional", f"traditional characters; the standard is simplified: {shown}")


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")

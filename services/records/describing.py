"""What a form or a client is built from: each class with its parts and fields, and the words of the code lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from regimes import Regime
from regimes.model import Field, Part, RecordClass, Titled

PLAIN = ("type", "core", "en", "zh", "list", "currency", "least", "region")


def classes(regime: Regime) -> dict[str, Any]:
    """Every class of the regime in force, and each list that one of their fields takes its codes from, once."""
    items = [record_class(found, regime) for found in regime.classes.values()]
    used = sorted({name for found in regime.classes.values() for name in _lists(found)})
    return {"items": items, "lists": {name: _codes(regime, name) for name in used}}


def record_class(found: RecordClass, regime: Regime) -> dict[str, Any]:
    """One class; `when` of a field says, as the regime writes it, which records have it."""
    head = {"name": found.name, "en": found.en, "zh": found.zh, "kind": found.kind, "about": found.about}
    parts = [_part(part) for part in found.parts.values()]
    fields = [_field(one, found.parts[one.part], regime) for one in found.fields.values()]
    told = {"events": [*found.events], "purposes": [*found.collect.purposes]}
    return {**head, **told, "parts": parts, "fields": fields}


def _part(part: Part) -> dict[str, Any]:
    return {"name": part.name, "en": part.en, "zh": part.zh, "owner": part.department, "change": part.change}


def _field(one: Field, part: Part, regime: Regime) -> dict[str, Any]:
    """`mask`: whether who may not see the value sees a mask of it; `owner`: the department that answers for it."""
    told = {"level": one.level, "facet": one.facet, "stub": one.stub, "owner": part.department, "verify": one.verify}
    masked = (one.mask or regime.levels[one.level].mask) != "none"
    columns = [{"name": name, **_plain(column)} for name, column in one.columns.items()] or None
    return {"name": one.path, **_plain(one), **told, "mask": masked, "when": one.when or None, "columns": columns}


def _plain(one: Field) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in PLAIN}, "help": _titled(one.help) if one.help else None}


def _lists(found: RecordClass) -> Iterator[str]:
    for field in found.fields.values():
        yield from filter(None, [field.list, *(column.list for column in field.columns.values())])


def _codes(regime: Regime, name: str) -> list[dict[str, str]]:
    return [{"code": code, **_titled(one)} for code, one in regime.lists[name].items()]


def _titled(one: Titled) -> dict[str, str]:
    return {"en": one.en, "zh": one.zh}

"""Resolve classes: what they inherit, each field's level, mask and titles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from regimes import merging
from regimes.merging import merge
from regimes.model import Field, Level, Part, RecordClass, Titled

Named = TypeVar("Named", bound=Titled)


class Cycle(ValueError):
    """Classes that extend each other in a circle, or a class that is not there."""


def inherited(classes: dict[str, Any]) -> dict[str, Any]:
    """The raw classes, each merged over the one it extends."""
    return {name: _over_parents(classes, name, ()) for name in classes}


def lineage(classes: dict[str, Any], name: str) -> tuple[str, ...]:
    """The classes a class extends, nearest first."""
    found: list[str] = []
    while parent := classes[name].get("extends"):
        if parent in found or parent not in classes:
            raise Cycle(f"{name} extends {parent}, which is unknown or extends it in turn")
        found.append(parent)
        name = parent
    return tuple(found)


def weakened(raw: dict[str, Any], inherited: dict[str, Any], levels: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a class undercuts the class it extends."""
    for name, entry in raw.items():
        if "extends" in entry:
            above = {key: value for key, value in inherited[entry["extends"]].items() if key == "parts"}
            base, own = ({"levels": levels, "classes": {name: one}} for one in (above, inherited[name]))
            yield from ((".".join(path), detail) for path, detail in merging.weakened(base, own))


def _over_parents(classes: dict[str, Any], name: str, below: tuple[str, ...]) -> dict[str, Any]:
    entry: dict[str, Any] = classes[name]
    parent = entry.get("extends")
    if parent is None:
        return entry
    if parent not in classes or parent in below:
        raise Cycle(f"extends {parent}, which is unknown or extends it in turn")
    above = _over_parents(classes, parent, (*below, name))
    return merge({key: value for key, value in above.items() if key not in ("abstract", "extends")}, entry)


def resolved(
    entry: RecordClass, above: tuple[str, ...], levels: dict[str, Level], terms: dict[str, Any]
) -> RecordClass:
    """The class with every level, mask and title filled in; what is not classified counts as the highest."""
    highest = max(levels.values(), key=lambda level: level.rank).name
    parts = {name: _part(part, highest, levels, terms, entry) for name, part in entry.parts.items()}
    documents = {name: titled(document, terms) for name, document in entry.documents.items()}
    return replace(entry, lineage=above, parts=parts, documents=documents)


def _part(part: Part, highest: str, levels: dict[str, Level], terms: dict[str, Any], entry: RecordClass) -> Part:
    level = part.level or highest
    fields = {name: _field(one, part.name, level, levels, terms) for name, one in part.fields.items()}
    return replace(titled(part, terms), level=level, fields=fields, department=part.department or entry.department)


def _field(entry: Field, part: str, level: str, levels: dict[str, Level], terms: dict[str, Any]) -> Field:
    own = entry.level or level
    mask = entry.mask or (levels[own].mask if own in levels else "all")
    return replace(titled(entry, terms), part=part, level=own, mask=mask)


def titled(entry: Named, terms: dict[str, Any]) -> Named:
    """The entry with the titles `terms` hold for its name, where it has none of its own."""
    term = terms.get(entry.name, {})
    return replace(entry, en=entry.en or term.get("en", ""), zh=entry.zh or term.get("zh", ""))

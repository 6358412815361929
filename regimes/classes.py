"""Resolve classes: what they inherit, each field's level, mask and titles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from regimes import merging
from regimes.merging import merge
from regimes.model import CodeValue, Field, Level, Part, RecordClass, Scheme, Titled

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
    entries: dict[str, RecordClass],
    lineages: dict[str, tuple[str, ...]],
    levels: dict[str, Level],
    terms: dict[str, Any],
    lists: dict[str, dict[str, CodeValue]],
) -> dict[str, RecordClass]:
    """Every class with levels, masks and titles filled in; what is not classified counts as the highest.

    A channel has its title from the code list of channels, anything else from the terms.
    """
    # A form that fills a class is as high as what it fills, so what it fills is resolved first.
    order = sorted(entries, key=lambda name: entries[name].fills is not None)
    done: dict[str, RecordClass] = {}
    for name in order:
        filled = done.get(entries[name].fills or "")
        done[name] = Resolver(levels, terms, lists, filled).resolved(entries[name], lineages[name])
    return {name: done[name] for name in entries}


class Resolver:
    """Fills in what a class leaves unsaid, from its levels, the terms, and the class a form fills."""

    def __init__(
        self,
        levels: dict[str, Level],
        terms: dict[str, Any],
        lists: dict[str, dict[str, CodeValue]],
        filled: RecordClass | None,
    ) -> None:
        self.levels, self.terms, self.lists, self.filled = levels, terms, lists, filled
        self.channels = {name: {"en": value.en, "zh": value.zh} for name, value in lists.get("channel", {}).items()}
        self.highest = max(levels.values(), key=lambda level: level.rank).name

    def resolved(self, entry: RecordClass, above: tuple[str, ...]) -> RecordClass:
        parts = {name: self._part(part, entry) for name, part in entry.parts.items()}
        documents = {name: titled(document, self.terms) for name, document in entry.documents.items()}
        channels = {name: titled(channel, self.channels) for name, channel in entry.collect.channels.items()}
        return replace(
            entry,
            lineage=above,
            parts=parts,
            documents=documents,
            collect=replace(entry.collect, channels=channels),
        )

    def _part(self, part: Part, entry: RecordClass) -> Part:
        there = self.filled.parts.get(part.name) if self.filled else None
        level = part.level or (there.level if there else self.highest)
        fields = {name: self._field(one, part.name, level) for name, one in part.fields.items()}
        department = part.department or entry.department
        return replace(titled(part, self.terms), level=level, fields=fields, department=department)

    def _field(self, entry: Field, part: str, level: str) -> Field:
        there = self.filled.fields.get(f"{part}.{entry.name}") if self.filled else None
        own = entry.level or (there.level if there else level)
        mask = entry.mask or (self.levels[own].mask if own in self.levels else "all")
        columns = {
            name: replace(
                titled(column, self.terms),
                part=f"{part}.{entry.name}",
                level=own,
                mask="all",
                codes=tuple(self.lists.get(column.list or "", ())),
            )
            for name, column in entry.columns.items()
        }
        return replace(titled(entry, self.terms), part=part, level=own, mask=mask, columns=columns)


def scheme(entry: Scheme, terms: dict[str, Any]) -> Scheme:
    """The scheme with the titles of its values."""
    values = {name: titled(value, terms) for name, value in entry.values.items()}
    return replace(titled(entry, terms), values=values)


def titled(entry: Named, terms: dict[str, Any]) -> Named:
    """The entry with the titles `terms` hold for its name, where it has none of its own."""
    term = terms.get(entry.name, {})
    return replace(entry, en=entry.en or term.get("en", ""), zh=entry.zh or term.get("zh", ""))

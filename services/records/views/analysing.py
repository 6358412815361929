"""An analysis: groups of records and what their figures come to; nothing of a record is opened for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from time import monotonic
from typing import Any

from chassis.breathing import gently
from chassis.errors import Conflict
from services.records.consents import lawful
from services.records.model import Record
from services.records.searching.counting import is_apart, titles
from services.records.searching.indexing import measures, pseudonym, row_measures
from services.records.searching.model import index_name
from services.records.searching.pieces import folded
from services.records.views import grouping, model
from services.records.views.alike import Alike, Brief
from services.records.views.grouping import Group
from services.records.views.walking import Walk

TOO_MANY = "view.too_many"
AT_ONCE = 500  # records of one look at the tables: some milliseconds in which nobody else has his turn
INSIDE = {"created", "changed", "verified", "duplicate"}
Told = dict[str, str]
Figures = dict[str, int]


class Analysis:
    """One run of one analysis; `patience` is how many seconds it may take, None as many as it needs."""

    def __init__(self, walk: Walk, patience: float | None = None) -> None:
        self.walk, self.view, self.regime = walk, walk.view, walk.regime
        self.store, self.blind = walk.store, walk.service.keys.blind
        self.by = (self.view.share_by or self.view.count or "record").removeprefix("record.")
        self.until = None if patience is None else monotonic() + patience
        self.rows = self.by.count(".") > 1  # of a table: one record may be in several groups
        self.records = 0
        self._refuse_sealed()

    def groups(self) -> list[Group]:
        """Every group, those that are too small marked."""
        found: dict[str | None, Group] = {}
        for value, figure in self._counted():
            found.setdefault(value, Group(value)).add(figure)
        return grouping.hide(found.values(), self.view.smallest, self.rows)

    def answer(self) -> dict[str, Any]:
        """The groups as they are told, with the whole, and the same as a chart takes it."""
        groups = self.groups()
        total = grouping.whole(groups, self.view.smallest, self.records if self.rows else None)
        summed = bool(self.view.sum)
        items = [grouping.told(one, total, summed, self._titles(one.value)) for one in groups]
        whole = grouping.told(total, total, summed, {}) if total else None
        return {"items": items, "total": whole, "chart": _chart(items, summed), "records": self.records}

    # ------------------------------------------------------------------ what goes in

    def _counted(self) -> Iterator[tuple[str | None, int | None]]:
        """The group of each record that counts, and its figure; several where the groups are of rows."""
        alike = Alike(self._judged)
        for some in self.walk.briefs(AT_ONCE):
            self._refuse_late()
            known = [one for one in map(alike.brief, gently(some)) if one.kind.answer != "no"]
            values, figures, besides = self._coded(known), self._figures(known), self._besides(known)
            for one in gently(known):
                told, own = {**one.facets, **values.get(one.id, {})}, figures.get(one.id, {})
                if self._holds(one, told, own, besides.get(one.id, {})):
                    yield from self._told(one, told, own)

    def _told(self, one: Brief, told: Told, own: Figures) -> Iterator[tuple[str | None, int | None]]:
        if self.rows:
            of = [(name.partition("=")[2] or None, units) for name, units in own.items() if name in self._row_measures]
            self.records += bool(of)
            yield from of
        else:
            self.records += 1
            yield self._value(one.kind.record, told), own.get(self.view.sum or "")

    def _refuse_late(self) -> None:
        if self.until is not None and monotonic() > self.until:
            raise Conflict(TOO_MANY, f"{self.view.name} takes longer than a call may; have it put on file")

    def _judged(self, record: Record) -> str:
        """Whether the caller's view reaches such records, and their data may be used for this at all."""
        if is_apart(self.regime, record) or not self.walk.shown(record):
            return "no"
        parts = {path.split(".")[0] for path in self._fields(record.class_)}
        told = (record, self.regime, self.view.purpose)
        if lawful.fallen(*told) or any(lawful.unlawful(*told, part) for part in parts):
            return "no"
        if not model.rights(self.regime, self.view, self.walk.caller, record):
            return "no"
        case = model.case(self.regime, record, {}, {}, self.walk.today)
        return model.possible(self.view.when, case, self._unknown(record))

    def _unknown(self, record: Record) -> set[str]:
        """What conditions name and records that are alike differ in."""
        inside = {f"record.{word}" for word in self.walk.words & INSIDE}
        return inside | model.fields(self.regime.classes[record.class_], self.view.when)

    def _fields(self, class_: str) -> set[str]:
        found = self.regime.classes[class_]
        named = {model.field_of(path) for path in (self.view.sum, self.by) if path} & found.fields.keys()
        return named | model.fields(found, self.view.when)

    def _coded(self, some: list[Brief]) -> dict[str, Told]:
        """The values of coded fields, by their tokens; looked up again where the key was renewed meanwhile."""
        while True:
            indexes = self.blind.searches(self.store.oldest_generation() or 0) if some else []
            told = self._by_tokens(some, indexes)
            if not some or self.blind.search.generation == indexes[-1].generation:
                return told

    def _by_tokens(self, some: list[Brief], indexes: list[Any]) -> dict[str, Told]:
        told: dict[str, Told] = {}
        for class_ in {one.kind.record.class_ for one in some}:
            ids = [one.id for one in some if one.kind.record.class_ == class_]
            for path in self._sealed_codes(class_):
                found = self.store.coded(ids, path.split(".")[0], self._tokens(class_, path, indexes))
                for id, value in found.items():
                    told.setdefault(id, {})[path] = value
        return told

    def _tokens(self, class_: str, path: str, indexes: list[Any]) -> dict[int, str]:
        name, listed = index_name(class_, path), self.regime.lists[str(self.regime.classes[class_].fields[path].list)]
        ways = ((index.tokens(name, "is", [folded(value)]), value) for value in listed for index in indexes)
        return {token: value for [token], value in ways}

    def _sealed_codes(self, class_: str) -> list[str]:
        found = self.regime.classes[class_]
        named = {self.by, *model.fields(found, self.view.when)} & found.fields.keys()
        return sorted(path for path in named if found.fields[path].list and path not in found.facets)

    def _figures(self, some: list[Brief]) -> dict[str, Figures]:
        measured = {class_: self._measured(class_) for class_ in {one.kind.record.class_ for one in some}}
        names: dict[bytes, tuple[str, str]] = {}
        for one in gently(some):
            class_ = one.kind.record.class_
            for path in measured[class_]:
                names[pseudonym(self.blind, class_, path, one.id)] = (one.id, path)
        told: dict[str, Figures] = {}
        for name, units in self.store.figures_of(names).items():
            record, path = names[name]
            told.setdefault(record, {})[path] = units
        return told

    def _measured(self, class_: str) -> list[str]:
        found, wanted = self.regime.classes[class_], self._fields(class_)
        return [path for path in measures(found) if path in wanted or path in self._row_measures]

    @cached_property
    def _row_measures(self) -> frozenset[str]:
        """The figures of rows that are added up, one for each group."""
        if not self.rows:
            return frozenset()
        column = self.by.rpartition(".")[2]
        told = (name for found in self.walk.classes for name in row_measures(found, str(self.view.sum), column))
        return frozenset(told)

    def _besides(self, some: list[Brief]) -> dict[str, dict[str, Any]]:
        if not (some and self.walk.words & INSIDE):
            return {}
        known = self.store.known_besides([one.id for one in some], self.walk.words)
        return {one.id: {"created": one.created_at.date().isoformat(), **known[one.id]} for one in some}

    def _holds(self, one: Brief, values: Told, figures: Figures, besides: dict[str, Any]) -> bool:
        if one.kind.answer == "yes":
            return True
        known = {**values, **{path: grouping.amount(units) for path, units in figures.items() if "=" not in path}}
        case = model.case(self.regime, one.kind.record, besides, known, self.walk.today)
        return model.possible(self.view.when, case, set()) == "yes"

    def _refuse_sealed(self) -> None:
        """Refuse conditions that only opening every record could answer: an analysis opens none."""
        for found in self.walk.classes:
            asked = {self.by, *model.fields(found, self.view.when)} & found.fields.keys()
            told = {path for path in asked if found.fields[path].list} | {*found.facets, *measures(found)}
            if not asked <= told:
                raise Conflict("view.sealed", f"{', '.join(sorted(asked - told))}: neither coded nor a measure")

    # ------------------------------------------------------------------ what comes out

    def _value(self, record: Record, values: Told) -> str | None:
        if self.by == "record":
            return None
        if "." in self.by:
            return values.get(self.by)
        if self.by in self.regime.schemes:
            return record.schemes.get(self.by) or self.regime.schemes[self.by].unset
        value = getattr(record, "class_" if self.by == "class" else self.by)
        return None if value is None else str(value)

    def _titles(self, value: str | None) -> dict[str, Any]:
        return titles(self.regime, self.walk.classes, self.by, value)


def _chart(items: list[dict[str, Any]], summed: bool) -> dict[str, Any]:
    """Labels and series, without what is hidden."""
    shown = [one for one in items if not one["hidden"]]
    named = ("records", "share", *(("sum",) if summed else ()))
    labels = {said: [one[said] or one["value"] or "–" for one in shown] for said in ("en", "zh")}
    return {"labels": labels, "series": [{"name": name, "values": [one[name] for one in shown]} for name in named]}

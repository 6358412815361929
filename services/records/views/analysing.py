"""An analysis: groups of records and what their figures come to; nothing of a record is opened for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from chassis.errors import Conflict
from services.records.consents import lawful
from services.records.model import Record
from services.records.searching.counting import is_apart, titles
from services.records.searching.indexing import measures, pseudonym
from services.records.searching.model import index_name
from services.records.searching.pieces import folded
from services.records.views import grouping, model
from services.records.views.grouping import Group
from services.records.views.walking import AT_ONCE, Walk

Told = dict[str, str]


class Analysis:
    """One run of one analysis."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.view, self.regime = walk, walk.view, walk.regime
        self.store, self.blind = walk.store, walk.service.keys.blind
        self.by = (self.view.share_by or self.view.count or "record").removeprefix("record.")
        self._refuse_sealed()

    def groups(self) -> list[Group]:
        """Every group, those that are too small marked."""
        found: dict[str | None, Group] = {}
        for record, values, figures in self._counted():
            value = self._value(record, values)
            found.setdefault(value, Group(value)).add(figures.get(self.view.sum or ""))
        return grouping.hide(found.values(), self.view.smallest)

    def answer(self) -> dict[str, Any]:
        """The groups as they are told, with the whole, and the same as a chart takes it."""
        groups = self.groups()
        total, summed = grouping.whole(groups, self.view.smallest), bool(self.view.sum)
        items = [grouping.told(one, total, summed, self._titles(one.value)) for one in groups]
        whole = grouping.told(total, total, summed, {}) if total else None
        return {"items": items, "total": whole, "chart": _chart(items, summed), "records": self.records}

    # ------------------------------------------------------------------ what goes in

    def _counted(self) -> Iterator[tuple[Record, Told, dict[str, int]]]:
        self.records = 0
        walked = (record for record, _, _ in self.walk.records(None) if self._counts(record))
        while some := list(islice(walked, AT_ONCE)):
            values, figures = self._coded(some), self._figures(some)
            for record in some:
                told = {**record.facets, **values.get(record.id, {})}
                if self._holds(record, told, figures[record.id]):
                    self.records += 1
                    yield record, told, figures[record.id]

    def _counts(self, record: Record) -> bool:
        """Whether the caller's view reaches the record, and its data may be used for this at all."""
        if is_apart(self.regime, record) or not model.rights(self.regime, self.view, self.walk.caller, record):
            return False
        parts = {path.split(".")[0] for path in self._fields(record)}
        told = (record, self.regime, self.view.purpose)
        return not (lawful.fallen(*told) or any(lawful.unlawful(*told, part) for part in parts))

    def _fields(self, record: Record) -> set[str]:
        found = self.regime.classes[record.class_]
        named = {path for path in (self.view.sum, self.by) if path in found.fields}
        return named | model.fields(found, self.view.when)

    def _coded(self, some: list[Record]) -> dict[str, Told]:
        """The values of coded fields, by their tokens."""
        told: dict[str, Told] = {}
        for class_ in {record.class_ for record in some}:
            ids = [record.id for record in some if record.class_ == class_]
            for path in self._sealed_codes(class_):
                for id, value in self.store.tokened(ids, self._ways(class_, path)).items():
                    told.setdefault(id, {})[path] = value
        return told

    def _ways(self, class_: str, path: str) -> dict[str, list[list[int]]]:
        indexes = self.blind.searches(self.store.oldest_generation() or 0)
        name, listed = index_name(class_, path), self.regime.lists[str(self.regime.classes[class_].fields[path].list)]
        return {value: [index.tokens(name, "is", [folded(value)]) for index in indexes] for value in listed}

    def _sealed_codes(self, class_: str) -> list[str]:
        found = self.regime.classes[class_]
        named = {self.by, *model.fields(found, self.view.when)} & found.fields.keys()
        return sorted(path for path in named if found.fields[path].list and path not in found.facets)

    def _figures(self, some: list[Record]) -> dict[str, dict[str, int]]:
        names: dict[bytes, tuple[str, str]] = {}
        for record in some:
            for path in self._measured(record):
                names[pseudonym(self.blind, record.class_, path, record.id)] = (record.id, path)
        told: dict[str, dict[str, int]] = {record.id: {} for record in some}
        for name, units in self.store.figures_of(names).items() if names else ():
            record_id, path = names[name]
            told[record_id][path] = units
        return told

    def _measured(self, record: Record) -> list[str]:
        wanted = self._fields(record)
        return [path for path in measures(self.regime.classes[record.class_]) if path in wanted]

    def _holds(self, record: Record, values: Told, figures: dict[str, int]) -> bool:
        known = {**values, **{path: grouping.amount(units) for path, units in figures.items()}}
        facts = self.store.known_besides([record.id], self.walk.words)[record.id] if self._asks_besides else {}
        case = model.case(self.regime, record, facts, known, self.walk.today)
        return model.possible(self.view.when, case, set()) == "yes"

    @property
    def _asks_besides(self) -> bool:
        return bool(self.walk.words & {"changed", "verified", "duplicate", "created"})

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

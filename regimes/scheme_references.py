"""What schemes and views name: classes, levels, people, fields; and whether a view could show anything at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from regimes.model import RecordClass, Scheme, View
from regimes.naming import ENVELOPE, INSIDE, Problem, inside, known, one, titled, who

if TYPE_CHECKING:
    from regimes.regime import Regime


def problems(regime: Regime) -> Iterator[Problem]:
    """Everything in schemes and views that leads nowhere."""
    for name, scheme in regime.schemes.items():
        yield from _scheme(regime, f"schemes.{name}", scheme)
    for name, view in regime.views.items():
        yield from _view(regime, f"views.{name}", view)


def _scheme(regime: Regime, path: str, scheme: Scheme) -> Iterator[Problem]:
    yield from titled(path, scheme)
    yield from known(f"{path}.of", scheme.of, regime.all_classes)
    yield from known(f"{path}.unset", [scheme.unset], scheme.values)
    if scheme.name in (*ENVELOPE, *INSIDE, "id", "version", "schemes"):
        yield path, f"record.{scheme.name} is taken: give the scheme another name"
    for setter in scheme.set_by:
        yield from who(regime, f"{path}.set_by", setter)
    for value in scheme.values.values():
        where = f"{path}.values.{value.name}"
        yield from titled(where, value)
        yield from one(f"{where}.level", value.level, regime.levels)
        yield from who(regime, f"{where}.keeper", value.keeper or {})
        yield from inside(regime, f"{where}.criteria", value.criteria or [], _classes(regime, scheme.of), dated=True)


def _classes(regime: Regime, of: tuple[str, ...]) -> list[RecordClass]:
    return [regime.all_classes[name] for name in of if name in regime.all_classes]


def _view(regime: Regime, path: str, view: View) -> Iterator[Problem]:
    yield from titled(path, view)
    yield from known(f"{path}.of", view.of, regime.all_classes)
    yield from known(f"{path}.purpose", [view.purpose], regime.purposes)
    yield from who(regime, f"{path}.read", view.read)
    classes = _classes(regime, view.of)
    yield from inside(regime, f"{path}.when", view.when, classes, dated=True)
    for entry in classes:
        yield from _shown(regime, path, view, entry)
    ways = [word for word in ("sum", "count", "share_by") if getattr(view, word)]
    if not (view.fields or ways):
        yield path, "shows nothing: name fields, or sum, count or share_by"
    if view.smallest < 1:
        yield f"{path}.smallest", "at least 1"


def _shown(regime: Regime, path: str, view: View, entry: RecordClass) -> Iterator[Problem]:
    words = {*(f"record.{word}" for word in (*ENVELOPE, *INSIDE)), *(one.name for one in regime.schemes.values())}
    schemes = {one.name for one in regime.schemes.values() if entry.is_a(one.of)}
    groups = {*schemes, *(f"record.{name}" for name in schemes), "department", "level", "state", "responsible", "class"}
    yield from known(f"{path}.fields", view.fields, {*entry.fields, *words, *groups})
    yield from one(f"{path}.split_by", view.split_by, {*entry.facets, *groups})
    yield from one(f"{path}.share_by", view.share_by, {*_coded(entry), *groups, *_coded_beside(entry, view.sum)})
    yield from one(f"{path}.count", view.count, {*_coded(entry), *groups, "record"})
    if view.sum and view.sum.count(".") > 1 and view.share_by not in _coded_beside(entry, view.sum):
        yield f"{path}.sum", "the rows of a table are added up by a column with a list: name one in share_by"
    elif view.sum and not _is_measure(entry, view.sum):
        yield (
            f"{path}.sum",
            f"{view.sum} of {entry.name} is no measure: only a field with measure: true can be added up",
        )
    yield from _readable(regime, path, view, entry)


def _coded(entry: RecordClass) -> set[str]:
    return {path for path, field in entry.fields.items() if field.list or field.facet}


def _is_measure(entry: RecordClass, path: str) -> bool:
    table, _, column = path.rpartition(".")
    if table in entry.fields:
        columns = entry.fields[table].columns
        return column in columns and columns[column].measure
    return path in entry.fields and entry.fields[path].measure


def _coded_beside(entry: RecordClass, measure: str | None) -> set[str]:
    """The coded columns of the table that a measured column is of."""
    table = (measure or "").rpartition(".")[0]
    if not measure or table not in entry.fields or not _is_measure(entry, measure):
        return set()
    return {f"{table}.{column.name}" for column in entry.fields[table].columns.values() if column.list}


def _readable(regime: Regime, path: str, view: View, entry: RecordClass) -> Iterator[Problem]:
    """A purpose opens only its parts; a view beyond them would always be empty."""
    if view.purpose not in regime.purposes:
        return
    purposes, parts = entry.collect.purposes, regime.purposes[view.purpose].parts or tuple(entry.parts)
    if purposes and view.purpose not in purposes and not entry.abstract:
        yield f"{path}.purpose", f"{entry.name} is not collected for {view.purpose}"
    for name in view.fields:
        if name in entry.fields and entry.fields[name].part not in parts:
            yield f"{path}.fields", f"{name} may not be read for {view.purpose}"

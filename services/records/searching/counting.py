"""Counting records by what stands in clear: facets, schemes, department, state, level, class. Opens nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from chassis.actor import Actor
from chassis.clock import rfc3339
from chassis.errors import Invalid
from regimes import Regime
from regimes.model import SMALLEST, Field, RecordClass
from services.records import permits, states
from services.records.creating import class_named
from services.records.model import Record
from services.records.reading import reaching
from services.records.searching.events import Counted
from services.records.views import grouping
from services.records.views.grouping import Group

HEAD = ("class_", "department", "state", "level", "complete", "schemes")
ENVELOPE = ("department", "state", "level", "class")


def statistics(service: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Groups and how many records each has that the caller may see."""
    regime, by = service.regime(), args["by"].removeprefix("record.")
    classes = classes_of(regime, args["class_"])
    _refuse_unknown(regime, classes, by)
    counted, shut = _counted(service, classes, by)
    service.store.record_event(Counted(args["class_"], by, counted.total()))
    # Who may open each record of a group finds the same figure line by line. Of others he is told only how many there
    # are, and not of a few: so what is too small is looked for among those that he may not open, group by group.
    groups = grouping.hide([Group(value, number) for value, number in shut.items()], SMALLEST)
    hidden, whole = {one.value for one in groups if one.hidden}, grouping.whole(groups, SMALLEST)
    ordered = sorted(counted, key=lambda value: (value in hidden, -counted[value] * (value not in hidden), str(value)))
    departments = service.organisation().departments if by == "department" else {}
    said = [titles(regime, classes, by, value) | departments.get(str(value), {}) for value in ordered]
    shown = [None if value in hidden else counted[value] for value in ordered]
    items = [_line(*one) for one in zip(ordered, said, shown, strict=True)]
    now = rfc3339(service.store.clock.now())
    total = counted.total() if whole else None
    return {"items": items, "chart": _chart(items), "next": None, "records": total, "as_of": now}


def _counted(service: Any, classes: list[RecordClass], by: str) -> tuple[Counter[str | None], Counter[str | None]]:
    """How many records of each group the caller may know of, and how many of those he may not open to see it there."""
    regime, caller = service.regime(), service.caller
    counted: Counter[str | None] = Counter()
    shut: Counter[str | None] = Counter()
    for record, value, number in _groups(service, classes, by):
        if not is_apart(regime, record) and permits.visible(caller, regime, record):
            group = _value(regime, record, by, value)
            counted[group] += number
            if not _opens(caller, regime, record, by):
                shut[group] += number
    return counted, shut


def _opens(caller: Actor, regime: Regime, record: Record, by: str) -> bool:
    found = regime.classes[record.class_]
    entry = found.fields.get(by) or found.fields.get(by.rpartition(".")[0])
    if entry:
        return bool(reaching(record, entry, caller, regime))
    return any(right.place is None for right in regime.right(caller, "view", record.envelope()))


def _line(value: str | None, said: dict[str, str | None], number: int | None) -> dict[str, Any]:
    return {"value": value, **said, "hidden": number is None, "records": number}


def _chart(items: list[dict[str, Any]]) -> dict[str, Any]:
    shown = [one for one in items if not one["hidden"]]
    labels = {said: [one[said] or one["value"] or "–" for one in shown] for said in ("en", "zh")}
    return {"labels": labels, "series": [{"name": "records", "values": [one["records"] for one in shown]}]}


def classes_of(regime: Regime, name: str) -> list[RecordClass]:
    """A class, or every class that extends it."""
    if name not in regime.all_classes:
        class_named(regime, name)
    return [found for found in regime.classes.values() if found.is_a((name,))]


def is_apart(regime: Regime, record: Record) -> bool:
    """Whether what is in this state is filed apart (Q-204)."""
    state = regime.classes[record.class_].states.get(record.state)
    return bool(state and state.apart)


def _refuse_unknown(regime: Regime, classes: list[RecordClass], by: str) -> None:
    known = {*ENVELOPE, *regime.schemes, *(path for found in classes for path in found.facets)}
    if by not in known:
        told = {"pointer": "/by", "code": "query.unknown", "detail": f"one of {', '.join(sorted(known))}"}
        raise Invalid("query.unknown", "records are counted by what stands in clear only", {"errors": [told]})


def _groups(service: Any, classes: list[RecordClass], by: str) -> Iterator[tuple[Record, str | None, int]]:
    me = service.caller.person
    for row in service.store.counted([found.name for found in classes], by if "." in by else None, me):
        *head, mine, made, value, number = row
        people = {"responsible": me if mine else None, "creator": me if made else ""}
        told: dict[str, Any] = {**dict(zip(HEAD, head, strict=True)), **people}
        yield Record(id="", subject="", version=1, regime="", **told), value, number


def _value(regime: Regime, record: Record, by: str, value: str | None) -> str | None:
    if "." in by:
        return value
    if by in regime.schemes:
        return record.schemes.get(by) or regime.schemes[by].unset
    return str(getattr(record, "class_" if by == "class" else by))


def titles(regime: Regime, classes: list[RecordClass], by: str, value: str | None) -> dict[str, str | None]:
    """What a value is called in either language, where the regime says so."""
    entry = next((one for found in classes if (one := _entry(found, by))), None)
    listed: dict[str, Any] = regime.lists.get(str(entry.list), {}) if entry else {}
    words: dict[str, Any] = {"level": regime.levels, "class": regime.all_classes, "state": states.TITLES}
    known = words.get(by, listed)
    named: dict[str, Any] = regime.schemes[by].values if by in regime.schemes else known
    found = named.get(str(value))
    return {"en": found.en if found else value, "zh": found.zh if found else value}


def _entry(found: RecordClass, path: str) -> Field | None:
    """A field, or a column of a table."""
    table, _, column = path.rpartition(".")
    within = found.fields[table].columns if table in found.fields else {}
    return found.fields.get(path) or within.get(column)

"""Counting records by what stands in clear: facets, schemes, department, state, level, class. Opens nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from chassis.clock import rfc3339
from chassis.errors import Invalid
from regimes import Regime
from regimes.model import Field, RecordClass
from services.records import permits
from services.records.creating import class_named
from services.records.model import Record
from services.records.searching.events import Counted

HEAD = ("class_", "department", "state", "level", "complete", "schemes")
ENVELOPE = ("department", "state", "level", "class")


def statistics(service: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Groups and how many records each has that the caller may see."""
    regime, by = service.regime(), args["by"].removeprefix("record.")
    classes = classes_of(regime, args["class_"])
    _refuse_unknown(regime, classes, by)
    counted: Counter[str | None] = Counter()
    for record, value, number in _groups(service, classes, by):
        if not is_apart(regime, record) and permits.visible(service.caller, regime, record):
            counted[_value(regime, record, by, value)] += number
    service.store.record_event(Counted(args["class_"], by, counted.total()))
    items = [{"value": v, **titles(regime, classes, by, v), "records": n} for v, n in counted.most_common()]
    now = rfc3339(service.store.clock.now())
    return {"items": items, "chart": _chart(items), "next": None, "records": counted.total(), "as_of": now}


def _chart(items: list[dict[str, Any]]) -> dict[str, Any]:
    labels = {said: [one[said] or one["value"] or "–" for one in items] for said in ("en", "zh")}
    return {"labels": labels, "series": [{"name": "records", "values": [one["records"] for one in items]}]}


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
    known: dict[str, Any] = {"level": regime.levels, "class": regime.all_classes}.get(by, listed)  # type: ignore[assignment]
    named: dict[str, Any] = regime.schemes[by].values if by in regime.schemes else known
    found = named.get(str(value))
    return {"en": found.en if found else value, "zh": found.zh if found else value}


def _entry(found: RecordClass, path: str) -> Field | None:
    """A field, or a column of a table."""
    table, _, column = path.rpartition(".")
    within = found.fields[table].columns if table in found.fields else {}
    return found.fields.get(path) or within.get(column)

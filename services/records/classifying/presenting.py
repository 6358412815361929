"""How classification answers: plain data for the schemas."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from regimes import Regime
from regimes.envelopes import schemes_of
from regimes.model import Scheme
from services.records import reasons, states
from services.records.classifying.levels import of_value
from services.records.classifying.model import review_of
from services.records.classifying.schemas import SchemesAnswer
from services.records.model import Record


@dataclass(frozen=True)
class Unset:
    """A filter for records that count as a scheme's unset value: nobody set another one."""

    value: str
    classes: list[str]


def named_schemes(regime: Regime) -> set[str]:
    """The schemes as a list's filter names them."""
    return {f"record.{name}" for name in regime.schemes}


def words_of(regime: Regime, name: str) -> Collection[str]:
    """The words that a state, a class or a scheme may be; none where anything may be asked for."""
    if name.startswith("record."):
        scheme = regime.schemes[name.removeprefix("record.")]
        return dict.fromkeys([*scheme.values, scheme.unset])
    known: dict[str, Collection[str]] = {"state": states.TITLES, "class_": regime.all_classes}
    return known.get(name, ())


def filtered(regime: Regime, name: str, value: Any) -> Any:
    """What a filter looks for; the unset value of a scheme is what nobody has set anything else for."""
    scheme = regime.schemes.get(name.removeprefix("record.")) if name.startswith("record.") else None
    if scheme is None or value != scheme.unset:
        return value
    return Unset(value, [found.name for found in regime.classes.values() if found.is_a(scheme.of)])


def written(record: Record, outcome: str, downgrade: str | None = None) -> dict[str, Any]:
    """What setting a scheme or level came to; ids and words of the regime only."""
    head = {"id": record.id, "class": record.class_, "state": record.state, "version": record.version}
    now = {"level": record.level, "schemes": record.schemes, "outcome": outcome}
    return {**head, **now, **({"downgrade": downgrade} if downgrade else {})}


def schemes(service: Any, record: Record, args: dict[str, Any]) -> dict[str, Any]:
    """What a record counts as, a page of its history, and what waits."""
    limit, regime = args["limit"], service.regime()
    lines = service.store.classifications(record.id, args.get("scheme"), args.get("after"), limit + 1)
    waiting = service.store.waiting_downgrades(record.id)
    why = reasons.opened(service, record, "schemes", [line["id"] for line in (*lines[:limit], *waiting)])
    waiting = [{**line, "reason": why.get(line["id"])} for line in waiting]
    items = [{**line, "reason": why.get(line["id"])} for line in lines[:limit]]
    now = [_now(record, regime, scheme) for scheme in schemes_of(regime, record.class_)]
    page = {"items": items, "next": items[-1]["id"] if len(lines) > limit else None}
    return dict(SchemesAnswer().dump({"level": record.level, "schemes": now, "waiting": waiting, **page}))


def _now(record: Record, regime: Regime, scheme: Scheme) -> dict[str, Any]:
    value = record.schemes.get(scheme.name) or scheme.unset
    found = scheme.values.get(value)
    head = {"name": scheme.name, "en": scheme.en, "zh": scheme.zh, "values": [*scheme.values]}
    titles = {"value_en": found.en if found else "", "value_zh": found.zh if found else ""}
    until = record.milestones.get(review_of(scheme.name))
    told = {"value": value, "set": scheme.name in record.schemes, "level": of_value(regime, scheme, value)}
    return {**head, **titles, **told, "until": until}

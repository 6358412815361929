"""Lists of records: narrowed by what stands in clear, newest first, and only what the caller may look at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import eventlet
from marshmallow import Schema

from chassis.errors import Invalid
from regimes import Regime
from services.records import events, permits
from services.records.classifying.presenting import filtered, named_schemes, words_of
from services.records.model import HIDDEN, MERGED, Record
from services.records.schemas import RecordLine

PLAIN = ("class_", "state", "number", "about")
# The most that one page looks through. Where it ends a page early, `next` still leads on; it tells that much lies
# between two records of the caller's, and of nobody.
MOST = 2_000
AT_ONCE = 100
Decided = tuple[str, Record | None]


def page(service: Any, regime: Regime, args: dict[str, Any], line: type[Schema] = RecordLine) -> dict[str, Any]:
    """A page of records the caller may look at; the entry names every one of them."""
    limit, after = args.pop("limit"), args.pop("after", None)
    where = filters(regime, args)
    shown, last = _shown(_decided(service, regime, where, after), limit)
    service.store.record_event(events.Listed([one.id for one in shown], where.get("class_")))
    return {"items": line(many=True).dump(shown), "next": last}


def _shown(decided: Iterator[Decided], limit: int) -> tuple[list[Record], str | None]:
    """As many as a page holds, and what the next one comes after; what nobody may look at is passed over, not told."""
    shown: list[Record] = []
    looked, last = 0, None
    for place, one in islice(decided, MOST):
        if one and len(shown) == limit:
            return shown, last
        shown += [one] if one else []
        looked, last = looked + 1, place
    return shown, last if looked == MOST else None


def _decided(service: Any, regime: Regime, where: dict[str, Any], after: str | None) -> Iterator[Decided]:
    """All that fit, newest first: the place of each, and the record if the caller may look at it."""
    while found := service.store.page(where, AT_ONCE, after):
        for place, one in zip(found, standing(service.store, found, where), strict=True):
            told = one.state not in HIDDEN and permits.visible(service.caller, regime, one)
            yield place.id, one if told else None
        after = found[-1].id
        eventlet.sleep(0)


def standing(store: Any, found: list[Record], where: dict[str, Any]) -> list[Record]:
    """Who looks for a merged record's number finds the record that stands for it."""
    if "number" not in where:
        return found
    return [store.record(one.merged_into) if one.merged_into and one.state == MERGED else one for one in found]


def filters(regime: Regime, args: dict[str, Any]) -> dict[str, Any]:
    """What a list is narrowed by; only what stands in clear anyway is asked for by name."""
    facets = {path for found in regime.classes.values() for path in found.facets} | named_schemes(regime)
    strange = sorted(name for name in args if name not in PLAIN and name not in facets)
    if strange:
        told = {"code": "query.unknown", "detail": "only facets are filtered"}
        errors = [{"pointer": f"/{name}", **told} for name in strange]
        raise Invalid("query.unknown", "only class, state, number, about and facets are filtered", {"errors": errors})
    wrong = {name: known for name, value in args.items() if (known := words_of(regime, name)) and value not in known}
    if wrong:
        errors = [
            {"pointer": f"/{name.rstrip('_')}", "code": "query.no_such_word", "detail": f"one of {', '.join(known)}"}
            for name, known in wrong.items()
        ]
        raise Invalid("query.no_such_word", "what a list is narrowed to is a word of the regime", {"errors": errors})
    return {name: filtered(regime, name, value) for name, value in args.items()}

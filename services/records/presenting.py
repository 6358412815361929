"""How records answers: plain data for the schemas, nothing decided here."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema

from chassis.errors import Invalid
from chassis.pages import paged
from chassis.published import made
from regimes import Regime
from services.records import events, permits
from services.records.classifying.presenting import filtered, named_schemes, words_of
from services.records.model import HIDDEN, MERGED, Record
from services.records.reading import Reading, Verdict
from services.records.saying import Words
from services.records.schemas import RecordLine, WriteAnswer
from services.records.timeline import SENTENCES, sentence

HEAD = (
    "id",
    "number",
    "about",
    "source",
    "state",
    "level",
    "department",
    "responsible",
    "version",
    "regime",
    "numbered_by",
)
PLAIN = ("class_", "state", "number", "about")


def record(reading: Reading, fields: dict[str, Any]) -> dict[str, Any]:
    """A record as far as the caller may see it."""
    seen = reading.seen.head or reading.seen.record
    head = {name: getattr(seen, name) for name in HEAD}
    return {**head, "class": seen.class_, "party": seen.party, "purpose": reading.purpose, "fields": fields}


def written(record: Record, outcome: dict[str, Any]) -> dict[str, Any]:
    """What a write came to; ids, state and version only, because it is kept for a repeated call."""
    head = {"id": record.id, "class_": record.class_, "state": record.state, "version": record.version}
    return made(WriteAnswer).dump({**head, **outcome})


def verdict(given: Verdict) -> dict[str, Any]:
    """Why one field is clear, masked or withheld."""
    by = {"right": given.right, "grant": given.grant, "also": given.also}
    return {"state": given.state, "code": given.code, "request_kind": given.lifted_by, **by}


def page(service: Any, regime: Regime, args: dict[str, Any], line: type[Schema] = RecordLine) -> dict[str, Any]:
    """A page of records the caller may look at; the entry names every one of them."""
    limit, after = args.pop("limit"), args.pop("after", None)
    where = filters(regime, args)
    found = standing(service.store, service.store.page(where, limit + 1, after), where)
    shown = [one for one in found[:limit] if one.state not in HIDDEN and permits.visible(service.caller, regime, one)]
    service.store.record_event(events.Listed([one.id for one in shown], where.get("class_")))
    more = found[limit - 1].id if len(found) > limit else None
    return {"items": line(many=True).dump(shown), "next": more}


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


def life(store: Any, record: Record, regime: Regime, args: dict[str, Any]) -> dict[str, Any]:
    """A page of a record's life in sentences, in the words that its regime has for things."""
    entries = store.life_of(record.id, SENTENCES, args.get("after"), args["limit"] + 1)
    page, spoken = paged(entries, args["limit"]), Words(regime, record.class_)
    return {**page, "items": [sentence(entry, spoken) for entry in page["items"]]}

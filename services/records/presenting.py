"""How records answers: plain data for the schemas, nothing decided here."""

from __future__ import annotations

from typing import Any

from chassis.pages import paged
from chassis.published import made
from regimes import Regime
from services.records.model import Record
from services.records.reading import Reading, Verdict
from services.records.saying import Words
from services.records.schemas import WriteAnswer
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


def life(store: Any, record: Record, regime: Regime, args: dict[str, Any]) -> dict[str, Any]:
    """A page of a record's life in sentences, in the words that its regime has for things."""
    entries = store.life_of(record.id, SENTENCES, args.get("after"), args["limit"] + 1)
    page, spoken = paged(entries, args["limit"]), Words(regime, record.class_)
    return {**page, "items": [sentence(entry, spoken) for entry in page["items"]]}

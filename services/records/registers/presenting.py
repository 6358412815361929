"""How registers answer: plain data for the schemas, nothing decided here."""

from __future__ import annotations

from typing import Any

from regimes import Regime
from regimes.model import Field
from services.records import states
from services.records.model import Record
from services.records.reading import Reading
from services.records.registers import schemas
from services.records.registers.model import CHECK, Entry, Signature
from services.records.registers.naming import OUTCOMES, Naming

HEAD = ("id", "number", "about", "state", "level", "department", "responsible", "creator", "version", "valid_until")


def written(record: Record, left: int) -> dict[str, Any]:
    """What became of an entry; ids and numbers only, because it is kept for a repeated call."""
    names = ("id", "class_", "state", "number", "version")
    return schemas.EntryWritten().dump({**{name: getattr(record, name) for name in names}, "left": left})


def entry(
    reading: Reading, shown: dict[str, Any], given: list[Signature], stored: str, told: dict[str, Any], naming: Naming
) -> dict[str, Any]:
    """An entry with its signatures; `stored` is the digest of what is stored."""
    regime: Regime = naming.regime
    seen, found = reading.seen.record, regime.classes[reading.seen.record.class_]
    holding = [one for one in given if one.voided_at is None]
    awaits = list(Entry(seen, found, holding).wanted[len(holding) :])
    head = {name: getattr(seen, name) for name in HEAD} | {"class_": seen.class_, "at": seen.created_at}
    titles: dict[str, Any] = {"title": _titled(found), "classified": _titled(regime.levels[seen.level])}
    titles |= {"state_title": _titled(states.title(seen.state)), "about_name": naming.about(found.about, seen.about)}
    titles |= {"creator_name": naming.person(seen.creator), "entered": naming.moment(seen.created_at)}
    titles |= {"purpose_title": naming.purpose(reading.purpose)}
    lines = [_line(found.fields[path], one, regime) for path, one in shown.items()]
    signatures = [_signature(one, stored, naming) for one in given]
    more = {"purpose": reading.purpose, "signatures": signatures, "awaits": awaits, "lines": lines, "fields_": shown}
    return schemas.EntryAnswer().dump({**head, **titles, **more, **told})


def _titled(named: Any) -> dict[str, str]:
    return {"en": named.en, "zh": named.zh}


def _line(field: Field, one: dict[str, Any], regime: Regime) -> dict[str, Any]:
    """One line of the form as people read it: titles, the words of a code, the rows of a table."""
    head = {"name": field.path, **_titled(field), "state": one["state"], "value": one.get("value")}
    told: dict[str, Any] = {**head, "words": None, "columns": None, "rows": None}
    if one["state"] != "clear" or not one["value"]:
        return told
    if field.type == "table":
        columns = [{"name": name, **_titled(column)} for name, column in field.columns.items()]
        return {**told, "columns": columns, "rows": one["rows"]}
    word = (
        OUTCOMES.get(one["value"]) if field.type == CHECK else regime.lists.get(str(field.list), {}).get(one["value"])
    )
    return {**told, "words": _titled(word)} if word else told


def _signature(one: Signature, now: str, naming: Naming) -> dict[str, Any]:
    holds = one.voided_at is None
    told = {"name": naming.person(one.person), "signed": naming.moment(one.at)}
    return {**vars(one), **told, "holds": holds, "intact": holds and one.digest == now}

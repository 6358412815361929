"""How records answers: plain data for the schemas, nothing decided here."""

from __future__ import annotations

from typing import Any

from chassis.errors import Invalid
from regimes import Regime
from regimes.model import RecordClass
from services.records import events
from services.records.importing import report as reports
from services.records.importing.model import Import
from services.records.importing.problems import Problem
from services.records.model import GONE, Record
from services.records.reading import Reading, Verdict
from services.records.schemas import ImportStatusAnswer, RecordLine, WriteAnswer
from services.records.timeline import sentence

HEAD = ("id", "number", "state", "level", "department", "responsible", "version")
RUNNING_ROWS = ("accepted", "rejected", "duplicates")


def record(reading: Reading, fields: dict[str, Any]) -> dict[str, Any]:
    """A record as far as the caller may see it."""
    seen = reading.seen.record
    head = {name: getattr(seen, name) for name in HEAD}
    return {**head, "class": seen.class_, "purpose": reading.purpose, "fields": fields}


def written(record: Record, outcome: dict[str, Any]) -> dict[str, Any]:
    """What a write came to; ids, state and version only, because it is kept for a repeated call."""
    head = {"id": record.id, "class_": record.class_, "state": record.state, "version": record.version}
    return WriteAnswer().dump({**head, **outcome})


def verdict(given: Verdict) -> dict[str, Any]:
    """Why one field is clear, masked or withheld."""
    by = {"right": given.right, "grant": given.grant}
    return {"state": given.state, "code": given.code, "request_kind": given.lifted_by, **by}


def page(service: Any, regime: Regime, args: dict[str, Any]) -> dict[str, Any]:
    """A page of records the caller may look at; the entry names every one of them."""
    limit, after = args.pop("limit"), args.pop("after", None)
    where = _filters(regime, args)
    found = service.store.page(where, limit + 1, after)
    shown = [one for one in found[:limit] if one.state not in GONE and _visible(service, regime, one)]
    service.store.record_event(events.Listed([one.id for one in shown], where.get("class_")))
    more = found[limit - 1].id if len(found) > limit else None
    return {"items": RecordLine(many=True).dump(shown), "next": more}


def _filters(regime: Regime, args: dict[str, Any]) -> dict[str, Any]:
    facets = {path for found in regime.classes.values() for path in found.facets}
    strange = sorted(name for name in args if name not in ("class_", "state", "number") and name not in facets)
    if strange:
        told = {"code": "query.unknown", "detail": "only facets are filtered"}
        errors = [{"pointer": f"/{name}", **told} for name in strange]
        raise Invalid("query.unknown", "only class, state, number and facets are filtered", {"errors": errors})
    return args


def _visible(service: Any, regime: Regime, one: Record) -> bool:
    """Whether a line in a list, which holds nothing protected, may name the record: to those who may act on it too."""
    envelope = one.envelope()
    return any(regime.right(service.caller, action, envelope) for action in ("view", "event", "change"))


def record_class(found: RecordClass) -> dict[str, Any]:
    """A class and its fields, for forms and clients."""
    told = ("type", "level", "core", "facet", "en", "zh", "list")
    fields = [{"name": path, **{name: getattr(f, name) for name in told}} for path, f in found.fields.items()]
    head = {"name": found.name, "en": found.en, "zh": found.zh, "kind": found.kind}
    return {**head, "events": [*found.events], "purposes": [*found.collect.purposes], "fields": fields}


def import_(taken: Import) -> dict[str, Any]:
    """How far an import is."""
    rows = sum(getattr(taken, name) for name in RUNNING_ROWS)
    told = {**vars(taken), "rows": rows, "encoding": taken.found.get("encoding")}
    return ImportStatusAnswer().dump(told)


def report(rows: list[Any], language: str) -> str:
    """The rows that were not taken, with the reasons in the clerk's language."""
    return "".join(reports.as_csv((_line(row, language) for row in rows), language=language))


def _line(row: Any, language: str) -> reports.Line:
    said = "zh" if language.startswith("zh") else "detail"
    told = [Problem(p["code"], p.get("pointer", p.get("field", "")), (), _reason(p, said)) for p in row.problems]
    return reports.Line(row.row, row.outcome, tuple(told))


def _reason(problem: dict[str, Any], said: str) -> str:
    where = (problem.get("pointer") or "").removeprefix("/fields/") or problem.get("field") or ""
    text = problem.get(said) or problem.get("detail") or problem["code"]
    return f"{where}: {text}" if where else text


def sentences(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A record's life in sentences."""
    return [line for entry in entries if (line := sentence(entry))]

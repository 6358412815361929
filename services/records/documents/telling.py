"""How documents and checklists are answered: plain data for the schemas, nothing decided here."""

from __future__ import annotations

from typing import Any

from regimes import Regime
from services.records.documents import schemas
from services.records.documents.checklist import File, Item
from services.records.documents.completing import Needed
from services.records.documents.filetypes import ending_of
from services.records.documents.model import Document
from services.records.documents.placing import placed
from services.records.model import Record


def document(found: Document, record: Record, regime: Regime) -> dict[str, Any]:
    """What is known of a document without opening it."""
    listed = regime.classes[record.class_].documents.get(found.kind)
    level = placed(regime.classes[record.class_], found.kind, regime).level
    titles = {"en": listed.en, "zh": listed.zh} if listed else {}
    return dict(schemas.DocumentAnswer().dump({**vars(found), **titles, "level": level}))


def page(service: Any, record: Record, limit: int, after: str | None) -> dict[str, Any]:
    """A page of a record's documents."""
    found = service.store.documents_of(record.id, service.caller.person, limit + 1, after)
    more = found[limit - 1].id if len(found) > limit else None
    return {"items": [document(one, record, service.regime()) for one in found[:limit]], "next": more}


def opened(told: dict[str, Any]) -> dict[str, Any]:
    """What there is to fetch, with the ending its file gets."""
    return {**told, "ending": ending_of(told["media"])}


def checklist(needed: Needed, file: File) -> dict[str, Any]:
    """The checklist, line by line, and what keeps the record from being complete."""
    lines = needed.items(file)
    missing = [line.listed.name for line in lines if not line.is_settled]
    told = {"record": needed.record.id, "complete": needed.complete(file), "items": [_line(line) for line in lines]}
    return {**told, "missing": missing, "next": None}


def _line(item: Item) -> dict[str, Any]:
    listed = item.listed
    head = {"kind": listed.name, "en": listed.en, "zh": listed.zh, "form": listed.form, "sides": listed.sides}
    told = {"signed_by": [*listed.signed_by], "wanted": item.wanted, "state": item.state, "gaps": [*item.gaps]}
    return {**head, **told, "documents": [*item.documents]}

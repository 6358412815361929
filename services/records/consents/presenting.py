"""How answers, purposes and collections are shown: plain data, nothing decided here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.pages import cut, paged
from regimes import Regime
from services.records.consents.lawful import fallen
from services.records.consents.model import place_of
from services.records.consents.notices import NoticeVersion
from services.records.consents.schemas import CollectionsAnswer, ConsentsAnswer, NoticesAnswer
from services.records.model import Record


def answers(record: Record, rows: list[dict[str, Any]], limit: int, regime: Regime) -> dict[str, Any]:
    """A page of receipts, and how each purpose of the class stands with this record."""
    asked = {**dict.fromkeys(regime.classes[record.class_].collect.purposes, "not_asked"), **record.purposes}
    lines = [_purpose(record, regime, name, state) for name, state in asked.items() if name in regime.purposes]
    items, last = cut(rows, limit)
    told = {"items": items, "purposes": lines, "party": record.party, "next": place_of(last) if last else None}
    return ConsentsAnswer().dump(told)


def _purpose(record: Record, regime: Regime, name: str, state: str) -> dict[str, Any]:
    purpose, code = regime.purposes[name], fallen(record, regime, name)
    head = {"purpose": name, "basis": purpose.basis, "optional": purpose.optional, "state": state}
    return {**head, "usable": code is None, "code": code}


def collections(rows: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """A page of where the data came from."""
    return CollectionsAnswer().dump(paged(rows, limit))


def notices(versions: Sequence[NoticeVersion], after: int, limit: int) -> dict[str, Any]:
    """A page of the versions of all notices; new ones come at the end, so that a place stays what it is."""
    items, last = cut(versions[after : after + limit + 1], limit)
    return NoticesAnswer().dump({"items": items, "next": str(after + limit) if last else None})

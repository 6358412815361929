"""How answers, purposes and collections are shown: plain data, nothing decided here."""

from __future__ import annotations

from typing import Any

from regimes import Regime
from services.records.consents.lawful import fallen
from services.records.consents.schemas import CollectionsAnswer, ConsentsAnswer, NoticesAnswer
from services.records.model import Record


def answers(record: Record, rows: list[dict[str, Any]], regime: Regime) -> dict[str, Any]:
    """Every receipt, and how each purpose of the class stands with this record."""
    asked = {**dict.fromkeys(regime.classes[record.class_].collect.purposes, "not_asked"), **record.purposes}
    lines = [_purpose(record, regime, name, state) for name, state in asked.items() if name in regime.purposes]
    told = {"items": rows, "purposes": lines, "party": record.subject, "next": None}
    return ConsentsAnswer().dump(told)


def _purpose(record: Record, regime: Regime, name: str, state: str) -> dict[str, Any]:
    purpose, code = regime.purposes[name], fallen(record, regime, name)
    head = {"purpose": name, "basis": purpose.basis, "optional": purpose.optional, "state": state}
    return {**head, "usable": code is None, "code": code}


def collections(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the data came from."""
    return CollectionsAnswer().dump({"items": rows, "next": None})


def notices(versions: Any) -> dict[str, Any]:
    """Every version of every notice."""
    return NoticesAnswer().dump({"items": versions, "next": None})

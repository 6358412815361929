"""Changes of state and of whose it is, as the history shows them: from, to, who, when, and why for whom it is meant."""

from __future__ import annotations

from typing import Any

from chassis.clock import rfc3339
from services.records import reasons
from services.records.model import Record


def told(service: Any, record: Record, ids: list[str]) -> dict[str, dict[str, Any]]:
    """These of a record's changes of state and of whose it is, by their ids."""
    if not ids:
        return {}
    rows = [*map(_state, service.store.moves(ids)), *map(_assigned, service.store.assignments(ids))]
    why = reasons.opened(service, record, "moves", [row["id"] for row in rows])
    return {row["id"]: {**row, "reason": why.get(row["id"])} for row in rows}


def _state(row: dict[str, Any]) -> dict[str, Any]:
    return {**_line(row), "before": row["before"], "state": row["state"]}


def _assigned(row: dict[str, Any]) -> dict[str, Any]:
    both = {name: {"old": row[f"before_{name}"], "new": row[name]} for name in ("department", "responsible")}
    return {**_line(row), "assigned": both}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    head = {"id": row["id"], "record": row["record"], "version": row["record_version"], "part": None}
    return {**head, "at": rfc3339(row["at"]), "change": None, "by": row["by"], "fields": {}}

"""Changes of state and of whose it is, as the history shows them: from, to, who, when, and why for whom it is meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chassis.clock import rfc3339
from services.records import reasons
from services.records.model import Record


def among(service: Any, record_id: str, versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A record's versions, and those of the records it stands for, with what else befell them, oldest first."""
    record = service.store.record(record_id)
    told = _befell(service, record)
    for merged in service.store.merged_records(record_id):
        told += _befell(service, replace(merged, state=record.state))
    return sorted([*versions, *told], key=lambda one: (one["at"], one["version"]))


def _befell(service: Any, record: Record) -> list[dict[str, Any]]:
    rows = [*map(_state, service.store.moves(record.id)), *map(_assigned, service.store.assignments(record.id))]
    why = reasons.opened(service, record, "moves", [row["id"] for row in rows]) if rows else {}
    return [{**row, "reason": why.get(row.pop("id"))} for row in rows]


def _state(row: dict[str, Any]) -> dict[str, Any]:
    return {**_line(row), "before": row["before"], "state": row["state"]}


def _assigned(row: dict[str, Any]) -> dict[str, Any]:
    both = {name: {"old": row[f"before_{name}"], "new": row[name]} for name in ("department", "responsible")}
    return {**_line(row), "assigned": both}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    head = {"id": row["id"], "record": row["record"], "version": row["record_version"], "part": None}
    return {**head, "at": rfc3339(row["at"]), "change": None, "by": row["by"], "fields": {}}

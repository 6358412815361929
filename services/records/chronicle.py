"""A record's history, and that of the records it stands for, a page at a time: opened is only what a page shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chassis.pages import cut
from services.records.access import Access
from services.records.classifying import moves
from services.records.lines import PART, Line


class Chronicle:
    """One caller's look at what befell a record, for a purpose; refused where he may see nothing of it."""

    def __init__(self, service: Any, record: str, purpose: str) -> None:
        self.service, self.access = service, Access(service, service.regime())
        self.own = self.access.reading(record, purpose, None)
        known = self.own.seen.record
        merged = [replace(one, state=known.state) for one in service.store.merged_records(record)]
        others = {one.id: self.access.reading_of_merged(one, purpose) for one in merged}
        self.records = {one.id: one for one in (known, *merged)}
        self.readings = {record: self.own, **{id: reading for id, reading in others.items() if reading}}

    def page(self, after: str | None, limit: int) -> dict[str, Any]:
        """Versions, changes of state and of whose it is, oldest first; each read is journalled before it is opened."""
        parts = {record: reading.clear_parts for record, reading in self.readings.items()}
        lines, last = cut(self.service.store.history_lines(parts, self.records, after, limit + 1), limit)
        told = self._versions(lines) | self._befell(lines)
        return {"items": [told[line] for line in lines if line in told], "next": last.place if last else None}

    def _versions(self, lines: list[Line]) -> dict[Line, dict[str, Any]]:
        told: dict[Line, dict[str, Any]] = {}
        for record, reading in self.readings.items():
            own = {(line.id, line.number): line for line in lines if line.record == record and line.kind == PART}
            if own or reading is self.own:  # that somebody looked is kept, whatever was there
                opened = self.access.history(reading, own.values())
                told |= {own[place]: line for place, line in opened.items()}
        return told

    def _befell(self, lines: list[Line]) -> dict[Line, dict[str, Any]]:
        told: dict[Line, dict[str, Any]] = {}
        for id, record in self.records.items():
            own = {line.id: line for line in lines if line.record == id and line.kind != PART}
            told |= {own[one]: line for one, line in moves.told(self.service, record, [*own]).items()}
        return told

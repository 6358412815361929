"""Earlier versions of a record, as far as the caller may read them: old, new, who, when, why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chassis.clock import rfc3339
from services.records import events
from services.records.reading import Reading, StoredPart, Unwrap
from services.records.sealing import REASON
from vault.envelope import OpenedPart

Place = tuple[str, int]  # part, version


class History:
    """The versions of the parts a decided read may show. `entry` is journalled before anything is opened."""

    # `rows`: those that are shown, each behind the one before it.
    def __init__(
        self, reading: Reading, rows: Sequence[Any], shown: Collection[Place], together: Mapping[Any, set[str]]
    ) -> None:
        self.reading, self.record = reading, reading.seen.record
        self.clear = {v.field.path for v in reading.verdicts if v.state == "clear"}
        self.rows = [row for row in rows if row.name in reading.clear_parts]
        self.shown = {(row.id, row.version) for row in self.rows} & {*shown}
        self.together = together  # what was set for one reason, by the change or the version

    @property
    def entry(self) -> events.HistoryRead:
        """What the journal keeps of it."""
        told = sorted({row.record_version for row in self.rows if (row.id, row.version) in self.shown})
        return events.HistoryRead(self.record.id, self.reading.purpose, sorted(self.clear), len(self.shown), told)

    def open(self, unwrap: Unwrap) -> dict[Place, dict[str, Any]]:
        """By part and version, each with the fields it set, before and after; nothing else is opened."""
        deks = unwrap({row.key for row in self.rows}) if self.rows else {}
        before: dict[str, OpenedPart] = {}
        told = {}
        for row in self.rows:
            stored = StoredPart(row.id, row.name, row.level, row.key, row.version, row.sealed)
            opened = stored.open(self.record.id, deks[row.key])
            if (row.id, row.version) in self.shown:
                told[row.id, row.version] = self._version(row, before.get(row.id), opened)
            before[row.id] = opened
        return told

    def _version(self, row: Any, before: OpenedPart | None, now: OpenedPart) -> dict[str, Any]:
        paths = [path for path in row.changed if path in self.clear]
        fields = {path: {"old": _value(before, path), "new": _value(now, path)} for path in paths}
        source = row.source if row.change else self.record.source
        what = {"version": row.record_version, "part": row.name, "at": rfc3339(row.at), "change": row.change}
        what |= {"record": self.record.id}
        what |= {"source": source, "decided_by": row.decided_by or [], "by": row.by}
        return {**what, "reason": self._why(row, now), "fields": fields}

    def _why(self, row: Any, now: OpenedPart) -> str | None:
        """The reason, for whoever may read all that it is about: it may tell what the other fields say."""
        whole = self.together.get(row.change or row.record_version, {*row.changed}) <= self.clear
        return _value(now, REASON) or None if whole else None


def _value(part: OpenedPart | None, path: str) -> str | None:
    return part.value(path).decode() if part and path in part.fields else None

"""Whether a record has all it needs: told from facets, or from its own fields under a journalled opening."""

from __future__ import annotations

from typing import Any

from chassis.errors import Conflict
from regimes import Regime
from services.records import events as records_events
from services.records import sealing
from services.records.changing import Applied
from services.records.documents import checklist, events
from services.records.documents.checklist import File, Item
from services.records.model import Record
from services.records.reading import Seen
from vault.envelope import named


class Needed:
    """What one record's checklist wants, as the record stands; made outside any transaction."""

    def __init__(self, service: Any, record_id: str) -> None:
        self.service, self.regime = service, service.regime()
        seen = service.store.see(record_id, None)
        self.record: Record = seen.record
        self.record.refuse_gone(service.caller, self.regime)
        self.found = self.regime.classes[self.record.class_]
        filled = {name for part in seen.parts.values() for name in named(part.sealed)}
        self.core = sealing.complete(self.found, filled, self.record.facets)
        known = checklist.case(self.record, self.regime, {**self.record.facets, **self._opened(seen)})
        self.wanted = checklist.wanted(self.found, known)

    def items(self, file: File) -> list[Item]:
        """The checklist, line by line."""
        return checklist.items(self.found, self.wanted, file)

    def complete(self, file: File) -> bool:
        """Whether all that is due is there."""
        return self.core and checklist.is_done(self.items(file))

    def settle(self, work: Any, record: Record) -> list[records_events.RecordEvent]:
        """Let the record be complete or not by what this work has done; what there is to tell of it."""
        if record.version != self.record.version:
            raise Conflict("request.in_flight", "the record was just changed by another call; repeat yours")
        return turned(record, self.complete(work.file_of(record.id)))

    def _opened(self, seen: Seen) -> dict[str, str]:
        """The protected fields that decide what is needed; where none does, nothing is opened."""
        paths = checklist.reads(self.found) - set(self.found.facets)
        parts = [part for name, part in seen.parts.items() if any(path.split(".")[0] == name for path in paths)]
        if not parts:
            return {}
        entry = records_events.OpenedForWork(self.record.id, "checklist", self.record.id)
        deks = self.service.keys.unwrap([part.key for part in parts], self.service.store.record_event(entry))
        opened = [part.open(self.record.id, deks[part.key]) for part in parts]
        return {path: part.value(path).decode() for part in opened for path in paths & set(part.fields)}


def turned(record: Record, complete: bool) -> list[records_events.RecordEvent]:
    """The record complete or not; an event where that is new."""
    before, record.complete = record.complete, complete
    return told_of(record, before)


def told_of(record: Record, before: bool) -> list[records_events.RecordEvent]:
    """What there is to tell where a record became complete, or no longer is."""
    if record.complete == before:
        return []
    return [(events.Completed if record.complete else events.BecameIncomplete)(**told(record))]


def told(record: Record) -> dict[str, Any]:
    """The envelope as every event about a record's file carries it."""
    return {**record.told(), "complete": record.complete}


def after_change(work: Any, record: Record, regime: Regime, applied: Applied) -> bool:
    """Whether a record is complete once a change has taken effect."""
    lines = checklist.items(regime.classes[record.class_], applied.wanted, work.file_of(record.id))
    return applied.complete and checklist.is_done(lines)

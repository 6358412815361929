"""What approvals decided about a record, a change or an import: executed once, or let go."""

from __future__ import annotations

from typing import Any

from chassis.errors import Conflict, NotFound
from services.records import events, numbering, sealing
from services.records.changing import Applied, apply
from services.records.model import Change, Record


class Settling:
    """One settled request about something that waits in records."""

    def __init__(self, service: Any) -> None:
        self.store, self.keys, self.regime = service.store, service.keys, service.regime()
        self.today = self.store.clock.today(self.regime.timezone)

    def settle(self, event: dict[str, Any]) -> None:
        """Hand the outcome to whatever the request was about; other services' subjects are theirs."""
        data = event["data"]
        roads = {"record": self._record, "change": self._change, "import": self._import}
        road = roads.get(data["about"]) if data["kind"] in ("create", "change") else None
        if road and data["subject"]:
            road(data["subject"], data["outcome"])

    def _record(self, record_id: str, outcome: str) -> None:
        with self.store.begin() as work:
            record = work.record(record_id)
            if record.state == "pending":
                work.emit(self.activate(work, record) if outcome == "approved" else record.reject())
                work.save(record)

    def activate(self, work: Any, record: Record) -> events.Activated:
        """Make one record valid, with its number."""
        found = self.regime.classes[record.class_]
        number = numbering.give(work, found, record, self.today) if record.state == "pending" else None
        return record.activate(number)

    def _import(self, import_id: str, outcome: str) -> None:
        with self.store.begin() as work:
            taken = work.import_(import_id)
            if taken.state == "waiting":
                taken.settle(outcome)
                work.save_import(taken)

    def _change(self, change_id: str, outcome: str) -> None:
        try:
            change = self.store.change(change_id)
        except NotFound:
            return  # destroyed with its record meanwhile
        applied = self._applied(change) if outcome == "approved" and change.state == "pending" else None
        with self.store.begin() as work:
            change, record = work.change(change_id), work.record(change.record)
            if change.state == "pending":
                self._take(work, record, change, applied, outcome)
                work.save_change(change)

    def _take(self, work: Any, record: Record, change: Change, applied: Applied | None, outcome: str) -> None:
        why = self._against(work, record, change, applied, outcome)
        if applied is None or why:
            change.settle("lapsed")
            work.emit(record.lapse(change, why or "lapsed"))
            return
        work.emit(record.change(change, applied.level, applied.complete, applied.facets))
        work.add_parts(record.id, applied.parts, record.version, change.proposed_by, change.id)
        found = self.regime.classes[record.class_]
        touched = [path for path in found.match if path.split(".")[0] in applied.names]
        work.index(record.id, touched, sealing.tokens_of(found, applied.values, self.keys.blind))
        work.save(record)
        change.settle("applied")

    def _against(self, work: Any, record: Record, change: Change, applied: Applied | None, outcome: str) -> str | None:
        """Why the change does not take effect: not approved, overtaken, or its filing unit is taken."""
        if outcome != "approved":
            return outcome
        overtaken = _lapsed(record, change)
        return self._refiled(work, record, applied) if applied and not overtaken else overtaken

    def _refiled(self, work: Any, record: Record, applied: Applied) -> str | None:
        """Move the record to the filing unit that its changed fields make; why not, where that has its file already."""
        found = self.regime.classes[record.class_]
        if found.one_per is None or record.state not in found.one_per.states:
            return None
        unit = sealing.unit_of(found, applied.filing, self.keys.blind)
        return None if work.refile(unit, record.id) else "record.exists"

    def _applied(self, change: Change) -> Applied | None:
        """The new part versions, made outside any transaction; None where the record has moved on."""
        seen = self.store.see(change.record, None)
        if _lapsed(seen.record, change):
            return None
        ticket = self.store.record_event(events.OpenedForWork(change.record, "change", change.id))
        keys = {part.key: name for name, part in seen.parts.items()}
        deks = {keys[key]: dek for key, dek in self.keys.unwrap(list(keys), ticket).items()}
        return apply(change, seen.record, seen.parts, deks, self.regime)


def _lapsed(record: Record, change: Change) -> str | None:
    """Why a decided change cannot take effect any more."""
    try:
        record.expect(change.version)
    except Conflict as moved_on:
        return moved_on.code
    return None

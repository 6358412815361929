"""What approvals decided about something that waits in records: executed once, or let go."""

from __future__ import annotations

from typing import Any

from chassis.errors import Conflict, NotFound
from services.records.changing import BUSY, Applied
from services.records.classifying import settling as classifying
from services.records.closing import moving
from services.records.consents import lawful
from services.records.effect import Effect
from services.records.erasing import deciding
from services.records.importing import recalling
from services.records.merging import executing
from services.records.model import Change, Record
from services.records.verifying import validity

LOOKS = 10  # at a record that others change at the same time
KINDS = ("create", "change", "correct_original", "downgrade", "end", "reactivate", "merge", "erase", "withdraw")


class Settling:
    """One settled request about something that waits in records."""

    def __init__(self, service: Any) -> None:
        self.service, self.store, self.regime = service, service.store, service.regime()
        self.today = self.store.clock.today(self.regime.timezone)
        self.effect = Effect(service)
        self.decided_by: list[str] = []

    def settle(self, event: dict[str, Any]) -> None:
        """Hand the outcome to whatever the request was about; other services' subjects are theirs."""
        data = event["data"]
        roads = {"record": self._record, "change": self._change, "import": self._import, "downgrade": self._downgrade}
        roads |= {"move": self._move, "merge": self._merge, "erasure": self._erasure, "withdrawal": self._withdrawal}
        self.decided_by = list(data.get("decided_by") or [])
        road = roads.get(data["about"]) if data["kind"] in KINDS else None
        if road and data["subject"]:
            road(data["subject"], data["outcome"])

    def _record(self, record_id: str, outcome: str) -> None:
        with self.store.begin() as work:
            record = work.record(record_id)
            if record.state == "pending":
                # Whoever took back the last consent meanwhile leaves a draft behind that nobody may use.
                valid = outcome == "approved" and lawful.stands(record, self.regime.classes[record.class_])
                if valid:
                    validity.approved(work, record, self.regime, self.today)
                else:
                    work.emit(record.reject())
                work.refile_by_state(record, self.regime)
                work.save(record)

    def _downgrade(self, downgrade_id: str, outcome: str) -> None:
        with self.store.begin() as work:
            classifying.settled(work, self.regime, downgrade_id, outcome)

    def _move(self, move_id: str, outcome: str) -> None:
        with self.store.begin() as work:
            moving.settled(work, self.regime, move_id, outcome, self.decided_by)

    def _merge(self, merge_id: str, outcome: str) -> None:
        executing.settled(self.service, merge_id, outcome, self.decided_by)

    def _erasure(self, erasure_id: str, outcome: str) -> None:
        deciding.settled(self.service, erasure_id, outcome, self.decided_by)

    def _import(self, import_id: str, outcome: str) -> None:
        with self.store.begin() as work:
            taken = work.import_(import_id)
            if taken.state == "waiting":
                taken.settle(outcome)
                work.save_import(taken)

    def _withdrawal(self, import_id: str, outcome: str) -> None:
        with self.store.begin() as work:
            recalling.settled(work, import_id, outcome, self.decided_by)

    def _change(self, change_id: str, outcome: str) -> None:
        try:
            change = self.store.change(change_id)
        except NotFound:
            return  # destroyed with its record meanwhile
        for _ in range(LOOKS):
            try:
                self._settle(change, outcome)
                return
            except Conflict as moved_on:
                if moved_on.code != BUSY:
                    raise
        raise Conflict(BUSY, "the record does not stop changing; this is delivered again")

    def _settle(self, change: Change, outcome: str) -> None:
        ripe = outcome == "approved" and change.state == "pending"
        applied = self.effect.applied(change) if ripe else None
        with self.store.begin() as work:
            change, record = work.change(change.id), work.record(change.record)
            if change.state == "pending":
                change.decided_by = self.decided_by
                self._take(work, record, change, applied, outcome)
                work.save_change(change)

    def _take(self, work: Any, record: Record, change: Change, applied: Applied | None, outcome: str) -> None:
        why = self.effect.against(work, record, change, applied, outcome)
        if applied is None or why:
            change.settle("lapsed")
            work.emit(record.lapse(change, why or "lapsed"))
        else:
            self.effect.take(work, record, change, applied)

"""A decided change taking effect: opened under a journalled entry, sealed as new part versions, kept in one piece."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from chassis.errors import Conflict, Forbidden
from chassis.ids import new_id
from regimes import Regime
from regimes.envelopes import completed
from services.records import events, sealing
from services.records.changing import Applied, apply
from services.records.consents import lawful
from services.records.documents import completing
from services.records.filing import taken
from services.records.merging import likeness
from services.records.model import Change, Record
from services.records.parties import model as parties
from services.records.reading import StoredPart
from services.records.registers.adding import edited
from services.records.sealing import PartToStore
from services.records.searching.indexing import indexed
from services.records.verifying import validity

STALE = "record.stale"


class Effect:
    """How changes take effect under one regime."""

    def __init__(self, service: Any) -> None:
        self.store, self.keys, self.regime = service.store, service.keys, service.regime()

    def applied(self, change: Change) -> Applied | None:
        """The new part versions, made outside any transaction; None where it is overtaken."""
        seen, touched = self.store.see(change.record, None), self.store.touched_since(change)
        return None if self.overtaken(seen.record, change, touched) else self.apply(change, seen)

    def overtaken(self, record: Record, change: Change, touched: Collection[str]) -> str | None:
        """Why a decided change cannot take effect any more; `touched` are the fields that were set since."""
        try:
            record.refuse_unchangeable()
            change.refuse_overtaken(touched, self._class(record))
        except Conflict as moved_on:
            return moved_on.code
        return None

    def apply(self, change: Change, seen: Any, made: list[PartToStore] | None = None) -> Applied:
        """The new part versions of a record as it was seen; `made` are parts that it gets for this change."""
        parts = {**seen.parts, **{part.name: _stored(part) for part in made or ()}}
        ticket = self.store.record_event(events.OpenedForWork(change.record, "change", change.id))
        names = {part.key: name for name, part in parts.items()}
        deks = {names[key]: dek for key, dek in self.keys.unwrap(list(names), ticket).items()}
        return apply(change, seen.record, parts, deks, self.regime)

    def against(self, work: Any, record: Record, change: Change, applied: Applied | None, outcome: str) -> str | None:
        """Why the change does not take effect: not approved, overtaken, or its filing unit is taken."""
        if outcome != "approved":
            return outcome
        why = self.overtaken(record, change, work.touched_since(change))
        if why or applied is None:
            return why or STALE
        applied.refuse_moved_on(record)
        return _unlawful(record, applied, self.regime) or self._refiled(work, record, applied)

    def take(self, work: Any, record: Record, change: Change, applied: Applied) -> None:
        """Let it take effect, with all that follows from it; refused where it was made of an older version."""
        applied.refuse_moved_on(record)
        before, complete = record.complete, completing.after_change(work, record, self.regime, applied)
        tell = told_to(record, change, self.regime)
        changed = record.change(change, applied.level, complete, applied.facets, tell)
        work.emit(changed, *completing.told_of(record, before))
        work.add_parts(record.id, applied.parts, record.version, change.proposed_by, change.id)
        self._find(work, record, applied)
        work.identify(record, parties.marks(self._class(record), applied.identity, self.keys.blind), new_id())
        edited(work, record, self.regime)
        work.save(record)
        validity.reconsider(work, record, self.regime)
        change.settle("applied")

    def refuse_taken(self, work: Any, record: Record, applied: Applied) -> None:
        """Refuse where the filing unit that the record would move to has its open file already."""
        if self._refiled(work, record, applied):
            raise taken(self._class(record))

    def _find(self, work: Any, record: Record, applied: Applied) -> None:
        """What the record is found by is what it says now."""
        found = self._class(record)
        work.renew_index([indexed(record.id, found, applied.names, applied.values, self.keys.blind)])
        touched = [path for path in found.match if path.split(".")[0] in applied.names]
        work.index(record.id, touched, sealing.tokens_of(found, applied.values, self.keys.blind))
        if found.subject and found.subject.split(".")[0] in applied.names:
            work.rename(record.id, likeness.token_of(found, applied.values, self.keys.blind))

    def _refiled(self, work: Any, record: Record, applied: Applied) -> str | None:
        """Move the record to the filing unit that its changed fields make; why not, where that has its file already."""
        found = self._class(record)
        if found.one_per is None:
            return None
        unit = sealing.unit_of(found, applied.filing, self.keys.blind)
        return None if work.refile(unit, record, found.one_per) else "record.exists"

    def _class(self, record: Record) -> Any:
        return self.regime.classes[record.class_]


def told_to(record: Record, change: Change, regime: Regime) -> list[dict[str, Any]]:
    """Whom the regime wants told of such a change, as it names them, and by when (Q-126)."""
    case = {"record": completed(regime, record.envelope()), "applicant": {"person": change.proposed_by}}
    try:
        ruling = regime.rule(change.kind, {**case, "request": {"kind": change.kind, "change": change.mode}})
    except Forbidden:
        return []  # decided under an earlier regime, or by a form's own rule
    return [_plain(asdict(tell)) for tell in ruling.tells]


def _unlawful(record: Record, applied: Applied, regime: Regime) -> str | None:
    """Why a decided change may not be taken in any more: the purpose of its part has fallen meanwhile."""
    try:
        lawful.may_take_in(record, regime, applied.filled)
    except Forbidden as fallen:
        return fallen.code
    return None


def _stored(part: PartToStore) -> StoredPart:
    return StoredPart(part.part, part.name, part.level, part.key, part.version, part.sealed)


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    kept = {name: _plain(value) if isinstance(value, dict) else value for name, value in told.items()}
    return {name: value for name, value in kept.items() if value is not None}

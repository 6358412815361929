"""A decided merge: what comes over is sealed anew under the survivor's keys, all else in one transaction, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.errors import Refused, Unavailable
from chassis.failpoints import failpoint
from chassis.ids import new_id
from services.records import events, permits, sealing
from services.records.changing import Applied, PartSealer, Proposal
from services.records.consents import lawful
from services.records.effect import Effect
from services.records.merging import model
from services.records.merging.consents import follow
from services.records.merging.model import Merge
from services.records.model import Change, Record
from services.records.reading import Seen
from services.records.sealing import PartToStore
from services.records.searching.indexing import figures_left
from services.records.verifying import validity
from vault.envelope import named

BUSY = "request.in_flight"


def settled(service: Any, merge_id: str, outcome: str, decided_by: list[str]) -> None:
    """Carry out once what was decided about a merge, or let it go and say why."""
    merge: Merge = service.store.merge(merge_id)
    if merge.state != "pending":
        return
    why = outcome
    if outcome == "approved":
        try:
            _run(service, merge, decided_by)
            return
        except Unavailable:
            raise
        except Refused as against:
            if against.code == BUSY:
                raise  # delivered again
            why = against.code
    with service.store.begin() as work:
        waiting = work.merge(merge_id)
        if waiting and waiting.state == "pending":
            work.emit(waiting.lapse(work.record(waiting.survivor), why, decided_by))
            work.save_merge(waiting)


def _run(service: Any, merge: Merge, decided_by: list[str]) -> None:
    over = Over.of(service, merge) if merge.fields else None
    failpoint("merge.sealed")
    with service.store.begin() as work:
        waiting = work.merge(merge.id)
        if waiting and waiting.state == "pending":
            _merge(work, service, waiting, over, decided_by)
    failpoint("merge.done")


def _merge(work: Any, service: Any, merge: Merge, over: Over | None, decided_by: list[str]) -> None:
    regime = service.regime()
    stays, goes = both(work, merge.survivor, merge.merged)
    stays.expect(merge.survivor_version)
    model.refuse(stays, goes, regime.classes[stays.class_], {*work.holds(stays.id), *work.holds(goes.id)})
    model.refuse_strangers(work.proofs(stays.id), work.proofs(goes.id))
    before = goes.state
    moved = goes.merge(stays, merge.merged_version)
    work.unmark([goes.id])
    work.unindex([goes.id])
    work.forget_index([goes.id])
    work.forget_measures(figures_left(goes.id, regime.classes[goes.class_], service.keys.blind))
    work.join_parties(stays, goes)
    work.save(goes)
    work.emit(moved)
    work.add_move(goes, before, [], by=merge.by, id=new_id())
    if over:
        over.take(work, stays)
    else:
        stays.version += 1
    follow(work, stays, goes)
    work.stand_for(stays, goes)
    work.save(stays)
    work.spread(stays, regime)
    validity.reconsider(work, stays, regime)
    work.emit(merge.done(stays, goes, decided_by))
    work.save_merge(merge)


def both(work: Any, survivor: str, merged: str) -> tuple[Record, Record]:
    """Both records, locked in one order, so that two who merge the same two do not wait for each other."""
    found = {id: work.record(id) for id in sorted({survivor, merged})}
    return found[survivor], found[merged]


@dataclass(frozen=True)
class Over:
    """What comes over, as a change of the survivor whose source is the record that goes."""

    effect: Effect
    change: Change
    made: list[PartToStore]
    applied: Applied

    @classmethod
    def of(cls, service: Any, merge: Merge) -> Over:
        """Open what was chosen, check it like any other entry, and seal it under the survivor's keys."""
        stays, goes = (service.store.see(id, None) for id in (merge.survivor, merge.merged))
        regime = service.regime()
        found = regime.classes[stays.record.class_]
        model.refuse_fields(merge.fields, found, filled(stays), filled(goes))
        values = _opened(service, goes, merge)
        checked = sealing.check(found, values, regime, whole=False, known=stays.record.facets)
        lawful.may_take_in(stays.record, regime, checked)
        proposal = Proposal(stays.record, found, regime, checked, [], "merge", "merge")
        made, sealer = permits.change_keys(service, proposal)
        effect, change = Effect(service), _change(proposal, merge, goes.record, sealer)
        return cls(effect, change, made, effect.apply(change, stays, made))

    def take(self, work: Any, stays: Record) -> None:
        """Let it take effect in this piece of work."""
        self.effect.refuse_taken(work, stays, self.applied)
        work.add_parts(stays.id, self.made, stays.version, self.change.proposed_by)
        work.add_change(self.change)
        self.effect.take(work, stays, self.change, self.applied)
        work.save_change(self.change)


def filled(seen: Seen) -> set[str]:
    """The fields that have a value; told from the seals' directories, nothing is opened."""
    return {path for part in seen.parts.values() for path in named(part.sealed)}


def _opened(service: Any, goes: Seen, merge: Merge) -> dict[str, str]:
    """The chosen values; journalled first, shown to nobody."""
    wanted = [part for name, part in goes.parts.items() if any(path.split(".")[0] == name for path in merge.fields)]
    ticket = service.store.record_event(events.OpenedForWork(merge.merged, "merge", merge.id))
    deks = service.keys.unwrap([part.key for part in wanted], ticket)
    opened = [part.open(goes.record.id, deks[part.key]) for part in wanted]
    return {path: part.value(path).decode() for part in opened for path in part.fields if path in merge.fields}


def _change(proposal: Proposal, merge: Merge, goes: Record, sealer: PartSealer) -> Change:
    source: dict[str, str | None] = {"entry": goes.id, "class": goes.class_, "number": goes.number}
    reason = f"merged: {goes.number or goes.id}"
    change = proposal.change({"requested_by": "merge", "reason": reason}, merge.by, sealer)
    change.source = source
    return change

"""Changing a record's state: refused, done at once, or kept until somebody else has decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.errors import Conflict, Invalid
from chassis.ids import new_id
from regimes import Regime
from services.records import permits, presenting, reasons, waiting
from services.records.closing.model import Move, decided, kind_of, named
from services.records.entrypoints import DONE, WAITING
from services.records.model import Record
from services.records.reasons import Reason
from services.records.verifying import needs
from services.records.verifying.needs import Proofs


@dataclass(frozen=True)
class Moving:
    """One change of state that one caller wants; prepared outside any transaction."""

    service: Any
    args: dict[str, Any]
    regime: Regime
    why: list[Reason]

    @classmethod
    def of(cls, service: Any, args: dict[str, Any]) -> Moving:
        """Check right and proofs, and seal why, so that it can be kept with what it explains."""
        record: Record = service.store.record(args["record"])
        permits.may(service, "event", record)
        why = reasons.seal(service, record, args["reason"])
        args = {**args, "evidence": permits.on_file(service, record, args["evidence"])}
        return cls(service, args, service.regime(), why)

    def go(self, work: Any) -> dict[str, Any]:
        """Refuse it, do it, or let it wait."""
        caller, to, record = self.service.caller, self.args["to"], work.record(self.args["record"])
        permits.may(self.service, "event", record)
        record.expect(self.args["version"])
        if to != "pending":
            record.may_move(to, frozen=bool(work.holds(record.id)))
        proofs = Proofs(work, record, self.regime, caller.person, work.now, tuple(self.args["evidence"]))
        before = needs.refuse_unmet(proofs, to)
        kind = kind_of(record, to)
        if decided(record, kind, self.regime, caller):
            return self._wait(work, record, str(kind))
        moved(work, record, to, self.regime)
        work.add_move(record, before, self.why)
        return presenting.written(record, DONE)

    def _wait(self, work: Any, record: Record, kind: str) -> dict[str, Any]:
        waiting.refuse_beside("move", work.move_like(record.id, self.args["to"], record.version))
        id = self.why[0].id if self.why else new_id()
        by = str(self.service.caller.person)
        move = Move(id, record.id, kind, self.args["to"], record.version, by, self.args["evidence"])
        work.emit(move.proposed(record))
        work.add_pending_move(move)
        work.add_reasons(self.why)
        return presenting.written(record, {**WAITING, "move": move.id})


def moved(work: Any, record: Record, to: str, regime: Regime, move: str | None = None) -> None:
    """Put the record in another state, with its filing unit and its figures; refused where the unit is taken."""
    before = record.state
    told = permits.moved(record, to, regime, held=bool(work.holds(record.id)), move=move)
    work.refile_by_state(record, regime)
    work.save(record)
    work.emit(told, *named(record, before, move))
    work.score(record, regime)


def settled(work: Any, regime: Regime, move_id: str, outcome: str, decided_by: list[str]) -> None:
    """Carry out once what was decided about a change of state, or let it go."""
    move = work.pending_move(move_id)
    if move is None or move.state != "pending":
        return
    record, move.decided_by = work.record(move.record), decided_by
    why = _against(work, record, move, regime) if outcome == "approved" else outcome
    if why:
        # Loaded anew: what was tried has changed it.
        work.emit(move.lapse(work.record(move.record), why))
    else:
        move.settle("applied")
    work.save_pending_move(move)


def _against(work: Any, record: Record, move: Move, regime: Regime) -> str | None:
    """Do it; or why it can no longer be done: the record moved on, lacks a proof, or its filing unit is taken."""
    before = record.state
    try:
        record.expect(move.version)
        needs.refuse_unmet(Proofs(work, record, regime, move.by, work.now, tuple(move.evidence)), move.to)
        moved(work, record, move.to, regime, move.id)
    except (Conflict, Invalid) as against:
        return str(against.code)
    work.add_move(record, before, [], by=move.by, id=move.id)
    return None

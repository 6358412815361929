"""A released import that is to be taken back: asked for with a reason, decided by those who release, then it goes."""

from __future__ import annotations

from typing import Any

from chassis.clock import rfc3339
from chassis.errors import Invalid, NotFound
from services.records.importing import events
from services.records.importing.model import NO_REASON, Import
from services.records.sealing import REASON
from vault.envelope import PartContext, open_part


def noted(service: Any, taken: Import, reason: str | None) -> dict[str, Any] | None:
    """Who takes it back and why, sealed under a key of its own: no log, list or event tells it."""
    if not reason:
        return None
    if sum(character.isalnum() for character in reason) < 2:
        raise Invalid("reason.empty", "a reason is needed to take back what was released", NO_REASON)
    key = service.keys.create(1)[0].id
    sealed = service.keys.sealer([key]).seal(key, _context(taken.id), {REASON: reason.encode()}).packed
    now = rfc3339(service.store.clock.now())
    return {"by": service.caller.person, "at": now, "key": key, "sealed": bytes(sealed).hex()}


def ask(work: Any, taken: Import, note: dict[str, Any] | None) -> dict[str, Any]:
    """Put it before those who release; told is how many records would go and how many stay."""
    going, kept = work.going_of(taken.id), work.kept_of(taken.id)
    held = work.held_of(taken.id, "pending", "active")
    work.emit(taken.recall(note, going, kept - going, held))
    work.save_import(taken)
    told = {"upload": taken.id, "state": taken.state, "gone": going, "stayed": kept - going, "outcome": "waiting"}
    answer: dict[str, Any] = work.answer(told)
    return answer


def settled(work: Any, import_id: str, outcome: str, decided_by: list[str]) -> None:
    """Let it go as was decided, once; what has changed since it was asked for may have left nothing that goes."""
    taken = work.import_(import_id)
    if taken.state == "recalling":
        against = work.held_of(taken.id, "pending", "active"), work.going_of(taken.id)
        if lapsed := taken.settle_recall(outcome, decided_by, *against):
            work.emit(lapsed)
        work.save_import(taken)


def over(work: Any, taken: Import) -> None:
    """Nothing more of it goes: say what has gone and what stayed."""
    work.emit(taken.recalled(work.gone_with(taken.id), work.kept_of(taken.id)))
    work.save_import(taken)


def told(service: Any, taken: Import) -> dict[str, Any]:
    """Who takes it back and why, for whoever may see the import; journalled before it is opened."""
    note = taken.withdrawal
    if note is None:
        raise NotFound("withdrawal.unknown", "nobody has given a reason to take this import back")
    ticket = service.store.record_event(events.WithdrawalRead(taken.id))
    dek = service.keys.unwrap([note["key"]], ticket)[note["key"]]
    reason = open_part(dek, _context(taken.id), bytes.fromhex(note["sealed"])).value(REASON).decode()
    return {**note, "upload": taken.id, "state": taken.state, "reason": reason}


def _context(import_id: str) -> PartContext:
    return PartContext(import_id, "withdrawal", 0)

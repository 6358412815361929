"""An import that goes as one: withdrawn, rejected, or broken off. First the records' state, then keys, then rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import eventlet

from chassis.failpoints import failpoint
from services.records.importing import recalling
from services.records.importing.model import LEAVING, RETRACTING
from services.records.searching.indexing import figures_left

AT_ONCE = 50
STATES = ("pending", "active")  # of what may go
ABANDONED = timedelta(days=1)  # a file of which nothing has come for so long is not coming


def withdraw(service: Any, import_id: str, reason: str | None = None) -> dict[str, Any]:
    """Take an import back, or ask for it once it is released; refused while a hold protects one of its records."""
    note = recalling.noted(service, service.store.import_(import_id), reason)
    with service.store.begin() as work:
        taken = work.import_(import_id)
        if taken.state == "released":
            return recalling.ask(work, taken, note)
        work.emit(taken.withdraw(work.held_of(taken.id), note))
        work.save_import(taken)
        answer: dict[str, Any] = work.answer({"upload": taken.id, "state": taken.state, "outcome": "done"})
        return answer


def carry_on(service: Any) -> None:
    """Let go of what has to go; killed and started again it ends the same."""
    for taken in service.store.abandoned(service.store.clock.now() - ABANDONED):
        withdraw(service, taken.id)
    for taken in service.store.imports_in(*LEAVING):
        for state in STATES:
            after: str | None = ""
            while after is not None:
                after = _begun(service, taken.id, state, after)
                _finish(service, service.store.gone_of(taken.id))
                failpoint("withdrawal.some_gone")
                eventlet.sleep(0)
        _over(service, taken.id)


def _begun(service: Any, import_id: str, state: str, after: str) -> str | None:
    """Pass the point of no return with some records behind one; which was the last, None where there is none.

    What a hold protects stays until it is lifted; of a released import what was relied on stays for good.
    """
    with service.store.begin() as work:
        taken = work.import_(import_id)
        if taken.state not in LEAVING:
            return None
        released = taken.state == RETRACTING
        locked = work.records(work.leaving_of(import_id, state, after, AT_ONCE, released))
        free = work.still_leaving([record.id for record in locked], released)  # somebody may have been faster
        going = [one for one in locked if one.id in free]
        for record in going:
            record.leave(released)
        work.save(*going)
    failpoint("withdrawal.begun")
    return locked[-1].id if locked else None


def _finish(service: Any, records: list[str]) -> None:
    if not records:
        return
    regime, keys = service.regime(), service.store.every_key(records)
    gone = service.keys.destroy([key for own in keys.values() for key in own.values()])
    failpoint("withdrawal.keys_gone")
    with service.store.begin() as work:
        leaving = [record for record in work.records(records) if record.state == "destroying"]
        work.wipe(*(record.id for record in leaving))
        named = (figures_left(one.id, regime.classes[one.class_], service.keys.blind) for one in leaving)
        work.forget_measures([name for own in named for name in own])
        for record in leaving:
            work.emit(*record.left({part: gone[key] for part, key in keys[record.id].items()}))
        work.save(*leaving)


def _over(service: Any, import_id: str) -> None:
    with service.store.begin() as work:
        taken = work.import_(import_id)
        if taken.state == RETRACTING:
            recalling.over(work, taken)
        elif taken.state in LEAVING and not work.waits_of(import_id):
            taken.left()
            work.save_import(taken)

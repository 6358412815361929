"""Carrying a hold to the records and back: repeated until it has arrived, outside of any transaction."""

from __future__ import annotations

from typing import Any

from chassis.errors import Conflict, Refused, Unavailable
from chassis.failpoints import failpoint
from chassis.logs import log
from services.retention.authority import GONE
from services.retention.disposal.holds import Hold

# The caller's Idempotency-Key was answered by the first piece of work; carrying is repeatable without it.
NO_KEY = {"idempotency_key": None}


def must_be_there(records: Any, ids: list[str]) -> None:
    """Refuse, before a hold is written down, what there is not or no more: so a repeated call is refused again."""
    for id in ids:
        if records.envelope({"record": id})["state"] in GONE:
            raise Conflict("record.destroyed", f"record {id} is gone", {"record": id})


def carry(store: Any, records: Any, id: str) -> str:
    """Bring a hold to where it is going; its state afterwards. Doing it twice changes nothing."""
    hold = store.find_hold(id)
    if hold.state == "placing":
        _freeze(store, records, hold)
    elif hold.state == "releasing":
        _free(store, records, hold)
    return store.find_hold(id).state


def carry_all(store: Any, records: Any) -> None:
    """Carry on with every hold that is underway; one that the records refuse keeps none of the others back."""
    for id in store.underway_holds():
        try:
            carry(store, records, id)
        except Unavailable:
            return  # nobody is there to carry the others to
        except Refused as refusal:
            log.warning("hold.stuck", hold=id, code=refusal.code)


def _freeze(store: Any, records: Any, hold: Hold) -> None:
    failpoint("hold.placing")
    try:
        records.freeze({"hold": hold.id, "records": list(hold.records)}, context=NO_KEY)
    except Unavailable:
        raise
    except Refused as refusal:
        _refuse(store, hold, refusal)
        raise
    failpoint("hold.frozen")
    with store.begin() as work:
        hold = work.hold(hold.id)
        placed = hold.arrive(work.now)
        work.save_hold(hold)
        if placed:
            work.emit(placed)


def _refuse(store: Any, hold: Hold, refusal: Refused) -> None:
    with store.begin() as work:
        hold = work.hold(hold.id)
        if hold.state == "placing":
            work.emit(hold.refuse(refusal.code))
            work.save_hold(hold)


def _free(store: Any, records: Any, hold: Hold) -> None:
    failpoint("hold.releasing")
    records.unfreeze({"hold": hold.id, "records": list(hold.records)}, context=NO_KEY)
    failpoint("hold.freed")
    with store.begin() as work:
        hold = work.hold(hold.id)
        lifted = hold.lift(work.now)
        work.save_hold(hold)
        if lifted:
            work.emit(lifted)

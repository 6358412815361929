"""Who may do what to a record without asking, from the regime's rights; and what a call needs beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid, Refused
from regimes import Regime
from regimes.rights import is_one
from services.records import events
from services.records.access import ASKING
from services.records.changing import PartSealer, Proposal, empty_part
from services.records.creating import Granted
from services.records.grants import grant_of
from services.records.model import Record
from services.records.sealing import PartToStore


def may(service: Any, action: str, record: Record) -> None:
    """Refuse whoever holds no standing right to this action on this record."""
    record.refuse_gone(service.caller, service.regime())
    if not service.regime().right(service.caller, action, record.envelope()):
        raise Forbidden("right.missing", f"no standing right to {action}", {"request_kind": action})


def granted(service: Any) -> Granted:
    """Finds the caller's live grant to enter a record; before there is none, approvals is asked once."""

    def find(record: Record, purposes: list[str]) -> dict[str, Any] | None:
        person, now, key = service.caller.person, service.store.clock.now(), service.store.settings.key("grant.public")
        for bodies in (service.store.grants_held(person, now), _told_by_approvals(service, person)):
            for body in bodies:
                grant = grant_of(body, key)
                if grant and grant.allows_new(person, record.class_, purposes, now):
                    return body
        return None

    return find


def _told_by_approvals(service: Any, person: str) -> Iterator[dict[str, Any]]:
    try:
        yield from service.approvals.grants_for({"person": person, "records": []}, deadline=ASKING)["grants"]
    except Refused:
        return


def moved(record: Record, to: str, held: bool) -> events.Created | events.StateChanged:
    """The record in another state; a draft that is put forward again asks for its approval like a new one."""
    return record.resubmit() if to == "pending" else record.move(to, held)


def proved(caller: Actor, proposal: Proposal, evidence: list[str]) -> None:
    """Refuse a change at once where the regime wants a proof that was not named."""
    if proposal.never:
        return  # refused by the record itself
    applicant = {"person": caller.person, "department": caller.department, "roles": sorted(caller.roles)}
    case = {"record": proposal.record.envelope(), "applicant": applicant, "request": {"change": proposal.mode}}
    wanted = [need["document"] for need in proposal.regime.rule("change", case).needs if "document" in need]
    missing = [name for name in wanted if name not in evidence]
    if missing:
        errors = [{"pointer": "/evidence", "code": "needs.missing", "detail": f"document {name}"} for name in missing]
        raise Invalid("needs.missing", f"name the proof: {', '.join(missing)}", {"errors": errors})


def may_record(service: Any, record: Record, event: str, regime: Regime) -> None:
    """Refuse a fact the class does not declare, and people who are not named to record it."""
    declared = regime.classes[record.class_].events
    if event not in declared:
        known = {"errors": [{"pointer": "/event", "code": "event.unknown", "detail": f"one of {', '.join(declared)}"}]}
        raise Invalid("event.unknown", "the class declares no such event", known)
    if not any(is_one(who, service.caller, record.envelope()) for who in declared[event]):
        raise Forbidden("right.missing", f"not among those who may record {event}", {"event": event})


def change_keys(service: Any, proposal: Proposal) -> tuple[list[PartToStore], PartSealer]:
    """The parts that a record still lacks, and the way to seal under the key of every part it touches."""
    known = service.store.keys_of(proposal.record.id)
    missing = [part for part in proposal.parts if part not in known]
    keys = dict(zip(missing, service.keys.create(len(missing)), strict=True))
    made = [empty_part(proposal.record, proposal.found, part, key, proposal.regime) for part, key in keys.items()]
    ids = {part: keys[part].id if part in keys else known[part] for part in proposal.parts}
    return made, PartSealer(service.keys.sealer(ids.values()), ids)

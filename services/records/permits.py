"""Who may do what to a record without asking, from the regime's rights; and what a call needs beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid, Refused
from regimes import Regime
from regimes.envelopes import completed
from regimes.model import RecordClass, Who
from regimes.rights import applicant, is_one
from services.records import events, proofs
from services.records.access import ASKING
from services.records.changing import PartSealer, Proposal, empty_part
from services.records.consents import lawful
from services.records.creating import Granted
from services.records.documents.placing import SEEN_BY, Proof, filed, holds_one, lacking
from services.records.grants import grant_of
from services.records.model import Record
from services.records.sealing import PartToStore


def may(service: Any, action: str, record: Record) -> None:
    """Refuse whoever holds no standing right to this action on this record."""
    record.refuse_gone(service.caller, service.regime())
    if not service.regime().right(service.caller, action, record.envelope()):
        raise lacking(service, (action,), record)


def may_one_of(service: Any, actions: tuple[str, ...], record: Record) -> None:
    """Refuse whoever holds a standing right to none of these actions on this record."""
    record.refuse_gone(service.caller, service.regime())
    if not holds_one(service.caller, service.regime(), record, actions):
        raise lacking(service, actions, record, actions[0])


def may_verify(service: Any, record: Record) -> None:
    """Refuse whoever may not verify: whom a right names for it, or, where none does, whoever may change or keep it."""
    named = any("verify" in right.may for right in service.regime().rights.values())
    may_one_of(service, ("verify",) if named else ("change", "create", "receive"), record)


def visible(caller: Actor, regime: Regime, record: Record) -> bool:
    """Whether a line in a list, which holds nothing protected, may name the record: to those who may act on it too."""
    envelope = record.envelope()
    return any(regime.right(caller, action, envelope) for action in SEEN_BY)


def granted(service: Any, form: str | None = None) -> Granted:
    """Finds the caller's live grant to enter a record; before there is none, approvals is asked once.

    A grant that was given for a form enters what that form says, and nothing else.
    """

    def find(record: Record, purposes: list[str]) -> dict[str, Any] | None:
        person, now, key = service.caller.person, service.store.clock.now(), service.store.settings.key("grant.public")
        spent = {body["id"]: body for body in service.store.grants_spent(person, now)}
        held = {body["id"]: body for body in service.store.grants_held(person, now)}

        def fitting(bodies: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
            read = [(body, grant_of(body, key)) for body in bodies]
            return [body for body, one in read if one and one.allows_new(person, record.class_, purposes, now)]

        found = fitting(held.values()) or fitting(
            body for body in _told_by_approvals(service, person) if body["id"] not in spent
        )
        for body in found:
            if body.get("entry") in (None, form):
                return body
        if found:
            raise Forbidden("grant.scope", "this grant was given for another form", {"request_kind": "create"})
        if fitting(spent.values()):
            raise Forbidden("grant.used", "this grant held once", {"request_kind": "create"})
        return None

    return find


def _told_by_approvals(service: Any, person: str) -> Iterator[dict[str, Any]]:
    try:
        yield from service.approvals.grants_for({"person": person, "records": []}, deadline=ASKING)["grants"]
    except Refused:
        return


def moved(
    record: Record, to: str, regime: Regime, held: bool, move: str | None = None
) -> events.Created | events.StateChanged:
    """The record in another state; a draft that is put forward again asks for its approval like a new one."""
    if to == "pending" and regime.classes[record.class_].kind == "register":
        raise Conflict("entry.unsigned", "an entry becomes valid by its signatures")
    if to == "pending":
        lawful.refuse_baseless(record, regime.classes[record.class_])
    return record.resubmit() if to == "pending" else record.move(to, held, move)


def proved(service: Any, proposal: Proposal, named: list[str]) -> list[Proof]:
    """The documents that prove a change; refused at once where one the regime wants is not named, or not on file."""
    if proposal.never:
        return []  # refused by the record itself
    caller: Actor = service.caller
    proofs.refuse_unknown(proposal.regime, named)
    found = filed(service.store, proposal.found, proposal.record.id, named)
    case = {"record": proposal.record.envelope(), "applicant": applicant(caller), "request": {"change": proposal.mode}}
    proofs.refuse_missing(proposal.regime.rule(proposal.kind, case).needs, [one["document"] for one in found])
    return found


def on_file(service: Any, record: Record, named: list[str]) -> list[str]:
    """The proofs that were named by the regime's words; refused where one is no such word, or not on file."""
    regime = service.regime()
    proofs.refuse_unknown(regime, named)
    return [str(one["document"]) for one in filed(service.store, regime.classes[record.class_], record.id, named)]


def may_record(service: Any, record: Record, event: str, regime: Regime) -> None:
    """Refuse a fact the class does not declare, and people who are not named to record it."""
    record.refuse_gone(service.caller, regime)
    named = declared(regime.classes[record.class_], event)
    if not any(is_one(who, service.caller, completed(regime, record.envelope())) for who in named):
        raise Forbidden("right.missing", f"not among those who may record {event}", {"event": event})


def declared(found: RecordClass, event: str) -> tuple[Who, ...]:
    """Who may record a fact of the class; refused where it declares no such fact."""
    if event not in found.events:
        told = f"one of {', '.join(found.events)}"
        known = {"errors": [{"pointer": "/event", "code": "event.unknown", "detail": told}]}
        raise Invalid("event.unknown", "the class declares no such event", known)
    return found.events[event]


def change_keys(service: Any, proposal: Proposal) -> tuple[list[PartToStore], PartSealer]:
    """The parts that a record still lacks, and the way to seal under the key of every part it touches."""
    known = service.store.keys_of(proposal.record.id)
    missing = [part for part in proposal.parts if part not in known]
    keys = dict(zip(missing, service.keys.create(len(missing)), strict=True))
    made = [empty_part(proposal.record, proposal.found, part, key, proposal.regime) for part, key in keys.items()]
    ids = {part: keys[part].id if part in keys else known[part] for part in proposal.parts}
    return made, PartSealer(service.keys.sealer(ids.values()), ids)

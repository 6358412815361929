"""Who may do what to a record without asking, from the regime's rights; and what a call needs beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.errors import Forbidden, Invalid, Refused
from chassis.ids import new_id
from regimes import Regime
from regimes.rights import is_one
from services.records.access import ASKING
from services.records.changing import PartSealer, Proposal, empty_part
from services.records.creating import Granted
from services.records.grants import grant_of
from services.records.model import Consent, Record
from services.records.sealing import PartToStore


def may(service: Any, action: str, record: Record) -> None:
    """Refuse whoever holds no standing right to this action on this record."""
    record.refuse_gone()
    if not service.regime().right(service.caller, action, record.envelope()):
        raise Forbidden("right.missing", f"no standing right to {action}", {"request_kind": action})


def granted(service: Any) -> Granted:
    """Finds the caller's live grant to enter a record; approvals is asked once before there is none."""

    def find(record: Record, purposes: list[str]) -> dict[str, Any] | None:
        person, now, key = service.caller.person, service.store.clock.now(), service.store.settings.key("grant.public")
        for bodies in (service.store.class_grants, _told_by(service)):
            for body in bodies(person):
                grant = grant_of(body, key)
                if grant and grant.allows_new(person, record.class_, purposes, now):
                    return body
        return None

    return find


def _told_by(service: Any) -> Callable[[str], list[dict[str, Any]]]:
    def bodies(person: str) -> list[dict[str, Any]]:
        try:
            return list(service.approvals.grants_for({"person": person, "records": []}, deadline=ASKING)["grants"])
        except Refused:
            return []

    return bodies


def may_record(service: Any, record: Record, event: str, regime: Regime) -> None:
    """Refuse a fact the class does not declare, and people who are not named to record it."""
    declared = regime.classes[record.class_].events
    if event not in declared:
        known = {"errors": [{"pointer": "/event", "code": "event.unknown", "detail": f"one of {', '.join(declared)}"}]}
        raise Invalid("event.unknown", "the class declares no such event", known)
    if not any(is_one(who, service.caller, record.envelope()) for who in declared[event]):
        raise Forbidden("right.missing", f"not among those who may record {event}", {"event": event})


def new_consent(regime: Regime, record: Record, args: Mapping[str, Any]) -> Consent:
    """A consent to a purpose the class is collected for, told by the notice in force."""
    found = regime.classes[record.class_]
    if args["purpose"] not in found.collect.purposes:
        raise Invalid("purpose.unknown", f"{found.name} is not collected for this purpose", {"purpose": args["purpose"]})
    notice = regime.notices.get(found.collect.notice or "", {})
    if args["notice"] != notice.get("version"):
        raise Invalid("consent.without_notice", f"the notice in force is version {notice.get('version')}")
    return Consent(new_id(), args["purpose"], "given", args["kind"], args["notice"], args["channel"])


def change_keys(service: Any, proposal: Proposal) -> tuple[list[PartToStore], PartSealer]:
    """The parts that a record still lacks, and the way to seal under the key of every part it touches."""
    known = service.store.keys_of(proposal.record.id)
    missing = [part for part in proposal.parts if part not in known]
    keys = dict(zip(missing, service.keys.create(len(missing)), strict=True))
    made = [empty_part(proposal.record, proposal.found, part, key, proposal.regime) for part, key in keys.items()]
    ids = {part: keys[part].id if part in keys else known[part] for part in proposal.parts}
    return made, PartSealer(service.keys.sealer(ids.values()), ids)

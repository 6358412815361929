"""Grants: signed permissions, bound to person, records, fields, purpose and time. No I/O; key and time come in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis import codec
from chassis.actor import Actor
from chassis.clock import rfc3339
from chassis.errors import Conflict, Forbidden
from services.approvals.events import GrantIssued, GrantRevoked
from services.approvals.model import Request, a_reason

# A permission whose holder gives the right to whoever asked for it.
EXECUTED = "permit"
WATCHMEN = frozenset({"security_administrator", "system_administrator"})


@dataclass(frozen=True)
class Grant:
    """One permission. What is signed never changes; only its end can come early."""

    id: str
    person: str
    mode: str
    records: tuple[str, ...]
    fields: tuple[str, ...] | None
    purpose: str | None
    place: str | None
    start: datetime
    end: datetime
    once: bool
    request: str
    regime: str
    cls: str | None = None
    list_hash: str | None = None
    entry: str | None = None
    applicant: dict[str, Any] | None = None
    signature: str = ""
    deciders: tuple[str, ...] = ()
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoke_reason: str | None = None
    used_at: datetime | None = None

    def body(self) -> dict[str, Any]:
        """What is signed, as the wire carries it."""
        return {
            "id": self.id,
            "person": self.person,
            "mode": self.mode,
            "records": list(self.records),
            "fields": None if self.fields is None else list(self.fields),
            "purpose": self.purpose,
            "place": self.place,
            "from": rfc3339(self.start),
            "until": rfc3339(self.end),
            "once": self.once,
            "request": self.request,
            "regime": self.regime,
            "class": self.cls,
            "list_hash": self.list_hash,
            **({"entry": self.entry} if self.entry else {}),
            **({"applicant": self.applicant} if self.applicant else {}),
        }

    def signed(self) -> dict[str, Any]:
        """The body and its signature: Ed25519 over the canonical JSON of everything but `signature`, as hex."""
        return {**self.body(), "signature": self.signature}

    def issued(self) -> GrantIssued:
        """The fact that it began."""
        return GrantIssued(self.signed(), self._record(), self.purpose)

    def revoke(self, actor: Actor, reason: str, at: datetime) -> tuple[Grant, GrantRevoked]:
        """End it now: by its holder, by one who decided it, or by whoever watches over rights."""
        if self.revoked_at is not None or at >= self.end:
            raise Conflict("grant.ended", f"grant {self.id} has ended already")
        if actor.person not in {self.person, *self.deciders} and not sees_all(actor):
            raise Forbidden("grant.not_yours", "holder, deciders and administrators revoke a grant")
        ended = replace(self, revoked_at=at, revoked_by=actor.person, revoke_reason=a_reason(reason))
        return ended, GrantRevoked(self.id, self._record(), self.person, str(actor.person))

    def execute(self, actor: Actor, at: datetime) -> Grant:
        """Use it up: what it is the permission for is done by its holder, who was no part of the decision, once."""
        if self.mode != EXECUTED:
            raise Conflict("grant.not_executed", "this grant is used where its records are, not executed here")
        if actor.person != self.person:
            raise Forbidden("grant.not_yours", "the rule names who puts this right into effect")
        if actor.person in self.deciders:
            raise Forbidden("approvals.kept_apart", "whoever approved a right does not put it into effect")
        if self.used_at is not None:
            raise Forbidden("grant.used", "this right was put into effect already")
        if self.state(at) != "live":
            raise Forbidden("grant.expired", "it was not put into effect in time")
        return replace(self, used_at=at)

    def state(self, at: datetime) -> str:
        """live, used, revoked or expired."""
        if self.revoked_at is not None:
            return "revoked"
        if self.used_at is not None:
            return "used"
        return "live" if at < self.end else "expired"

    def _record(self) -> str | None:
        return self.records[0] if len(self.records) == 1 else None


def sees_all(actor: Actor) -> bool:
    """Whether this caller watches over everybody's rights."""
    return bool(actor.roles & WATCHMEN)


def issue(
    request: Request,
    id: str,
    person: str,
    start: datetime,
    end: datetime,
    key: Ed25519PrivateKey,
    mode: str = "",
    department: str | None = None,
) -> Grant:
    """The grant that an approved request ends in; it counts from the approval, or from its opening."""
    if not request.ends_in_grant or request.settled_at is None:
        raise RuntimeError(f"request {request.id} does not end in a grant")
    once = bool((request.ruled.grant or {}).get("once")) and not mode
    bound = _bound(request, department)
    unsigned = Grant(id=id, person=person, mode=mode or request.kind, start=start, end=end, once=once, **bound)
    return replace(unsigned, signature=key.sign(codec.canonical(unsigned.body())).hex())


def _bound(request: Request, department: str | None) -> dict[str, Any]:
    """What a grant takes over from its request."""
    subject, terms = request.subject, request.ruled.grant or {}
    # A new record that another enters is answered for by whoever asked for it.
    applicant = {"person": request.raised_by, "department": department} if request.kind == "create" else None
    told: dict[str, Any] = {
        "request": request.id,
        "regime": request.ruled.regime,
        "entry": _form(request),
        "applicant": applicant,
    }
    told |= {"records": subject.records, "cls": subject.cls, "list_hash": subject.list_hash}
    told |= {"fields": request.fields, "purpose": request.purpose, "place": terms.get("place")}
    return {**told, "deciders": tuple(sorted({decision.by for decision in request.decisions}))}


def _form(request: Request) -> str | None:
    """The entry that a new record is approved by: its grant enters no other."""
    brought = (one.get("id") for one in request.evidence if one.get("entry"))
    return next(brought, None) if request.kind == "create" else None


def genuine(signed: dict[str, Any], public: Ed25519PublicKey) -> bool:
    """Whether this grant is as it was signed."""
    body = {name: value for name, value in signed.items() if name != "signature"}
    try:
        public.verify(bytes.fromhex(signed["signature"]), codec.canonical(body))
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True

"""Grants as records sees them: signed by approvals, checked when used."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis import codec
from chassis.clock import parse_instant

# What lets its holder read. Of several that do not quite fit, the first of these codes says most.
READS = ("view", "use")
NEARLY = ("grant.scope", "grant.not_open", "grant.used", "grant.expired")
FOREIGN = "right.missing"


@dataclass(frozen=True)
class Grant:
    """A decided permission: bound to person, records, fields, purpose, mode and time."""

    id: str
    person: str
    mode: str
    records: tuple[str, ...]
    fields: tuple[str, ...] | None
    purpose: str | None
    start: datetime
    until: datetime
    class_: str | None = None
    once: bool = False
    used: bool = False
    revoked: bool = False
    place: str | None = None
    entry: str | None = None

    def against(self, person: str | None, record: str, purpose: str, place: str | None, now: datetime) -> str | None:
        """Why it does not open this record for reading, as the code of the refusal; None where it does."""
        if self.person != person or record not in self.records or self.mode not in READS or self.revoked:
            return FOREIGN
        if self.once and self.used:
            return "grant.used"
        if not self.start <= now < self.until:
            return "grant.not_open" if now < self.start else "grant.expired"
        fits = self.purpose in (None, purpose) and self.place in (None, place)
        return None if fits else "grant.scope"

    def allows(self, person: str | None, record: str, mode: str, purpose: str | None, now: datetime) -> bool:
        """Whether it lets this person do this to this record now. No job has to run for it to end."""
        if purpose and self.purpose not in (None, purpose):
            return False
        return self._holds(person, mode, now) and record in self.records

    def allows_new(self, person: str | None, class_: str, purposes: Collection[str], now: datetime) -> bool:
        """Whether it lets this person enter a new record of this class, for what it was asked for."""
        asked_for = self.purpose is None or self.purpose in purposes
        return asked_for and self._holds(person, "create", now) and not self.records and self.class_ == class_

    def covers(self, path: str) -> bool:
        """Whether a field, or the part it belongs to, is in its scope."""
        return self.fields is None or path in self.fields or path.split(".")[0] in self.fields

    def _holds(self, person: str | None, mode: str, now: datetime) -> bool:
        left = not self.revoked and not (self.once and self.used) and self.start <= now < self.until
        return left and self.person == person and (self.mode == mode or {self.mode, mode} == set(READS))


def sorted_out(
    held: Iterable[Grant], person: str | None, record: str, purpose: str, place: str | None, now: datetime
) -> tuple[list[Grant], str | None]:
    """The grants that open this record here and now; and what to say of the others, where one comes near."""
    against = [(grant, grant.against(person, record, purpose, place, now)) for grant in held]
    codes = {code for _, code in against}
    return [grant for grant, code in against if code is None], next((code for code in NEARLY if code in codes), None)


def grant_of(body: dict[str, Any], public_key: bytes, used: bool = False, revoked: bool = False) -> Grant | None:
    """The grant in a signed body, or None where the signature is not approvals'."""
    if not _signed(codec.canonical(body), public_key):
        return None
    return Grant(
        id=body["id"],
        person=body["person"],
        mode=body["mode"],
        records=tuple(body["records"]),
        fields=tuple(body["fields"]) if body.get("fields") else None,
        purpose=body.get("purpose"),
        start=parse_instant(body["from"]),
        until=parse_instant(body["until"]),
        class_=body.get("class"),
        once=bool(body.get("once")),
        used=used,
        revoked=revoked,
        place=body.get("place"),
        entry=body.get("entry"),
    )


def grant_in(text: str, public_key: bytes, used: bool, revoked: bool) -> Grant | None:
    """The grant in a kept text; read and verified once, but used and revoked are told by the row each time."""
    kept = _kept(text, public_key)
    return replace(kept, used=used, revoked=revoked) if kept else None


@lru_cache(maxsize=8192)
def _kept(text: str, public_key: bytes) -> Grant | None:
    return grant_of(codec.loads(text), public_key)


@lru_cache(maxsize=8192)
def _signed(text: bytes, public_key: bytes) -> bool:
    body = codec.loads(text)
    try:
        signature = bytes.fromhex(body.pop("signature", ""))
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, codec.canonical(body))
    except (InvalidSignature, ValueError):
        return False
    return True

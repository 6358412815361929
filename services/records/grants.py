"""Grants as records sees them: signed by approvals, checked when used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis import codec
from chassis.clock import parse_instant


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
    once: bool = False
    used: bool = False
    revoked: bool = False

    def allows(self, person: str | None, record: str, mode: str, purpose: str | None, now: datetime) -> bool:
        """Whether it lets this person do this to this record now. No job has to run for it to end."""
        if self.revoked or (self.once and self.used) or not self.start <= now < self.until:
            return False
        if self.purpose and purpose and self.purpose != purpose:
            return False
        return self.person == person and self.mode == mode and record in self.records

    def covers(self, path: str) -> bool:
        """Whether a field, or the part it belongs to, is in its scope."""
        return self.fields is None or path in self.fields or path.split(".")[0] in self.fields


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
        once=bool(body.get("once")),
        used=used,
        revoked=revoked,
    )


@lru_cache(maxsize=8192)
def _signed(text: bytes, public_key: bytes) -> bool:
    body = codec.loads(text)
    signature = bytes.fromhex(body.pop("signature", ""))
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, codec.canonical(body))
    except (InvalidSignature, ValueError):
        return False
    return True

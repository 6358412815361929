"""A borrow grant as approvals signed it; nothing is lent on an unsigned word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.clock import parse_instant
from chassis.codec import canonical
from chassis.errors import Forbidden


@dataclass(frozen=True)
class BorrowGrant:
    """What a loan needs to know of a grant."""

    id: str
    person: str
    mode: str
    records: tuple[str, ...]
    opens: datetime
    until: datetime
    once: bool = False

    def must_cover(self, record: str, at: datetime) -> None:
        """Refuse unless this is a live grant to borrow this record."""
        if self.mode != "borrow":
            raise Forbidden("right.missing", "borrowing needs a grant to borrow", {"request": "borrow"})
        if record not in self.records:
            raise Forbidden("grant.scope", f"grant {self.id} is for another record")
        if at >= self.until:
            raise Forbidden("grant.expired", f"grant {self.id} has ended")
        if at < self.opens:
            raise Forbidden("grant.not_open", f"grant {self.id} has not begun")


def read_grant(signed: dict[str, Any], public: Ed25519PublicKey) -> BorrowGrant:
    """The grant inside a signed body, once its signature holds."""
    body = {name: value for name, value in signed.items() if name != "signature"}
    try:
        public.verify(bytes.fromhex(signed["signature"]), canonical(body))
    except (InvalidSignature, KeyError, ValueError):
        raise Forbidden("grant.forged", "the grant's signature does not hold") from None
    opens, until = parse_instant(body["from"]), parse_instant(body["until"])
    once = bool(body.get("once"))
    return BorrowGrant(body["id"], body["person"], body["mode"], tuple(body["records"]), opens, until, once)

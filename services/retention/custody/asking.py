"""Asking approvals for the live grant that a loan or an execution needs, before any transaction."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.errors import Forbidden
from services.retention.custody.grants import BorrowGrant, read_grant


def borrow_grant(approvals: Any, store: Any, asked: dict[str, Any]) -> BorrowGrant:
    """The named grant, live and as approvals signed it; a loan without one does not exist."""
    signed = approvals.live_grant({"grant": asked["grant"], "record": asked["record"]})["grant"]
    if signed is None or asked.get("borrower", signed["person"]) != signed["person"]:
        raise Forbidden("right.missing", "borrowing needs a live grant to borrow this record", {"request": "borrow"})
    return read_grant(signed, Ed25519PublicKey.from_public_bytes(store.settings.key("grant.public")))


def destroy_grant(approvals: Any, store: Any, id: str) -> dict[str, Any] | None:
    """The signed grant of an approved list, for records to prove; None while the list was not approved."""
    disposal = store.find_disposal(id)
    if not disposal.grant or disposal.is_over:
        return None
    signed = approvals.live_grant({"grant": disposal.grant, "record": disposal.items[0].record})["grant"]
    if signed is None and disposal.state == "executing":
        return {}  # nothing more is destroyed without it, but what was begun is finished, and the rest skipped
    if signed is None:
        raise Forbidden("right.missing", "the approval of this list has ended or was revoked", {"request": "destroy"})
    return dict(signed)

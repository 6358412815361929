"""Things the tests of retention start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.actor import Actor
from chassis.clock import rfc3339
from chassis.codec import canonical
from services.retention.custody.grants import BorrowGrant
from services.retention.custody.model import Loan, lend
from services.retention.disposal.holds import Hold
from services.retention.disposal.model import Decision, Disposal, Item
from services.retention.duties.model import Duty

NOON = datetime(2026, 9, 30, 4, tzinfo=UTC)
DAY = timedelta(days=1)
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PROOF = {
    "key_fingerprints": ["ab" * 8],
    "copies": {"keys": "destroyed", "values": "destroyed", "tokens": "destroyed", "documents": "none"},
    "attempt": {"failed": True, "result": "key unknown"},
}


def a_person(name: str, *roles: str, department: str = "office") -> Actor:
    """Somebody at work."""
    return Actor(name, department=department, roles=frozenset({"employee", *roles}))


ARCHIVIST = a_person("he", "archivist")


def a_duty(**given: Any) -> Duty:
    """A duty of sun that is due tomorrow noon, done by hand."""
    fields: dict[str, Any] = {
        "id": "d-1",
        "name": "yearly_check",
        "record": "r-1",
        "subject": None,
        "owner": "sun",
        "role": None,
        "opened_at": NOON,
        "due_at": NOON + DAY,
        "due": "2026-10-01",
        "done_by": None,
        "needs": (),
        "violation": "late_check",
    }
    return Duty(**{**fields, **given})


def a_grant(**given: Any) -> BorrowGrant:
    """Sun may borrow r-1 for seven days."""
    fields: dict[str, Any] = {
        "id": "g-1",
        "person": "sun",
        "mode": "borrow",
        "records": ("r-1",),
        "opens": NOON,
        "until": NOON + 7 * DAY,
    }
    return BorrowGrant(**{**fields, **given})


def a_signed_grant(**given: Any) -> dict[str, Any]:
    """The same as approvals signs it."""
    body: dict[str, Any] = {
        "id": "g-1",
        "person": "sun",
        "mode": "borrow",
        "records": ["r-1"],
        "fields": None,
        "purpose": "archive_use",
        "place": None,
        "from": rfc3339(NOON),
        "until": rfc3339(NOON + 7 * DAY),
        "once": False,
        "request": "q-1",
        "regime": "0" * 64,
        "class": "trading.customer",
        "list_hash": None,
        **given,
    }
    return {**body, "signature": SIGNER.sign(canonical(body)).hex()}


def a_loan() -> Loan:
    """R-1, two pieces, lent by he to sun at noon for seven days."""
    return lend("l-1", ARCHIVIST, a_grant(), "r-1", 2, NOON)


def a_hold(**given: Any) -> Hold:
    """A hold on r-1, placed by xu."""
    fields: dict[str, Any] = {
        "id": "h-1",
        "title": "Dispute",
        "matter": "m-1",
        "reason": "court",
        "records": ("r-1",),
        "subjects": (),
        "placed_by": "xu",
        "placed_at": NOON,
    }
    return Hold(**{**fields, **given})


def a_list(records: int = 2, **given: Any) -> Disposal:
    """A new list by he."""
    items = [Item(f"r-{number}", number) for number in range(1, records + 1)]
    disposal = Disposal("p-1", "trading.customer", "he", "0" * 64, NOON, items, **given)
    disposal.begun()
    return disposal


def an_approved_list(records: int = 2, wait_until: datetime | None = None) -> Disposal:
    """The same, approved by wu and gao."""
    disposal = a_list(records)
    disposal.ask(a_person("he"))
    disposal.note_approver("wu", 0, rfc3339(NOON))
    disposal.note_approver("gao", 1, rfc3339(NOON))
    disposal.settle(Decision("q-1", "approved", "g-1", disposal.hash), wait_until, NOON)
    return disposal


def an_executing_list(records: int = 2) -> Disposal:
    """The same, witnessed by ma and begun by he."""
    disposal = an_approved_list(records)
    disposal.attest(a_person("ma"), disposal.hash, NOON)
    disposal.start(a_person("he"), "c-1", NOON)
    return disposal


def an_executed_list(records: int = 2) -> Disposal:
    """The same with every item destroyed and proved."""
    disposal = an_executing_list(records)
    for item in disposal.items:
        item.proceed(disposal.id, False, False, NOON)
        item.destroyed(disposal.id, PROOF, NOON)
    disposal.finish(NOON)
    return disposal

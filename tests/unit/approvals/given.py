"""What the tests of approvals start from: small requests, people and one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from chassis.actor import Actor
from services.approvals.chain import Seat, Step
from services.approvals.model import Request, Ruled, Subject
from services.approvals.proving.model import Bearer, Fact, Need, lacking, refuse
from services.approvals.rulebook import Rulebook

NOON = datetime(2026, 10, 12, 4, 0, tzinfo=UTC)
RECORD = "0192f000-0000-7000-8000-000000000001"


def person(name: str, *roles: str) -> Actor:
    """Somebody who calls."""
    return Actor(name, account=name, roles=frozenset(roles))


def alternatives(*people: str, quorum: int = 1, roles: tuple[str, ...] = ()) -> Step:
    """A step that any of these may take."""
    return Step((Seat(frozenset(people), frozenset(roles)),) * quorum)


def jointly(*groups: set[str]) -> Step:
    """A step that needs somebody of each group."""
    return Step(tuple(Seat(frozenset(group)) for group in groups))


def a_request(*steps: Step, raised_by: str = "sun", **other: Any) -> Request:
    """A request to view one record."""
    subject = other.pop("subject", Subject("record", RECORD, (RECORD,), "company.customer"))
    kind, grant = other.pop("kind", "view"), other.pop("grant", {"for": "P1D"})
    ruled = Ruled("d" * 64, ("view.files",), steps, grant=grant)
    return Request("r-1", kind, subject, raised_by, ruled, NOON, purpose="service", reason="repair", **other)


def proving(book: Rulebook, *known: Fact) -> Callable[[Iterable[Need], Bearer], None]:
    """Refuses what these facts do not prove."""
    return lambda needs, bearer: refuse(lacking(needs, bearer, known, book.regime), book.regime)

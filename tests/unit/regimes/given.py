"""Cases and people as the tests speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regimes.people import Organisation


@dataclass
class Actor:
    person: str
    department: str | None
    roles: frozenset[str]


def actor(company: Organisation, person: str, on: str | None = None) -> Actor:
    return Actor(person, company.people[person].department, company.roles_of(person, on))


def envelope(record_class: str = "company.customer", **said: Any) -> dict[str, Any]:
    plain = {"id": "r1", "state": "active", "department": "service", "responsible": "zheng", "creator": "zheng"}
    return {**plain, "class": record_class, "keeper": "archivist", **said}


def case(company: Organisation, person: str, record: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
    applicant = {"person": person, "department": company.people[person].department}
    return {"record": record or envelope(), "applicant": applicant, "request": request}


def people_of(chain: list[Any]) -> list[list[str]]:
    """Every group of every step, as sorted names."""
    return [list(group.people) for step in chain for group in step.groups]

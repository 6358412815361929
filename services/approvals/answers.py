"""Answers: requests, grants and people as callers see them; ids, names, states, never a value of a record."""

from __future__ import annotations

from typing import Any

from chassis.clock import rfc3339
from regimes.people import Person
from services.approvals.grants import Grant
from services.approvals.model import Decision, Request, Ruled

Answer = dict[str, Any]


def state_of(request: Request) -> Answer:
    """Where a request stands; what a repeated call gets again."""
    return {
        "request": request.id,
        "kind": request.kind,
        "state": request.state,
        "chain": [step.shown() for step in request.ruled.steps],
        "step": request.current,
        "awaiting": sorted(request.awaited | request.openers),
        "grants": list(request.grants),
    }


def request_answer(request: Request, whole: bool = True) -> Answer:
    """All of a request that an approver needs; the reasons, which may name a customer, only for those it concerns."""
    return {
        **state_of(request),
        "about": request.subject.about,
        "subject": request.subject.id,
        "class": request.subject.cls,
        "records": list(request.subject.records),
        "fields": None if request.fields is None else list(request.fields),
        "purpose": request.purpose,
        "reason": request.reason if whole else None,
        "period": request.period,
        "evidence": list(request.evidence),
        "raised_by": request.raised_by,
        "raised_at": rfc3339(request.raised_at),
        "settled_at": rfc3339(request.settled_at) if request.settled_at else None,
        "refusal": request.refusal,
        "act": request.act,
        "opening": request.opening and {**request.opening, "reason": request.opening["reason"] if whole else None},
        "regime": request.ruled.regime,
        "rules": list(request.ruled.rules),
        "needs": list(request.ruled.needs),
        "grant": request.ruled.grant,
        "decisions": [_decision(decision, whole) for decision in request.decisions],
    }


def ruled_answer(ruled: Ruled) -> Answer:
    """What would be asked of a request."""
    return {
        "rules": list(ruled.rules),
        "chain": [step.shown() for step in ruled.steps],
        "needs": list(ruled.needs),
        "grant": ruled.grant,
        "refusal": None,
    }


def person_answer(person: Person) -> Answer:
    """A person at work."""
    names = {"person": person.name, "en": person.en, "zh": person.zh}
    return {**names, "department": person.department, "superior": person.superior, "roles": sorted(person.roles)}


def grant_answer(grant: Grant, state: str) -> Answer:
    """A signed grant and whether it still holds."""
    return {**grant.signed(), "state": state}


def text_answer(found: dict[str, Any] | None) -> Answer:
    """A published text, or that there is none."""
    if found is None:
        return {"digest": None, "text": None, "in_force_from": None}
    return {**found, "in_force_from": rfc3339(found["in_force_from"])}


def page(items: list[Answer], limit: int, key: str) -> Answer:
    """A page of a list, with the id that the next one starts behind."""
    return {"items": items, "next": items[-1][key] if len(items) == limit else None}


def _decision(decision: Decision, whole: bool) -> Answer:
    return {**vars(decision), "reason": decision.reason if whole else None, "at": rfc3339(decision.at)}

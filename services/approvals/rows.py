"""Aggregates as rows and rows as aggregates; no SQL."""

from __future__ import annotations

from typing import Any

from services.approvals.chain import Step
from services.approvals.grants import Grant
from services.approvals.model import Decision, Request, Ruled, Subject

Row = dict[str, Any]


def request_row(request: Request) -> Row:
    """A request as its row."""
    return {
        "id": request.id,
        "kind": request.kind,
        "state": request.state,
        "about": request.subject.about,
        "subject": request.subject.id,
        "class": request.subject.cls,
        "records": list(request.subject.records),
        "list_hash": request.subject.list_hash,
        "raised_by": request.raised_by,
        "creator": request.creator,
        "purpose": request.purpose,
        "reason": request.reason,
        "fields": None if request.fields is None else list(request.fields),
        "period": request.period,
        "evidence": list(request.evidence),
        "ruled": _ruled_kept(request.ruled),
        "raised_at": request.raised_at,
        "settled_at": request.settled_at,
        "refusal": request.refusal,
        "grants": list(request.grants),
        "act": request.act,
        "opening": request.opening,
    }


def request_of(row: Row, decisions: list[Row]) -> Request:
    """The request of a row and its decisions, in order."""
    subject = Subject(row["about"], row["subject"], tuple(row["records"]), row["class"], row["list_hash"])
    names = (
        "id",
        "kind",
        "raised_by",
        "raised_at",
        "creator",
        "purpose",
        "reason",
        "period",
        "state",
        "settled_at",
        "refusal",
        "act",
        "opening",
    )
    return Request(
        subject=subject,
        ruled=_ruled_of(row["ruled"]),
        fields=None if row["fields"] is None else tuple(row["fields"]),
        evidence=tuple(row["evidence"]),
        grants=tuple(row["grants"]),
        decisions=tuple(_decision_of(decision) for decision in decisions),
        **{name: row[name] for name in names},
    )


def decision_row(request: Request, number: int) -> Row:
    """One decision as its row."""
    return {"request": request.id, "number": number, **vars(request.decisions[number])}


def grant_row(grant: Grant) -> Row:
    """A grant as its row."""
    row = {**vars(grant), "class": grant.cls, "records": list(grant.records), "deciders": list(grant.deciders)}
    del row["cls"]
    return {**row, "fields": None if grant.fields is None else list(grant.fields)}


def grant_of(row: Row) -> Grant:
    """The grant of a row."""
    rest = {name: value for name, value in row.items() if name != "class"}
    for name in ("records", "fields", "deciders"):
        rest[name] = None if rest[name] is None else tuple(rest[name])
    return Grant(cls=row["class"], **rest)


def _decision_of(row: Row) -> Decision:
    return Decision(**{name: value for name, value in row.items() if name not in ("request", "number")})


def _ruled_kept(ruled: Ruled) -> Row:
    return {
        "regime": ruled.regime,
        "rules": list(ruled.rules),
        "steps": [step.kept() for step in ruled.steps],
        "needs": list(ruled.needs),
        "grant": ruled.grant,
        "tells": list(ruled.tells),
    }


def _ruled_of(kept: Row) -> Ruled:
    return Ruled(
        regime=kept["regime"],
        rules=tuple(kept["rules"]),
        steps=tuple(Step.of(step) for step in kept["steps"]),
        needs=tuple(kept["needs"]),
        grant=kept["grant"],
        tells=tuple(kept["tells"]),
    )

"""How verification and quality answer: plain data for the schemas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.errors import Invalid
from regimes.model import RecordClass
from services.records import reasons
from services.records.model import Record
from services.records.verifying import schemas
from services.records.verifying.model import Facts, methods_of, state_of
from services.records.verifying.scoring import Figures, shown


def known_method(method: str | None, found: RecordClass) -> None:
    """A method is one of a closed list; free text would be a customer's words in the clear."""
    known = methods_of(found)
    if method is not None and method not in known:
        told = {"pointer": "/method", "code": "verification.method", "detail": f"one of {', '.join(known)}"}
        raise Invalid("verification.method", "there is no such method", {"errors": [told]})


def written(record: Record, ids: list[str]) -> dict[str, Any]:
    """What noting it came to."""
    head = {"id": record.id, "class_": record.class_, "state": record.state, "version": record.version}
    return dict(schemas.VerifyAnswer().dump({**head, "outcome": "done", "verifications": ids}))


def verifications(service: Any, record: Record, args: dict[str, Any]) -> dict[str, Any]:
    """The looks, newest first, and every field to verify with its origin."""
    limit, regime = args["limit"], service.regime()
    lines = service.store.verifications(record.id, args.get("after"), limit + 1)
    why = reasons.opened(service, record, "verifications", [line["id"] for line in lines[:limit]])
    items = [{**line, "reason": why.get(line["id"])} for line in lines[:limit]]
    facts = service.store.facts(record, regime)
    origins = [origin(facts, path) for path in facts.found.fields if path in facts.to_verify]
    head = {"department": record.department, "responsible": record.responsible}
    told = {"held_back": service.store.waits(record.id), "methods": methods_of(facts.found), "fields_": origins}
    page = {"items": items, "next": items[-1]["id"] if len(lines) > limit else None}
    return dict(schemas.VerificationsAnswer().dump({**head, **told, **page}))


def origin(facts: Facts, path: str) -> dict[str, Any]:
    """Who supplied a field and who verified it as it is now (Q-040)."""
    supplied, seen = facts.supplied.get(path), facts.live.get(path)
    told = {"field": path, "state": state_of(facts, path), "method": facts.found.fields[path].verify}
    given = {"supplied_by": supplied.by, "supplied_at": supplied.at, "change": supplied.change} if supplied else {}
    return {**told, **given, **({"verified_by": seen.by, "verified_at": seen.at} if seen else {})}


def quality(period: str, rows: list[Any], stale: int) -> dict[str, Any]:
    """A month's figures, a line for each department and class."""
    named = [{"department": row.department, "class_": row.class_, "at": row.at} for row in rows]
    sums = [shown(Figures(**row.sums), stale) for row in rows]
    items = [{**head, **{_FIELDS.get(k, k): v for k, v in own.items()}} for head, own in zip(named, sums, strict=True)]
    return dict(schemas.QualityAnswer().dump({"period": period, "items": items, "next": None}))


_FIELDS = {"fields": "fields_"}


def combed(record: Record, names: list[str], confirmed_at: datetime, now: datetime, others: Any = ()) -> dict[str, Any]:
    """One line of a combing list."""
    told = ("id", "class_", "number", "state", "department", "responsible")
    age = max(0, (now - confirmed_at).days)
    return {**{name: getattr(record, name) for name in told}, "fields_": names, "age_days": age, "others": [*others]}

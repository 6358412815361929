"""How duplicates and merges answer: plain data for the schemas."""

from __future__ import annotations

from typing import Any

from services.records import reasons
from services.records.merging.likeness import Lookalikes
from services.records.merging.schemas import LookalikesAnswer, MergesAnswer
from services.records.model import Record


def lookalikes(service: Any, record: Record) -> dict[str, Any]:
    """Those that the caller may know of, and beside which others the record was saved all the same."""
    regime, rows = service.regime(), service.store.likenesses(record.id)
    alike = service.store.alike_to(record, regime.classes[record.class_].match)
    found = Lookalikes.of(alike, service.caller, regime)
    why = reasons.opened(service, record, "duplicates", [row["id"] for row in rows]) if rows else {}
    known = {one.record.id for one in found.seen}
    accepted = [{**row, "of": sorted(known & set(row["of"])), "reason": why.get(row["id"])} for row in rows]
    told = {"items": [one.told() for one in found.seen], "unseen": found.unseen, "accepted": accepted, "next": None}
    return dict(LookalikesAnswer().dump(told))


def merges(service: Any, record: Record) -> dict[str, Any]:
    """Each merge with its reason, for whom that is meant."""
    rows = service.store.merges_of(record.id)
    own = [row["id"] for row in rows if row["survivor"] == record.id]
    why = reasons.opened(service, record, "merges", own) if own else {}
    items = [{**row, "reason": why.get(row["id"])} for row in rows]
    return dict(MergesAnswer().dump({"items": items, "next": None}))

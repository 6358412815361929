"""How duplicates and merges answer: plain data for the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.pages import paged
from services.records import reasons
from services.records.merging.likeness import Lookalikes
from services.records.merging.schemas import LookalikesAnswer, MergesAnswer
from services.records.model import Record


def lookalikes(service: Any, record: Record) -> dict[str, Any]:
    """Those that the caller may know of, and beside which others the record was saved all the same."""
    regime, rows = service.regime(), service.store.likenesses(record.id)
    alike = service.store.alike_to(record, regime.classes[record.class_].match)
    found = Lookalikes.of(alike, service.caller, regime)
    for one in found.hidden:  # the others are named in the entry of the list
        service.store.record_event(one.met())
    why = reasons.opened(service, record, "duplicates", [row["id"] for row in rows]) if rows else {}
    known = {one.record.id for one in found.seen}
    accepted = [{**row, "of": sorted(known & set(row["of"])), "reason": why.get(row["id"])} for row in rows]
    told = {"items": [one.told() for one in found.seen], "unseen": found.unseen, "accepted": accepted, "next": None}
    return dict(LookalikesAnswer().dump(told))


def merges(service: Any, record: Record, args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of merges, each with its reason, for whom that is meant."""
    page = paged(service.store.merges_of(record.id, args.get("after"), args["limit"] + 1), args["limit"])
    own = [row["id"] for row in page["items"] if row["survivor"] == record.id]
    why = reasons.opened(service, record, "merges", own) if own else {}
    items = [{**row, "reason": why.get(row["id"])} for row in page["items"]]
    return dict(MergesAnswer().dump({**page, "items": items}))

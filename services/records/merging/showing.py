"""How duplicates and merges answer: plain data for the schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.pages import cut, paged
from services.records import reasons
from services.records.merging.likeness import Lookalikes
from services.records.merging.schemas import LookalikesAnswer, MergesAnswer
from services.records.model import Record


def lookalikes(service: Any, record: Record, args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of those that the caller may know of; the first says beside which the record was saved all the same."""
    regime, after = service.regime(), args.get("after")
    match = regime.classes[record.class_].match
    page, last = cut(service.store.alike_page(record, match, after, args["limit"] + 1), args["limit"])
    found = Lookalikes.of(page, service.caller, regime)
    for one in found.hidden:  # the others are named in the entry of the list
        service.store.record_event(one.met())
    told = {"items": [one.told() for one in found.seen], "unseen": found.unseen, "next": last and last.record.id}
    accepted = [] if after else _accepted(service, record, match)
    return dict(LookalikesAnswer().dump({**told, "accepted": accepted}))


def _accepted(service: Any, record: Record, match: Sequence[str]) -> list[dict[str, Any]]:
    """Each time that somebody saved it all the same: beside which, as far as the caller may know of them, and why."""
    rows = service.store.likenesses(record.id)
    beside = {id for row in rows for id in row["of"]}
    found = Lookalikes.of(service.store.alike_among(record, match, beside), service.caller, service.regime())
    known = {one.record.id for one in found.seen}
    why = reasons.opened(service, record, "duplicates", [row["id"] for row in rows]) if rows else {}
    return [{**row, "of": sorted(known & set(row["of"])), "reason": why.get(row["id"])} for row in rows]


def merges(service: Any, record: Record, args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of merges, each with its reason, for whom that is meant."""
    page = paged(service.store.merges_of(record.id, args.get("after"), args["limit"] + 1), args["limit"])
    own = [row["id"] for row in page["items"] if row["survivor"] == record.id]
    why = reasons.opened(service, record, "merges", own) if own else {}
    items = [{**row, "reason": why.get(row["id"])} for row in page["items"]]
    return dict(MergesAnswer().dump({**page, "items": items}))

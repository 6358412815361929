"""Writing a list down, and how long it cools off. No I/O."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chassis.actor import Actor
from regimes import dates
from services.retention.disposal.model import Disposal, Item

# What those who decide may know of a list: what its records have in common.
SHARED = ("class", "department", "state", "level")


def written(
    id: str, envelopes: list[dict[str, Any]], reason: str, regime: Any, author: Actor, at: datetime
) -> Disposal:
    """A new list of these records in the versions they have now."""
    items = [Item(envelope["id"], envelope["version"]) for envelope in sorted(envelopes, key=lambda one: one["id"])]
    class_, writer, common = envelopes[0]["class"], str(author.person), shared(envelopes)
    return Disposal(id, class_, writer, regime.digest, at, items, reason=reason, envelope=common)


def shared(envelopes: list[dict[str, Any]]) -> dict[str, Any]:
    """What the records of a list have in common; a single record says all of itself."""
    if len(envelopes) == 1:
        return {name: value for name, value in envelopes[0].items() if name != "milestones"}
    return {name: envelopes[0].get(name) for name in SHARED}


def cool_off_end(regime: Any, at: datetime) -> datetime | None:
    """Until when an approved list waits; None where the regime lets it go at once."""
    if regime.destruction.cool_off == "P0D":
        return None
    end = dates.add(at.astimezone(ZoneInfo(regime.timezone)), regime.destruction.cool_off, regime.calendar)
    return end if isinstance(end, datetime) else None

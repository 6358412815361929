"""What waits for a decision stands in the way of the same again, and of what contradicts it."""

from __future__ import annotations

from chassis.errors import Conflict


def refuse_beside(kind: str, waits: str | None) -> None:
    """Refuse what would wait beside another that it repeats or contradicts; says which."""
    if waits:
        raise Conflict("proposal.waits", "another one like it waits for its decision", {kind: waits})

"""A hold: it stands from the moment it is written until the records are free again. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid
from services.retention.events import HoldAsked, HoldPlaced, HoldRefused, HoldReleaseAsked, HoldReleased

# A hold that is still on its way, in either direction, blocks destruction as one that has arrived.
STANDING = ("placing", "active", "releasing")


@dataclass
class Hold:
    """What is kept from destruction, for which matter, by whom, lifted by whom."""

    id: str
    title: str
    matter: str
    reason: str
    records: tuple[str, ...]
    subjects: tuple[str, ...]
    placed_by: str
    placed_at: datetime
    state: str = "placing"
    active_at: datetime | None = None
    released_by: str | None = None
    release_reason: str | None = None
    released_at: datetime | None = None

    @classmethod
    def of(cls, id: str, asked: dict[str, Any], placed_by: str, at: datetime) -> Hold:
        """A hold as it was asked for."""
        records, subjects = (tuple(sorted(set(asked.get(name, ())))) for name in ("records", "subjects"))
        return cls(id, asked["title"], asked["matter"], asked["reason"], records, subjects, placed_by, at)

    @property
    def stands(self) -> bool:
        """Whether the hold keeps anything from destruction."""
        return self.state in STANDING

    def arrive(self, at: datetime) -> HoldPlaced | None:
        """The records are frozen; told once, however often the freeze was repeated."""
        if self.state != "placing":
            return None
        self.state, self.active_at = "active", at
        return HoldPlaced(self.id, self.records, self.subjects, self.placed_by)

    def refuse(self, code: str) -> HoldRefused:
        """The records would not take it: there is nothing such a hold could keep."""
        self._must_be("placing")
        self.state = "refused"
        return HoldRefused(self.id, code)

    def release(self, actor: Actor, reason: str) -> HoldReleaseAsked:
        """Decide to lift it; somebody else than who placed it must."""
        self._must_be("active")
        if actor.person == self.placed_by:
            raise Forbidden("approvals.kept_apart", "another person than who placed a hold lifts it")
        self.state, self.released_by, self.release_reason = "releasing", actor.person, reason
        return HoldReleaseAsked(self.id, str(actor.person))

    def lift(self, at: datetime) -> HoldReleased | None:
        """The records are free; told once."""
        if self.state == "released":
            return None
        self._must_be("releasing")
        self.state, self.released_at = "released", at
        return HoldReleased(self.id, self.records, self.subjects, self.placed_by, self.released_by or "")

    def discard(self) -> None:
        """Only a hold that never stood may vanish; a used one is part of history."""
        if self.state != "refused":
            raise Conflict("hold.used", f"hold {self.id} was used and can only be released")

    def _must_be(self, state: str) -> None:
        if self.state != state:
            raise Conflict("hold.state", f"hold {self.id} is {self.state}")


def place(hold: Hold) -> HoldAsked:
    """Write a hold down; one that names nothing is refused."""
    if not hold.records and not hold.subjects:
        errors = [{"pointer": "/records", "code": "hold.empty", "detail": "name records or subjects to hold"}]
        raise Invalid("hold.empty", "a hold names what it keeps", {"errors": errors})
    return HoldAsked(hold.id, hold.records, hold.subjects, hold.placed_by)

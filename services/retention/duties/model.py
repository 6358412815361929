"""A duty: open until it is done, overdue once its day has passed. No I/O; time comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid
from regimes.rights import is_one
from services.retention.events import DutyClosed, DutyOpened, DutyOverdue


@dataclass
class Duty:
    """Who, what, about which subject, by when; `role` stands where no single person is named."""

    id: str
    name: str
    record: str | None
    subject: str | None
    owner: str | None
    role: str | None
    opened_at: datetime
    due_at: datetime
    due: str
    done_by: str | None
    needs: tuple[str, ...]
    violation: str | None
    state: str = "open"
    overdue_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    on_time: bool | None = None
    evidence: dict[str, str] | None = None

    @property
    def holder(self) -> str:
        """The owner as others are told: a person, or the role whose holders share it."""
        return self.owner or self.role or ""

    def opened(self) -> DutyOpened:
        """What the opening says."""
        return DutyOpened(self.id, self.name, self.holder, self.record, self.due)

    def miss(self, at: datetime) -> DutyOverdue:
        """Mark the duty overdue; only an open one whose instant has passed can be."""
        if self.state != "open":
            raise Conflict("duty.state", f"duty {self.id} is {self.state}")
        if at < self.due_at:
            raise Conflict("duty.not_due", f"duty {self.id} is due {self.due}")
        self.state, self.overdue_at = "overdue", at
        return DutyOverdue(self.id, self.name, self.holder, self.record, self.due, self.violation)

    def complete(self, actor: Actor, evidence: dict[str, str], at: datetime) -> DutyClosed:
        """Close by hand: the owner says so, with the evidence the regime asks for."""
        if self.done_by:
            raise Conflict("duty.closes_itself", f"{self.name} is done by {self.done_by}, not by hand")
        if not self.is_of(actor):
            raise Forbidden("duty.not_yours", f"duty {self.id} is another's")
        missing = [need for need in self.needs if not evidence.get(need)]
        if missing:
            raise Invalid("needs.missing", f"{self.name} needs {', '.join(missing)}", _pointers(missing))
        return self._close(actor.person, evidence, at)

    def fulfil(self, by: str | None, at: datetime, evidence: dict[str, str] | None = None) -> DutyClosed:
        """Close because what had to happen has happened."""
        return self._close(by, evidence or {}, at)

    def postpone(self, due_at: datetime, due: str) -> None:
        """Move the day of a duty that is not closed, as a renewed loan does."""
        if self.state == "closed":
            raise Conflict("duty.closed", f"duty {self.id} is closed")
        self.due_at, self.due, self.state, self.overdue_at = due_at, due, "open", None

    def is_of(self, actor: Actor) -> bool:
        """Whether this person owns the duty, by name or by role."""
        if self.owner:
            return actor.person == self.owner
        role, _, place = (self.role or "").partition(":")
        return is_one({"role": role, "in": place or None}, actor, {})

    def _close(self, by: str | None, evidence: dict[str, str], at: datetime) -> DutyClosed:
        if self.state == "closed":
            raise Conflict("duty.closed", f"duty {self.id} is closed")
        self.state, self.closed_at, self.closed_by = "closed", at, by
        self.on_time, self.evidence = at < self.due_at, evidence
        return DutyClosed(self.id, self.name, self.holder, self.record, by, self.on_time)


def _pointers(missing: list[str]) -> dict[str, list[dict[str, str]]]:
    return {
        "errors": [
            {"pointer": f"/evidence/{need}", "code": "needs.missing", "detail": "name the proof by its id"}
            for need in missing
        ]
    }

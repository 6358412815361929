"""A duty: open until it is done and, where somebody has to, confirmed; overdue once its day has passed. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.actor import Actor
from chassis.clock import parse_instant
from chassis.errors import Conflict, Forbidden, Invalid
from chassis.events import Event
from regimes.rights import is_one
from services.retention.duties.events import (
    DutyClosed,
    DutyDone,
    DutyDropped,
    DutyEscalated,
    DutyMoved,
    DutyOpened,
    DutyOverdue,
    DutyReminded,
)

RETURN = "loan.returned"
OVER = ("closed", "dropped")  # nothing is left to be done


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
    finding: str | None = None
    confirm: dict[str, Any] | None = None  # who has to agree that it is done
    done_at: datetime | None = None
    done_who: str | None = None
    provisional: bool = False  # its day lies in a year whose calendar nobody has published yet
    reminders: tuple[str, ...] = ()  # instants to come
    again: tuple[str, ...] = ()  # the same for further misses
    escalation: dict[str, Any] | None = None  # to whom, and from which instant
    escalated_to: str | None = None
    wakes_at: datetime | None = None

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
        return self._missed()

    def missed_by(self, at: datetime) -> list[Event]:
        """The miss of what is done only after its day, where nobody came by to notice; told before it closes."""
        return [self.miss(at)] if self.state == "open" and at >= self.due_at else []

    def complete(self, actor: Actor, evidence: dict[str, str], at: datetime) -> DutyDone | DutyClosed:
        """Close by hand: the owner says so, with the evidence the regime asks for."""
        if self.done_by:
            raise Conflict("duty.closes_itself", f"{self.name} is done by {self.done_by}, not by hand")
        if not self.is_of(actor):
            raise Forbidden("duty.not_yours", f"duty {self.id} is another's")
        missing = [need for need in self.needs if not evidence.get(need.partition(" ")[2] or need)]
        if missing:
            raise Invalid("needs.missing", f"{self.name} needs {', '.join(missing)}", _pointers(missing))
        return self._finish(actor.person, evidence, at)

    def fulfil(self, by: str | None, at: datetime, evidence: dict[str, str] | None = None) -> DutyDone | DutyClosed:
        """Close because what had to happen has happened, or let it wait for its confirmation."""
        # The archivist's signature under a return is his confirmation.
        return self._close(by, evidence or {}, at) if self.done_by == RETURN else self._finish(by, evidence or {}, at)

    def agree(self, actor: Actor, at: datetime) -> DutyClosed:
        """Confirm that it is done: another person than who did it, whom the regime names."""
        if self.state != "done":
            raise Conflict("duty.not_done", f"duty {self.id} is {self.state}")
        if actor.person == self.done_who:
            raise Forbidden("approvals.kept_apart", "nobody confirms his own work")
        if not is_one(self.confirm or {}, actor, {}):
            raise Forbidden("duty.not_yours", "the regime names who confirms this")
        return self._close(self.done_who, self.evidence or {}, self.done_at or at, actor.person, at)

    def postpone(self, due_at: datetime, due: str) -> None:
        """Move the day of a duty that is not closed, as a renewed loan does."""
        self._must_not_be_over()
        self.due_at, self.due, self.state, self.overdue_at = due_at, due, "open", None

    def move(self, record: str) -> DutyMoved:
        """Let it be about the record that stands for its own from now on."""
        before, self.record = self.record, record
        return DutyMoved(self.id, self.name, self.holder, self.record, self.due, before)

    def drop(self, record: str, at: datetime) -> DutyDropped:
        """Let it go where the same is to be done about the record that stands for its own, or its own is gone."""
        before, self.record = self.record, record
        self.state, self.closed_at, self.wakes_at = "dropped", at, None
        return DutyDropped(self.id, self.name, self.holder, self.record, self.due, before)

    def is_of(self, actor: Actor) -> bool:
        """Whether this person owns the duty, by name or by role."""
        if self.owner:
            return actor.person == self.owner
        role, _, place = (self.role or "").partition(":")
        return is_one({"role": role, "in": place or None}, actor, {})

    def wake(self, at: datetime, named: Callable[[Duty], tuple[str, ...]]) -> list[Event]:
        """What has come due since it was last looked at: reminders, the word to a superior, a further miss."""
        told: list[Event] = []
        due = [one for one in self.reminders if parse_instant(one) <= at]
        self.reminders = tuple(one for one in self.reminders if one not in due)
        if due and self.state == "open":
            told.append(DutyReminded(self.id, self.name, self.holder, self.record, self.due))
        if self.escalation and not self.escalated_to and parse_instant(self.escalation["at"]) <= at:
            people = named(self)
            self.escalated_to = f",{','.join(people)},"
            told.append(DutyEscalated(self.id, self.name, self.holder, self.record, self.due, people))
        missed = [one for one in self.again if parse_instant(one) <= at]
        self.again = tuple(one for one in self.again if one not in missed)
        told += [self._missed() for _ in missed]
        self.wakes_at = self.next_wake()
        return told

    def next_wake(self) -> datetime | None:
        """The next instant at which somebody has to hear of it."""
        waits = [self.escalation["at"]] if self.escalation and not self.escalated_to else []
        times = [parse_instant(one) for one in (*self.reminders, *self.again, *waits)]
        return min(times, default=None)

    def _must_not_be_over(self) -> None:
        if self.state in OVER:
            raise Conflict("duty.closed", f"duty {self.id} is {self.state}")

    def _missed(self) -> DutyOverdue:
        return DutyOverdue(self.id, self.name, self.holder, self.record, self.due, self.violation, self.finding)

    def _finish(self, by: str | None, evidence: dict[str, str], at: datetime) -> DutyDone | DutyClosed:
        if not self.confirm:
            return self._close(by, evidence, at)
        if self.state in ("done", *OVER):
            raise Conflict("duty.closed", f"duty {self.id} is {self.state}")
        self.state, self.done_at, self.done_who, self.evidence = "done", at, by, evidence
        return DutyDone(self.id, self.name, self.holder, self.record, by, at < self.due_at)

    def _close(self, by: str | None, evidence: dict[str, str], done_at: datetime, agreed: str | None = None,
               at: datetime | None = None) -> DutyClosed:  # fmt: skip
        self._must_not_be_over()
        self.state, self.closed_at, self.closed_by = "closed", at or done_at, by
        self.on_time, self.evidence, self.wakes_at = done_at < self.due_at, evidence, None
        return DutyClosed(self.id, self.name, self.holder, self.record, by, self.on_time, agreed)


def _pointers(missing: list[str]) -> dict[str, list[dict[str, str]]]:
    return {
        "errors": [
            {"pointer": f"/evidence/{need.partition(' ')[2] or need}", "code": "needs.missing", "detail": need}
            for need in missing
        ]
    }

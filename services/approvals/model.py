"""The request: raised under a rule, decided by its chain, settled once. No I/O; time and regime come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.actor import Actor
from chassis.clock import rfc3339
from chassis.errors import Conflict, Forbidden, Invalid
from services.approvals.chain import Seat, Step, can_be_filled
from services.approvals.events import RequestDecided, RequestLapsed, RequestOpened, RequestRaised, RequestSettled
from services.approvals.people.model import StandIn

# What these kinds lead to is done by the owner of the pending thing; every other kind ends in a grant.
EXECUTED_BY_OWNER = frozenset(
    "change correct_original collect terms downgrade merge end reactivate erase settle withdraw".split()
)


@dataclass(frozen=True)
class Subject:
    """What a request is about: `about` says what sort of thing `id` names, `records` are those it touches."""

    about: str
    id: str | None = None
    records: tuple[str, ...] = ()
    cls: str | None = None
    list_hash: str | None = None

    @property
    def record(self) -> str | None:
        """The one record it is about, if it is one."""
        return self.records[0] if len(self.records) == 1 else None


@dataclass(frozen=True)
class Ruled:
    """What the regime said when the request was raised; later regimes do not touch it."""

    regime: str
    rules: tuple[str, ...]
    steps: tuple[Step, ...]
    needs: tuple[dict[str, Any], ...] = ()
    grant: dict[str, Any] | None = None
    tells: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Decision:
    """One person's word on one step."""

    step: int
    by: str
    acting_for: str
    decision: str
    reason: str
    at: datetime


@dataclass
class Request:
    """Something that needs permission, the chain that gives it, and how far it has come."""

    id: str
    kind: str
    subject: Subject
    raised_by: str
    ruled: Ruled
    raised_at: datetime
    creator: str | None = None
    purpose: str | None = None
    reason: str | None = None
    fields: tuple[str, ...] | None = None
    period: str | None = None
    evidence: tuple[dict[str, Any], ...] = ()
    decisions: tuple[Decision, ...] = ()
    state: str = "pending"
    settled_at: datetime | None = None
    refusal: str | None = None
    grants: tuple[str, ...] = field(default=())
    act: str | None = None  # what a right that is asked for lets its holder do
    opening: dict[str, Any] | None = None  # the keeper's word on the grant, once he has given it

    @property
    def kept_apart(self) -> frozenset[str]:
        """Who may never decide this, in his own name or another's."""
        return frozenset(name for name in (self.raised_by, self.creator) if name)

    @property
    def current(self) -> int:
        """The number of the first step that still waits; the number of steps when none does."""
        for number, step in enumerate(self.ruled.steps):
            if not step.complete(self._approvers(number)):
                return number
        return len(self.ruled.steps)

    @property
    def awaited(self) -> frozenset[str]:
        """Who could decide now."""
        number = self.current
        # Read while the last decision is being committed, a request has it already and is pending still.
        if self.state != "pending" or number == len(self.ruled.steps):
            return frozenset()
        used, step = self._used(), self.ruled.steps[number]
        approvers = self._approvers(number)
        return frozenset(p for p in step.people - used - self.kept_apart if step.accepts(p, approvers))

    def open(self, at: datetime) -> RequestRaised:
        """Begin: refused when the chain could never be finished, settled at once when nobody has to decide."""
        if not can_be_filled(self.ruled.steps, self.kept_apart):
            raise Forbidden("approvals.no_decider", "the chain needs more different people than could decide it")
        if not self.ruled.steps:
            self._settle("approved", at)
        return self.raised()

    def refuse(self, code: str, at: datetime) -> RequestRaised:
        """Begin and end at once: the regime says no to something that already waits for an answer."""
        self.refusal = code
        self._settle("rejected", at)
        return self.raised()

    def decide(
        self, actor: Actor, decision: str, reason: str, stands_in: tuple[StandIn, ...], at: datetime
    ) -> RequestDecided:
        """Record one person's word on the step that waits, and settle the request if that is enough."""
        person = self._may_speak(actor)
        reason = a_reason(reason)
        number = self.current
        acting_for = self._seat(person, stands_in)
        if decision == "approve":
            self._leaves_enough(person, acting_for, number)

        self.decisions += (Decision(number, person, acting_for, decision, reason, at),)
        if decision == "reject":
            self._settle("rejected", at)
        elif self.current == len(self.ruled.steps):
            self._settle("approved", at)
        return RequestDecided(
            self.id, self.kind, self.subject.id, self.subject.record, number, person, acting_for, decision, self.state
        )

    def withdraw(self, actor: Actor, at: datetime) -> None:
        """Take the request back, which only whoever raised it may do."""
        self._still_pending()
        if actor.person != self.raised_by:
            raise Forbidden("approvals.not_yours", "only whoever raised a request withdraws it")
        self._settle("withdrawn", at)

    def lapse(self, at: datetime) -> None:
        """What it was about is not there any more: nobody has to decide it."""
        self._settle("lapsed", at)

    def overtaken(self, why: str) -> RequestLapsed:
        """What was approved did not come about after all; whoever asked for it finds here why."""
        if self.state != "approved":
            raise Conflict("approvals.settled", f"request {self.id} is {self.state}")
        self.state, self.refusal = "lapsed", why
        return RequestLapsed(self.id, self.kind, self.subject.id, self.subject.record, why, self.raised_by)

    def raised(self) -> RequestRaised:
        """The fact that this request exists."""
        return RequestRaised(
            request=self.id,
            kind=self.kind,
            about=self.subject.about,
            subject=self.subject.id,
            record=self.subject.record,
            records=self.subject.records,
            purpose=self.purpose,
            raised_by=self.raised_by,
            chain=tuple(step.shown() for step in self.ruled.steps),
            rules=self.ruled.rules,
            regime=self.ruled.regime,
        )

    def concerns(self, person: str | None, stands_in: tuple[StandIn, ...] = ()) -> bool:
        """Whether this person raised it, is the subject of its review, or may have a say in it, for another too."""
        seats = [seat for step in self.ruled.steps for seat in step.seats]
        sees = {self.raised_by, self.creator, *self._used(), *(self.ruled.grant or {}).get("opened_by", ())}
        sees = sees.union(*(seat.people for seat in seats))
        return person is not None and (person in sees or bool(self._principals(person, stands_in, seats)))

    def awaits(self, person: str | None, stands_in: tuple[StandIn, ...] = ()) -> bool:
        """Whether this person could decide now, for himself or in a role in which he stands in for another."""
        awaited = self.awaited
        if self.openers:
            return person in self.openers or bool(self._principals(str(person), stands_in, [Seat(self.openers)]))
        if person is None or not awaited or person in self.kept_apart | self._used():
            return False
        principals = self._principals(person, stands_in, self.ruled.steps[self.current].seats)
        return person in awaited or not awaited.isdisjoint(principals)

    def settled(self) -> RequestSettled:
        """The fact that it is over."""
        if self.state == "pending":
            raise RuntimeError("a pending request is not settled")
        about, grant = self.subject, next(iter(self.grants), None)
        head = (self.id, self.kind, about.about, about.id, about.record, self.state, grant)
        decided_by = tuple(sorted(self._used()))
        return RequestSettled(*head, about.list_hash, self.refusal, decided_by, self.raised_by, self.ruled.tells)

    @property
    def openers(self) -> frozenset[str]:
        """Who could open its grant now; nobody where none waits to be opened."""
        named = frozenset((self.ruled.grant or {}).get("opened_by", ()))
        return named - {self.raised_by} if self.ends_in_grant and self.opening is None else frozenset()

    def open_grant(
        self, actor: Actor, verdict: str, reason: str, stands_in: tuple[StandIn, ...], at: datetime
    ) -> RequestOpened:
        """Record the word of whoever keeps the thing: its grant counts from now, or there will be none."""
        if self.state == "pending":
            raise Forbidden("approvals.not_yet", "the request is not approved yet")
        if actor.person == self.raised_by:
            raise Forbidden("approvals.own_request", "nobody opens a grant of his own")
        if not self.openers:
            raise Conflict("approvals.settled", f"nothing of request {self.id} waits to be opened")
        principals = self._principals(str(actor.person), stands_in, [Seat(self.openers)])
        if actor.person not in self.openers and not principals:
            raise Forbidden("approvals.not_yours", "the rule of this request names who opens it")
        self.opening = {"verdict": verdict, "by": actor.person, "reason": a_reason(reason), "at": rfc3339(at)}
        return RequestOpened(self.id, self.kind, self.subject.record, str(actor.person), verdict)

    @property
    def ends_in_grant(self) -> bool:
        """Whether its approval is a permission to act later, not the act of the thing's owner."""
        waits_at_owner = self.kind == "create" and self.subject.id is not None
        return self.state == "approved" and self.kind not in EXECUTED_BY_OWNER and not waits_at_owner

    def _settle(self, state: str, at: datetime) -> None:
        self._still_pending()
        self.state, self.settled_at = state, at

    def _still_pending(self) -> None:
        if self.state != "pending":
            raise Conflict("approvals.settled", f"request {self.id} is {self.state}")

    def _may_speak(self, actor: Actor) -> str:
        self._still_pending()
        if actor.person is None:
            raise Forbidden("approvals.not_yours", "a request is decided by a person")
        if actor.person == self.creator:
            raise Forbidden("approvals.kept_apart", "whoever made the record does not decide about it")
        if actor.person == self.raised_by:
            raise Forbidden("approvals.own_request", "nobody decides a request of his own")
        if actor.person in self._used():
            raise Conflict("approvals.decided_twice", "one person decides a request once")
        return actor.person

    def _seat(self, person: str, stands_in: tuple[StandIn, ...]) -> str:
        """For whom this person decides at the step that waits: himself first, then whom he stands in for."""
        step, approvers = self.ruled.steps[self.current], self._approvers(self.current)
        if step.accepts(person, approvers):
            return person
        for principal in self._principals(person, stands_in, step.seats):
            if principal in self.kept_apart:
                raise Forbidden("approvals.kept_apart", "a stand-in may do only what his principal may")
            if principal in self._used():
                raise Conflict("approvals.decided_twice", "the principal has decided already")
            if step.accepts(principal, approvers):
                return principal
        later = [seat for step in self.ruled.steps[self.current + 1 :] for seat in step.seats]
        if any(person in seat.people for seat in later) or self._principals(person, stands_in, later):
            raise Forbidden("approvals.not_yet", "an earlier step is open")
        raise Forbidden("approvals.not_yours", "the rule of this request names other people")

    def _principals(self, person: str, stands_in: tuple[StandIn, ...], seats: Iterable[Seat]) -> list[str]:
        return sorted(
            {
                other.principal
                for other in stands_in
                for seat in seats
                if other.person == person and other.covers(seat.people, seat.roles)
            }
        )

    def _leaves_enough(self, person: str, acting_for: str, number: int) -> None:
        """Refuse an approval that would leave a later step without anybody else to decide it."""
        given = {step: self._approvers(step) for step in range(number + 1)}
        given[number] |= {acting_for}
        if not can_be_filled(self.ruled.steps, self.kept_apart | self._used() | {person, acting_for}, given):
            raise Forbidden("approvals.not_yet", "your decision is needed at a later step; somebody else decides here")

    def _approvers(self, number: int) -> frozenset[str]:
        return frozenset(d.acting_for for d in self.decisions if d.step == number and d.decision == "approve")

    def _used(self) -> frozenset[str]:
        return frozenset(p for d in self.decisions for p in (d.by, d.acting_for))


def a_reason(text: str | None) -> str:
    """A reason that says something: a dot or a dash is none."""
    if sum(character.isalnum() for character in text or "") < 2:
        line = {"pointer": "/reason", "code": "reason.empty", "detail": "say in a few words why"}
        raise Invalid("reason.empty", "a reason is needed", {"errors": [line]})
    return str(text).strip()

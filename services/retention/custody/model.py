"""A loan: one record in one person's hands under one grant until a minute. No I/O; time comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.actor import Actor
from chassis.clock import rfc3339
from chassis.errors import Conflict, Forbidden
from chassis.events import Event
from services.retention.custody.grants import BorrowGrant
from services.retention.events import LoanMade, LoanRenewed, LoanReturnConfirmed, LoanReturned


@dataclass
class Loan:
    """What is lent, to whom, under which grants, and who has signed for its return."""

    id: str
    record: str
    borrower: str
    lender: str
    grant: str
    items: int
    lent_at: datetime
    due_at: datetime
    state: str = "out"
    grants: tuple[str, ...] = ()
    given_back_at: datetime | None = None
    given_back_items: int | None = None
    keeper: str | None = None
    returned_at: datetime | None = None
    returned_items: int | None = None

    def is_overdue(self, at: datetime) -> bool:
        """Overdue is a matter of date: no job has to run for it."""
        return self.state == "out" and at >= self.due_at

    def is_of(self, actor: Actor) -> bool:
        """Whether this person borrowed it."""
        return actor.person == self.borrower

    def state_of(self) -> dict[str, str]:
        """What an answer to a write says of it."""
        return {"loan": self.id, "record": self.record, "state": self.state, "due_at": rfc3339(self.due_at)}

    def renew(self, grant: BorrowGrant, at: datetime) -> LoanRenewed:
        """Move the due minute under a grant that was decided afresh for this loan."""
        self._must_be_out()
        grant.must_cover(self.record, at)
        if grant.person != self.borrower:
            raise Forbidden("grant.scope", "the grant is another person's")
        if grant.id in self.grants:
            raise Conflict("loan.grant_spent", "a renewal needs a fresh approval")
        self.grants, self.grant = (*self.grants, grant.id), grant.id
        self.due_at = grant.until
        return LoanRenewed(self.id, self.record, self.borrower, grant.id, rfc3339(self.due_at))

    def sign_return(self, actor: Actor, items: int | None, at: datetime) -> tuple[Event, ...]:
        """The next signature of a return: the borrower's, then the archivist's."""
        if self.is_of(actor) and not self.given_back_at:
            return (self.give_back(actor, items, at),)
        return self.take_back(actor, items, at)

    def give_back(self, actor: Actor, items: int | None, at: datetime) -> LoanReturnConfirmed:
        """The borrower's signature: this many pieces are handed back."""
        self._must_be_out()
        if actor.person != self.borrower:
            raise Forbidden("custody.not_yours", "the borrower signs for handing back")
        if self.given_back_at:
            raise Conflict("custody.signed", "the borrower has signed already")
        self.given_back_at, self.given_back_items = at, self._counted(items)
        return LoanReturnConfirmed(self.id, self.record, "borrower", str(actor.person), self.items)

    def take_back(self, actor: Actor, items: int | None, at: datetime) -> tuple[LoanReturnConfirmed, LoanReturned]:
        """The archivist's signature: the pieces were counted again, and the loan is over."""
        self._must_be_out()
        if actor.person == self.borrower:
            raise Forbidden("approvals.kept_apart", "who gives back cannot also receive")
        if not self.given_back_at:
            raise Conflict("custody.unsigned", "the borrower has not signed for handing back")
        self.keeper, self.returned_at, self.returned_items = actor.person, at, self._counted(items)
        self.state = "returned"
        on_time = self.given_back_at < self.due_at
        return (
            LoanReturnConfirmed(self.id, self.record, "archivist", str(actor.person), self.items),
            LoanReturned(self.id, self.record, self.borrower, str(actor.person), self.grant, on_time),
        )

    def _must_be_out(self) -> None:
        if self.state != "out":
            raise Conflict("loan.state", f"loan {self.id} is {self.state}")

    def _counted(self, items: int | None) -> int:
        if items is None:
            raise Conflict("custody.not_counted", "say how many pieces were counted")
        if items != self.items:
            raise Conflict("custody.not_counted", f"{self.items} pieces were lent, {items} are here")
        return items


def lend(loan: str, actor: Actor, grant: BorrowGrant, record: str, items: int, at: datetime) -> Loan:
    """Hand a record out under a live borrow grant; it is due the minute the grant ends, job or no job."""
    grant.must_cover(record, at)
    if actor.person == grant.person:
        raise Forbidden("approvals.kept_apart", "who borrows cannot also lend")
    return Loan(loan, record, grant.person, str(actor.person), grant.id, items, at, grant.until, grants=(grant.id,))


def made(loan: Loan) -> LoanMade:
    """What the handing out says."""
    return LoanMade(loan.id, loan.record, loan.borrower, loan.lender, loan.grant, rfc3339(loan.due_at), loan.items)

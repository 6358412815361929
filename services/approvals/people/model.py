"""Accounts, sessions and stand-ins: who is who at this instant. No I/O; time comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chassis.actor import Actor
from chassis.errors import Forbidden
from services.approvals.events import SessionClosed, SessionOpened

SESSION = timedelta(hours=8)  # as long as the gateway's token


@dataclass(frozen=True)
class StandIn:
    """`person` decides for `principal` from `first` to `last`, in these roles (none named: in all)."""

    principal: str
    person: str
    first: date
    last: date
    roles: frozenset[str] = frozenset()

    def holds(self, on: date) -> bool:
        """Whether this day lies within the period, both ends included."""
        return self.first <= on <= self.last

    def covers(self, people: frozenset[str], roles: frozenset[str]) -> bool:
        """Whether the principal sits here in a role that was handed on."""
        return self.principal in people and (not self.roles or bool(self.roles & roles))


@dataclass(frozen=True)
class Account:
    """A way in for one person. The hash is argon2's; an account without one cannot sign in here."""

    name: str
    person: str
    hash: str | None = None
    closed: bool = False


@dataclass
class Session:
    """One sign-in, from opening until it is closed or its time is up."""

    id: str
    account: str
    person: str
    opened_at: datetime
    expires_at: datetime
    factors: int = 1
    closed_at: datetime | None = None

    @classmethod
    def open(cls, id: str, account: Account | None, proven: bool, at: datetime, lasts: timedelta = SESSION) -> Session:
        """Begin. Wrong name, wrong password and closed account are one refusal, so that none can be told apart."""
        if account is None or not proven or account.closed:
            raise Forbidden("session.refused", "account or password is wrong")
        return cls(id, account.name, account.person, at, at + lasts)

    def opened(self) -> SessionOpened:
        """The fact that it began."""
        return SessionOpened(self.id, self.person, self.account)

    def check(self, account: str, at: datetime) -> None:
        """Refuse when it is over, or another account's."""
        if self.closed_at is not None or at >= self.expires_at or account != self.account:
            raise Forbidden("session.ended", "sign in again")

    def close(self, person: str | None, at: datetime) -> SessionClosed:
        """End it, which only its own person may do."""
        if person != self.person:
            raise Forbidden("session.not_yours", "a session is closed by whoever opened it")
        self.check(self.account, at)
        self.closed_at = at
        return SessionClosed(self.id, self.person)


def speaks_for(actor: Actor, acting: tuple[StandIn, ...]) -> list[str]:
    """In whose names a caller may speak: his own, and theirs for whom he stands in."""
    return [name for name in (actor.person, *sorted({one.principal for one in acting})) if name]

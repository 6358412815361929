"""Signing in: which person an account, a session or a token stands for. Rules only; hashes are made by passwords."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chassis.clock import rfc3339
from chassis.errors import Forbidden
from chassis.ids import new_id
from services.approvals.people import passwords
from services.approvals.people.model import SESSION, Account, Session
from services.approvals.people.organisation import Staff

ISSUER = "muniment"
DEMO_SESSION = timedelta(days=3650)  # moving the demo's clock must not sign everybody out


def lasts(mode: str) -> timedelta:
    """How long a session lasts in this mode."""
    return DEMO_SESSION if mode == "demo" else SESSION


def opened(account: Account | None, proven: bool, at: datetime, lasts: timedelta) -> Session:
    """A new session for this account, or Forbidden session.refused."""
    return Session.open(new_id(), account, proven, at, lasts)


def identified(issuer: str, account: Account | None, session: Session | None, at: datetime) -> tuple[str, int]:
    """Person and factors that a token stands for. Our own tokens hold only as long as their session."""
    if account is None or account.closed or (issuer == ISSUER and session is None):
        raise Forbidden("session.ended", "sign in again")
    if session is not None:
        session.check(account.name, at)
    return account.person, session.factors if session else 1


def accounts_of(staff: Staff, given: dict[str, str]) -> list[Account]:
    """One account per person of the organisation, with the hash of the password that was given for it."""
    return [
        Account(name, name, passwords.hashed(given[name]) if name in given else None)
        for name in staff.organisation.people
    ]


def session_answer(session: Session) -> dict[str, Any]:
    """What the gateway makes a token of."""
    times = {"opened_at": rfc3339(session.opened_at), "expires_at": rfc3339(session.expires_at)}
    return {
        "session": session.id,
        "account": session.account,
        "person": session.person,
        "factors": session.factors,
        **times,
    }

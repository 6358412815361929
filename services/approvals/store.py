"""Requests, grants, accounts and texts in their tables; the only SQL of approvals."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from chassis import tables as shelf
from chassis.errors import Conflict, NotFound, Unavailable
from chassis.store import Store
from services.approvals import rows
from services.approvals.grants import Grant
from services.approvals.model import Request
from services.approvals.people.model import Account, Session
from services.approvals.people.organisation import Staff, staff_of
from services.approvals.proving.store import FactRows
from services.approvals.rulebook import Rulebook, rulebook_of
from services.approvals.tables import accounts, decisions, grant_records, grants, metadata, requests, sessions, waits


class ApprovalWork(FactRows):
    """One transaction over requests, grants, sessions and texts."""

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The key that grants are signed with; only approvals is given it."""
        return Ed25519PrivateKey.from_private_bytes(self.settings.key("grant.private"))

    def request(self, request_id: str) -> Request:
        """One request, locked until this piece of work ends."""
        return _request(
            self.connection, select(requests).where(requests.c.id == request_id).with_for_update(), request_id
        )

    def about(self, about: str, subject: str) -> Request:
        """The newest request about something that waits at its owner, locked until this piece of work ends."""
        theirs = (requests.c.about == about) & (requests.c.subject == subject)
        newest = select(requests).where(theirs).order_by(requests.c.id.desc()).limit(1)
        return _request(self.connection, newest.with_for_update(), subject)

    def add(self, request: Request) -> None:
        """Keep a new request."""
        self.put(requests, [rows.request_row(request)])
        self._put_awaited(request)

    def save(self, request: Request) -> None:
        """Keep what has changed: state, decisions, who is awaited."""
        row = rows.request_row(request)
        changed = {name: row[name] for name in ("state", "settled_at", "refusal", "grants", "opening")}
        self.connection.execute(update(requests).where(requests.c.id == request.id).values(changed))
        for number in range(self._decided(request.id), len(request.decisions)):
            self.connection.execute(insert(decisions).values(rows.decision_row(request, number)))
        self._await(request)

    def grant(self, grant_id: str) -> Grant:
        """One grant, locked until this piece of work ends."""
        found = (
            self.connection.execute(select(grants).where(grants.c.id == grant_id).with_for_update())
            .mappings()
            .one_or_none()
        )
        if found is None:
            raise NotFound("grant.unknown", f"no grant {grant_id}")
        return rows.grant_of(dict(found))

    def add_grant(self, grant: Grant) -> None:
        """Keep a new grant, found by person and by record."""
        self.connection.execute(insert(grants).values(rows.grant_row(grant)))
        if grant.records:
            self.connection.execute(insert(grant_records), [{"record": r, "grant": grant.id} for r in grant.records])

    def end_grant(self, grant: Grant) -> None:
        """Keep that it was revoked, or used up."""
        names = ("revoked_at", "revoked_by", "revoke_reason", "used_at")
        ended = {name: getattr(grant, name) for name in names}
        self.connection.execute(update(grants).where(grants.c.id == grant.id).values(ended))

    def session(self, session_id: str) -> Session:
        """One session, locked."""
        return _session(self.connection, select(sessions).where(sessions.c.id == session_id).with_for_update())

    def add_session(self, session: Session) -> None:
        """Keep a new session."""
        self.connection.execute(insert(sessions).values(vars(session)))

    def close_session(self, session: Session) -> None:
        """Keep that it is over."""
        self.connection.execute(update(sessions).where(sessions.c.id == session.id).values(closed_at=session.closed_at))

    def close_accounts_except(self, people: Iterable[str]) -> None:
        """Close the accounts of all who are not among these people, and open those who are again."""
        here = accounts.c.person.in_(list(people))
        self.connection.execute(update(accounts).where(~here).values(closed=True))
        self.connection.execute(update(accounts).where(here).values(closed=False))

    def keep_account(self, account: Account) -> None:
        """Keep an account; a known one keeps its password unless a new one is given."""
        changed = {
            "person": account.person,
            "closed": account.closed,
            **({"hash": account.hash} if account.hash else {}),
        }
        row = self.database.insert(accounts).values(vars(account))
        self.connection.execute(row.on_conflict_do_update(index_elements=[accounts.c.name], set_=changed))

    def keep_text(self, kind: str, digest: str, text: str) -> bool:
        """Put a text in force from now; False when it is already. One that was superseded does not come back."""
        t = shelf.texts.c
        row = {"digest": digest, "kind": kind, "text": text, "in_force_from": self.now}
        kept = self.database.insert(shelf.texts).values(row).on_conflict_do_nothing().returning(t.digest)
        if self.connection.execute(kept).scalar() is not None:
            return True
        last = select(t.digest).where(t.kind == kind).order_by(t.in_force_from.desc(), t.digest).limit(1)
        if self.connection.execute(last).scalar() != digest:
            raise Conflict("regime.superseded", "this text was in force before; publish it with another valid_from")
        return False

    def _decided(self, request_id: str) -> int:
        return len(_decisions(self.connection, [request_id])[request_id])

    def _await(self, request: Request) -> None:
        self.connection.execute(delete(waits).where(waits.c.request == request.id))
        self._put_awaited(request)

    def _put_awaited(self, request: Request) -> None:
        people = sorted(request.awaited | request.openers)
        self.put(waits, ({"request": request.id, "person": person} for person in people))


class ApprovalStore(Store[ApprovalWork]):
    """Reads of approvals, each statement by itself."""

    metadata = metadata
    work = ApprovalWork

    def rulebook(self, regime: str | None = None) -> Rulebook:
        """Regime and organisation in force now, parsed once per text; another regime where its digest is given."""
        found, organisation = self.shelf.in_force("regime"), self.shelf.in_force("organisation")
        if found is None or organisation is None:
            missing = "regime.none" if found is None else "organisation.none"
            raise Unavailable(missing, "no regime and organisation are in force yet")
        current = rulebook_of(found[1], organisation[1])
        if regime in (None, "current", current.regime.name):
            return current
        other = self.text("regime", regime)
        if other is None:
            raise NotFound("regime.unknown", "no regime of that digest was ever in force")
        return rulebook_of(other["text"], organisation[1])

    def staff(self) -> Staff | None:
        """The organisation in force, if there is one yet."""
        found = self.shelf.in_force("organisation")
        return staff_of(found[1]) if found else None

    def text(self, kind: str, digest: str | None) -> dict[str, Any] | None:
        """A published text: the one in force, or that of a digest."""
        t = shelf.texts.c
        wanted = t.digest == digest if digest else t.in_force_from <= self.settings.clock.now()
        found = select(t.digest, t.text, t.in_force_from).where(t.kind == kind, wanted)
        return self._first(found.order_by(t.in_force_from.desc(), t.digest).limit(1))

    def texts(self, kind: str) -> list[dict[str, Any]]:
        """The published texts of a kind, newest first, without their text."""
        t = shelf.texts.c
        return self._all(select(t.digest, t.in_force_from).where(t.kind == kind).order_by(t.in_force_from.desc()))

    def account(self, name: str) -> Account | None:
        """An account by its name."""
        found = self._first(select(accounts).where(accounts.c.name == name))
        return Account(**found) if found else None

    def session(self, session_id: str | None) -> Session:
        """A session by its id."""
        with self.reading() as connection:
            return _session(connection, select(sessions).where(sessions.c.id == session_id))

    def request(self, request_id: str) -> Request:
        """A request, to be looked at."""
        with self.reading() as connection:
            return _request(connection, select(requests).where(requests.c.id == request_id), request_id)

    def requests_about(self, about: str, subjects: Collection[str]) -> list[Request]:
        """The pending requests about things that wait at their owner."""
        r = requests.c
        found = select(requests).where(r.about == about, r.subject.in_(subjects), r.state == "pending")
        with self.reading() as connection:
            return _requests(connection, found)

    def requests(
        self,
        filters: dict[str, Any],
        awaited: Iterable[str] = (),
        of: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[Request]:
        """Requests, newest first, of these filters; that await one of these people; that concern this person."""
        found = select(requests).order_by(requests.c.id.desc()).limit(limit)
        found = found.where(*(requests.c[name] == value for name, value in filters.items()))
        found = found.where(requests.c.id < after) if after else found
        if awaited := list(awaited):
            found = found.where(requests.c.id.in_(select(waits.c.request).where(waits.c.person.in_(awaited))))
        found = found.where(_concerns(of)) if of else found
        with self.reading() as connection:
            return _requests(connection, found)

    def grants(
        self,
        filters: dict[str, Any],
        records: Collection[str],
        live_at: datetime | None,
        after: str | None = None,
        limit: int = 500,
    ) -> list[Grant]:
        """Grants, newest first, of these filters and for these records; only live ones where an instant is given."""
        found = select(grants).order_by(grants.c.id.desc()).limit(limit)
        found = found.where(*(grants.c[name] == value for name, value in filters.items()))
        found = found.where(grants.c.id < after) if after else found
        if records:
            g = grant_records.c
            found = found.where(grants.c.id.in_(select(g.grant).where(g.record.in_(list(records)))))
        if live_at:
            found = found.where(grants.c.revoked_at.is_(None), grants.c.end > live_at)
        return [rows.grant_of(row) for row in self._all(found)]

    def unopened(self, person: str, records: Collection[str]) -> bool:
        """Whether a request of this person about one of these is approved and waits for whoever opens it."""
        r = requests.c
        waiting = r.id.in_(select(waits.c.request))
        mine = select(requests).where(r.raised_by == person, r.state == "approved", waiting)
        return any(set(row["records"]) & set(records) for row in self._all(mine))

    def _first(self, found: Any) -> dict[str, Any] | None:
        return next(iter(self._all(found)), None)

    def _all(self, found: Any) -> list[dict[str, Any]]:
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]


def _concerns(person: str) -> ColumnElement[bool]:
    """Raised by this person, decided by him, or waiting for him."""
    waiting = select(waits.c.request).where(waits.c.person == person)
    decided = select(decisions.c.request).where((decisions.c.by == person) | (decisions.c.acting_for == person))
    return (requests.c.raised_by == person) | requests.c.id.in_(waiting) | requests.c.id.in_(decided)


def _request(connection: Connection, found: Any, request_id: str) -> Request:
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        raise NotFound("request.unknown", f"no request {request_id}")
    return rows.request_of(dict(row), _decisions(connection, [row["id"]])[row["id"]])


def _requests(connection: Connection, found: Any) -> list[Request]:
    heads = [dict(row) for row in connection.execute(found).mappings()]
    decided = _decisions(connection, [row["id"] for row in heads])
    return [rows.request_of(row, decided[row["id"]]) for row in heads]


def _decisions(connection: Connection, request_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    by_request: dict[str, list[dict[str, Any]]] = {request_id: [] for request_id in request_ids}
    found = (
        select(decisions).where(decisions.c.request.in_(request_ids)).order_by(decisions.c.request, decisions.c.number)
    )
    for row in connection.execute(found).mappings() if request_ids else ():
        by_request[row["request"]].append(dict(row))
    return by_request


def _session(connection: Connection, found: Any) -> Session:
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        raise NotFound("session.unknown", "no such session")
    return Session(**row)

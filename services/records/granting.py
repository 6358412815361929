"""Signed grants in their table: kept, revoked, used up; in whatever order the news of them comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from chassis.clock import parse_instant
from chassis.errors import Forbidden
from chassis.store import Store, Work
from regimes.rights import OPENED_BY_EVENTS
from services.records import tables as t

# In the record's place: the row of the grant itself, which every grant has. Two who touch a grant meet at it.
HEAD = ""


class GrantRows(Work):
    """The part of records' work that concerns grants."""

    def keep_grant(self, body: dict[str, Any]) -> None:
        """Keep a signed grant and a row for every record it names; a second time changes nothing."""
        known = {"id": body["id"], "person": body["person"], "body": body, "until": parse_instant(body["until"])}
        revoked = self._head(known)
        rows = [{**known, "record": record, "used": False, "revoked": revoked} for record in body["records"]]
        if rows:
            self.connection.execute(self.database.insert(t.grants).values(rows).on_conflict_do_nothing())

    def revoke_grant(self, grant: str) -> None:
        """From now on the grant opens nothing, even if it becomes known here only later."""
        self._head({"id": grant, "person": "", "body": {}, "until": self.now})
        self.connection.execute(update(t.grants).where(t.grants.c.id == grant).values(revoked=True))

    def use_grant(self, body: dict[str, Any]) -> None:
        """Act under a grant; one that holds once is used up by this commit, and whoever comes second has none."""
        self.keep_grant(body)
        g = t.grants.c
        live = update(t.grants).where(g.id == body["id"], g.record == HEAD, ~g.used, ~g.revoked)
        if self.connection.execute(live.values(used=bool(body.get("once")))).rowcount == 0:
            raise Forbidden("right.missing", "this grant was used or revoked", {"request_kind": _raised(body)})

    def refuse_revoked(self, body: dict[str, Any]) -> None:
        """Refuse to act under a grant that was revoked; it stays locked until this work ends."""
        self.keep_grant(body)
        if self._head({"id": body["id"], "person": body["person"], "body": body, "until": self.now}):
            raise Forbidden("right.missing", "this grant was revoked", {"request_kind": _raised(body)})

    def spend_grant(self, grant: str) -> None:
        """Use up a grant that holds once; whoever comes second is told so."""
        g = t.grants.c
        live = update(t.grants).where(g.id == grant, g.record == HEAD, ~g.used, ~g.revoked)
        if self.connection.execute(live.values(used=True)).rowcount == 0:
            raise Forbidden("grant.used", "this grant held once", {"request_kind": "view"})
        self.connection.execute(update(t.grants).where(g.id == grant).values(used=True))

    def _head(self, known: dict[str, Any]) -> bool:
        """Make the grant's own row if there is none, and lock it; whether the grant is revoked."""
        g, row = t.grants.c, {**known, "record": HEAD, "used": False, "revoked": False}
        self.connection.execute(self.database.insert(t.grants).values(row).on_conflict_do_nothing())
        own = select(g.revoked).where(g.id == known["id"], g.record == HEAD).with_for_update()
        return bool(self.connection.execute(own).scalar_one())


class GrantQueries(Store[Any]):
    """Reads of grants."""

    def grants_held(self, person: str | None, now: datetime) -> list[dict[str, Any]]:
        """The signed bodies of a person's grants, as far as they are left."""
        g = t.grants.c
        left = select(g.body).where(g.record == HEAD, g.person == person, g.until > now, ~g.used, ~g.revoked)
        with self.reading() as connection:
            return list(connection.execute(left).scalars())

    def grants_spent(self, person: str | None, now: datetime) -> list[dict[str, Any]]:
        """The signed bodies of a person's grants that held once and were used, as long as they would have held."""
        g = t.grants.c
        spent = select(g.body).where(g.record == HEAD, g.person == person, g.used, g.until > now)
        with self.reading() as connection:
            return list(connection.execute(spent).scalars())


def _raised(body: dict[str, Any]) -> str | None:
    """The kind of request that gives such a grant, where somebody can raise it."""
    return None if body["mode"] in OPENED_BY_EVENTS else body["mode"]

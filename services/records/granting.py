"""Signed grants in their table: kept, revoked, used up. A grant for a record that is not there yet names its class."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from chassis.clock import parse_instant
from chassis.errors import Forbidden
from chassis.store import Store, Work
from services.records import tables as t

NO_RECORD = ""  # stands in the record's place of a grant for a class


class GrantRows(Work):
    """The part of records' work that concerns grants."""

    def keep_grant(self, body: dict[str, Any]) -> None:
        """Keep a signed grant for every record it names, or once for its class; a second time changes nothing."""
        head = {"id": body["id"], "person": body["person"], "body": body, "until": parse_instant(body["until"])}
        rows = [{**head, "record": record, "used": False, "revoked": False} for record in body["records"] or [NO_RECORD]]
        self.connection.execute(self.database.insert(t.grants).values(rows).on_conflict_do_nothing())

    def revoke_grant(self, grant: str) -> None:
        """From now on the grant opens nothing."""
        self.connection.execute(update(t.grants).where(t.grants.c.id == grant).values(revoked=True))

    def use_grant(self, body: dict[str, Any]) -> None:
        """Act under a grant; one that holds once is used up by this commit, and whoever comes second has none."""
        self.keep_grant(body)
        g = t.grants.c
        live = update(t.grants).where(g.id == body["id"], ~g.used, ~g.revoked).values(used=bool(body.get("once")))
        if self.connection.execute(live).rowcount == 0:
            raise Forbidden("right.missing", "this grant was used or revoked", {"request_kind": body["mode"]})


class GrantQueries(Store[Any]):
    """Reads of grants."""

    def class_grants(self, person: str | None) -> list[dict[str, Any]]:
        """The signed bodies of a person's grants for records that are not there yet, as far as they are left."""
        g = t.grants.c
        left = select(g.body).where(g.record == NO_RECORD, g.person == person, ~g.used, ~g.revoked)
        with self.reading() as connection:
            return list(connection.execute(left).scalars())

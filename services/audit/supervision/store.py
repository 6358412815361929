"""Violations as rows."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from chassis.clock import rfc3339
from chassis.errors import NotFound
from chassis.store import Work
from services.audit import tables
from services.audit.supervision.model import Violation

V = tables.violations.c
SHOWN = ("type", "offender", "record", "duty", "due", "clause", "amount", "unit", "per", "tariff", "regime", "state",
         "version", "person")  # fmt: skip


class SupervisionWork(Work):
    """One transaction about violations."""

    def keep_violation(self, violation: Violation) -> bool:
        """Write a proposed one down; False where this duty's miss is known already."""
        row = {field.name: getattr(violation, field.name) for field in fields(violation)}
        fresh = self.database.insert(tables.violations).values(row).on_conflict_do_nothing()
        # psycopg gives no row count for such an insert; only what it returns tells whether it took place.
        return self.connection.execute(fresh.returning(V.id)).first() is not None

    def earlier(self, offender: str, tariff: str, since: datetime) -> int:
        """How often this offender has offended under the tariff since then; dismissed cases do not count."""
        # One count at a time: two misses of one person must not both be the first. On SQLite writes are so anyway.
        self.connection.execute(select(tables.ledger_state.c.id).with_for_update())
        counted = (V.offender == offender) & (V.tariff == tariff) & (V.state != "dismissed") & (V.proposed_at >= since)
        return int(self.connection.execute(select(func.count()).where(counted)).scalar_one())

    def has_one_of_that_day(self, violation: Violation) -> bool:
        """Whether the same is known of this person and record on its day; asked after `earlier`, one at a time."""
        same = (V.type == violation.type) & (V.offender == violation.offender) & (V.due == violation.due)
        known = select(V.id).where(same, V.record == violation.record).limit(1)
        return self.connection.execute(known).scalar() is not None

    def violation(self, id: str) -> Violation:
        """Load one, locked until this piece of work ends."""
        found = select(tables.violations).where(V.id == id).with_for_update()
        row = self.connection.execute(found).mappings().one_or_none()
        if row is None:
            raise NotFound("violation.unknown", f"no violation {id}")
        return Violation(**row)

    def save_violation(self, violation: Violation) -> None:
        """Write what was decided."""
        changed = ("state", "version", "person", "reason", "decided_at")
        row = {name: getattr(violation, name) for name in changed}
        self.connection.execute(update(tables.violations).where(V.id == violation.id).values(row))


def find_violations(connection: Connection, sought: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    """Violations that fit, newest first."""
    found = select(tables.violations)
    for name in ("state", "offender", "record"):
        if sought.get(name) is not None:
            found = found.where(V[name] == str(sought[name]))
    if sought["after"]:
        found = found.where(V.id < sought["after"])
    rows = connection.execute(found.order_by(V.id.desc()).limit(limit)).mappings()
    return [{"violation": row["id"], **{name: row[name] for name in SHOWN}, "proposed_at": rfc3339(row["proposed_at"]),
             "decided_at": row["decided_at"] and rfc3339(row["decided_at"])} for row in rows]  # fmt: skip

"""Assignments in their table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.store import Store, Work
from services.records.assigning.tables import assignments
from services.records.model import Record


class AssigningRows(Work):
    """The part of records' work that concerns whose a record is."""

    def add_assignment(self, id: str, record: Record, before: dict[str, Any]) -> None:
        """Keep who answered for it until now, and who does from now on."""
        now = {"department": record.department, "responsible": record.responsible, "by": self.caller.person}
        told = {"record": record.id, "record_version": record.version, "at": self.now}
        self.put(assignments, [{"id": id, **before, **now, **told}])


class AssigningQueries(Store[Any]):
    """Reads of assignments."""

    def assignments(self, ids: list[str]) -> list[dict[str, Any]]:
        """Who answered for a record until then, and who did from then on."""
        found = select(assignments).where(assignments.c.id.in_(ids))
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]

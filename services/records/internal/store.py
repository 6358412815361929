"""What the other services ask of many records at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from chassis.store import Store
from services.records import tables as t
from services.records.model import HIDDEN, Record
from services.records.rows import RECORD, record_of


class InternalQueries(Store[Any]):
    """Reads for the other services, by id, a page at a time."""

    def of_classes(self, classes: list[str], after: str, limit: int) -> list[Record]:
        """Records of these classes that are neither gone nor stood for by another one."""
        r = t.records.c
        found = select(*RECORD).where(r.class_.in_(classes), r.state.not_in(HIDDEN))
        with self.reading() as connection:
            rows = connection.execute(found.where(r.id > after).order_by(r.id).limit(limit))
            return [record_of(row) for row in rows]

    def due(
        self, classes: list[str], milestone: str, on_or_before: date, after: str | None, limit: int
    ) -> list[Record]:
        """Records of these classes whose milestone lies on or before a day; by id, `limit` at a time."""
        r, m = t.records.c, t.milestones.c
        late = select(m.record).where(m.name == milestone, m.on <= on_or_before)
        found = select(*RECORD).where(r.id.in_(late), r.class_.in_(classes), r.state != "destroyed")
        found = found.where(r.id > (after or "")).order_by(r.id).limit(limit)
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(found)]

    def stuck_destructions(self) -> list[Record]:
        """Records whose destruction from a list has begun and not ended."""
        with self.reading() as connection:
            begun = (t.records.c.state == "destroying") & t.records.c.disposal.is_not(None)
            rows = connection.execute(select(*RECORD).where(begun)).all()
            return [record_of(row) for row in rows]

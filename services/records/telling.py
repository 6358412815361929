"""What this service has told of a record, from its own journal."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select

from chassis.events import REGISTRY
from chassis.store import Store
from chassis.tables import journal
from services.records.events import RecordEvent
from services.records.merging.store import own_and_merged

LIFE = 1000  # entries of one record that are told of at once


class TellingQueries(Store[Any]):
    """Reads of the journal, by record."""

    def life_of(self, record_id: str) -> list[dict[str, Any]]:
        """The newest entries of this service about a record and those that it stands for, oldest first."""
        j = journal.c
        with self.reading() as connection:
            found = select(j.entry).where(j.record.in_(own_and_merged(record_id))).order_by(j.id.desc()).limit(LIFE)
            return list(connection.execute(found).scalars())[::-1]

    def told_by(self, record_id: str, at: datetime) -> dict[str, Any]:
        """What the last event of a record by an instant says of it; one that exists has at least its creation."""
        j = journal.c
        found = select(j.entry).where(j.record == record_id, j.at <= at, j.type.in_(_of_records()))
        with self.reading() as connection:
            entry = connection.execute(found.order_by(j.at.desc(), j.id.desc()).limit(1)).scalar_one()
        return dict(entry["data"])


@cache
def _of_records() -> list[str]:
    """The events that carry the envelope of a record."""
    return sorted(type for type, event in REGISTRY.items() if issubclass(event, RecordEvent))

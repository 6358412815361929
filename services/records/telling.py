"""What this service has told of a record, from its own journal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select

from chassis.events import REGISTRY
from chassis.store import Store
from chassis.tables import journal
from services.records.events import RecordEvent
from services.records.merging.store import own_and_merged


class TellingQueries(Store[Any]):
    """Reads of the journal, by record."""

    def life_of(self, record_id: str, types: Iterable[str], after: str | None, limit: int) -> list[dict[str, Any]]:
        """Entries of this service about a record and those that it stands for, of these types; oldest first."""
        j = journal.c
        mine = (j.record.in_(own_and_merged(record_id)), j.type.in_(list(types)), j.id > (after or ""))
        with self.reading() as connection:
            return list(connection.execute(select(j.entry).where(*mine).order_by(j.id).limit(limit)).scalars())

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

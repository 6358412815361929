"""Kept searches in their table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select

from chassis.store import Store, Work
from services.records.searching.saved import Saved
from services.records.searching.tables import saved_searches

K = saved_searches.c


class SavedRows(Work):
    """The part of records' work that concerns kept searches."""

    def add_search(self, saved: Saved) -> None:
        """Keep one."""
        self.put(saved_searches, [{**vars(saved), "at": self.now}])

    def drop_search(self, search: str) -> None:
        """Forget one."""
        self.connection.execute(delete(saved_searches).where(K.id == search))


class SavedQueries(Store[Any]):
    """Reads of kept searches."""

    def saved_search(self, search: str) -> Saved | None:
        """One, if it is there."""
        with self.reading() as connection:
            row = connection.execute(select(saved_searches).where(K.id == search)).mappings().one_or_none()
        return _saved(row) if row else None

    def saved_for(self, person: str | None, department: str | None, after: str | None, limit: int) -> list[Saved]:
        """A person's own, and those the department shares; newest first."""
        theirs = or_(K.owner == person, K.department == (department or ""))
        found = select(saved_searches).where(theirs).order_by(K.id.desc()).limit(limit)
        with self.reading() as connection:
            rows = connection.execute(found.where(K.id < after) if after else found).mappings()
            return [_saved(row) for row in rows]


def _saved(row: Any) -> Saved:
    return Saved(**{column.key: row[column] for column in saved_searches.c})

"""Changes that wait for their decision, in their table."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from sqlalchemy import Row, insert, select, update

from chassis.errors import NotFound
from chassis.store import Work
from services.records import tables as t
from services.records.model import Change


class ChangeRows(Work):
    """The part of records' work that concerns proposed changes."""

    def add_change(self, change: Change) -> None:
        """Keep a proposed change; its values are sealed already."""
        sealed = {part: b64encode(blob).decode() for part, blob in change.sealed.items()}
        self.connection.execute(insert(t.changes).values({**vars(change), "sealed": sealed, "at": self.now}))

    def change(self, change_id: str) -> Change:
        """One proposed change, locked."""
        return change_of(self.connection, change_id, locked=True)

    def save_change(self, change: Change) -> None:
        """Keep what became of it; the sealed proposal goes once it is settled."""
        kept: dict[str, Any] = {"state": change.state, "sealed": {}, "decided_by": change.decided_by}
        self.connection.execute(update(t.changes).where(t.changes.c.id == change.id).values(kept))


def change_of(connection: Any, change_id: str, locked: bool = False) -> Change:
    """One proposed change."""
    found = select(t.changes).where(t.changes.c.id == change_id)
    row = connection.execute(found.with_for_update() if locked else found).one_or_none()
    if row is None:
        raise NotFound("change.unknown", f"no change {change_id}")
    return _change(row)


def _change(row: Row[Any]) -> Change:
    sealed = {part: b64decode(blob) for part, blob in row.sealed.items()}
    told = (row.id, row.record, row.version, row.mode, row.fields, row.requested_by, row.proposed_by, row.evidence)
    return Change(*told, sealed=sealed, state=row.state, source=row.source, kind=row.kind)

"""Changes that wait for their decision, in their table."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from chassis.errors import NotFound
from chassis.store import Store, Work
from services.records import tables as t
from services.records.model import Change


class ChangeRows(Work):
    """The part of records' work that concerns proposed changes."""

    def add_change(self, change: Change) -> None:
        """Keep a proposed change; its values are sealed already."""
        sealed = {part: b64encode(blob).decode() for part, blob in change.sealed.items()}
        self.connection.execute(
            insert(t.changes).values({**vars(change), "sealed": sealed, "at": change.at or self.now})
        )

    def change(self, change_id: str) -> Change:
        """One proposed change, locked."""
        return change_of(self.connection, change_id, locked=True)

    def touched_since(self, change: Change) -> set[str]:
        """The fields that were set since a change was proposed, and those of its parts that are not the same parts."""
        return touched_since(self.connection, change)

    def save_change(self, change: Change) -> None:
        """Keep what became of it; the sealed proposal goes once it is settled."""
        kept: dict[str, Any] = {"state": change.state, "sealed": {}, "decided_by": change.decided_by}
        self.connection.execute(update(t.changes).where(t.changes.c.id == change.id).values(kept))


class ChangeQueries(Store[Any]):
    """Reads of proposed changes."""

    def change(self, change_id: str) -> Change:
        """One proposed change, as it stands."""
        with self.reading() as connection:
            return change_of(connection, change_id)

    def waiting_changes(self, record_id: str, after: str | None, limit: int) -> list[Change]:
        """Those of a record that wait for their decision, newest first, from one on."""
        c = t.changes.c
        found = select(t.changes).where(c.record == record_id, c.state == "pending").order_by(c.id.desc()).limit(limit)
        with self.reading() as connection:
            return [_change(row) for row in connection.execute(found.where(c.id < after) if after else found)]

    def touched_since(self, change: Change) -> set[str]:
        """The fields that were set since a change was proposed, and those of its parts that are not the same parts."""
        with self.reading() as connection:
            return touched_since(connection, change)


def change_of(connection: Any, change_id: str, locked: bool = False) -> Change:
    """One proposed change."""
    found = select(t.changes).where(t.changes.c.id == change_id)
    row = connection.execute(found.with_for_update() if locked else found).one_or_none()
    if row is None:
        raise NotFound("change.unknown", f"no change {change_id}")
    return _change(row)


def touched_since(connection: Connection, change: Change) -> set[str]:
    """The fields that were set since a change was proposed, and those of its parts that are not the same parts."""
    p, v = t.parts.c, t.part_versions.c
    mine = connection.execute(select(p.name).where(p.record == change.record)).scalars()
    gone = set(change.parts) - set(mine)
    later = select(p.name, v.version, v.changed).join(t.part_versions, v.part == p.id)
    later = later.where(p.record == change.record, v.record_version > change.version)
    rows = connection.execute(later).all()
    return gone | {path for row in rows for path in row.changed} | {row.name for row in rows if row.version == 1}


def _change(row: Row[Any]) -> Change:
    sealed = {part: b64decode(blob) for part, blob in row.sealed.items()}
    proofs = [one if isinstance(one, dict) else {"document": one, "id": None} for one in row.evidence]
    told = (row.id, row.record, row.version, row.mode, row.fields, row.requested_by, row.proposed_by, proofs)
    return Change(*told, sealed=sealed, state=row.state, source=row.source, kind=row.kind, at=row.at)

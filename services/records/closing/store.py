"""Changes of state that wait, in their table."""

from __future__ import annotations

from sqlalchemy import select, update

from chassis.store import Work
from services.records.closing.model import Move
from services.records.closing.tables import pending_moves as t

COLUMNS = [t.c[name] for name in Move.__dataclass_fields__]


class ClosingRows(Work):
    """The part of records' work that concerns closing."""

    def add_pending_move(self, move: Move) -> None:
        """Keep one that waits."""
        self.put(t, [{**vars(move), "at": self.now}])

    def pending_move(self, id: str) -> Move | None:
        """One that waits or did, locked; None where it is not known."""
        row = self.connection.execute(select(*COLUMNS).where(t.c.id == id).with_for_update()).one_or_none()
        return Move(*row) if row else None

    def move_like(self, record_id: str, to: str, version: int) -> str | None:
        """One to the same state that waits already; what was asked of an earlier version will lapse."""
        c = t.c
        same = (c.record == record_id, c.to == to, c.version == version, c.state == "pending")
        return self.connection.execute(select(c.id).where(*same).limit(1)).scalar()

    def save_pending_move(self, move: Move) -> None:
        """Keep what became of it."""
        kept = {"state": move.state, "decided_by": move.decided_by}
        self.connection.execute(update(t).where(t.c.id == move.id).values(kept))

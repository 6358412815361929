"""What happened that fulfils duties, kept for a while: nothing relies on the order in which it is heard of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from chassis.store import Work
from services.retention.merging.store import merged_into
from services.retention.tables import fulfilments

IS_GONE = "record.gone"  # by which nothing is left to be done about a record
KEPT = timedelta(days=35)  # longer than any opening is on its way
f = fulfilments.c


class FulfilmentRows(Work):
    """The part of retention's work that remembers what has fulfilled duties."""

    def take_turns(self, names: Iterable[str], record: str | None) -> None:
        """Wait for whoever opens or fulfils the same duties of a record: who comes second sees what the first did."""
        rows = [{"name": name, "record": record, "kept_at": self.now} for name in sorted({*names})] if record else []
        for row in rows:
            turn = self.database.insert(fulfilments).values(row)
            here = {"kept_at": turn.excluded.kept_at}
            self.connection.execute(turn.on_conflict_do_update(index_elements=[f.name, f.record], set_=here))

    def remember(self, names: Iterable[str], record: str | None, event: str, at: datetime) -> None:
        """Keep that this has happened; of several the newest counts."""
        row = {"event": event, "at": at}
        newer = or_(f.at.is_(None), f.at < at)
        mine = (f.record == record) & f.name.in_(list(names)) & newer
        self.connection.execute(fulfilments.update().where(mine).values(row))

    def fulfilled_at(self, name: str | None, record: str | None, event: str, since: datetime) -> datetime | None:
        """When something that is heard of already has fulfilled what an event opens only now."""
        if name is None or record is None:
            return None
        theirs = f.record.in_([record, *merged_into(self.connection, record)])
        found = select(f.at).where(f.name == name, theirs, f.at >= since, f.event != event).order_by(f.at).limit(1)
        at: datetime | None = self.connection.execute(found).scalar()
        return at

    def is_gone(self, record: str | None) -> bool:
        """Whether the record is known to have been destroyed, or to have gone with its import."""
        gone = select(f.at).where(f.name == IS_GONE, f.record == record, f.at.is_not(None))
        return self.connection.execute(gone).scalar() is not None

    def forget_fulfilments(self) -> None:
        """Let go of what is older than any opening that is still on its way."""
        self.connection.execute(delete(fulfilments).where(f.kept_at < self.now - KEPT))

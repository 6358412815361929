"""The journal: entries of everything that happens, and the ticket that only a committed entry gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import eventlet
from sqlalchemy import bindparam, func, select

from chassis import tables
from chassis.call import Call
from chassis.clock import rfc3339
from chassis.db import MANY, Database
from chassis.errors import Unavailable
from chassis.events import Event
from chassis.failpoints import failpoint
from chassis.gathering import Gathering
from chassis.ids import new_id

BATCH = MANY  # one statement: all of it is committed or nothing


def entry_row(event: Event, call: Call, at: datetime) -> dict[str, Any]:
    """An event as a journal row. The entry holds who, what, about which record, for what."""
    data = event.data()
    record, purpose = data.pop("record", None), data.pop("purpose", None)
    kind = event.type if "." in event.type else f"{call.service}.{event.type}"
    entry = {
        "id": new_id(),
        "source": call.service,
        "type": kind,
        "version": event.version,
        "at": rfc3339(at),
        "actor": call.actor.person,
        "account": call.actor.account,
        "department": call.actor.department,
        "session": call.actor.session,
        "record": record,
        "purpose": purpose,
        "request": call.request,
        "data": data,
    }
    row = {"id": entry["id"], "type": kind, "published": event.published, "record": record, "at": at}
    return {**row, "entry": entry, "sent": False}


class Ticket:
    """Proof that an entry is committed. Only Journal makes one; keys open for nothing else."""

    __slots__ = ("entry",)

    def __init__(self, entry: str, _maker: object = None) -> None:
        if _maker is not _MAKER:
            raise TypeError("only a committed journal entry gives a ticket")
        self.entry = entry


_MAKER = object()


class Journal:
    """Group commit: all entries that wait go in one INSERT, and those who wait for them wake when it is committed."""

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self.database, self.wake = database, wake
        self.gathering = Gathering(self._write, BATCH)

    def commit(self, row: dict[str, Any]) -> Ticket:
        """Return once the entry is committed; raises what the database raised if it is not."""
        self.gathering.ask(row)
        return Ticket(row["id"], _MAKER)

    def ticket(self, entry: str) -> Ticket | None:
        """The ticket of an entry that was committed before; None where there is no such entry."""
        with self.database.read() as connection:
            known = connection.execute(KNOWN, {"entry": entry}).scalar()
        return Ticket(entry, _MAKER) if known else None

    def _write(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with self.database.append() as connection:
            self.database.put(connection, tables.journal, rows)
        failpoint("journal.committed")
        self.wake()
        return rows


# Statements of every look, made once: making one costs more than running it.
_J, _R = tables.journal.c, tables.relay.c
ACKNOWLEDGED = select(_R.acknowledged).where(_R.service == bindparam("mine"))
KNOWN = select(_J.id).where(_J.id == bindparam("entry"))
NUMBER = select(_J.number).where(_J.id == bindparam("entry"))
OLDEST = select(
    select(_J.at).where(_J.number == func.coalesce(ACKNOWLEDGED.scalar_subquery(), 0) + 1).scalar_subquery(),
    select(_J.at).where(_J.number.is_(None)).order_by(_J.id).limit(1).scalar_subquery(),
)


class Lag:
    """How far the ledger is behind this service: the age of the oldest entry it has not acknowledged."""

    POLL = 0.25
    STALE = 3.0  # seconds without a look: the lag is unknown, which counts as too long

    def __init__(self, database: Database, service: str, now: Callable[[], datetime]) -> None:
        self.database, self.service, self.now = database, service, now
        self.oldest: datetime | None = None
        self.looked = 0.0

    def current(self) -> timedelta:
        """The lag; raises Unavailable `audit.lagging` when it cannot be known."""
        if eventlet.hubs.get_hub().clock() - self.looked > self.STALE:
            raise Unavailable("audit.lagging", "how far the ledger follows is not known")
        return max(self.now() - self.oldest, timedelta()) if self.oldest else timedelta()

    def look(self) -> None:
        """Ask the database once."""
        with self.database.read() as connection:
            behind, unnumbered = connection.execute(OLDEST, {"mine": self.service}).one()
        self.oldest = behind or unnumbered
        self.looked = eventlet.hubs.get_hub().clock()

    def acknowledged(self, connection: Any) -> int:
        """The highest number that the ledger has sequenced."""
        return connection.execute(ACKNOWLEDGED, {"mine": self.service}).scalar() or 0

    def wait_for(self, ticket: Ticket, seconds: float) -> None:
        """Return once the ledger has acknowledged this entry; Unavailable `audit.lagging` after `seconds`."""
        # Asks its own database: with several replicas the acknowledgement may reach another one.
        clock = eventlet.hubs.get_hub().clock
        end = clock() + seconds
        while clock() < end:
            with self.database.read() as connection:
                number = connection.execute(NUMBER, {"entry": ticket.entry}).scalar()
                if number is not None and self.acknowledged(connection) >= number:
                    return
            eventlet.sleep(0.02)
        raise Unavailable("audit.lagging", "the ledger has not taken the entry of this read")

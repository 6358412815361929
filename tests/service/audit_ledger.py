"""An audit database for tests: migrated, on either side, with pieces of work outside any container."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.actor import Actor
from chassis.call import Call
from chassis.clock import FixedClock
from chassis.db import database
from chassis.journal import entry_row
from services.audit.store import AuditStore, AuditWork
from tests.nodes.prepared import leave, prepare

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ARCHIVIST = Actor("he", "he", "office", frozenset({"archivist"}))


@dataclass
class SomeSettings:
    """What the ledger reads of the settings."""

    clock: FixedClock

    def key(self, name):
        """A key that depends on its name only."""
        return name.encode().ljust(32, b".")


class Shelf:
    """No text is in force."""

    def in_force(self, kind):
        return None


class Ledger:
    """The store and its work, as a container would bind them."""

    def __init__(self, url):
        self.database = prepare(database(url), "audit")
        self.settings = SomeSettings(FixedClock(NOON))
        self.store = AuditStore()
        self.store.database, self.store.settings, self.store.shelf = self.database, self.settings, Shelf()
        self.rows = []

    @contextmanager
    def begin(self, actor=ARCHIVIST):
        """One transaction; what it emitted is in `rows` afterwards."""
        with self.database.write() as connection:
            work = AuditWork(connection, self.database, Call("audit", "test", "request-1", actor), self.settings)
            yield work
            work.flush()
        self.rows += work.rows

    def sequence(self, source, entries):
        """Take a batch in."""
        with self.begin() as work:
            return work.sequence(source, entries)

    def sign(self):
        """Sign if there is something new."""
        with self.begin() as work:
            return work.sign()

    def emitted(self, type):
        """The data of the events of that type."""
        return [row["entry"]["data"] for row in self.rows if row["type"] == type]

    def count(self, table):
        """How many rows a table has."""
        with self.database.read() as connection:
            return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()

    def close(self):
        """Let the connections go."""
        leave(self.database)


__all__ = ["ARCHIVIST", "NOON", "Ledger", "entry_row"]

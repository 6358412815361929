"""A service's way to its database: pieces of work, the journal, and what has been done before."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import eventlet
from nameko.extensions import DependencyProvider
from sqlalchemy import Connection, MetaData, Table, bindparam, delete, select, update

from chassis import codec, tables
from chassis.call import Call, call_of
from chassis.db import Database, database
from chassis.errors import Invalid, Refused
from chassis.events import Event
from chassis.failpoints import failpoint
from chassis.green import prove_cooperation
from chassis.journal import Journal, Lag, Ticket, entry_row
from chassis.migrate import check_schema
from chassis.relay import Acknowledgements, Relay
from chassis.settings import Settings
from chassis.texts import Shelf

W = TypeVar("W", bound="Work")
HOUR = 3600.0
ANSWERS_KEPT = timedelta(hours=24)
MESSAGES_KEPT = timedelta(days=400)  # longer than a dead letter waits to be replayed


class Replayed(Exception):
    """This call has been answered before; carries that answer."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer


class Handled(Exception):
    """This message has taken effect before."""


# Statements of every call, made once: making one costs more than running it.
ANSWERED = (
    update(tables.idempotency)
    .where(tables.idempotency.c.caller == bindparam("by"), tables.idempotency.c.key == bindparam("under"))
    .values(answer=bindparam("answer"))
)


class Work:
    """One transaction of one call. Subclasses add the SQL of their service."""

    def __init__(self, connection: Connection, database: Database, call: Call, settings: Settings) -> None:
        self.connection, self.database, self.call, self.settings = connection, database, call, settings
        self.caller = call.actor
        self.now: datetime = settings.clock.now()
        self.rows: list[dict[str, Any]] = []

    def emit(self, *events: Event) -> None:
        """Write what happened into the journal, in this transaction; published ones also reach other departments."""
        self.rows += [entry_row(event, self.call, self.now) for event in events]

    def answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Keep the answer for a repeated call (24 h) and return it. It holds ids, states and versions only."""
        if self.call.key:
            mine = {"by": self._caller_name(), "under": self.call.key, "answer": answer}
            self.connection.execute(ANSWERED, mine)
        return answer

    def claim(self) -> None:
        """Take this message or this Idempotency-Key, or say that it has been here before."""
        if self.call.message:
            self._claim_message(self.call.method, self.call.message)
            failpoint("inbox.claimed")
        elif self.call.key:
            self._claim_key(self.call.key)
            failpoint("idempotency.claimed")

    def flush(self) -> None:
        """Write the entries that this work emitted."""
        if self.rows:
            self.put(tables.journal, self.rows)

    def put(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Insert all rows at once; they all name the same columns."""
        if rows:
            self.database.put(self.connection, table, rows)

    def _claim_message(self, handler: str, message: str) -> None:
        i = tables.inbox.c
        row = {"handler": handler, "message": message, "done": True, "attempts": 0, "at": self.now}
        taken = self.database.insert(tables.inbox).values(row)
        taken = taken.on_conflict_do_update(index_elements=[i.handler, i.message], set_={"done": True}, where=~i.done)
        if self.connection.execute(taken).rowcount == 0:
            raise Handled

    def _claim_key(self, key: str) -> None:
        caller, fingerprint = self._caller_name(), self._fingerprint()
        row = {"caller": caller, "key": key, "fingerprint": fingerprint, "at": self.now}
        if self.connection.execute(self.database.insert_new(tables.idempotency), row).rowcount:
            return
        i = tables.idempotency.c
        known = select(i.fingerprint, i.answer).where(i.caller == caller, i.key == key)
        before, answer = self.connection.execute(known).one()
        if not hmac.compare_digest(before, fingerprint):
            raise Invalid("idempotency.other_request", "this Idempotency-Key was used for another request")
        if answer is not None:
            raise Replayed(answer)

    def _caller_name(self) -> str:
        return f"{self.caller.account or self.caller.person or 'suite'}"

    def _fingerprint(self) -> bytes:
        # Keyed: a plain hash of a body is a hash of personal data.
        secret = hmac.new(self.settings.key("message"), b"idempotency", hashlib.sha256).digest()
        body = codec.canonical([self.call.method, self.call.args])
        return hmac.new(secret, body, hashlib.sha256).digest()


class Bound(Generic[W]):
    """The store as one call sees it."""

    def __init__(self, store: Store[W], call: Call) -> None:
        self.store, self.call = store, call
        self.settings, self.clock = store.settings, store.settings.clock

    def __getattr__(self, name: str) -> Any:
        # Queries are methods of the Store subclass.
        return getattr(self.store, name)

    @contextmanager
    def begin(self) -> Iterator[W]:
        """One piece of work in one transaction; nothing of it remains if anything is raised inside."""
        with self.store.database.write() as connection:
            work = self.store.work(connection, self.store.database, self.call, self.settings)
            work.claim()
            yield work
            work.flush()
            failpoint("work.before_commit")
        failpoint("work.committed")
        if work.rows:
            self.store.relay.wake()

    def record_event(self, event: Event) -> Ticket:
        """Commit one entry by itself (reads, refusals) and return its Ticket."""
        return self.store.journal.commit(entry_row(event, self.call, self.clock.now()))


class Store(DependencyProvider, Generic[W]):
    """Base of `store = RecordStore()`. Subclasses set `metadata`, `work`, and add queries."""

    metadata: MetaData
    work: type[W]
    acknowledgements = Acknowledgements()

    def setup(self) -> None:
        """Connect and check that the schema is the one this release was written for."""
        self.settings: Settings = self.container.config["MUNIMENT"]
        self.service: str = self.container.service_name
        self.database = database(self.settings.database(self.service))
        check_schema(self.database, self.service)
        prove_cooperation(self.database.engine)
        self.relay = Relay(self.database, self.service, self.settings)
        self.journal = Journal(self.database, self.relay.wake)
        self.shelf = Shelf(self.database, self.settings)
        self.lag = Lag(self.database, self.service, self.settings.clock.now)

    def start(self) -> None:
        """Start the relay, the look at the ledger's lag, and the sweep of what is too old to be repeated."""
        self.container.spawn_managed_thread(self.relay.run, identifier="relay")
        self.container.spawn_managed_thread(lambda: self._keep_on(self.lag.look, self.lag.POLL), identifier="lag")
        self.container.spawn_managed_thread(lambda: self._keep_on(self.prune, HOUR), identifier="prune")

    def stop(self) -> None:
        """Let the relay finish what it is publishing."""
        self.relay.stop()

    def get_dependency(self, worker_ctx: Any) -> Bound[W]:
        """The store bound to this worker's call."""
        return Bound(self, call_of(worker_ctx, self.settings))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in autocommit, for queries."""
        with self.database.read() as connection:
            yield connection

    def prune(self) -> None:
        """Forget answers and messages that nobody repeats any more."""
        now, answers, messages = self.settings.clock.now(), tables.idempotency, tables.inbox
        with self.database.write() as connection:
            connection.execute(delete(answers).where(answers.c.at < now - ANSWERS_KEPT))
            connection.execute(delete(messages).where(messages.c.at < now - MESSAGES_KEPT))

    def _keep_on(self, act: Callable[[], None], seconds: float) -> None:
        while not self.relay.stopping:
            try:
                act()
            except Refused:
                pass  # tried again; meanwhile the look grows stale, and with it protected reads are refused
            eventlet.sleep(seconds)

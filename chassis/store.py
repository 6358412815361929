"""A service's way to its database: pieces of work, the journal, and what has been done before."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

import eventlet
from nameko.extensions import DependencyProvider
from sqlalchemy import Connection, MetaData, Table, bindparam, delete, select

from chassis import codec, tables
from chassis.call import Call, call_of
from chassis.db import Database, database
from chassis.errors import Invalid, Refused
from chassis.events import Event
from chassis.failpoints import failpoint
from chassis.green import prove_cooperation
from chassis.ids import new_id
from chassis.journal import Journal, Lag, Ticket, entry_row
from chassis.migrate import check_schema
from chassis.putting import Over, Waiting
from chassis.relay import Acknowledgements, Relay
from chassis.settings import Settings
from chassis.texts import Shelf

W = TypeVar("W", bound="Work")
HOUR = 3600.0
ANSWERS_KEPT = timedelta(hours=24)
MESSAGES_KEPT = timedelta(days=400)  # longer than a dead letter waits to be replayed


NEW = {"done": True, "attempts": 0}  # of a message that takes effect


class Replayed(Exception):
    """This call has been answered before; carries that answer."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer


class Handled(Exception):
    """This message has taken effect before."""


# A statement of every call, made once: making one costs more than running it.
BEFORE = select(tables.idempotency.c.fingerprint, tables.idempotency.c.answer).where(
    tables.idempotency.c.caller == bindparam("by"), tables.idempotency.c.key == bindparam("under")
)


class Work:
    """One transaction of one call. Subclasses add the SQL of their service."""

    def __init__(self, connection: Connection, database: Database, call: Call, settings: Settings) -> None:
        self._connection, self.database, self.call, self.settings = connection, database, call, settings
        self.waiting = Waiting(database)
        self.caller = call.actor
        self.now: datetime = settings.clock.now()
        self.rows: list[dict[str, Any]] = []
        self.claimed: set[str] = set()

    @property
    def connection(self) -> Connection:
        """The transaction. Whatever is read or changed over it finds all rows there that were put before."""
        if self.waiting.rows:
            self.waiting.put(self._connection)
        return self._connection

    def emit(self, *events: Event) -> None:
        """Write what happened into the journal, in this transaction; published ones also reach other departments."""
        self.rows += [entry_row(event, self.call, self.now) for event in events]

    def answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Keep the answer for a repeated call (24 h) and return it. It holds ids, states and versions only."""
        if self.call.key:
            self.put(tables.idempotency, [{**self._key_row(self.call.key), "answer": answer}], over=("answer",))
        return answer

    def claim(self) -> None:
        """Take this message or this Idempotency-Key, or say that it has been here before."""
        if messages := self.call.messages or [one for one in (self.call.message,) if one]:
            self._claim_messages(self.call.method, messages)
            failpoint("inbox.claimed")
        elif self.call.key:
            self._claim_key(self.call.key)
            failpoint("idempotency.claimed")

    def flush(self) -> None:
        """Write the entries that this work emitted, with all that waits to be put in."""
        self.waiting.add(tables.journal, self.rows)
        self.waiting.put(self._connection)

    def put(self, table: Table, rows: Iterable[dict[str, Any]], over: Over = None) -> None:
        """Insert rows, at the latest before this work reads or changes anything; many tables in one statement.

        A row that is there already is refused; with `over` = () it stays as it is, else it takes these columns.
        """
        self.waiting.add(table, rows, over)

    def fresh(self, events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Those of several events that have not taken effect before, each in turn as a call of its own."""
        for event in events:
            if event["id"] in self.claimed:
                self.claimed.discard(event["id"])  # it may have come twice
                self.call = replace(self.call, request=new_id())
                yield event

    def _claim_messages(self, handler: str, messages: Iterable[str]) -> None:
        # In one order, so that two who were given the same ones do not wait for each other.
        rows = [{"handler": handler, "message": message, **NEW, "at": self.now} for message in sorted(set(messages))]
        self.claimed = set(self.connection.execute(_claiming(self.database), rows).scalars())
        if not self.claimed:
            raise Handled

    def _claim_key(self, key: str) -> None:
        row = self._key_row(key)
        if self.connection.execute(self.database.insert_new(tables.idempotency), row).rowcount:
            return
        before, answer = self.connection.execute(BEFORE, {"by": row["caller"], "under": key}).one()
        if not hmac.compare_digest(before, row["fingerprint"]):
            raise Invalid("idempotency.other_request", "this Idempotency-Key was used for another request")
        if answer is not None:
            raise Replayed(answer)

    def _key_row(self, key: str) -> dict[str, Any]:
        mine = {"caller": caller_name(self.call), "key": key, "fingerprint": self.fingerprint}
        return {**mine, "at": self.now}

    @cached_property
    def fingerprint(self) -> bytes:
        """By what this call is known again."""
        return fingerprint(self.call, self.settings)


@lru_cache(maxsize=8)
def _claiming(database: Database) -> Any:
    """Takes messages that have not taken effect, also those that failed before; tells which."""
    i = tables.inbox.c
    taken = database.insert(tables.inbox).on_conflict_do_update(
        index_elements=[i.handler, i.message], set_={"done": True}, where=~i.done
    )
    return taken.returning(i.message)


def caller_name(call: Call) -> str:
    """Whose keys these are: the account's, else the person's, else the suite's own."""
    return f"{call.actor.account or call.actor.person or 'suite'}"


def fingerprint(call: Call, settings: Settings) -> bytes:
    """By what the same request is known again. Keyed: a plain hash of a body is a hash of personal data."""
    secret = hmac.new(settings.key("message"), b"idempotency", hashlib.sha256).digest()
    return hmac.new(secret, codec.canonical([call.method, call.args]), hashlib.sha256).digest()


class Bound(Generic[W]):
    """The store as one call sees it."""

    def __init__(self, store: Store[W], call: Call) -> None:
        self.store, self.call = store, call
        self.settings, self.clock = store.settings, store.settings.clock

    def __getattr__(self, name: str) -> Any:
        # Queries are methods of the Store subclass.
        return getattr(self.store, name)

    @contextmanager
    def begin(self, beside: bool = False) -> Iterator[W]:
        """One piece of work in one transaction; nothing of it remains if anything is raised inside.

        `beside` = not what the call was made for: it takes neither message nor key, which are the call's own work's.
        """
        with self.store.database.write() as connection:
            work = self.store.work(connection, self.store.database, self.call, self.settings)
            if not beside:
                work.claim()
            yield work
            work.flush()
            failpoint("work.before_commit")
        failpoint("work.committed")
        if work.rows:
            self.store.relay.wake()

    def answered(self) -> Any:
        """What this very call was answered before, if it was: what it changed then may be why it is refused now."""
        if not self.call.key:
            return None
        with self.store.reading() as connection:
            found = connection.execute(BEFORE, {"by": caller_name(self.call), "under": self.call.key}).one_or_none()
        same = found is not None and hmac.compare_digest(found[0], fingerprint(self.call, self.settings))
        return found[1] if found is not None and same else None

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

"""The relay: numbers and chains the journal in one committed step, publishes numbered rows in order in the next."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import takewhile
from time import monotonic
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from kombu import Exchange, Queue
from nameko.extensions import ProviderCollector, SharedExtension
from sqlalchemy import ARRAY, BigInteger, LargeBinary, String, bindparam, func, insert, select, update

from chassis import codec, tables
from chassis.breathing import gently
from chassis.containers import SafeQueueConsumer
from chassis.db import Database, database
from chassis.errors import Refused
from chassis.failpoints import failpoint
from chassis.logs import log
from chassis.publisher import ConfirmedPublisher, Message, PublishFailed
from chassis.settings import Settings

NUMBERED = 500
PUBLISHED = 200
# A batch costs about the same however many entries it has, here and in the ledger: under load they gather first.
GATHER = 0.1
POLL = 0.5
LONGEST_PAUSE = 5.0
TURN = 10.0  # the connection that holds the lock must not idle as long as the server allows
GENESIS = bytes(32)

JOURNAL = Exchange("muniment.journal", type="direct", durable=True)
ACKNOWLEDGED = Exchange("muniment.acknowledged", type="topic", durable=True)


# Statements of every turn, made once: making one costs more than running it.
_J, _R = tables.journal.c, tables.relay.c
WAITING = select(_J.id, _J.entry).where(_J.number.is_(None)).order_by(_J.id).limit(NUMBERED)
UNSENT = (
    select(_J.id, _J.number, _J.previous, _J.published, _J.type, _J.entry)
    .where(~_J.sent, _J.number.is_not(None))
    .order_by(_J.number)
    .limit(PUBLISHED)
)
SENT = update(tables.journal).where(_J.number.between(bindparam("first"), bindparam("last"))).values(sent=True)
HEAD = select(_R.number, _R.chain).where(_R.service == bindparam("mine"))
MOVED = (
    update(tables.relay)
    .where(_R.service == bindparam("mine"))
    .values(number=bindparam("last"), chain=bindparam("head"))
)
ACKNOWLEDGING = (
    update(tables.relay)
    .where(_R.service == bindparam("mine"), _R.acknowledged < bindparam("through"))
    .values(acknowledged=bindparam("through"))
)
NUMBERING = (
    update(tables.journal).where(_J.id == bindparam("row")).values(number=bindparam("n"), previous=bindparam("head"))
)
_KINDS = {"row": String, "n": BigInteger, "head": LargeBinary}
_ARRAYS = func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _KINDS.items()))
_GIVEN = _ARRAYS.table_valued("id", "number", "previous").render_derived(name="given")
NUMBERING_AT_ONCE = (
    update(tables.journal).where(_J.id == _GIVEN.c.id).values(number=_GIVEN.c.number, previous=_GIVEN.c.previous)
)


def chain(previous: bytes, entry: dict[str, Any]) -> bytes:
    """The source's chain hash after an entry: SHA-256 over the hash before it and the canonical entry."""
    return hashlib.sha256(previous + codec.canonical(entry)).digest()


class Relay:
    """One per service and process; one at a time per service. Wakes on commit, polls as a fallback."""

    def __init__(self, database: Database, service: str, settings: Settings) -> None:
        self.database, self.service = database, service
        events = Exchange(f"{service}.events", type="topic", durable=True)
        self.publisher = ConfirmedPublisher(settings.amqp_uri, declare=(JOURNAL, events))
        self.signal = Signal()
        self.stopping = False
        self.resend = Resend(database, service)

    def wake(self) -> None:
        """There is something to publish."""
        if not self.signal.ready():
            self.signal.send(None)

    def stop(self) -> None:
        """End after the batch at hand."""
        self.stopping = True
        self.wake()

    def run(self) -> None:
        """Publish until stopped; a broker or database that is away is tried again, never given up."""
        pause = POLL
        while not self.stopping:
            try:
                pause = POLL if self.turn() else min(pause * 2, LONGEST_PAUSE)
            except (PublishFailed, Refused) as failed:
                log.warning("relay.failed", service=self.service, error=type(failed).__name__)
                pause = min(pause * 2, LONGEST_PAUSE)
            self._rest(pause)

    def turn(self) -> bool:
        """Number and publish all that waits; whether this process was the one to do it."""
        with self.database.exclusive(f"relay.{self.service}") as mine:
            until = monotonic() + TURN
            while mine and not self.stopping and monotonic() < until and (done := self.number() + self.publish()):
                eventlet.sleep(GATHER if done < PUBLISHED else 0)
            if mine and (behind := self.resend.behind()):
                self.publisher.publish_batch([self._batch(behind)])
        return mine

    def number(self) -> int:
        """Give the next numbers and chain hashes to entries that have none; how many got one."""
        with self.database.write() as connection:
            rows = connection.execute(WAITING).all()
            if not rows:
                return 0
            last, head = self._head(connection)
            steps = []
            for number, row in gently(enumerate(rows, last + 1)):
                steps.append({"row": row.id, "n": number, "head": head})
                head = chain(head, {**row.entry, "number": number})
            self._number(connection, steps)
            connection.execute(MOVED, {"mine": self.service, "last": last + len(rows), "head": head})
        failpoint("relay.numbered")
        return len(rows)

    def publish(self) -> int:
        """Publish the numbered rows that wait, in order, and mark what is confirmed; how many."""
        with self.database.read() as connection:
            rows = connection.execute(UNSENT).all()
        if rows:
            batch = self._batch(rows)
            try:
                self.publisher.publish_batch([batch, *(_domain_event(row) for row in rows if row.published)])
            except PublishFailed as failed:
                self._mark(_through(batch, rows, failed.confirmed))
                raise
            failpoint("relay.confirmed")
            self._mark(rows)
            failpoint("relay.marked")
        return len(rows)

    def _mark(self, rows: Sequence[Any]) -> None:
        if rows:
            # One statement commits by itself, in one trip instead of three.
            with self.database.append() as connection:
                connection.execute(SENT, {"first": rows[0].number, "last": rows[-1].number})

    def _number(self, connection: Any, steps: list[dict[str, Any]]) -> None:
        if self.database.sqlite:
            connection.execute(NUMBERING, steps)
        else:
            connection.execute(NUMBERING_AT_ONCE, {name: [step[name] for step in steps] for name in steps[0]})

    def _head(self, connection: Any) -> tuple[int, bytes]:
        row = connection.execute(HEAD, {"mine": self.service}).one_or_none()
        if row is None:
            first = {"service": self.service, "number": 0, "chain": GENESIS, "acknowledged": 0}
            connection.execute(insert(tables.relay).values(first))
        return (row.number, row.chain) if row else (0, GENESIS)

    def _batch(self, rows: Any) -> Message:
        entries = [{**row.entry, "number": row.number, "previous": row.previous.hex()} for row in gently(rows)]
        body = {"source": self.service, "entries": entries}
        return Message(JOURNAL.name, "audit", codec.OURS, body, f"{self.service}-{rows[0].number}-{rows[-1].number}")

    def _rest(self, seconds: float) -> None:
        with eventlet.Timeout(seconds, False):
            self.signal.wait()
        if self.signal.ready():
            self.signal.reset()


def _through(batch: Message, rows: Sequence[Any], confirmed: frozenset[str]) -> Sequence[Any]:
    # Only from the front: with gaps between them the entries sent again would look as if some had been dropped.
    through = takewhile(lambda row: not row.published or row.id in confirmed, rows)
    return list(through) if batch.message_id in confirmed else []


def _domain_event(row: Any) -> Message:
    """The CloudEvent that other departments get; its type is its routing key."""
    entry = row.entry
    body = {
        "specversion": "1.0",
        "id": row.id,
        "source": f"/muniment/{entry['source']}",
        "type": row.type,
        "time": entry["at"],
        "subject": entry["record"],
        "datacontenttype": "application/json",
        "dataversion": entry["version"],
        "actor": entry["actor"],
        "data": entry["data"],
    }
    return Message(f"{entry['source']}.events", row.type, codec.CLOUDEVENTS, body, row.id, mandatory=False)


class Resend:
    """Finds entries that were published and never acknowledged, to be sent again: the ledger skips repeats."""

    PATIENCE = 20.0

    def __init__(self, database: Database, service: str) -> None:
        self.database, self.service = database, service
        self.seen: tuple[int, float] = (-1, 0.0)

    def behind(self) -> Any:
        """The oldest entries not acknowledged, where nothing has moved for PATIENCE seconds; else none."""
        r, j, now = tables.relay.c, tables.journal.c, monotonic()
        with self.database.read() as connection:
            state = connection.execute(select(r.acknowledged, r.number).where(r.service == self.service)).one_or_none()
            if state is None or state.acknowledged == state.number or state.acknowledged != self.seen[0]:
                self.seen = (state.acknowledged if state else -1, now)
                return []
            if now - self.seen[1] < self.PATIENCE:
                return []
            self.seen = (state.acknowledged, now)
            sent = select(j.number, j.previous, j.entry).where(j.sent, j.number > state.acknowledged)
            return connection.execute(sent.order_by(j.number).limit(PUBLISHED)).all()


class Acknowledgements(SharedExtension, ProviderCollector):
    """Hears how far the ledger has sequenced this service's journal, and keeps the highest number."""

    queue_consumer = SafeQueueConsumer()

    def setup(self) -> None:
        """Declare the queue; it is transient in content, since the ledger repeats itself."""
        service = self.container.service_name
        self.queue = Queue(f"{service}.acknowledged", exchange=ACKNOWLEDGED, routing_key=service, durable=True)
        settings: Settings = self.container.config["MUNIMENT"]
        self.database, self.service = database(settings.database(service)), service
        self.queue_consumer.register_provider(self)

    def stop(self) -> None:
        """Leave the consumer."""
        self.queue_consumer.unregister_provider(self)

    def handle_message(self, body: dict[str, Any], message: Any) -> None:
        """Raise the acknowledged number; a lower or repeated one changes nothing, an unsealed one is nobody's."""
        if message.content_type != codec.OURS or not isinstance(body, dict) or not isinstance(body.get("number"), int):
            return self.queue_consumer.reject_message(message)
        self.container.spawn_managed_thread(lambda: self._keep(body, message), identifier="acknowledged")

    def _keep(self, body: dict[str, Any], message: Any) -> None:
        try:
            with self.database.append() as connection:
                connection.execute(ACKNOWLEDGING, {"mine": self.service, "through": body["number"]})
        except Refused:
            log.warning("acknowledgement.lost", service=self.service)
        self.queue_consumer.ack_message(message)

"""How journal batches come in and acknowledgements go out: one batch at a time, none lost, none given up here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from eventlet.semaphore import Semaphore
from kombu import Queue
from nameko.extensions import DependencyProvider
from nameko.messaging import Consumer

from chassis import codec
from chassis.containers import SafeQueueConsumer
from chassis.db import database
from chassis.errors import Refused, Unavailable
from chassis.failpoints import failpoint
from chassis.inbox import QUORUM
from chassis.logs import log
from chassis.publisher import ConfirmedPublisher, Message, PublishFailed
from chassis.relay import ACKNOWLEDGED, JOURNAL
from chassis.settings import Settings
from services.audit.ledger.acknowledge import Acknowledgements
from services.audit.ledger.store import source_numbers

PAUSE = 0.2
TRIES = 100  # with the database away: about twenty seconds before the broker gets the batch back
TICK = 0.25

Method = Callable[[Any, dict[str, Any]], None]


def journal_queue() -> Queue:
    """Where every service's journal arrives."""
    return Queue("audit.journal", exchange=JOURNAL, routing_key="audit", durable=True, queue_arguments=QUORUM)


class OnJournal(Consumer):
    """`@on_journal`: batches in the order in which they came; what fails goes back to the queue."""

    queue_consumer = SafeQueueConsumer()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queue=journal_queue(), requeue_on_error=True, **kwargs)

    def handle_message(self, body: Any, message: Any) -> None:
        """Take a batch in, and with it the broker user that the broker says has sent it."""
        sender = message.properties.get("user_id")
        super().handle_message({**body, "sender": sender} if isinstance(body, dict) else body, message)

    def handle_message_processed(self, message: Any, result: Any = None, exc_info: Any = None) -> None:
        """Acknowledge what is sequenced; give back what is not, after a breath."""
        if exc_info is None:
            failpoint("ledger.before_ack")
            return self.queue_consumer.ack_message(message)
        log.warning("journal.refused", service=self.container.service_name, error=exc_info[0].__name__)
        eventlet.sleep(PAUSE)
        self.queue_consumer.requeue_message(message)


def on_journal(method: Method) -> Any:
    """Consume journal batches: `def name(self, batch)`."""
    return OnJournal.decorator()(_one_by_one(method))


def _one_by_one(method: Method) -> Method:
    # Waiters are served in order, so that a source's batches are not taken for gaps.
    turn = Semaphore(1)

    @wraps(method)
    def take(service: Any, batch: dict[str, Any]) -> None:
        with turn:
            _patiently(lambda: method(service, batch))

    return take


def _patiently(act: Callable[[], None]) -> None:
    # Each return to the broker counts against its delivery limit; an outage of the database must not use it up.
    for _ in range(TRIES - 1):
        try:
            return act()
        except Unavailable:
            eventlet.sleep(PAUSE)
    act()


class Acknowledger(DependencyProvider):
    """`acknowledge = Acknowledger()`: `self.acknowledge(source, number)` after a commit."""

    def setup(self) -> None:
        """Make the road to the sources."""
        settings: Settings = self.container.config["MUNIMENT"]
        self.publisher = ConfirmedPublisher(settings.amqp_uri, declare=[ACKNOWLEDGED])
        self.database = database(settings.database(self.container.service_name))
        self.book, self.signal, self.stopping = Acknowledgements(), Signal(), False

    def start(self) -> None:
        """Begin to tell."""
        self.container.spawn_managed_thread(self._run, identifier="acknowledge")

    def stop(self) -> None:
        """End; what was not told is told by whoever starts next."""
        self.stopping = True
        self._wake()

    def get_dependency(self, worker_ctx: Any) -> Callable[[str, int], None]:
        """A callable that never waits for the broker."""
        return self._sequenced

    def _sequenced(self, source: str, number: int) -> None:
        self.book.sequenced(source, number)
        self._wake()

    def _wake(self) -> None:
        if not self.signal.ready():
            self.signal.send(None)

    def _run(self) -> None:
        while not self.stopping:
            try:
                self._turn()
            except (PublishFailed, Refused) as failed:
                log.warning("acknowledgement.failed", service="audit", error=type(failed).__name__)
            with eventlet.Timeout(TICK, False):
                self.signal.wait()
            self.signal = Signal() if self.signal.ready() else self.signal

    def _turn(self) -> None:
        if self.book.repeat_due():
            with self.database.read() as connection:
                self.book.repeat(source_numbers(connection))
        due = self.book.due()
        if due:
            self.publisher.publish_batch([_message(source, number) for source, number in due.items()])


def _message(source: str, number: int) -> Message:
    body = {"source": source, "number": number}
    return Message(ACKNOWLEDGED.name, source, codec.OURS, body, f"{source}-{number}", mandatory=False)

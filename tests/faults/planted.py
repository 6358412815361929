"""The suite with one bug planted in it, so that a checker can show that it finds it. For tests only.

python -m tests.faults.planted BUG serve ...
"""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

import sys
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import eventlet
from sqlalchemy import update

from chassis import tables
from chassis.failpoints import failpoint
from chassis.journal import _MAKER, Journal, Ticket
from chassis.publisher import ConfirmedPublisher
from chassis.relay import Relay, _domain_event
from chassis.store import Work

LATE = 3.0  # seconds by which the late journal writes


def publish_before_commit() -> None:
    """Events leave while their transaction is still open; it may yet be rolled back."""
    flush = Work.flush

    def early(work: Work) -> None:
        flush(work)
        for row in work.rows:
            if row["type"] == "records.created":
                _publish_now(work, row)
                failpoint("planted")

    Work.flush = early  # type: ignore


def no_inbox() -> None:
    """A message that comes again takes effect again."""

    def all_new(work: Work, handler: str, messages: Iterable[str]) -> None:
        work.claimed = set(messages)

    Work._claim_messages = all_new  # type: ignore
    _around_batches(before=lambda relay: None, after=lambda relay: failpoint("planted"))


def journal_after_answer() -> None:
    """A read is answered at once; its entry follows."""
    commit = Journal.commit

    def late(journal: Journal, row: dict[str, Any]) -> Ticket:
        eventlet.spawn_after(LATE, commit, journal, row)
        return Ticket(row["id"], _MAKER)

    Journal.commit = late  # type: ignore


def mark_before_confirm() -> None:
    """The relay notes entries as sent, and only then sends them."""

    def hasty(relay: Relay) -> None:
        _mark_all(relay)
        failpoint("planted")

    _around_batches(before=hasty, after=lambda relay: None)


def answer_not_kept() -> None:
    """A repeated call is run again; the process dies between a commit and its answer."""
    Work.answer = lambda work, answer: answer  # type: ignore
    wake = Relay.wake

    def dying(relay: Relay) -> None:
        wake(relay)
        if relay.service == "records":
            failpoint("planted")

    Relay.wake = dying  # type: ignore


def _around_batches(before: Callable[[Relay], None], after: Callable[[Relay], None]) -> None:
    """Something before and after a relay publishes that a record was created."""
    publish = Relay.publish

    def wrapped(relay: Relay) -> int:
        if not hasattr(relay, "plain"):
            relay.plain = relay.publisher.publish_batch  # type: ignore[attr-defined]
        relay.publisher.publish_batch = sending(relay)  # type: ignore
        return publish(relay)

    def sending(relay: Relay) -> Callable[[Any], None]:
        def send(messages: Any) -> None:
            met = any(message.routing_key == "records.created" for message in messages)
            if met:
                before(relay)
            relay.plain(messages)  # type: ignore[attr-defined]
            if met:
                after(relay)

        return send

    Relay.publish = wrapped  # type: ignore


def _publish_now(work: Work, row: dict[str, Any]) -> None:
    publisher = ConfirmedPublisher(work.settings.amqp_uri)
    publisher.publish_batch([_domain_event(SimpleNamespace(**row))])
    publisher.close()


def _mark_all(relay: Relay) -> None:
    with relay.database.write() as connection:
        numbered = tables.journal.c.number.is_not(None)
        connection.execute(update(tables.journal).where(numbered).values(sent=True))


BUGS: dict[str, Callable[[], None]] = {
    "publish-before-commit": publish_before_commit,
    "no-inbox": no_inbox,
    "journal-after-answer": journal_after_answer,
    "mark-before-confirm": mark_before_confirm,
    "answer-not-kept": answer_not_kept,
}


def main() -> None:
    """Plant the bug, then be the `muniment` command."""
    BUGS[sys.argv.pop(1)]()
    from cli.main import main as muniment

    muniment()


if __name__ == "__main__":
    main()

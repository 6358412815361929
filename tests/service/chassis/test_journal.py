"""The journal: many entries in few statements, a ticket only for what is committed, and a lag that fails closed."""

from __future__ import annotations

from datetime import timedelta

import eventlet
import pytest
from sqlalchemy import event as listening
from sqlalchemy import select, update

from chassis import tables
from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.journal import Lag, Ticket, entry_row
from tests.service.chassis.given import ThingAdded, ThingSeen

MINUTE = timedelta(minutes=1)


@pytest.fixture
def statements(shop):
    """The INSERTs into the journal, as they go out."""
    seen = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.lstrip().upper().startswith("INSERT INTO JOURNAL"):
            seen.append(statement)

    for engine in (shop.database.engine, shop.database.autocommit):
        listening.listen(engine, "before_cursor_execute", note)
    return seen


def committed(shop, ticket):
    """Whether another connection sees its entry."""
    with shop.database.read() as connection:
        return connection.execute(select(tables.journal.c.id).where(tables.journal.c.id == ticket.entry)).scalar()


def acknowledge(shop, number):
    """What the service does when the ledger says how far it is."""
    with shop.database.write() as connection:
        connection.execute(update(tables.relay).values(acknowledged=number))


def test_entries_of_many_greenlets_go_out_in_few_inserts(shop, statements):
    readers = [eventlet.spawn(shop.bound().record_event, ThingSeen(new_id())) for _ in range(300)]

    tickets = [reader.wait() for reader in readers]

    assert len({ticket.entry for ticket in tickets}) == 300 == shop.count(tables.journal)
    assert len(statements) <= 6


def test_a_ticket_is_handed_out_only_when_its_entry_is_committed(shop):
    seen = [eventlet.spawn(lambda: committed(shop, shop.bound().record_event(ThingSeen("r-1")))) for _ in range(20)]

    assert all(each.wait() for each in seen)


def test_an_entry_that_was_committed_gives_its_ticket_again_and_no_other_does(shop):
    """
    A read that takes several calls stands on the one entry with which it began.
    """
    first = shop.bound().record_event(ThingSeen("r-1"))

    assert shop.store.journal.ticket(first.entry).entry == first.entry
    assert shop.store.journal.ticket(new_id()) is None


def test_an_insert_that_fails_is_told_to_everyone_who_waited_for_it(shop):
    rows = [entry_row(ThingSeen("r-1"), shop.bound().call, shop.clock.now()) for _ in range(10)]
    twice = [*rows[:5], rows[0], *rows[5:]]
    waiting = [eventlet.spawn(shop.store.journal.commit, row) for row in twice]

    for each in waiting:
        with pytest.raises(Exception, match="(?i)unique"):
            each.wait()

    assert shop.count(tables.journal) == 0
    assert committed(shop, shop.bound().record_event(ThingSeen("r-2")))


def test_the_relay_is_woken_by_entries_of_reads(shop, monkeypatch):
    woken = []
    monkeypatch.setattr(shop.store.journal, "wake", lambda: woken.append(1))

    shop.bound().record_event(ThingSeen("r-1"))

    assert woken


@pytest.mark.parametrize("maker", [(), (None,), (object(),), ("_MAKER",), (True,)])
def test_a_ticket_cannot_be_made(maker):
    with pytest.raises(TypeError):
        Ticket("some-entry", *maker)


def test_a_ticket_holds_nothing_but_its_entry(shop):
    ticket = shop.bound().record_event(ThingSeen("r-1"))

    assert not hasattr(ticket, "__dict__")


def test_a_lag_that_nobody_has_looked_at_counts_as_too_long(shop):
    with pytest.raises(Unavailable) as refusal:
        shop.store.lag.current()

    assert refusal.value.code == "audit.lagging"


def test_a_look_that_is_too_old_counts_as_none(shop, monkeypatch):
    """
    The database is away, or the greenlet that looks is dead: nobody knows how far the ledger is.
    """
    shop.store.lag.look()
    assert shop.store.lag.current() == timedelta()

    shop.store.lag.looked -= Lag.STALE + 0.1

    with pytest.raises(Unavailable):
        shop.store.lag.current()


def test_the_lag_grows_while_audit_is_stopped_and_is_gone_when_it_has_acknowledged(shop):
    """
    The broker confirms all the same and the outbox is empty: only the ledger's own word counts.
    """
    shop.add("one")
    shop.relay.turn()
    shop.clock.advance(MINUTE)
    shop.add("two")
    shop.relay.turn()
    assert not shop.count_unsent()

    grown = []
    for number in (0, 1, 2):
        acknowledge(shop, number)
        shop.store.lag.look()
        grown.append(shop.store.lag.current())
        shop.clock.advance(MINUTE)

    assert grown == [MINUTE, MINUTE, timedelta()]


def test_an_entry_that_no_relay_has_numbered_counts_too(shop):
    shop.add("one")
    shop.clock.advance(MINUTE)

    shop.store.lag.look()

    assert shop.store.lag.current() == MINUTE


def test_a_read_of_the_highest_level_waits_for_its_own_entry(shop):
    with shop.bound().begin() as work:
        work.emit(ThingAdded("r-1"))
    ticket = shop.bound().record_event(ThingSeen("r-2"))
    shop.relay.turn()
    acknowledge(shop, 1)

    with pytest.raises(Unavailable) as refusal:
        shop.store.lag.wait_for(ticket, 0.1)
    assert refusal.value.code == "audit.lagging"

    waiting = eventlet.spawn(shop.store.lag.wait_for, ticket, 10)
    acknowledge(shop, 2)
    assert waiting.wait() is None

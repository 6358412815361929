"""SQLite works inside the process: others have their turns between two statements, and while it waits for the disk."""

from __future__ import annotations

from collections.abc import Iterator

import eventlet
import pytest
from eventlet.patcher import original
from sqlalchemy import select, text

from chassis import tables
from chassis.breathing import served
from chassis.db import Database

MANY = 400
threading = original("threading")


@pytest.fixture
def file(tmp_path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    tables.metadata.create_all(database.engine)
    yield database
    database.engine.dispose()
    database.autocommit.dispose()


@pytest.fixture
def turns() -> Iterator[list[int]]:
    """How often another greenlet had its turn."""
    had = [0]

    def take() -> None:
        while True:
            had[0] += 1
            eventlet.spawn(int).wait()

    taking = eventlet.spawn(take)
    yield had
    taking.kill()


def some_work(connection) -> None:
    for _ in range(MANY):
        connection.execute(select(tables.journal)).all()


def test_a_transaction_lets_others_in_between_its_statements(file, turns):
    with file.write() as connection:
        before = turns[0]
        some_work(connection)

        assert turns[0] > before


def test_statements_outside_transactions_let_others_in_too(file, turns):
    with file.read() as connection:
        before = turns[0]
        some_work(connection)

        assert turns[0] > before


def test_whoever_writes_without_the_lock_lets_nobody_in(file, turns):
    """
    A migration does: another one that met it in the middle would wait for it inside SQLite, and nobody would go on.
    """
    with file.engine.connect() as connection, connection.begin():
        before = turns[0]
        some_work(connection)

        assert turns[0] == before


def test_others_run_while_a_commit_waits_for_the_disk(file):
    told: list[tuple[str, int]] = []
    with file.write() as connection:
        connection.connection.driver_connection.set_trace_callback(
            lambda statement: told.append((statement, threading.get_ident()))
        )
        connection.execute(text("DELETE FROM journal"))
    connection_of = dict(told)

    assert connection_of["DELETE FROM journal"] == threading.get_ident()
    assert connection_of["COMMIT"] != threading.get_ident()


def test_what_is_raised_inside_a_transaction_leaves_nothing_of_it_and_frees_the_lock(file):
    with pytest.raises(ValueError), file.write() as connection:
        connection.execute(text("CREATE TABLE left_behind (a INT)"))
        raise ValueError

    with file.write() as connection:
        assert not connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'left_behind'")).first()


def test_a_reader_does_not_wait_for_the_rests_of_whoever_writes(file):
    """
    The writer rests because somebody is served, and ends his rest because he waits for the writer.
    """
    began, written = eventlet.Event(), list[str]()

    def write() -> None:
        with file.write() as connection:
            began.send()
            for _ in range(3):
                file.write_lock.rest(60.0)
                connection.execute(text("SELECT 1"))
            written.append("first")

    def answer() -> None:
        with served(), file.write():
            written.append("second")

    writing = eventlet.spawn(write)
    began.wait()
    with eventlet.Timeout(10):
        eventlet.spawn(answer).wait()
        writing.wait()

    assert written == ["first", "second"]

"""Migrations: fresh and repeated alike, one at a time; a service refuses to start behind its schema."""

from __future__ import annotations

import eventlet
import pytest
from sqlalchemy import inspect, text

from chassis.db import Database, _databases, database
from chassis.ids import new_id
from chassis.migrate import SchemaBehind, check_schema, histories, migrate
from tests.service.chassis.given import Shop


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request, tmp_path):
    """A database that nothing has been done to."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/audit.db"
        yield url
    else:
        server, name = request.getfixturevalue("postgres"), f"empty_{new_id()[-12:]}"
        url = server.database(name).replace("postgresql://", "postgresql+psycopg://")
        yield url
        server.drop(name)


@pytest.fixture
def made(empty):
    yield database(empty)
    gone = _databases.pop(empty)
    gone.engine.dispose()
    gone.autocommit.dispose()


def revise(db, table, revision):
    with db.write() as connection:
        connection.execute(text(f"UPDATE {table} SET version_num = '{revision}'"))  # noqa: S608


def test_a_fresh_database_is_behind_and_a_migrated_one_serves(made):
    with pytest.raises(SchemaBehind, match="muniment migrate"):
        check_schema(made, "audit")

    migrate(made, "audit")

    check_schema(made, "audit")
    assert {"journal", "inbox", "dead_letters", "idempotency", "relay"} <= set(inspect(made.engine).get_table_names())


def test_migrating_again_changes_nothing(made):
    migrate(made, "audit")
    before = sorted(inspect(made.engine).get_table_names())

    migrate(made, "audit")

    assert sorted(inspect(made.engine).get_table_names()) == before


def test_the_journal_of_the_first_release_gets_indexes_of_what_waits_only(made):
    """
    An index of all its rows made every look for what waits slower with each entry.
    """
    migrate(made, "audit")
    with made.write() as connection:
        for step in (
            "DROP INDEX journal_unsent",
            "DROP INDEX journal_waiting",
            "CREATE INDEX journal_unsent ON journal (sent, number)",
        ):
            connection.execute(text(step))
    revise(made, "chassis_version", "0001")

    migrate(made, "audit")

    found = {index["name"]: index["column_names"] for index in inspect(made.engine).get_indexes("journal")}
    assert (found["journal_unsent"], found["journal_waiting"]) == (["number"], ["id"])


@pytest.mark.parametrize("history", histories("audit"))
def test_one_revision_ahead_is_accepted_and_no_other(made, history):
    """
    While a release rolls out, the old one runs on the new schema for some minutes.
    """
    migrate(made, "audit")
    with made.read() as connection:
        head = int(connection.execute(text(f"SELECT version_num FROM {history}")).scalar_one())  # noqa: S608

    revise(made, history, f"{head + 1:04}")
    check_schema(made, "audit")

    for other in (f"{head + 2:04}", "0000", "strange"):
        revise(made, history, other)
        with pytest.raises(SchemaBehind):
            check_schema(made, "audit")


def test_a_service_does_not_start_behind_its_schema(made, empty):
    with pytest.raises(SchemaBehind):
        Shop(empty)


def test_of_two_that_migrate_at_once_one_does_the_work(made, empty):
    others = [Database(empty) for _ in range(3)]

    done = [eventlet.spawn(migrate, each, "audit") for each in (made, *others)]

    assert [each.wait() for each in done] == [None] * 4
    check_schema(made, "audit")
    for each in others:
        each.engine.dispose()
        each.autocommit.dispose()


def test_whoever_comes_second_waits_as_long_as_a_migration_takes(request):
    """
    Longer than any statement of a call may wait for a lock.
    """
    server, name = request.getfixturevalue("postgres"), f"busy_{new_id()[-12:]}"
    db = Database(server.database(name).replace("postgresql://", "postgresql+psycopg://"))
    held = eventlet.Event()

    def hold():
        with db.engine.connect() as connection, connection.begin():
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('migrate'))"))
            held.send()
            connection.execute(text("SELECT pg_sleep(3)"))

    holding = eventlet.spawn(hold)
    held.wait()

    migrate(db, "audit")

    holding.wait()
    check_schema(db, "audit")
    db.engine.dispose()
    db.autocommit.dispose()
    server.drop(name)

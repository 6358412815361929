"""`muniment dlq`: letters are shown without being touched, and replayed without being lost or doubled."""

from __future__ import annotations

import fcntl
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from chassis import codec, tables
from chassis.db import Database, database
from chassis.inbox import dead_letters, failed
from chassis.settings import read_settings
from tests.unit.cli.conftest import Run

NOW = datetime(2026, 10, 9, tzinfo=UTC)
EVENT = "0199c0de-0000-7000-8000-000000000001"


def of(service: str) -> Database:
    return database(read_settings().database(service))


@pytest.fixture
def letter(installed: Path) -> dict[str, Any]:
    """retention gave up on an event that records had sent."""
    body = {"id": EVENT, "source": "/muniment/records", "type": "records.created", "data": {}}
    row = {"id": EVENT, "type": "records.created", "published": True, "at": NOW, "entry": {}, "number": 7, "sent": True}
    with of("records").write() as connection:
        connection.execute(insert(tables.journal).values(row))
    for _ in range(5):
        failed(of("retention"), "open_duties", EVENT, codec.dumps(body), "ValueError", NOW)
    return dead_letters(of("retention"))[0]


def sent() -> bool:
    with of("records").read() as connection:
        return bool(connection.execute(select(tables.journal.c.sent)).scalar())


def attempts() -> int:
    with of("retention").read() as connection:
        return int(connection.execute(select(tables.inbox.c.attempts)).scalar_one())


def test_letters_are_listed_without_bodies(run: Run, letter: dict[str, Any]) -> None:
    listed = json.loads(run("dlq", "list", "retention", "--json").stdout)

    assert [(line["id"], line["handler"], line["error"]) for line in listed] == [
        (letter["id"], "open_duties", "ValueError")
    ]
    assert "body" not in listed[0]
    assert letter["id"] in run("dlq", "list", "retention").output
    assert "0 dead letters" in run("dlq", "list", "records").output


def test_looking_changes_nothing(run: Run, letter: dict[str, Any]) -> None:
    shown = json.loads(run("dlq", "show", "retention", letter["id"]).stdout)

    assert shown["event"]["type"] == "records.created"
    assert dead_letters(of("retention")) == [letter]
    assert attempts() == 5


def test_replay_without_a_broker_puts_the_event_back_into_the_outbox_of_its_source(
    run: Run, letter: dict[str, Any]
) -> None:
    result = run("dlq", "replay", "retention", letter["id"])

    assert result.exit_code == 0, result.output
    assert not sent()
    assert dead_letters(of("retention")) == []
    assert attempts() == 0


def test_replay_without_an_id_takes_all(run: Run, letter: dict[str, Any]) -> None:
    assert run("dlq", "replay", "retention").exit_code == 0
    assert dead_letters(of("retention")) == []


def test_running_suite_is_not_reached_around(run: Run, letter: dict[str, Any], installed: Path) -> None:
    """Its broker lives in its own process: what is written behind its back would wait for the next start unseen."""
    with (installed / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        result = run("dlq", "replay", "retention", letter["id"])

    assert result.exit_code != 0 and "stop it" in result.output
    assert sent() and dead_letters(of("retention")) == [letter]


def test_letter_is_kept_when_its_event_cannot_be_sent(run: Run, letter: dict[str, Any]) -> None:
    with of("records").write() as connection:
        connection.execute(update(tables.journal).values(id="another"))

    result = run("dlq", "replay", "retention", letter["id"])

    assert result.exit_code != 0
    assert dead_letters(of("retention")) == [letter]


@pytest.mark.parametrize("command", ["show", "replay"])
def test_unknown_letter_is_named(run: Run, installed: Path, command: str) -> None:
    result = run("dlq", command, "records", "nobody")

    assert result.exit_code == 1
    assert "no dead letter nobody" in result.output


def test_missing_database_is_said_and_not_made(run: Run, data: Path) -> None:
    assert run("dlq", "list", "records").exit_code == 1
    assert not data.exists()

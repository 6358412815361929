"""What a database says when it is away or busy becomes a refusal without its text; anything else stays a failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from psycopg import errors
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from chassis.db import Instant, Json, refusals
from chassis.errors import Conflict, Refused, Unavailable

CANARY = "canary"


def said(failure: Exception) -> Refused:
    """The refusal that a failure becomes."""
    with pytest.raises(Refused) as refusal, refusals():
        raise failure
    return refusal.value


def driver(error: type[Exception], invalidated: bool = False) -> DBAPIError:
    return DBAPIError(f"INSERT {CANARY}", {"name": CANARY}, error(CANARY), connection_invalidated=invalidated)


@pytest.mark.parametrize(
    "failure",
    [
        driver(errors.OperationalError),
        driver(errors.AdminShutdown),
        driver(errors.CannotConnectNow),
        driver(errors.TooManyConnections),
        driver(errors.QueryCanceled),
        driver(errors.InterfaceError, invalidated=True),
        PoolExhausted(CANARY),
    ],
    ids=lambda failure: type(getattr(failure, "orig", failure)).__name__,
)
def test_a_database_that_is_away_is_unavailable(failure: Exception) -> None:
    refusal = said(failure)

    assert isinstance(refusal, Unavailable) and refusal.code == "database.unavailable"
    assert CANARY not in str(refusal) and refusal.__suppress_context__


@pytest.mark.parametrize("error", [errors.LockNotAvailable, errors.DeadlockDetected])
def test_a_lock_that_is_not_had_is_a_conflict(error: type[Exception]) -> None:
    refusal = said(driver(error))

    assert isinstance(refusal, Conflict) and refusal.code == "request.in_flight" and CANARY not in str(refusal)


@pytest.mark.parametrize("failure", [IntegrityError("x", {}, errors.UniqueViolation("x")), ValueError("x")])
def test_anything_else_stays_what_it_is(failure: Exception) -> None:
    with pytest.raises(type(failure)), refusals():
        raise failure


@given(some.datetimes(timezones=some.timezones()))
def test_instants_come_back_to_the_microsecond_and_in_order(at: datetime) -> None:
    kept: Any = Instant()
    number = kept.process_bind_param(at, None)

    assert kept.process_result_value(number, None) == at.astimezone(UTC)
    assert number < kept.process_bind_param(at.astimezone(UTC) + timedelta(microseconds=1), None)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        Instant().process_bind_param(datetime(2026, 1, 1), None)


def test_json_is_kept_as_canonical_text() -> None:
    kept: Any = Json()

    assert kept.process_bind_param({"b": 1, "a": None}, None) == '{"a":null,"b":1}'
    assert kept.process_bind_param(None, None) is None

"""Time can be moved in the demo and stays moved; ids sort by creation and never repeat."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chassis import ids as ids_module
from chassis.clock import Clock, FixedClock, parse_instant, rfc3339
from chassis.ids import new_id

DAY = timedelta(days=1)


def test_a_moved_clock_is_seen_by_all_processes_and_kept_over_restarts(tmp_path: Path) -> None:
    file = tmp_path / "clock.offset"
    mover, other = Clock(file), Clock(file)
    before = other.now()

    mover.advance(8 * DAY)

    assert other.now() - before > 8 * DAY - timedelta(seconds=1)
    assert Clock(file).now() - before > 8 * DAY - timedelta(seconds=1)


def test_moves_that_follow_each_other_at_once_are_all_seen(tmp_path: Path) -> None:
    """
    A file system counts its time in ticks; many moves may fall into one.
    """
    file = tmp_path / "clock.offset"
    mover, other = Clock(file), Clock(file)

    for moves in range(1, 200):
        mover.advance(DAY)
        assert other.now() - datetime.now(UTC) > moves * DAY - timedelta(seconds=5)


def test_a_clock_outside_the_demo_cannot_be_moved() -> None:
    with pytest.raises(RuntimeError):
        Clock().advance(DAY)


def test_the_civil_date_depends_on_the_zone() -> None:
    late = FixedClock(datetime(2026, 9, 30, 17, tzinfo=UTC))

    assert late.today("Asia/Shanghai") == date(2026, 10, 1)
    assert late.today("UTC") == date(2026, 9, 30)


@given(some.datetimes(timezones=some.just(UTC)))
def test_an_instant_comes_back_from_its_text_to_the_microsecond(at: datetime) -> None:
    if at.year >= 1000:  # strftime does not pad years before
        assert parse_instant(rfc3339(at)) == at


def test_instants_as_text_sort_as_instants() -> None:
    whole = datetime(2026, 1, 1, tzinfo=UTC)

    assert rfc3339(whole) == "2026-01-01T00:00:00.000000Z" < rfc3339(whole + timedelta(microseconds=1))


def test_ids_sort_by_creation_and_never_repeat() -> None:
    ids = [new_id() for _ in range(20_000)]

    assert ids == sorted(set(ids))
    assert {(uuid.UUID(id).version, uuid.UUID(id).variant, len(id)) for id in ids} == {(7, uuid.RFC_4122, 36)}


def test_ids_keep_their_order_when_the_clock_stands_still_or_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids_module, "_last", 0)
    first = new_id()
    for at in (2_000_000_000, 2_000_000_000, 1_000_000_000):
        monkeypatch.setattr("chassis.ids.time.time_ns", lambda at=at: at * 10**9)
        ids = [first, *(new_id() for _ in range(100))]
        assert ids == sorted(set(ids))
        first = ids[-1]


def test_ids_carry_their_time() -> None:
    millis = uuid.UUID(new_id()).int >> 80

    assert abs(millis / 1000 - datetime.now(UTC).timestamp()) < 60

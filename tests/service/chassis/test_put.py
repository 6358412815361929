"""Many rows go in at once, as exactly as one by one, on both databases."""

from __future__ import annotations

import pytest
from psycopg import DataError
from sqlalchemy import select
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError

from chassis import tables
from chassis.errors import Conflict
from tests.service.chassis.given import NOON, ThingAdded, things

MANY = 450


def letter(number: int) -> dict:
    head = {"id": f"{number:036d}", "number": None, "previous": bytes([number % 256]) * 32, "type": "a.b"}
    tail = {"published": number % 2 == 0, "record": None if number % 3 else "r", "at": NOON, "sent": False}
    return {**head, **tail, "entry": {"n": number, "text": '澄州 "{}," \\ NULL', "none": None}}


@pytest.mark.parametrize("count", [1, 6, 7, MANY])
def test_rows_come_back_as_they_were_put(shop, count):
    """
    From some number on they travel as arrays, which must not change a null, a quote, a byte or an instant.
    """
    rows = [letter(number) for number in range(count)]

    with shop.database.write() as connection:
        shop.database.put(connection, tables.journal, rows)

    with shop.database.read() as connection:
        found = connection.execute(select(tables.journal).order_by(tables.journal.c.id)).mappings().all()
    assert [dict(row) for row in found] == rows


def test_what_is_too_long_is_refused_and_never_cut(shop):
    """
    A cast to the column's own length would cut it without a word.
    """
    if shop.database.sqlite:
        return  # SQLite has no lengths
    rows = [{"id": f"{number}", "name": "x" * (41 if number == 70 else 3)} for number in range(MANY)]

    with pytest.raises(DBAPIError), shop.database.write() as connection:
        shop.database.put(connection, things, rows)

    assert shop.count(things) == 0


@pytest.mark.parametrize("count", [1, 6, MANY])
def test_rows_of_one_work_come_back_as_they_were_put(shop, count):
    """
    They travel as one text, which must not change a null, a quote, a byte or an instant either.
    """
    rows = [letter(number) for number in range(count)]

    with shop.bound(method="take").begin() as work:
        work.put(tables.journal, rows)

    with shop.database.read() as connection:
        found = connection.execute(select(tables.journal).order_by(tables.journal.c.id)).mappings().all()
    assert [dict(row) for row in found] == rows


@pytest.mark.parametrize("count", [1, MANY])
def test_what_one_work_puts_in_is_refused_too_and_never_cut(shop, count):
    if shop.database.sqlite:
        return  # SQLite has no lengths

    with pytest.raises((DBAPIError, DataError)), shop.bound(method="take").begin() as work:
        work.put(things, [{"id": f"{number}", "name": "x" * 41} for number in range(count)])

    assert shop.count(things) == 0


@pytest.mark.parametrize("count", [3, MANY])
def test_rows_that_are_there_stay_as_they_are_where_the_work_says_so(shop, count):
    rows = [{"id": f"{number}", "name": "second"} for number in range(count)]
    with shop.bound(method="take").begin() as work:
        work.put(things, [{"id": "1", "name": "first"}])

    with shop.bound(method="take").begin() as work:
        work.put(things, rows, over=())

    assert sorted(shop.names()) == ["first", *["second"] * (count - 1)]


def test_many_rows_that_wait_for_anothers_too_long_are_refused_as_one_is(shop):
    """
    They travel by the driver alone; what it raises is told in the suite's own words all the same.
    """
    if shop.database.sqlite:
        return  # there one writer waits for the other before it begins
    rows = [{"id": f"{number}", "name": "x"} for number in range(MANY)]

    with shop.database.write() as before:
        shop.database.put(before, things, rows[:1])
        with pytest.raises(Conflict) as refusal, shop.bound(method="take").begin() as work:
            work.put(things, rows)

    assert refusal.value.code == "request.in_flight" and shop.count(things) == 1


def test_the_rows_of_one_work_are_one_statement_on_a_server(shop):
    if shop.database.sqlite:
        return  # there a statement is no trip
    seen = []
    listen(shop.database.engine, "before_cursor_execute", lambda *told: seen.append(told[2]))

    with shop.bound(method="take").begin() as work:
        work.put(things, [{"id": "1", "name": "one"}, {"id": "2", "name": "two"}])
        work.put(tables.texts, [{"digest": "d", "kind": "k", "text": "t", "in_force_from": NOON}])
        work.emit(ThingAdded("1"))

    assert len(seen) == 1 and shop.names() == ["one", "two"] and shop.entries() == ["things.added"]

"""Many rows go in at once, as exactly as one by one, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from chassis import tables
from tests.service.chassis.given import NOON, things

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

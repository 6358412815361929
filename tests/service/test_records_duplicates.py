"""The list of likely duplicates on both databases: whole, in pages, and no page looks at more than so many records."""

from __future__ import annotations

from typing import Any

import pytest

from services.records import tables as t
from services.records.merging import store
from tests.service.given_records import Suite

SHARED = 30  # records that all have one switchboard's number


def record_of(number: int) -> str:
    """The id of a record; the higher, the newer."""
    return f"01999999-0000-7000-8000-{number:012x}"


def keeps(suite: Suite, many: int, marks: dict[int, list[str]], **other: Any) -> None:
    """So many records at once, each with marks of its own and with these."""
    told = {"department": "service", "creator": "zheng", "state": "active", "level": "general", "regime": "r"}
    plain: dict[str, Any] = {
        "facets": {},
        "milestones": {},
        "purposes": {},
        "schemes": {},
        "created_at": suite.clock.now(),
    }
    usual: dict[str, Any] = {"class_": "company.customer", "version": 2, "complete": True, **told, **plain, **other}
    records = [{"id": record_of(n), "subject": record_of(n), **usual} for n in range(1, many + 1)]
    tokens = [(n, mark) for n in range(1, many + 1) for mark in (f"own{n}", *marks.get(n, ()))]
    with suite.database.write() as connection:
        connection.execute(t.records.insert(), records)
        rows = [{"token": m.encode().ljust(16), "record": record_of(n), "field": "contact.mobile"} for n, m in tokens]
        connection.execute(t.tokens.insert(), rows)


def pages(suite: Suite, limit: int, where: dict[str, Any] | None = None) -> list[list[tuple[str, tuple[str, ...]]]]:
    """The whole list, page by page: each record with the others."""
    after, found = None, []
    while True:
        rows, after = suite.store.lookalikes(where or {}, after, limit)
        found.append([(record.id, others) for record, _, others in rows])
        if after is None:
            return found


@pytest.mark.covers("Q-200")
@pytest.mark.parametrize("limit", [1, 3, 500])
def test_every_record_that_shares_a_mark_is_on_some_page_once_with_some_of_the_others(suite: Suite, limit: int) -> None:
    pairs = {60: ["a"], 7: ["a"], 41: ["b", "c"], 40: ["b"], 5: ["c"]}
    keeps(suite, 60, {**{n: ["switchboard"] for n in range(10, 10 + SHARED)}, **pairs})

    found = [line for page in pages(suite, limit) for line in page]

    alone = {n: (record_of(twin),) for n, twin in ((60, 7), (40, 41), (7, 60), (5, 41))}
    expected = sorted({*pairs, *range(10, 10 + SHARED)}, reverse=True)
    assert [record for record, _ in found] == [record_of(n) for n in expected]
    twins = dict(found)
    assert {n: twins[record_of(n)] for n in alone} == alone
    assert twins[record_of(41)] == (record_of(5), record_of(40))
    assert all(record not in others and 0 < len(others) <= store.MOST for record, others in found)


@pytest.mark.covers("Q-200")
def test_a_page_looks_at_so_many_records_and_says_where_the_list_goes_on(suite: Suite, monkeypatch: Any) -> None:
    monkeypatch.setattr(store, "STEP", 10)
    monkeypatch.setattr(store, "STEPS", 2)
    keeps(suite, 75, {1: ["a"], 2: ["a"], 70: ["b"], 69: ["b"]})

    found = pages(suite, 50)

    assert [len(page) for page in found] == [2, 0, 0, 2]
    assert [record for page in found for record, _ in page] == [record_of(n) for n in (70, 69, 2, 1)]
    assert pages(suite, 50, {"department": "sales"}) == [[], [], [], []]


def test_a_record_that_is_over_or_of_another_class_is_no_duplicate(suite: Suite) -> None:
    keeps(suite, 6, {1: ["a"], 2: ["a"], 3: ["b"], 4: ["b"], 5: ["c"], 6: ["c"]})
    with suite.database.write() as connection:
        connection.execute(t.records.update().where(t.records.c.id == record_of(2)).values(state="past"))
        connection.execute(t.records.update().where(t.records.c.id == record_of(3)).values(class_="trading.customer"))

    assert pages(suite, 50) == [[(record_of(6), (record_of(5),)), (record_of(5), (record_of(6),))]]

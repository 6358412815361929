"""A page costs what is on it: no list walks or sorts all records; what goes, goes in groups."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from services.records import tables as t
from services.records.views.store import ViewQueries
from tests.service.given_plans import SORTED, WHOLE, plans, statements
from tests.service.given_records import Suite
from tests.service.test_records_import import a_table, imports
from tests.service.test_records_recalling import asked, released
from tests.service.test_records_withdrawing import withdrawn

of_sqlite = pytest.mark.parametrize("lent", ["sqlite"], indirect=True)
CLASS = "company.customer"
NARROWED = (
    {},
    {"class_": CLASS},
    {"state": "draft"},
    {"class_": CLASS, "state": "active"},
    {"number": "KH-2026-000001"},
)


@of_sqlite
@pytest.mark.parametrize("where", NARROWED, ids=str)
@pytest.mark.parametrize("after", [None, "01999999"])
def test_a_page_of_records_is_read_in_the_order_of_an_index(
    suite: Suite, where: dict[str, str], after: str | None
) -> None:
    [way] = plans(suite, lambda: suite.store.page(where, 51, after))

    assert SORTED not in way or "number" in where  # of which there is one in each class at most
    assert (WHOLE in way) == (not where and after is None)


@of_sqlite
def test_the_list_of_duplicates_asks_for_marks_first_and_then_whose_they_are(suite: Suite) -> None:
    """
    SQLite began with all records of the class, for each of them anew: one page stood in everybody's way for minutes.
    """
    for _ in range(2):
        suite.active()

    for where in ({}, {"class_": CLASS}):
        told = plans(suite, partial(suite.store.lookalikes, where, None, 50))
        asked_of_each = [line for way in told for line in way.splitlines() if "records_" in line.split(" USING")[0]]
        assert any("tokens_" in way for way in told)
        assert all("(id=?)" in line for line in asked_of_each), asked_of_each


@of_sqlite
@pytest.mark.parametrize("state", ["pending", "active"])
def test_what_goes_with_an_import_is_found_where_the_last_portion_ended(suite: Suite, state: str) -> None:
    def look() -> None:
        with suite.service(None, "", {}).store.begin() as work:
            work.pending_of("an import", 50)
            work.leaving_of("an import", state, "01999999", 50, released=state == "active")

    ways = [way for way in plans(suite, look) if "records" in way]

    assert len(ways) == 2 and "AND id>?" in ways[1]
    assert all(SORTED not in way and "records_by_import (import_id=? AND state=?" in way for way in ways)


def test_an_import_goes_in_as_many_statements_as_it_has_portions_not_records(suite: Suite) -> None:
    costs = []
    for first, many in ((1, 4), (101, 40)):
        upload, _ = imports(suite, a_table(many, first))
        withdrawn(suite, upload)
        costs.append(len(statements(suite, lambda: suite.calls(None, "run_imports"))))

    assert {row.state for row in suite.rows(t.records)} == {"destroyed"}
    assert costs[1] <= costs[0] + 36, costs  # less than one for each record more


def test_a_released_import_goes_so_too_and_what_stays_is_looked_at_once(suite: Suite) -> None:
    costs = []
    for first, many in ((1, 4), (101, 40)):
        upload, _ = released(suite, many, first)
        asked(suite, upload)
        suite.settles("withdrawal", upload)
        costs.append(len(statements(suite, lambda: suite.calls(None, "run_imports"))))

    assert costs[1] <= costs[0] + 36, costs


@pytest.mark.parametrize("view", ["incomplete", "stale", "duplicates", "prospects"])
def test_a_view_looks_at_no_record_of_which_the_tables_know_that_it_is_not_in_it(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    """
    A list of three among a hundred thousand took seconds, in which nobody else was served.
    """
    walk, seen = ViewQueries.walk, list[str]()

    def noting(store: Any, *args: Any, **named: Any) -> Any:
        found = walk(store, *args, **named)
        seen.extend(record.id for record in found)
        return found

    monkeypatch.setattr(ViewQueries, "walk", noting)
    for number in range(3):
        suite.active(**{"contact.mobile": f"1990000{number:04d}", "business.segment": "vip"})
    with suite.database.write() as connection:
        connection.execute(t.records.update().values(complete=True))

    assert suite.calls("he", "view", {"view": view})["items"] == [] == seen

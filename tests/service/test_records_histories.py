"""A record's history and timeline, and a party's dossiers, come a page at a time, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.pages import LONGEST
from chassis.tables import journal
from demo.data import credit_code
from services.records import tables as t
from services.records.lines import Line
from tests.service.given_records import CONSENT, Suite, code_of
from tests.service.test_records_change_control import assigns
from tests.service.test_records_duplicates import keeps
from tests.service.test_records_merging import OTHER, merged
from tests.service.test_records_writing import proposes

MOBILE = "contact.mobile"
Met = Callable[[], object]


def walked(
    suite: Suite, method: str, limit: int, meanwhile: Met = dict, person: str = "zheng", **args: Any
) -> list[dict[str, Any]]:
    """Every answer page by page, each but the first asked for after something more has happened."""
    found = [suite.calls(person, method, {**args, "limit": limit})]
    while found[-1]["next"]:
        assert found[-1]["next"] not in [page["next"] for page in found[:-1]], "it goes round in a ring"
        meanwhile()
        found.append(suite.calls(person, method, {**args, "limit": limit, "after": found[-1]["next"]}))
    return found


def items(pages: list[dict[str, Any]], limit: int, name: str = "items") -> list[dict[str, Any]]:
    """The lines of all pages; every page but the last is full."""
    assert all(len(page[name]) == limit for page in pages[:-1]) and 0 < len(pages[-1][name]) <= limit
    return [line for page in pages for line in page[name]]


def phones(suite: Suite, record: str, number: int) -> None:
    """The customer's number changes, with nobody's time in between."""
    version = suite.store.record(record).version
    suite.settles("change", proposes(suite, record, version, {MOBILE: f"199{number:08}"}))


def lived(suite: Suite) -> str:
    """A record to which all sorts of things happened, some at the same instant."""
    record = suite.active()
    phones(suite, record, 1)
    assigns(suite, record, responsible="wu")
    suite.clock.advance(timedelta(days=1))
    phones(suite, record, 2)
    phones(suite, record, 3)
    suite.moves(record, "suspended", "he")
    suite.moves(record, "active", "he")
    return record


def versions(record: str) -> dict[str, str]:
    return {"record": record, "purpose": "service"}


@pytest.mark.parametrize("limit", [1, 2, 3, LONGEST])
def test_a_history_is_told_page_by_page_with_nothing_lost_or_doubled_while_more_happens(
    suite: Suite, limit: int
) -> None:
    record, numbers = lived(suite), [10, 11, 12, 13]

    def meanwhile() -> None:
        if numbers:
            suite.clock.advance(timedelta(seconds=1))
            phones(suite, record, numbers.pop())

    found = items(walked(suite, "versions", limit, meanwhile, **versions(record)), limit)
    whole = suite.calls("zheng", "versions", {**versions(record), "limit": LONGEST})

    assert found == whole["items"] and whole["next"] is None and (len(numbers) < 4 or limit == LONGEST)
    assert [(one["at"], one["version"]) for one in found] == sorted((one["at"], one["version"]) for one in found)
    kept = [one["fields"][MOBILE] for one in found if MOBILE in one["fields"]]
    assert kept[0]["old"] is None and [one["old"] for one in kept[1:]] == [one["new"] for one in kept[:-1]]
    assert {one["state"] for one in found if "state" in one} == {"active", "suspended"}
    assert [one["assigned"]["responsible"]["new"] for one in found if "assigned" in one] == ["wu"]


def test_a_page_of_a_history_opens_what_it_shows_and_the_version_before_and_its_entry_says_which(suite: Suite) -> None:
    record = suite.active()
    for number in range(6):
        phones(suite, record, number)
    parts = {row.name: row for row in suite.rows(t.parts)}
    suite.keys.unwrapped.clear()
    told = suite.calls("zheng", "versions", {**versions(record), "limit": LONGEST})["items"]
    changed = [number for number, line in enumerate(told) if line["part"] == "contact" and line["version"] > 2]
    before = suite.calls("zheng", "versions", {**versions(record), "limit": changed[2]})
    suite.keys.unwrapped.clear()

    page = suite.calls("zheng", "versions", {**versions(record), "limit": 2, "after": before["next"]})

    assert [line["version"] for line in page["items"]] == [5, 6]
    assert suite.told("records.history_read")[-1]["set_by"] == [5, 6]
    assert suite.told("records.history_read")[-1]["versions"] == 2
    [(entry, keys)] = suite.keys.unwrapped
    assert keys == {parts["contact"].key} and entry == suite.journal()[-1]["id"]
    lines = suite.store.history_lines({record: ["contact"]}, [], before["next"], 2)
    assert [row.version for row in suite.store.versions_before_and_now(lines)] == [3, 4, 5]
    assert all(isinstance(line, Line) and line.record == record for line in lines)


def test_a_page_that_shows_no_value_opens_none_and_leaves_an_entry_all_the_same(suite: Suite) -> None:
    record = lived(suite)
    told = suite.calls("zheng", "versions", {**versions(record), "limit": LONGEST})["items"]
    at = next(number for number, line in enumerate(told) if "assigned" in line)
    before = suite.calls("zheng", "versions", {**versions(record), "limit": at})
    suite.keys.unwrapped.clear()

    page = suite.calls("qian", "versions", {**versions(record), "limit": 1, "after": before["next"]})

    assert ["assigned" in line for line in page["items"]] == [True] and not suite.keys.unwrapped
    assert (suite.told("records.history_read")[-1]["versions"], suite.journal()[-1]["actor"]) == (0, "qian")


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_why_something_was_set_is_told_alike_wherever_a_page_ends(suite: Suite, limit: int) -> None:
    """
    A reason may tell of every field that was set for it: who may not read them all is not told it by a short page.
    """
    record = suite.active()
    both = {MOBILE: "19900000077", "basic.region": "临江"}
    suite.settles("change", proposes(suite, record, 2, both))

    for person in ("zheng", "sun"):
        found = items(walked(suite, "versions", limit, person=person, **versions(record)), limit)
        set_ = [line for line in found if line["change"]]
        assert any("basic.region" in line["fields"] for line in set_)
        assert {line["reason"] is None for line in set_} == {person == "sun"}


def test_where_a_part_only_began_for_something_that_waits_is_no_line_of_a_history(suite: Suite) -> None:
    record = suite.active()
    before = suite.calls("zheng", "versions", versions(record))["items"]
    change = proposes(suite, record, 2, {"other.remark": "二楼"})

    assert "other" in {row.name for row in suite.rows(t.parts)}
    now = suite.calls("zheng", "versions", {**versions(record), "limit": len(before)})
    assert (now["items"], now["next"]) == (before, None)
    suite.settles("change", change)
    [*_, last] = suite.calls("zheng", "versions", versions(record))["items"]
    assert last["fields"] == {"other.remark": {"old": None, "new": "二楼"}}


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_history_of_a_merged_record_goes_on_page_by_page_under_the_one_that_stays(suite: Suite, limit: int) -> None:
    stays, goes = suite.active(), suite.active(**OTHER)
    phones(suite, goes, 7)
    merged(suite, stays, goes)

    found = items(walked(suite, "versions", limit, **versions(stays)), limit)

    assert found == suite.calls("zheng", "versions", {**versions(stays), "limit": LONGEST})["items"]
    assert {line["record"] for line in found} == {stays, goes}


def test_a_place_holds_when_what_stood_there_has_gone(suite: Suite) -> None:
    record = suite.active()
    for number in range(4):
        phones(suite, record, number)
    first = suite.calls("zheng", "versions", {**versions(record), "limit": 1})
    rest = suite.calls("zheng", "versions", {**versions(record), "limit": LONGEST, "after": first["next"]})["items"]
    with suite.database.write() as connection:
        connection.execute(t.part_versions.delete().where(t.part_versions.c.version == 1))

    found = suite.calls("zheng", "versions", {**versions(record), "limit": LONGEST, "after": first["next"]})["items"]

    kept = [line for line in rest if line["version"] > 2 or line["part"] is None]
    assert [(line["version"], line["part"]) for line in found] == [(line["version"], line["part"]) for line in kept]


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_a_timeline_is_told_from_its_first_day_page_by_page_while_more_happens(suite: Suite, limit: int) -> None:
    record, other = lived(suite), suite.active(**OTHER)
    looks = [1, 2, 3, 4]

    def meanwhile() -> None:
        if looks:
            suite.clock.advance(timedelta(seconds=looks.pop()))
            suite.reads("zheng", record)
            suite.reads("zheng", other)

    found = items(walked(suite, "timeline", limit, meanwhile, record=record), limit)
    whole = suite.calls("zheng", "timeline", {"record": record, "limit": LONGEST})["items"]

    assert found == whole and found[0]["type"] == "records.created"
    assert [line["type"] for line in found].count("records.read") == (0 if limit == 50 else 4)
    assert {line["record"] for line in found} == {record}


def test_a_timeline_longer_than_anything_told_at_once_is_reached_to_its_last_line(suite: Suite) -> None:
    record, many = suite.active(), 2 * LONGEST + 3
    suite.reads("zheng", record)
    read = dict(next(row for row in suite.rows(journal) if row.type == "records.read")._mapping)
    ids = [new_id() for _ in range(many)]
    with suite.database.write() as connection:
        connection.execute(journal.insert(), [{**read, "id": id, "entry": {**read["entry"], "id": id}} for id in ids])

    found = items(walked(suite, "timeline", LONGEST, record=record), LONGEST)

    assert [line["type"] for line in found].count("records.read") == 1 + many


@pytest.mark.parametrize("limit", [0, 501, -1, "x"])
def test_a_page_has_from_one_to_five_hundred_lines_and_a_place_is_one_that_was_told(suite: Suite, limit: Any) -> None:
    record = suite.active()
    asked = {"versions": versions(record), "timeline": {"record": record}, "party": {"party": party_of(suite, record)}}

    for method, args in asked.items():
        with pytest.raises(Exception) as refusal:
            suite.calls("zheng", method, {**args, "limit": limit})
        assert (refusal.value.code, str(refusal.value.facts).count("limit") > 0) == ("input.invalid", True)
        assert code_of(suite.calls, "zheng", method, {**args, "after": ""}) == "input.invalid"
    for place in ("x", "1.2.3", f"1.2.0.{new_id()}", f"9{'9' * 16}.1.0.{new_id()}.1", f"1.1.0.{new_id()}.1;"):
        assert code_of(suite.calls, "zheng", "versions", {**versions(record), "after": place}) == "input.invalid"


def party_of(suite: Suite, record: str) -> str:
    return str(suite.store.record(record).subject)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_partys_dossiers_come_page_by_page_past_those_that_nobody_may_know_of(suite: Suite, limit: int) -> None:
    code = {"basic.credit_code": credit_code(90_000_001)}
    known = []
    for number in range(4):
        known.append(suite.active(**code, **{MOBILE: f"1990000{number:04}"}))
        suite.creates(**code, **{MOBILE: f"1990001{number:04}"})
    party, more = party_of(suite, known[0]), [1, 2]

    def meanwhile() -> None:
        if more:
            known.append(suite.active(**code, **{MOBILE: f"1990002{more.pop():04}"}))

    pages = walked(suite, "party", limit, meanwhile, party=party)

    assert [line["id"] for line in items(pages, limit, "records")] == known
    for page in pages:
        shown = [line["id"] for line in page["records"]]
        assert [line["record"] for line in page["consents"]] == shown
    listed = suite.told("records.listed")[-len(pages) :]
    assert [one["records"] for one in listed] == [[line["id"] for line in page["records"]] for page in pages]


def test_a_party_shows_the_answers_that_stand_and_each_dossier_all_there_ever_were(suite: Suite) -> None:
    record = suite.active()
    for _ in range(3):
        suite.clock.advance(timedelta(days=1))
        suite.calls("zheng", "give_consent", {"record": record, **CONSENT})
    every = suite.calls("zheng", "consents", {"record": record})["items"]

    shown = suite.calls("zheng", "party", {"party": party_of(suite, record)})

    assert [one["ordinal"] for one in every] == [1, 2, 3, 4]
    assert shown["consents"] == every[-1:] and shown["next"] is None


def test_who_knows_of_one_of_very_many_dossiers_finds_it_and_who_knows_of_none_is_told_of_no_party(
    suite: Suite,
) -> None:
    record = suite.active()
    party = party_of(suite, record)
    keeps(suite, LONGEST + 5, {}, subject=party, department="office", state="pending", created_at=suite.clock.now())

    shown = suite.calls("zheng", "party", {"party": party, "limit": 1})

    assert ([one["id"] for one in shown["records"]], shown["next"]) == ([record], None)
    gone = {"party": party, "limit": 1, "after": record}
    assert suite.calls("zheng", "party", gone)["records"] == []
    with suite.database.write() as connection:
        connection.execute(t.records.delete().where(t.records.c.id == record))
    assert code_of(suite.calls, "zheng", "party", gone) == "party.unknown"

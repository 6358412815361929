"""Lists that grow with a record's life come a page at a time: every line once, in its order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from services.records import tables as t
from services.records.consents import presenting
from services.records.consents.model import broken
from services.records.consents.notices import ALWAYS, NoticeVersion
from services.records.documents.tables import document_acts
from services.records.erasing.tables import erasures
from services.records.merging.tables import merges
from tests.service import given_records
from tests.service.given_documents import WITH_DOCUMENTS, hands_in
from tests.service.given_records import CONSENT, Suite, code_of
from tests.service.given_registers import Forms

MANY = 5
EMPTY: dict[str, Any] = {"fields": [], "parts": ["other"], "evidence": [], "holds": [], "keys": {}, "fingerprints": {}}


def pages(suite: Suite, method: str, limit: int, **args: Any) -> list[list[dict[str, Any]]]:
    """A whole list, page by page."""
    after: dict[str, Any] = {}
    found = []
    while True:
        told = suite.calls("zheng", method, {**args, "limit": limit, **after})
        found.append(told["items"])
        if told["next"] is None:
            return found
        after = {"after": told["next"]}


def keeps(suite: Suite, table: Any, **given: Any) -> list[str]:
    """Rows of a table as some time ago left them; their ids."""
    rows = []
    for _ in range(MANY):
        usual = {column.key: EMPTY.get(column.key) for column in table.c}
        rows.append({**usual, "id": new_id(), "by": "zheng", "state": "lapsed", "at": suite.clock.now(), **given})
    known = [{name: value for name, value in row.items() if name in table.c} for row in rows]
    with suite.database.write() as connection:
        connection.execute(table.insert(), known)
    return [row["id"] for row in rows]


def whole(found: list[list[dict[str, Any]]], limit: int, name: str) -> list[str]:
    """The ids of all lines; every page but the last is full, and none is empty."""
    assert all(len(page) == limit for page in found[:-1]) and 0 < len(found[-1]) <= limit
    return [line[name] for page in found for line in page]


@pytest.mark.parametrize("limit", [1, 2, MANY, 50])
def test_merges_and_erasures_of_a_record_come_page_by_page(suite: Suite, limit: int) -> None:
    record, other = suite.active(), suite.active(**{"basic.name": "望杉二号厂", "contact.mobile": "19900005678"})
    versions = {"survivor_version": 2, "merged_version": 2, "version": 2, "requested_by": "customer"}
    merged = keeps(suite, merges, survivor=record, merged=other, **versions)
    erased = keeps(suite, erasures, record=record, **versions)

    assert whole(pages(suite, "merges", limit, record=record), limit, "merge") == merged
    assert whole(pages(suite, "merges", limit, record=other), limit, "merge") == merged
    assert whole(pages(suite, "erasures", limit, record=record), limit, "erasure") == erased


@pytest.mark.covers("Q-012")
@pytest.mark.parametrize("limit", [1, 2, MANY, 50])
def test_consents_and_collections_of_a_record_come_page_by_page_in_the_order_of_their_chain(
    suite: Suite, limit: int
) -> None:
    record = suite.active()
    for _ in range(MANY - 1):
        suite.clock.advance(timedelta(days=1))
        suite.calls("zheng", "give_consent", {"record": record, **CONSENT})
        source = {"record": record, "origin": "customer", "channel": "form"}
        suite.calls("zheng", "note_collection", source)

    found = pages(suite, "consents", limit, record=record)
    taken = pages(suite, "collections", limit, record=record)

    assert whole(found, limit, "ordinal") == [*range(1, MANY + 1)]
    assert broken(suite.store.consents(record)) is None
    assert len(set(whole(taken, limit, "id"))) == MANY
    assert code_of(suite.calls, "zheng", "consents", {"record": record, "after": "x"}) == "input.invalid"


@pytest.mark.parametrize("limit", [1, 2, MANY, 50])
def test_what_became_of_a_document_comes_page_by_page(suite: Suite, limit: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(given_records, "REGIME", WITH_DOCUMENTS)
    record = suite.active()
    document = hands_in(suite, record)
    acts = keeps(suite, document_acts, record=record, document=document, kind="green_card", act="fault", faults=[])

    found = pages(suite, "document_acts", limit, document=document, purpose="service")

    assert len(whole(found, limit, "act")) == len(acts)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_versions_of_notices_come_page_by_page(limit: int) -> None:
    versions = tuple(NoticeVersion("privacy", f"2026-{n}", ALWAYS, "r") for n in range(1, 4))
    found, after = [], 0
    while after is not None:
        told = presenting.notices(versions, after, limit)
        found.append(told["items"])
        after = told["next"] and int(told["next"])

    assert whole(found, limit, "version") == ["2026-1", "2026-2", "2026-3"]


def a_volume(forms: Forms) -> tuple[str, list[str]]:
    """A volume, and its papers by page; they came in in another order."""
    volume = forms.opens("volume", {"volume.heading": "第一卷"})
    papers = {
        page: forms.opens("paper", {"file.heading": "决议", "file.page": page}, about=volume)
        for page in ("12", "3", "101", "7", "20")
    }
    return volume, [papers[page] for page in sorted(papers, key=int)]


@pytest.mark.covers("Q-082")
@pytest.mark.parametrize("limit", [1, 2, MANY, 50])
def test_the_contents_of_a_volume_come_page_by_page_in_their_order(forms: Forms, limit: int) -> None:
    volume, papers = a_volume(forms)

    found = pages(forms, "contents", limit, record=volume, purpose="archive_use")

    assert whole(found, limit, "id") == papers
    assert [line["place"] for page in found for line in page] == [1, 2, 3, 4, 5]


def test_a_page_of_contents_reads_what_it_shows_and_of_the_rest_what_gives_them_their_place(forms: Forms) -> None:
    volume, papers = a_volume(forms)
    asked = {"record": volume, "purpose": "archive_use", "limit": 2}
    first = forms.calls("zheng", "contents", asked)
    before = len(forms.told("records.read"))

    second = forms.calls("zheng", "contents", {**asked, "after": first["next"]})

    assert [line["id"] for line in second["items"]] == papers[2:4]
    assert [one["record"] for one in forms.told("records.read")[before:]] == papers[2:4]
    [_, ordered] = forms.told("records.contents_ordered")
    assert (sorted(ordered["records"]), ordered["clear"]) == (sorted(papers), ["file.page"])


def test_a_contents_list_goes_on_though_what_stood_last_is_gone(forms: Forms) -> None:
    volume, papers = a_volume(forms)
    asked = {"record": volume, "purpose": "archive_use", "limit": 2}
    first = forms.calls("zheng", "contents", asked)
    with forms.database.write() as connection:
        connection.execute(t.records.update().where(t.records.c.id == papers[0]).values(state="destroyed"))

    second = forms.calls("zheng", "contents", {**asked, "after": first["next"]})

    assert [line["id"] for line in second["items"]] == papers[2:4], "neither twice nor left out"


def test_the_order_does_not_hang_on_the_fields_that_are_asked_for(forms: Forms) -> None:
    volume, papers = a_volume(forms)

    found = pages(forms, "contents", 50, record=volume, purpose="archive_use", fields=["file.heading"])

    assert whole(found, 50, "id") == papers


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_lookalikes_come_page_by_page_newest_first_and_the_reasons_with_the_first(suite: Suite, limit: int) -> None:
    alike = [suite.active() for _ in range(MANY)]
    mine = alike.pop(2)
    before = len(suite.told("records.reasons_read"))

    found = pages(suite, "lookalikes", limit, record=mine)

    listed = [line["record"] for page in found for line in page]
    assert listed == [*reversed(alike)] and all(len(page) <= limit for page in found)
    first = suite.calls("zheng", "lookalikes", {"record": mine, "limit": 1})
    then = suite.calls("zheng", "lookalikes", {"record": mine, "limit": 1, "after": first["next"]})
    assert (first["accepted"][0]["of"], then["accepted"]) == (alike[:2], [])
    assert len(suite.told("records.reasons_read")) == before + 2


def test_a_page_of_lookalikes_says_how_many_of_it_its_reader_may_not_know(suite: Suite) -> None:
    drafts = [suite.creates() for _ in range(3)]
    mine, shown = suite.active(), suite.active()
    asked: dict[str, Any] = {"record": mine, "limit": 2}

    first = suite.calls("sun", "lookalikes", asked)
    second = suite.calls("sun", "lookalikes", {**asked, "after": first["next"]})

    assert [[one["record"] for one in page["items"]] for page in (first, second)] == [[shown], []]
    assert [page["unseen"] for page in (first, second)] == [1, 2] and second["next"] is None
    assert {one["record"] for one in suite.told("records.likeness_met")} >= {*drafts}

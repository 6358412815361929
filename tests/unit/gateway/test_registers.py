"""Registers at the gateway: a page to print in both languages, and a sheet to take away."""

from __future__ import annotations

from typing import Any

from tests.unit.gateway.conftest import RECORD, Client, Road

PAGE = f"/v1/registers/slip/{RECORD}/print?purpose=archive_use"
LINE = {"state": "clear", "words": None, "columns": None, "rows": None}
SIGNED = {"name": {"en": "He Yun (he)", "zh": "何云 (he)"}, "version": 1, "signed": "2026-11-20 12:00+08:00"}
ENTRY: dict[str, Any] = {
    "id": RECORD,
    "title": {"en": "Loan slip", "zh": "借阅申请单"},
    "classified": {"en": "General", "zh": "一般"},
    "number": "JD-2026-0001",
    "about": None,
    "about_name": {"en": "", "zh": ""},
    "purpose_title": {"en": "Serving (service)", "zh": "客户服务 (service)"},
    "state": "draft",
    "state_title": {"en": "Waits to be signed", "zh": "待签署"},
    "creator_name": {"en": "Zheng Li (zheng)", "zh": "郑丽 (zheng)"},
    "entered": "2026-11-20 12:00+08:00",
    "valid_until": None,
    "purpose": "archive_use",
    "read": "2026-11-20 12:00+08:00",
    "reader": {"en": "Sun Fang (sun)", "zh": "孙芳 (sun)"},
    "lines": [
        {**LINE, "name": "form.reason", "en": "Reason", "zh": "事由", "value": "<img src=x onerror=1>"},
        {**LINE, "name": "form.secret", "en": "Secret", "zh": "秘密", "state": "withheld", "value": None},
        {
            **LINE,
            **{"name": "form.items", "en": "Items", "zh": "明细", "value": "[]"},
            "columns": [{"name": "items", "en": "Heading", "zh": "题名"}],
            "rows": [{"items": "决议"}, {}],
        },
        {
            **LINE,
            **{"name": "form.clean", "en": "Clean", "zh": "清洁", "value": "failed"},
            "words": {"en": "Failed", "zh": "不合格"},
        },
    ],
    "signatures": [
        {**SIGNED, "place": 0, "digest": "ab" * 32, "holds": True, "intact": True},
        {**SIGNED, "place": 1, "digest": "cd" * 32, "holds": False, "intact": False},
    ],
    "awaits": [{"role": "archivist"}],
}


def test_an_entry_prints_in_both_languages_and_shows_no_more_than_it_was_given(client: Client, road: Road) -> None:
    road.answers["records.entry"] = ENTRY

    english, chinese = client.get(PAGE), client.get(PAGE, headers={"Accept-Language": "zh"})

    assert english.mimetype == chinese.mimetype == "text/html"
    assert all(
        word in english.text for word in ("Loan slip", "withheld", "Failed", "voided by a later edit", "Heading")
    )
    for word in ("借阅申请单", "未授权", "不合格", "因更改失效", "题名", "决议", "待签署", "客户服务"):
        assert word in chinese.text
    assert "<img" not in english.text + chinese.text and "&lt;img" in english.text
    assert "Printed for Sun Fang (sun)" in english.text and "打印人 孙芳 (sun)" in chinese.text
    assert "郑丽 (zheng), 2026-11-20 12:00+08:00" in chinese.text and "何云 (he)" in chinese.text
    assert english.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in english.headers["Content-Security-Policy"]


def test_a_page_without_signatures_has_no_table_for_them(client: Client, road: Road) -> None:
    road.answers["records.entry"] = {**ENTRY, "signatures": [], "awaits": []}

    assert "Signed by" not in client.get(PAGE).text


def test_a_locked_register_says_where_its_password_stands_and_not_what_it_is(client: Client, road: Road) -> None:
    taken = {"file": "UEsDBA==", "name": "slip-2026-11-20.xlsx", "mark": RECORD}

    road.answers["records.register_file"] = taken | {"locked": True}
    locked = client.get("/v1/registers/slip/register.xlsx?purpose=archive_use")
    road.answers["records.register_file"] = taken | {"locked": False}
    plain = client.get("/v1/registers/slip/register.xlsx?purpose=archive_use")

    assert locked.headers["Muniment-Password-At"] == f"/v1/exports/{RECORD}"
    assert "Muniment-Password-At" not in plain.headers


def test_a_page_to_print_wants_a_purpose_too(client: Client, road: Road) -> None:
    assert client.get(PAGE.partition("?")[0]).status_code == 422


def test_a_register_is_taken_away_as_a_file_under_its_mark(client: Client, road: Road) -> None:
    road.answers["records.register_file"] = {"file": "UEsDBA==", "name": "slip-2026-11-20.xlsx", "mark": RECORD}

    answer = client.get("/v1/registers/slip/register.xlsx?purpose=archive_use&state=active")

    assert (answer.status_code, answer.data, answer.headers["Muniment-Mark"]) == (200, b"PK\x03\x04", RECORD)
    assert "slip-2026-11-20.xlsx" in answer.headers["Content-Disposition"]
    assert answer.mimetype.endswith("spreadsheetml.sheet") and answer.headers["Cache-Control"] == "no-store"

"""Whoever tries to learn others' values by importing guesses at them, on both databases."""

from __future__ import annotations

from services.records import tables as t
from tests.service.test_records_import import counts, imports

TITLES = "客户名称,客户类型,联系人,手机"
SECRET = "19900001234"  # noqa: S105  (the mobile of the record that `active` makes)


def guesses(*mobiles):
    rows = [f"青竹{mobile}商行,企业,王若曦,{mobile}" for mobile in mobiles]
    return "\n".join([TITLES, *rows, ""]).encode("gb18030")


def met(suite, record):
    return [one["fields"] for one in suite.told("records.likeness_met") if one["record"] == record]


def test_a_try_tells_nobody_which_of_his_guesses_is_a_value_that_he_may_not_read(suite):
    record = suite.active()

    sheet = {"class": "company.customer", "dry_run": True, "encoding": "gb18030"}
    _, strangers = imports(suite, guesses("19900001233", SECRET, "19900001235"), "sun", **sheet)
    upload, own = imports(suite, guesses("19900001233", SECRET, "19900001235"), "zheng", **sheet)

    assert (strangers["state"], counts(strangers)) == ("checked", (3, 0, 0))
    assert (own["state"], counts(own)) == ("checked", (2, 0, 1))
    report = suite.calls("zheng", "import_report", {"upload": upload})["csv"]
    assert suite.store.record(record).number in report
    assert met(suite, record) == [["contact.mobile"]]  # of whom was told; nothing was told to the other


def test_whoever_does_bring_a_guess_in_leaves_an_entry_on_the_record_that_has_the_value(suite):
    record = suite.active()

    sheet = {"class": "company.customer", "encoding": "gb18030"}
    upload, status = imports(suite, guesses("19900001233", SECRET), "sun", **sheet)

    assert counts(status) == (1, 0, 1) and len(suite.rows(t.records)) == 2
    assert met(suite, record) == [["contact.mobile"]]
    report = suite.calls("sun", "import_report", {"upload": upload})["csv"]
    assert suite.store.record(record).number not in report


def test_a_row_that_comes_twice_is_told_by_the_row_that_was_first(suite):
    sheet = {"class": "company.customer", "dry_run": True, "encoding": "gb18030"}
    upload, status = imports(suite, guesses(SECRET, "19900001235", SECRET), "zheng", **sheet)

    assert counts(status) == (2, 0, 1)
    assert "row 2" in suite.calls("zheng", "import_report", {"upload": upload})["csv"]
    assert "第2行" in suite.calls("zheng", "import_report", {"upload": upload}, language="zh-CN")["csv"]

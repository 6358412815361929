"""The workbook to fill in, what an import says of a file, and the report of what it did not take."""

from __future__ import annotations

import csv
import io
from base64 import b64decode

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from demo import data
from services.records import tables as t
from tests.service.given_records import REGIME, code_of
from tests.service.test_records_import import a_table, counts, imports

IMPORTED = [c.name for c in REGIME.classes.values() if not c.signed_by and not c.abstract and c.kind == "dossier"]


def template(suite, class_, language="zh"):
    answer = suite.calls("zheng", "template", {"class": class_}, language=language)
    return b64decode(answer["file"])


def sheets(raw):
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    return [book.get_sheet_by_index(number).to_python() for number in range(len(book.sheet_names))]


def filled(raw, rows):
    """The template's first sheet with these rows below the titles."""
    titles, room = sheets(raw)[0][0], io.BytesIO()
    with xlsxwriter.Workbook(room, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate([titles, *rows]):
            sheet.write_row(number, 0, cells)
    return room.getvalue()


def report(suite, upload, language="en", person="qian"):
    raw = b64decode(suite.calls(person, "import_workbook", {"upload": upload}, language=language)["file"])
    return sheets(raw)[0]


# -- templates


@pytest.mark.covers("Q-072")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_template_shows_as_its_example_comes_in(suite, language):
    for class_, person in (("company.customer", "zheng"), ("trading.customer", "qian")):
        raw = template(suite, class_, language)
        data_sheet, example, told, _ = sheets(raw)
        assert example[0] == data_sheet[0] and len(data_sheet) == 1

        upload, status = imports(suite, filled(raw, [example[1]]), person, **{"class": class_})

        assert (counts(status), status["unmapped"]) == ((1, 0, 0), []), report(suite, upload, person=person)
        assert len(status["columns"]) == len(data_sheet[0]) == len(told) - 1


def test_a_template_marks_core_fields_and_offers_the_lists(suite):
    _, _, told, lists = sheets(template(suite, "trading.customer", "en"))
    found = REGIME.classes["trading.customer"]

    marked = {row[1] for row in told[1:] if row[2] == "*"}
    assert marked == set(found.core)
    words = {cell for row in lists for cell in row}
    assert {
        value.en for name in {f.list for f in found.fields.values()} - {None} for value in REGIME.lists[name].values()
    } <= words
    assert code_of(suite.calls, "qian", "template", {"class": "no.such"}) == "class.unknown"


# -- what is shown of a file


def test_the_status_shows_encoding_columns_and_what_goes_nowhere(suite):
    body = "备注2,客户名称,统一社会信用代码,李雪梅 19900001234\n".encode("gb18030")
    body += f"x,望杉一号厂,{data.credit_code(90_500_001)},y\n".encode("gb18030")

    _, status = imports(suite, body)

    assert (status["encoding"], status["certain"], status["header"]) == ("gb18030", True, 1)
    assert [(one["column"], one["field"]) for one in status["columns"]] == [
        ("B", "basic.name"),
        ("C", "basic.credit_code"),
    ]
    assert status["unmapped"] == [{"column": "A", "title": "备注2"}, {"column": "D", "title": ""}], (
        "a title that looks like data is not shown, and not kept"
    )


# -- the report


@pytest.mark.covers("Q-118", "Q-074")
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_row_not_taken_has_a_reason_in_the_clerks_language_and_never_its_value(suite, language):
    code = data.credit_code(90_600_001)
    lines = ["客户名称,统一社会信用代码,手机,邮箱", f"望杉厂,{code},12345,机密@机密"]
    lines += [f"望杉二厂,{code[:-1]}?,19900001000,", f",{data.credit_code(90_600_002)},,"]

    upload, status = imports(suite, "\n".join(lines).encode())
    rows = report(suite, upload, language)
    text = suite.calls("qian", "import_report", {"upload": upload}, language=language)["csv"]

    assert status["rejected"] == 3 and [row[0] for row in rows[1:]] == [2, 3, 4]
    reasons = [row[3] for row in rows[1:]]
    assert all(reasons) and not any(value in text for value in ("12345", "机密", code))
    if language == "zh-CN":
        latin = [reason for reason in reasons if not any("\u4e00" <= sign <= "\u9fff" for sign in reason)]
        assert latin == [] and rows[0] == ["行号", "结果", "代码", "原因"]
    assert [row[3] for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")))][1:] == reasons


@pytest.mark.covers("Q-120")
def test_a_likely_duplicate_is_told_of_with_its_number_and_taken_when_the_clerk_says_so(suite):
    first, _ = imports(suite, a_table(1))
    suite.settles("import", first)
    suite.calls(None, "run_imports")
    other = f"客户名称,统一社会信用代码\n望杉１机电股份有限公司,{data.credit_code(90_700_001)}\n".encode()

    upload, status = imports(suite, other)
    number = suite.rows(t.records)[0].number
    _, forced = imports(suite, other, force=[2])

    assert counts(status) == (0, 0, 1)
    [_, row] = report(suite, upload)
    assert row[1] == "likely" and number in row[3]
    assert counts(forced) == (1, 0, 0)


def test_the_same_row_twice_is_never_forced(suite):
    imports(suite, a_table(1))

    _, status = imports(suite, a_table(1), force=[2])

    assert counts(status)[2] == 1 or REGIME.classes["trading.customer"].one_per is None

"""Files as they come in real life, or from somebody who means harm: each answered clearly, nothing half-done."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import xlsxwriter

from demo import data
from services.records import tables as t
from tests.service.test_records_import import a_table, counts, imports

CODE = data.credit_code(90_800_001)
HEAD = ["客户名称", "统一社会信用代码", "合作日期"]


def book(fill):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        fill(made, made.add_worksheet())
    return file.getvalue()


def a_bomb():
    """A workbook of a megabyte that unpacks to a gigabyte."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(1024):
                sheet.write(bytes(1 << 20))
    return file.getvalue()


def merged(made, sheet):
    sheet.merge_range(0, 0, 0, 2, "客户名单")
    sheet.write_row(1, 0, HEAD)
    sheet.write_row(2, 0, ["望杉一号厂", CODE])


def formulas(made, sheet):
    sheet.write_row(0, 0, HEAD)
    sheet.write_formula(1, 0, '="望杉"&"二号厂"', value="望杉二号厂")
    sheet.write_string(1, 1, CODE)
    sheet.write_datetime(1, 2, date(2021, 3, 4), made.add_format({"num_format": "yyyy-mm-dd"}))


def rounded(made, sheet):
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, ["望杉三号厂", 919999999000000144])


TAKEN = {"merged cells above the titles": merged, "a formula's value, a date": formulas}
REFUSED = {
    "a workbook that unpacks to a gigabyte": (a_bomb(), "import.too_large"),
    "an empty file": (b"", "import.empty"),
    "a title twice": (f"客户名称,客户名称,统一社会信用代码\n甲厂,乙厂,{CODE}\n".encode(), "import.title_twice"),
    # No text of one byte a sign holds NULs: it is read as UTF-16, in which it has no titles that are known.
    "NULs in a CSV": (a_table(2).replace("望".encode(), b"\0"), "import.no_header"),
    "a huge cell": (a_table(2) + b"x" * 40_000 + b",y\n", "import.unclosed_quote"),
    "a workbook cut off": (book(merged)[:2000], "import.not_a_workbook"),
}


def test_workbooks_as_people_make_them_come_in(suite):
    for what, fill in TAKEN.items():
        _, status = imports(suite, book(fill))

        assert counts(status)[1:] in ((0, 0), (0, 1)), (what, [row.problems for row in suite.rows(t.import_rows)])


def test_what_would_do_harm_is_refused_by_name_and_leaves_nothing(suite):
    for what, (body, code) in REFUSED.items():
        _, status = imports(suite, body)

        assert (status["state"], status["problem"] and status["problem"]["code"]) == ("failed", code), what
        assert suite.rows(t.records) == [] and suite.rows(t.import_chunks) == [], what


def test_a_number_that_the_spreadsheet_rounded_is_said_to_be(suite):
    _, status = imports(suite, book(rounded))

    assert counts(status) == (0, 1, 0)
    assert [problem["code"] for row in suite.rows(t.import_rows) for problem in row.problems][:1] == ["row.rounded"]


def test_titles_without_rows_take_nothing_and_are_over(suite):
    _, status = imports(suite, "客户名称,统一社会信用代码\n".encode())

    assert (status["state"], status["rows"]) == ("released", 0)

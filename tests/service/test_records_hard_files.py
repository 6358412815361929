"""Files as they come in real life, or from somebody who means harm: each answered clearly, nothing half-done."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
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
    "nothing but NULs": (bytes(5000), "import.no_text"),
    "a title twice": (f"客户名称,客户名称,统一社会信用代码\n甲厂,乙厂,{CODE}\n".encode(), "import.title_twice"),
    "NULs in a CSV": (a_table(2).replace("望".encode(), b"\0"), "import.control_characters"),
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


TABLE = "客户名称,统一社会信用代码,地址\n" + "".join(
    f"望杉{n}号𠮷厂,{data.credit_code(90_900_000 + n)},上海一路\n" for n in range(30)
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_table_comes_in_in_every_encoding_that_spreadsheets_write(suite, encoding):
    _, status = imports(suite, TABLE.encode(encoding))

    assert counts(status) == (30, 0, 0), status


NULS = {
    "in UTF-8": a_table(4).replace("望".encode(), b"\0"),
    "at the ends of cells": a_table(4).replace(b",", b"\0,"),
    "in GB18030": TABLE.encode("gb18030").replace("望".encode("gb18030"), b"\0"),
}


@pytest.mark.parametrize("where", NULS)
def test_nuls_are_called_what_they_are_and_where_they_stand(suite, where):
    _, status = imports(suite, NULS[where])

    assert (status["state"], status["problem"]["code"]) == ("failed", "import.control_characters")
    assert "line " in status["problem"]["detail"] and suite.rows(t.records) == []


def test_an_encoding_that_was_chosen_wrongly_and_a_control_character_are_told_apart(suite):
    _, other = imports(suite, TABLE.encode("gb18030"), encoding="utf-8")
    _, strange = imports(suite, TABLE.replace("一路", "一\x07路").encode(), encoding="utf-8")

    assert other["problem"]["code"] == "import.encoding"
    assert strange["problem"]["code"] == "import.control_characters" and "line 2" in strange["problem"]["detail"]


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_rows_below(suite):
    body = a_table(6).replace(b"\n", b'\n"', 1)

    _, status = imports(suite, body)

    assert status["problem"]["code"] == "import.unclosed_quote" and "row 2" in status["problem"]["detail"]
    assert suite.rows(t.records) == []


def test_cells_with_quotes_lines_and_separators_in_them_are_taken_as_they_are(suite):
    body = f'客户名称;统一社会信用代码\n"第一行\n第二行";{CODE}\n"含""引号"",和;分号";{data.credit_code(90_800_002)}\n'

    _, status = imports(suite, body.encode())

    assert counts(status) == (2, 0, 0)


@pytest.mark.parametrize(
    ("text", "written"), [("Name,City\nMüller,Köln\n", "latin-1"), ("客户名称\nA厂\nABC公司\n", "gb18030")]
)
def test_a_western_text_is_not_taken_for_chinese_nor_the_other_way_round(suite, text, written):
    _, status = imports(suite, text.encode(written))

    assert (status["encoding"] == "gb18030") == (written == "gb18030") == status["certain"]


def test_a_guess_takes_no_row_in_and_is_shown_with_what_was_tried(suite):
    """A record that reads 晧 for ü is worse than none; whoever knows the encoding names it."""
    body = f"Name,credit_code\nGrüße GmbH,{CODE}\n".encode("latin-1")

    _, real = imports(suite, body)
    _, dry = imports(suite, body, dry_run=True)
    _, named = imports(suite, body, encoding="latin-1")

    assert (real["state"], real["problem"]["code"]) == ("failed", "import.encoding_uncertain")
    assert real["encoding"] == dry["encoding"] == "cp1252" and "cp1252" in real["problem"]["detail"]
    assert (dry["state"], dry["certain"], dry["accepted"]) == ("checked", False, 1)
    assert counts(named) == (1, 0, 0)


@pytest.mark.parametrize(("encoding", "chosen"), [("utf-8", None), ("big5", None), ("big5", "big5")])
def test_traditional_titles_are_the_same_titles(suite, encoding, chosen):
    body = f"客戶名稱,統一社會信用代碼\n歐陽建國貿易,{CODE}\n".encode(encoding)

    _, status = imports(suite, body, **({"encoding": chosen} if chosen else {}))

    assert counts(status) == (1, 0, 0), status


def test_a_file_without_known_titles_still_shows_its_encoding(suite):
    _, status = imports(suite, "甲,乙\n陳美玲,歐陽建國\n".encode("big5"))

    assert (status["problem"]["code"], status["encoding"]) == ("import.no_header", "big5")

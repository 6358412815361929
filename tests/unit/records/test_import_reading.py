"""Reading files: what they are follows from their bytes, and what cannot be read is refused with what to do."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.records.importing.reading import ROUNDED, Limits, open_table

TABLE = "客户名称,手机\n恒通商贸,19900001000\n"


@pytest.mark.parametrize(
    ("encoding", "found", "certain"),
    [
        ("utf-8", "utf-8", True),
        ("utf-8-sig", "utf-8-sig", True),
        ("gb18030", "gb18030", True),
        ("gbk", "gb18030", True),
        ("utf-16", "utf-16", True),
        ("utf-16-le", "utf-16-le", True),
        ("utf-16-be", "utf-16-be", True),
    ],
)
def test_the_encoding_is_found_and_said(encoding, found, certain):
    table = open_table(TABLE.encode(encoding))

    assert (table.encoding, table.certain) == (found, certain)
    assert list(table.rows) == [(1, ["客户名称", "手机"]), (2, ["恒通商贸", "19900001000"])]


def test_a_western_file_that_fits_no_chinese_encoding_is_guessed_and_said_to_be_guessed():
    table = open_table("name,city\nMüller & Söhne,Köln \nGarcía,Málaga ñ\nFrançois,Orléans é, \n".encode("cp1252"))

    assert not table.certain
    assert not table.encoding.startswith("utf")


def test_an_encoding_that_was_chosen_is_used():
    table = open_table(TABLE.encode("big5", "ignore"), encoding="big5")

    assert (table.encoding, table.certain) == ("big5", True)


@pytest.mark.parametrize("chosen", ["klingon", "utf-8", "base64", "ascii"])
def test_an_encoding_that_does_not_fit_is_refused(chosen):
    with pytest.raises(Invalid) as refusal:
        open_table(TABLE.encode("gb18030"), encoding=chosen)

    assert refusal.value.code == "import.encoding"


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_delimiters_are_found(mark):
    assert list(open_table(TABLE.replace(",", mark).encode()).rows)[1] == (2, ["恒通商贸", "19900001000"])


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    table = open_table(b'name,note\n\na,"two\nlines"\n\nb,\n')

    assert list(table.rows) == [(1, ["name", "note"]), (2, []), (3, ["a", "two\nlines"]), (4, []), (5, ["b"])]


def test_a_quotation_mark_nobody_closed_is_named_with_its_row():
    with pytest.raises(Invalid) as refusal:
        list(open_table(b'name,note\na,"open\n' + b"b,c\n" * 20_000).rows)

    assert refusal.value.code == "import.unclosed_quote"
    assert "row 2" in refusal.value.detail


@pytest.mark.parametrize("file", [b"", b"  \n \n"])
def test_an_empty_file_is_refused(file):
    with pytest.raises(Invalid) as refusal:
        open_table(file)

    assert refusal.value.code == "import.empty"


@pytest.mark.parametrize("file", [b"%PDF-1.7\x00\x01\xff\xfe", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\x00" * 64])
def test_what_is_no_text_and_no_workbook_is_refused(file):
    with pytest.raises(Invalid) as refusal:
        open_table(file)

    assert refusal.value.code == "import.no_text"


def test_more_columns_than_allowed_are_refused():
    with pytest.raises(Invalid) as text:
        list(open_table(b",".join([b"a"] * 201)).rows)
    with pytest.raises(Invalid) as book:
        open_table(_book([["a"] * 201]))

    assert text.value.code == book.value.code == "import.too_many_columns"


def test_larger_files_than_allowed_are_refused():
    with pytest.raises(Invalid) as text:
        open_table(b"a,b\n" * 100, limits=Limits(size=100))
    with pytest.raises(Invalid) as bomb:
        open_table(_zipped({"xl/workbook.xml": b"0" * 100_000}), limits=Limits(unpacked=50_000))

    assert text.value.code == bomb.value.code == "import.too_large"


def test_a_large_csv_is_read_in_little_memory(tmp_path):
    path = tmp_path / "large.csv"
    line = "恒通商贸有限公司,19900001000,澄州市榆林路1号\n".encode("gb18030")
    with path.open("wb") as file:
        file.write("客户名称,手机,地址\n".encode("gb18030"))
        file.writelines(line for _ in range(60_000))

    tracemalloc.start()
    rows = sum(1 for _ in open_table(path).rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert rows == 60_001
    assert path.stat().st_size > 2_500_000
    assert peak < 1_500_000


def test_a_workbook_is_read_as_its_reader_sees_it():
    table = open_table(_book([["名称", "编号", "比例", "日期"], ["恒通", 42, 0.5, 1e17], [], ["x", True, "", ""]]))

    assert (table.kind, table.encoding) == ("xlsx", None)
    assert list(table.rows) == [
        (1, ["名称", "编号", "比例", "日期"]),
        (2, ["恒通", "42", "0.5", ROUNDED]),
        (3, []),
        (4, ["x", "true"]),
    ]


def test_an_empty_workbook_has_no_rows():
    assert list(open_table(_book([])).rows) == []


def test_a_zip_that_is_no_workbook_is_refused():
    for entries in ({"readme.txt": b"hello"}, {"xl/workbook.xml": b"<broken"}, {"word/document.xml": b"<w/>"}):
        with pytest.raises(Invalid) as refusal:
            open_table(_zipped(entries))
        assert refusal.value.code == "import.not_a_workbook"


def test_a_workbook_cut_off_is_refused():
    whole = _book([["a", "b"]] * 50)

    for size in (10, 100, len(whole) // 2, len(whole) - 5):
        with pytest.raises(Invalid) as refusal:
            list(open_table(whole[:size]).rows)
        assert refusal.value.code == "import.not_a_workbook"


def test_a_protected_workbook_says_so():
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    with pytest.raises(Invalid) as refusal:
        open_table(ole)

    assert refusal.value.code == "import.encrypted"


@pytest.mark.parametrize("inside", ["WordDocument", "Workbook"])
def test_an_old_office_file_that_holds_no_table_is_refused(inside):
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512) + inside.encode("utf-16-le") + bytes(512)
    with pytest.raises(Invalid) as refusal:
        open_table(ole)

    assert refusal.value.code == "import.not_a_workbook"


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=300)
def test_any_bytes_give_rows_or_a_refusal(file):
    """
    No input may give a 500.
    """
    _read_or_refused(file)


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=8))
@settings(deadline=None, max_examples=200)
def test_a_damaged_workbook_gives_rows_or_a_refusal(at, noise):
    whole = BOOK
    at %= len(whole)
    _read_or_refused(whole[:at] + noise + whole[at + len(noise) :])


def _read_or_refused(file):
    try:
        assert all(number > 0 for number, _ in open_table(file).rows)
    except Invalid as refusal:
        assert refusal.code.startswith("import.")


def _book(rows):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def _zipped(entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    return file.getvalue()


BOOK = _book([["name", "mobile"], ["a", 19900001000]])


def test_a_file_on_disk_reads_like_its_bytes(tmp_path):
    path = Path(tmp_path / "list.csv")
    path.write_bytes(TABLE.encode())

    assert list(open_table(path).rows) == list(open_table(TABLE.encode()).rows)

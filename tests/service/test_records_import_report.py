"""The report of a large import leaves in pieces: every row of it arrives, and no answer holds more than a piece."""

from __future__ import annotations

import csv
import io
import zipfile
from base64 import b64decode
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.records.importing import telling
from services.records.importing.report import MARK
from services.records.importing.report_sheet import SHEET, Made
from tests.service.given_records import Suite, code_of

ROWS, PIECE = 3000, 20_000
LONG = [{"code": "value.wrong", "field": "contact.mobile", "detail": "不是有效的手机号码 <&> " * 6}] * 2


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces, so that a few thousand rows make many."""
    monkeypatch.setattr(telling, "PIECE", PIECE)


def rejected(suite: Suite, rows: int = ROWS, problems: Any = LONG) -> str:
    """An import of which no row was taken."""
    upload = str(suite.calls("qian", "begin_import", {"class": "trading.customer"})["upload"])
    with suite.service("qian", "start_import", {}).store.begin() as work:
        work.add_lines(upload, ({"row": n, "outcome": "rejected", "problems": problems} for n in range(2, rows + 2)))
    return upload


def pieces(suite: Suite, method: str, upload: str, after: Any, language: str = "zh-CN") -> list[dict[str, Any]]:
    """All answers of a report, each asked for as the one before it says."""
    told = [suite.calls("qian", method, {"upload": upload, "after": after}, language=language)]
    while told[-1]["next"] is not None:
        told.append(suite.calls("qian", method, {"upload": upload, "after": told[-1]["next"]}, language=language))
    return told


@pytest.mark.covers("Q-118")
def test_whoever_reads_the_report_of_a_large_import_gets_every_row_of_it_in_pieces(suite: Suite) -> None:
    upload = rejected(suite)

    told = [one["csv"] for one in pieces(suite, "import_report", upload, 0)]

    assert len(told) > 20 and max(map(len, told)) < 2 * PIECE
    assert "".join(told).count(MARK) == 1 and told[0].startswith(MARK)
    rows = list(csv.reader(io.StringIO("".join(told).removeprefix(MARK), newline="")))
    assert [row[0] for row in rows] == ["行号", *map(str, range(2, ROWS + 2))]
    assert len({tuple(row[1:]) for row in rows[1:]}) == 1 and "手机号码" in rows[-1][3]


@pytest.mark.covers("Q-118")
@pytest.mark.parametrize("rows", [0, 1, ROWS])
def test_the_same_rows_arrive_as_a_sound_workbook(suite: Suite, rows: int) -> None:
    upload = rejected(suite, rows)

    told = [b64decode(one["file"]) for one in pieces(suite, "import_workbook", upload, "")]

    raw = b"".join(told)
    assert (len(told) > 20) == (rows > 1) and max(map(len, told)) < 2 * PIECE
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        assert book.testzip() is None and f'<autoFilter ref="A1:D{max(rows, 1) + 1}"/>'.encode() in book.read(SHEET)
    read = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in read] == ["行号", *range(2, rows + 2)]
    assert all("手机号码 <&>" in row[3] for row in read[1:])


def test_a_piece_is_asked_for_only_by_where_the_one_before_it_ended(suite: Suite) -> None:
    upload = rejected(suite, 1)

    for nonsense in ("1.2.3", "1.2.3.4.x", "-1.2.3.4.5"):
        assert code_of(suite.calls, "qian", "import_workbook", {"upload": upload, "after": nonsense}) == "input.invalid"
    assert Made.of(str(Made(7, 6, 5, 4, 3))) == Made(7, 6, 5, 4, 3)


def test_what_a_sheet_cannot_hold_is_refused_and_still_there_as_csv(suite: Suite, monkeypatch: Any) -> None:
    monkeypatch.setattr("services.records.importing.report_sheet.LAST", 100)
    upload = rejected(suite, 100)

    assert code_of(pieces, suite, "import_workbook", upload, "") == "report.too_long"
    assert len("".join(one["csv"] for one in pieces(suite, "import_report", upload, 0)).splitlines()) == 101

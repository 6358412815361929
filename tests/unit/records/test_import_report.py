"""The import report: it adds up, it reads in two languages, and no spreadsheet runs what is in it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.importing.problems import WORDS, Problem, problem
from services.records.importing.report import MARK, OUTCOMES, Line, Tally, as_csv, guarded

WORD = problem("row.word", "credit.grade", column="信用等级")


@given(st.lists(st.sampled_from(sorted(OUTCOMES))))
def test_accepted_rejected_and_duplicates_are_all_rows(outcomes):
    tally = Tally()
    for number, outcome in enumerate(outcomes):
        tally.add(Line(number, outcome))

    counts = tally.counts

    assert counts["accepted"] + counts["rejected"] + counts["duplicates"] == counts["rows"] == len(outcomes)


def test_an_outcome_that_does_not_exist_is_not_counted():
    with pytest.raises(ValueError):
        Tally().add(Line(1, "lost"))


def test_reasons_are_counted_by_code():
    tally = Tally()
    tally.add(Line(2, "rejected", (WORD, problem("row.cells"))))
    tally.add(Line(3, "rejected", (WORD,)))

    assert tally.codes == {"row.word": 2, "row.cells": 1}


def test_the_report_is_read_back_row_by_row_in_both_languages():
    lines = [Line(2, "rejected", (WORD, Problem("code.check", detail="the last digit is wrong")), ("a,b", ""))]

    english, chinese = (_rows("".join(as_csv(lines, ["客户名称", "手机"], language))) for language in ("en", "zh-CN"))

    reason = f"{WORD.reason()}; the last digit is wrong"
    assert english == [
        ["row", "outcome", "code", "reason", "客户名称", "手机"],
        ["2", "rejected", "row.word code.check", reason, "a,b", ""],
    ]
    assert chinese[1][:2] == ["2", "已拒绝"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "|calc"])
def test_no_cell_is_run_as_a_formula(cell):
    """
    A customer's name can be a formula that somebody planted for the clerk who opens the report.
    """
    (_, row) = _rows("".join(as_csv([Line(2, "rejected", (), (cell,))], ["name"])))

    assert row[4] == f"'{cell}"
    assert guarded("恒通") == "恒通"


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_reason_has_a_sentence_in_both_languages(code):
    english, chinese = (problem(code, column="手机").reason(language) for language in ("en", "zh"))

    assert english != chinese
    assert "{" not in english + chinese and ";" in english and "；" in chinese


def _rows(text):
    assert text.startswith(MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(MARK), newline="")))

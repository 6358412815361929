"""From cells to fields: titles found, cells cleansed, and reasons that a clerk can act on."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.records.importing.cleansing import cleansed
from services.records.importing.mapping import comparable, guess, parse
from services.records.importing.reading import Table, open_table
from services.records.importing.rows import read

LABELS = {
    "basic.name": ["Name", "名称"],
    "basic.credit_code": ["Unified social credit code", "统一社会信用代码"],
    "contact.mobile": ["Mobile phone", "手机"],
    "contact.email": ["E-mail", "电子邮箱"],
    "credit.grade": ["Credit grade", "信用等级"],
}
PLAN = """
class: trading.customer
nulls: ["NULL"]
columns: {Name: basic.name, Code: {to: basic.credit_code, transforms: [upper]}, Tel: contact.phone}
"""


def test_titles_are_known_in_english_and_chinese():
    plan = guess(["客户名称*", "手机号码", "E-Mail", "备用列", "信用等级（A-C）"], LABELS, {})

    assert {column.title: column.to for column in plan.columns} == {
        "客户名称*": "basic.name",
        "手机号码": "contact.mobile",
        "E-Mail": "contact.email",
        "信用等级（A-C）": "credit.grade",
    }


def test_a_title_that_could_mean_two_fields_means_none():
    labels = {"contact.name": ["Contact name"], "basic.name": ["Customer name"]}

    with pytest.raises(Invalid) as refusal:
        guess(["名称"], labels, {})

    assert refusal.value.code == "import.no_header"


def test_the_header_is_found_below_a_caption():
    found = _read("恒通集团\n\n客户名称,手机,备用\n某公司,19900001000,x\n")

    assert (found.header, found.ignored) == (3, ("备用",))
    assert [(row.number, row.fields) for row in found.rows] == [
        (4, {"basic.name": "某公司", "contact.mobile": "19900001000"})
    ]


@pytest.mark.parametrize("text", ["1,2\n3,4\n", "Name,Other\na,b\n"])
def test_a_file_without_the_titles_of_its_mapping_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        _read(text, PLAN)

    assert refusal.value.code == "import.no_header"
    assert "tel" in refusal.value.detail


def test_a_title_that_stands_twice_is_refused():
    with pytest.raises(Invalid) as refusal:
        _read("Name,Code,Tel,tel\na,b,c,d\n", PLAN)

    assert refusal.value.code == "import.title_twice"


@pytest.mark.covers("Q-117")
@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("１９９００００１０００", "19900001000"),
        ("　恒通 \t商贸　", "恒通 商贸"),
        ("ＡＢＣ－１", "ABC-1"),
        ("a\u200bb\ufeff\u202ec", "abc"),
        ("a\x00\x1fb", "ab"),
        ("one \n  two ", "one\ntwo"),
    ],
)
def test_cells_are_cleansed(raw, clean):
    assert cleansed(raw) == clean


def test_empty_and_null_cells_are_no_values():
    (row,) = _read("Name,Code,Tel\na, ,null\n", PLAN).rows

    assert row.fields == {"basic.name": "a"}
    assert row.problems == ()


def test_a_row_with_too_many_cells_is_a_problem_of_its_own():
    rows = list(_read("Name,Code,Tel\na,1,2,3\nb,1\nc,1,,,,\n", PLAN).rows)

    assert [[problem.code for problem in row.problems] for row in rows] == [["row.cells"], [], []]


def test_words_become_codes_and_unknown_words_are_named_by_column_only():
    plan = "columns: {名称: basic.name, 分类: {to: business.segment, words: w}}\nwords: {w: {重要: important}}"
    known, unknown = _read("名称,分类\na,重要\nb,秘密\n", plan).rows

    assert known.fields["business.segment"] == "important"
    assert "分类" in unknown.problems[0].reason("zh") and "秘密" not in unknown.problems[0].reason("zh")


def test_constants_are_in_every_row_and_columns_of_one_field_are_joined():
    plan = (
        "columns: {Street: contact.address, Town: contact.address}\nconstants: {basic.kind: company}\njoined_by: ' · '"
    )
    (row,) = _read("Street,Town\nA 1,B\n", plan).rows

    assert row.fields == {"contact.address": "A 1 · B", "basic.kind": "company"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("columns: {a: b.c}\ncolour: red", "/mapping/colour"),
        ("columns: {}", "/mapping/columns"),
        ("class: x", "/mapping/columns"),
        ("columns: {a: nofield}", "/mapping/columns/a/to"),
        ("columns: {a: {to: b.c, transforms: [eval]}}", "/mapping/columns/a/transforms/0"),
        ("columns: {a: {to: b.c, words: none}}", "/mapping/columns/a/words"),
        ("columns: {a: b.c}\nconstants: {b.c: x}", "/mapping/constants/b/c"),
        ("columns: [a", "/mapping"),
        ("[" * 30_000, "/mapping"),
        ("columns: " + "{a: " * 5_000, "/mapping"),
        ("a" * 70_000, "/mapping"),
        ("just text", "/mapping"),
        ("", "/mapping"),
    ],
)
def test_a_mistake_in_a_mapping_file_is_named_with_its_place(text, place):
    with pytest.raises(Invalid) as refusal:
        parse(text)

    assert refusal.value.code == "import.mapping"
    assert refusal.value.facts["errors"][0]["pointer"] == place


@given(st.text(max_size=60) | st.sampled_from(["a: &a [*a]", "columns: {a: b.c, ? [x] : y}", "--- a\n--- b", "\x00"]))
@settings(deadline=None)
def test_any_text_is_a_mapping_file_or_refused(text):
    with contextlib.suppress(Invalid):
        parse(text)


@given(st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=6), st.booleans())
@settings(deadline=None)
def test_any_table_below_a_header_gives_one_row_a_line(lines, mapped):
    """
    No input may give a 500, and no row may be lost in silence.
    """
    rows = [(1, ["Name", "Code", "Tel", "客户名称"]), *enumerate(lines, 2)]
    plan = parse(PLAN + "overflow: Name\n") if mapped else None
    found = list(read(Table("csv", None, True, ",", iter(rows)), plan, LABELS).rows)

    assert [row.number for row in found] == [number for number, cells in rows[1:] if any(map(cleansed, cells))]


def test_norway_stays_norway():
    plan = parse("columns: {a: {to: b.c, words: w}}\nwords: {w: {Norway: NO, Sweden: SE}}")

    assert plan.words == {"w": {"Norway": "NO", "Sweden": "SE"}}


def test_words_of_the_regime_become_codes_and_others_are_left_to_its_rules():
    table = open_table("客户名称,信用等级\na,甲\nb,A\nc,特优\n".encode())
    rows = list(read(table, None, LABELS, {"credit.grade": {"甲": "a", "A": "a"}}).rows)

    assert [row.fields["credit.grade"] for row in rows] == ["a", "a", "特优"]
    assert not any(row.problems for row in rows)


def test_words_in_traditional_characters_are_the_same_words():
    table = open_table("客戶名稱,信用等級\na,優質客戶\nb,优质客户\n".encode())
    rows = list(read(table, None, LABELS, {"credit.grade": {"优质客户": "a"}}).rows)

    assert [row.fields["credit.grade"] for row in rows] == ["a", "a"]


def test_titles_differ_only_where_it_matters():
    assert comparable(" 手机 号码（必填）") == comparable("手机号码") != comparable("手机")


def _read(text, plan=None):
    return read(open_table(text.encode()), parse(plan) if plan else None, LABELS)

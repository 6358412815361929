"""Encodings are weighed by what they make of the bytes: nobody's name is taken in as another's characters."""

from __future__ import annotations

import pytest

from services.records.importing.reading import open_table

BIG5 = "客戶名稱,電話\n歐陽建國貿易,010-62345678\n陳美玲,010-62345679\n"
UNTITLED = "name,phone\n歐陽建國,1\n陳美玲,2\n黃志明,3\n"
SIMPLE = "name,phone\n恒通商贸,1\n张志明,2\n李雪梅,3\n"
SHIFT_JIS = "顧客名,電話番号\nさくら商事株式会社,03-1234\n山田太郎,2\n"


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        (BIG5, "big5", "big5"),
        (UNTITLED, "big5", "big5"),
        (SIMPLE, "gbk", "gb18030"),
        (BIG5, "gbk", "gb18030"),
        (SHIFT_JIS, "cp932", "cp932"),
        ("客户名称\nA厂\n", "gbk", "gb18030"),
    ],
)
def test_what_can_be_meant_by_no_other_encoding_is_certain(text, written, found):
    table = open_table(text.encode(written))

    assert (table.encoding, table.certain) == (found, True)
    assert [cells for _, cells in table.rows] == [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("name,city\nGrüße GmbH,Jürgen\n", "latin-1"),
        ("name,city\nMüller & Söhne,Köln\nGarcía,Málaga\n", "cp1252"),
        ("имя,город\nИванов,Москва\nПетров,Казань\n", "cp1251"),
        ("고객명,전화\n한국무역주식회사,1\n김철수,2\n", "euc_kr"),
        ("name,note\n龘靐齉,鬱\n", "gbk"),
    ],
)
def test_what_is_only_guessed_is_never_called_certain(text, written):
    assert not open_table(text.encode(written)).certain


def test_umlauts_are_guessed_as_umlauts_and_not_as_chinese():
    table = open_table("name,city\nGrüße GmbH,Jürgen\n".encode("latin-1"))

    assert list(table.rows)[1] == (2, ["Grüße GmbH", "Jürgen"])


def test_the_titles_of_the_class_settle_it():
    """Of two readings that are both everyday Chinese, the one with the titles that the class has is meant."""
    text = "龘靐,齉龘\n靐,1\n"

    assert not open_table(text.encode("gbk")).certain
    assert open_table(text.encode("gbk"), titles={"龘靐"}).certain


def test_a_declared_encoding_is_used_as_declared():
    table = open_table(BIG5.encode("big5"), encoding="big5")

    assert (table.encoding, table.certain) == ("big5", True)
    assert next(table.rows) == (1, ["客戶名稱", "電話"])

"""What values leave in the index, and what conditions ask of it: bounded, apart for every field, never too little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from regimes.model import Field
from services.records.searching import pinyin
from services.records.searching.indexing import MOST, indexed, units
from services.records.searching.model import Condition, conditions
from services.records.searching.pieces import LONGEST, folded, pieces
from tests.service.given_records import REGIME
from vault.tokens import Blind, search_key

CUSTOMER = REGIME.classes["company.customer"]
BLIND = Blind(b"k" * 32)
NAMES = st.text(st.sampled_from("星澜贸易有限公司李雪梅单欧阳重庆abcXYZ 12"), min_size=1, max_size=20)


def one(path, wanted):
    [condition] = conditions(CUSTOMER, {path: wanted}, REGIME)
    return condition


def tokens_of(path, value):
    return set(indexed("r", CUSTOMER, [path.split(".")[0]], {path: value}, BLIND).parts[path.split(".")[0]])


def finds(path, wanted, value):
    """Whether the index leads to the value, and the value is then what was asked for."""
    condition = one(path, wanted)
    ways = condition.tokens(CUSTOMER.name, [BLIND.search])
    return any(set(way) <= tokens_of(path, value) for way in ways) and condition.fits(value)


@pytest.mark.covers("Q-144")
@pytest.mark.parametrize(
    ("path", "wanted", "value"),
    [
        ("basic.name", "星澜贸易有限公司", "星澜贸易有限公司"),
        ("basic.name", "ＡＢＣ 贸易", "abc贸易"),
        ("basic.name", {"like": "贸易"}, "星澜贸易有限公司"),
        ("basic.name", {"like": "澜"}, "星澜贸易有限公司"),
        ("basic.name", {"prefix": "星"}, "星澜贸易有限公司"),
        ("basic.name", {"pinyin": "xinglan maoyi"}, "星澜贸易有限公司"),
        ("basic.name", {"pinyin": "maoy"}, "星澜贸易有限公司"),
        ("basic.name", {"initials": "WGWL"}, "广州万国物流"),
        ("contact.person", {"pinyin": "shan xue"}, "单雪梅"),
        ("contact.person", {"pinyin": "dan"}, "单雪梅"),
        ("basic.name", {"pinyin": "chongqing"}, "重庆长安汽车"),
        ("basic.name", {"pinyin": "xi'an"}, "西安钟楼商行"),
        ("contact.address", {"like": "青榆路12"}, "澄州市青榆路12号"),
        ("contact.mobile", {"last4": "1234"}, "+8619900001234"),
    ],
)
def test_a_value_is_found_by_what_people_remember_of_it(path, wanted, value):
    assert finds(path, wanted, value)


@pytest.mark.parametrize(
    ("path", "wanted", "value"),
    [
        ("basic.name", {"prefix": "贸易"}, "星澜贸易有限公司"),
        ("basic.name", {"like": "公贸"}, "星澜贸易有限公司"),
        ("basic.name", {"like": "星易"}, "星澜贸易有限公司"),
        ("basic.name", {"initials": "lx"}, "星澜贸易有限公司"),
        ("basic.name", "星澜", "星澜贸易有限公司"),
        ("contact.mobile", {"last4": "0000"}, "+8619900001234"),
    ],
)
def test_what_is_only_like_it_is_not_found(path, wanted, value):
    assert not finds(path, wanted, value)


def test_pairs_that_meet_by_chance_are_told_apart_when_the_value_is_open():
    condition = one("basic.name", {"like": "ababa"})
    [way] = condition.tokens(CUSTOMER.name, [BLIND.search])
    assert set(way) <= tokens_of("basic.name", "babcab") and not condition.fits("babcab")


@given(NAMES, st.data())
def test_any_part_of_any_name_finds_it(name, data):
    """The index may lead to too much; it must never lead past what is there."""
    if not folded(name)[:LONGEST] or not any(sign.isalpha() for sign in name):
        return
    whole = folded(name)
    first = data.draw(st.integers(0, len(whole) - 1))
    part = whole[first : data.draw(st.integers(first + 1, len(whole)))]
    assert finds("basic.name", {"like": part}, name)
    assert finds("basic.name", {"prefix": whole[: len(part)]}, name)


@given(st.text(st.sampled_from("星澜贸易有限公司李雪梅单欧阳重庆长安万俟区"), min_size=1, max_size=12), st.data())
def test_any_name_is_found_by_its_sound_and_its_initials(name, data):
    for way in pinyin.readings(folded(name)):
        first = data.draw(st.integers(0, len(way) - 1))
        assert finds("basic.name", {"pinyin": "'".join(way[first:])}, name)
        if len(way) - first > 1:
            assert finds("basic.name", {"initials": pinyin.initials(way[first:])}, name)


def test_equal_texts_of_two_fields_and_of_two_classes_leave_other_tokens():
    """Scenario 55: whoever sees the index learns nothing by comparing fields."""
    trading = REGIME.classes["trading.customer"]
    name = indexed("r", CUSTOMER, ["basic"], {"basic.name": "李雪梅"}, BLIND).parts["basic"]
    person = indexed("r", CUSTOMER, ["contact"], {"contact.person": "李雪梅"}, BLIND).parts["contact"]
    card = indexed("r", trading, ["basic"], {"basic.name": "李雪梅"}, BLIND).parts["basic"]
    assert not set(name) & set(person) and not set(name) & set(card)


def test_the_key_of_search_is_no_other_key_and_each_generation_has_its_own_tokens():
    keys = {0: search_key(b"k" * 32), 1: b"n" * 32}
    blind = Blind(b"k" * 32, lambda: keys)
    assert search_key(b"k" * 32) != b"k" * 32 and blind.search.generation == 1
    old, new = blind.searches(0)
    assert not set(old.tokens("f", "is", ["x"])) & set(new.tokens("f", "is", ["x"]))
    assert blind.searches(1) == [new] and old.tokens("f", "is", ["x"]) == BLIND.search.tokens("f", "is", ["x"])


def test_what_one_row_costs_is_bounded():
    long = "".join(chr(0x4E00 + n) for n in range(200))
    assert len(tokens_of("basic.name", long)) <= MOST
    assert all(len(found) <= LONGEST for found in pieces(Field("name", type="name"), long).values())
    assert all(-(2**63) <= token < 2**63 for token in tokens_of("basic.name", long))


@pytest.mark.parametrize(
    ("path", "wanted", "code"),
    [
        ("basic.colour", "red", "field.unknown"),
        ("business.transactions", "x", "search.way"),
        ("contact.mobile", {"like": "1990"}, "search.way"),
        ("basic.name", {"sounds": "x"}, "search.way"),
        ("basic.name", {"like": "a", "prefix": "b"}, "search.way"),
        ("basic.name", {}, "search.way"),
        ("contact.address", {"like": "路"}, "search.too_short"),
        ("contact.mobile", {"last4": "12"}, "search.too_short"),
        ("basic.name", {"initials": "x"}, "search.too_short"),
        ("basic.name", {"pinyin": "星澜"}, "search.letters"),
        ("basic.name", {"like": "长" * 65}, "value.too_long"),
        ("basic.birth_date", {"from": "yesterday"}, "date.invalid"),
        ("contact.mobile", "12", "phone.invalid"),
    ],
)
def test_a_condition_that_cannot_be_searched_is_named_without_its_value(path, wanted, code):
    with pytest.raises(Invalid) as refusal:
        one(path, wanted)
    [error] = refusal.value.facts["errors"]
    assert (refusal.value.code, error["pointer"], error["code"]) == ("search.invalid", f"/where/{path}", code)
    assert str(wanted) not in str(refusal.value.facts)


@pytest.mark.parametrize(
    ("path", "low", "high", "inside", "outside"),
    [
        ("basic.birth_date", "1980-01-01", "1980-12-31", "1980-06-15", "1981-01-01"),
        ("credit.owed", "99.50", "1000", "100.00", "99.00"),
    ],
)
def test_a_range_is_told_by_the_value_alone(path, low, high, inside, outside):
    condition = one(path, {"from": low, "to": high})
    assert condition.ways == [] and condition.fits(inside) and not condition.fits(outside)
    assert one(path, {"to": high}).fits(inside) and one(path, {"from": low}).fits(inside)


def test_letters_that_are_no_pinyin_are_a_word_as_it_stands():
    assert pinyin.cuts("abc") == [["abc"]]
    assert ["xi", "an"] in pinyin.cuts("xian") and ["xian"] in pinyin.cuts("xian")
    assert finds("basic.name", {"pinyin": "abc"}, "ABC贸易")


def test_a_figure_is_exact_to_the_ten_thousandth():
    assert units("12.50") == 125_000 and units("-0.0001") == -1 and units("9" * 30) == 2**63 - 1


def test_a_condition_says_what_it_is_about():
    assert Condition(Field("name", part="basic"), "is", "x").path == "basic.name"


def test_how_signs_are_spoken_is_remembered_by_pairs_and_no_whole_name_is():
    pinyin._in_word.cache_clear()

    for _ in range(2):
        assert pinyin.readings("重庆长青李雪梅")[0] == ["chong", "qing", "chang", "qing", "li", "xue", "mei"]

    remembered = pinyin._in_word.cache_info()
    assert remembered.hits and remembered.maxsize == 20_000

"""Every field type: what is taken, what is refused with its remedy, and what everybody may see."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

import regimes
from regimes import numbers
from regimes.model import Field, Level
from regimes.values import READERS, Problem, mask, validate, validate_all, warnings

LEVELS = {style: Level(style, mask=style) for style in ("none", "last4", "name", "all")}


def a_resident_id(head: str) -> str:
    return head + ric.calc_check_digit(head + "0")


@pytest.mark.parametrize(
    ("kind", "raw", "canonical"),
    [
        ("text", "  two\nlines ", "two\nlines"),
        ("name", "王  建华", "王 建华"),
        ("name", "Frédérique", "Frédérique"),
        ("address", "Obere Str. 57", "Obere Str. 57"),
        ("date", "2026-3-1", "2026-03-01"),
        ("date", "2026/03/01", "2026-03-01"),
        ("date", "2026年3月1日", "2026-03-01"),
        ("date", "20260301", "2026-03-01"),
        ("date", date(2026, 3, 1), "2026-03-01"),
        ("date_time", "2026-03-01T14:30", "2026-03-01T06:30:00Z"),
        ("date_time", "2026-03-01T14:30+00:00", "2026-03-01T14:30:00Z"),
        ("number", "0012.50", "12.5"),
        ("number", "1,200", "1200"),
        ("number", 7, "7"),
        ("number", "-0", "0"),
        ("money", "¥1,250", "1250.00"),
        ("money", "88.5元", "88.50"),
        ("code", "C-17", "C-17"),
        ("phone", "138 0013 8000", "+8613800138000"),
        ("phone", "１３８００１３８０００", "+8613800138000"),
        ("phone", "010-6552 9988", "+861065529988"),
        ("phone", "010-65529988转123", "+861065529988;ext=123"),
        ("phone", "+44 20 7946 0018", "+442079460018"),
        ("email", "Li.Ming@Example.COM", "Li.Ming@example.com"),
        ("postcode", "100031", "100031"),
        ("resident_id", "11010519491231002x", "11010519491231002X"),
        ("credit_code", "9111 0000 6000 3734 1L", "91110000600037341L"),
        ("bank_card", "6222 0212 3456 7890 128", "6222021234567890128"),
        ("person", "zheng", "zheng"),
        ("department", "sales", "sales"),
        ("record", "0190f3c2-aaaa-7bbb-8ccc-000000000001", "0190f3c2-aaaa-7bbb-8ccc-000000000001"),
    ],
)
def test_good_input_has_one_spelling(hengtong: regimes.Regime, kind: str, raw: Any, canonical: str) -> None:
    field = Field("x", type=kind)
    if kind == "bank_card":
        raw = canonical = _with_luhn("622202123456789012")
    assert validate(field, raw, hengtong) == canonical
    assert validate(field, canonical, hengtong) == canonical or kind == "date_time"


def _with_luhn(head: str) -> str:
    from stdnum import luhn

    return head + luhn.calc_check_digit(head)


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("text", "", "value.empty"),
        ("text", "a\x00b", "text.invalid"),
        ("text", "a\ud800b", "text.invalid"),
        ("text", "x" * 4001, "value.too_long"),
        ("text", ["a"], "value.type"),
        ("text", True, "value.type"),
        ("text", 1.5, "value.type"),
        ("name", "12345", "name.invalid"),
        ("name", "a\tb\x07", "text.invalid"),
        ("address", "x" * 501, "value.too_long"),
        ("date", "2026-02-30", "date.invalid"),
        ("date", "31.03.2026", "date.invalid"),
        ("date", "0000-01-01", "date.invalid"),
        ("date_time", "yesterday", "date_time.invalid"),
        ("number", "NaN", "number.invalid"),
        ("number", "1e9", "number.invalid"),
        ("number", "1,2,3", "number.invalid"),
        ("money", "12.345", "money.invalid"),
        ("money", "Infinity", "money.invalid"),
        ("code", "x" * 65, "value.too_long"),
        ("phone", "65529988", "phone.area_code"),
        ("phone", "6552-9988", "phone.area_code"),
        ("phone", "12345", "phone.invalid"),
        ("phone", "call me", "phone.invalid"),
        ("phone", "10012345678", "phone.invalid"),
        ("email", "li.ming", "email.invalid"),
        ("email", "a..b@example.com", "email.invalid"),
        ("email", "a@b", "email.invalid"),
        ("postcode", "99", "postcode.invalid"),
        ("resident_id", "11010519491231002", "resident_id.length"),
        ("resident_id", "1101051949123100AX", "resident_id.format"),
        ("resident_id", "110105194913310021", "resident_id.birth_date"),
        ("resident_id", "110105194912310021", "resident_id.check_digit"),
        ("credit_code", "9111000060003734", "credit_code.length"),
        ("credit_code", "91110000600O37341L", "credit_code.format"),
        ("credit_code", "9111000060003734AA", "credit_code.check_digit"),
        ("bank_card", "1234", "bank_card.length"),
        ("bank_card", "6222021234567890120", "bank_card.check_digit"),
        ("person", "a b", "reference.invalid"),
        ("department", "", "value.empty"),
        ("record", "../x", "reference.invalid"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(hengtong: regimes.Regime, kind: str, raw: Any, code: str) -> None:
    with pytest.raises(Problem) as found:
        validate(Field("x", type=kind), raw, hengtong)
    assert found.value.code == code
    assert found.value.detail
    assert not raw or str(raw) not in found.value.detail


def test_every_type_has_a_reader() -> None:
    from regimes.schema.basics import TYPES

    assert set(READERS) == set(TYPES)


def test_the_missing_area_code_is_said_plainly(hengtong: regimes.Regime) -> None:
    with pytest.raises(Problem) as found:
        validate(Field("x", type="phone"), "65529988", hengtong)
    assert found.value.detail == "telephone: area code is missing, e.g. 010-…"


@pytest.mark.parametrize("head", ["99999919900101001", "11019919900101001", "44019919900101001", "81000019900101001"])
def test_an_unknown_area_is_a_warning_never_an_error(hengtong: regimes.Regime, head: str) -> None:
    """stdnum refuses some real areas and breaks with a KeyError on others."""
    field = Field("x", type="resident_id")
    value = validate(field, a_resident_id(head), hengtong)
    assert [one.code for one in warnings(field, value)] == ["resident_id.area_unknown"]
    assert warnings(field, "11010519491231002X") == []


def test_codes_are_taken_by_title_too(hengtong: regimes.Regime) -> None:
    field = Field("x", type="code", list="country")
    assert {validate(field, raw, hengtong) for raw in ("DE", "germany", "德国", "Germany")} == {"DE"}
    with pytest.raises(Problem) as found:
        validate(field, "Atlantis", hengtong)
    assert found.value.code == "code.unknown" and "Atlantis" not in found.value.detail


def test_a_record_is_read_with_its_country(hengtong: regimes.Regime) -> None:
    fields = hengtong.classes["trading.customer"].fields
    raw = {
        "contact.phone": "030-0074321",
        "contact.postcode": "12209",
        "basic.country": "Germany",
        "basic.name": "Alfreds",
    }
    good, wrong = validate_all(fields, {**raw, "contact.fax": " ", "contact.email": "x", "odd": "1"}, hengtong)
    assert good["contact.phone"] == "+49300074321" and good["basic.country"] == "DE"
    assert "contact.fax" not in good
    assert {path: problem.code for path, problem in wrong.items()} == {
        "contact.email": "email.invalid",
        "odd": "field.unknown",
    }


def test_a_wrong_country_is_told_once(hengtong: regimes.Regime) -> None:
    fields = hengtong.classes["trading.customer"].fields
    _, wrong = validate_all(fields, {"contact.phone": "88.60.15.31", "basic.country": "67000"}, hengtong)
    assert list(wrong) == ["basic.country"]


@pytest.mark.parametrize(
    ("kind", "value", "style", "shown"),
    [
        ("phone", "+8613800138000", "none", None),
        ("phone", "+8613800138000", "last4", "****8000"),
        ("phone", "+8613800138000", "all", "******"),
        ("code", "C-17", "last4", "******"),
        ("email", "li.ming@example.com", "last4", "l***@***"),
        ("name", "王建华", "last4", "王**"),
        ("name", "Li", "name", "L**"),
        ("resident_id", "11010519491231002X", "last4", "****002X"),
        ("money", "500000.00", "last4", "******"),
        ("text", "a long remark about somebody", "last4", "******"),
        ("date", "1990-01-01", "last4", "******"),
        ("address", "Obere Str. 57", "all", "******"),
        ("name", "王建华", "all", "******"),
    ],
)
def test_masks(kind: str, value: str, style: str, shown: str | None) -> None:
    assert mask(Field("x", type=kind), value, LEVELS[style]) == shown


def test_a_field_may_have_a_mask_of_its_own() -> None:
    assert mask(Field("x", type="text", mask="all"), "value", LEVELS["none"]) == "******"


@pytest.mark.parametrize(
    ("raw", "region", "detail"),
    [
        ("88.60.15.31", "FR", "telephone: a digit is missing for FR"),
        ("+44 20 7946 0018 00 00", "CN", "telephone: a digit too many for GB"),
    ],
)
def test_foreign_phones_are_judged_by_their_country(
    hengtong: regimes.Regime, raw: str, region: str, detail: str
) -> None:
    with pytest.raises(Problem) as found:
        validate(Field("x", type="phone"), raw, hengtong, region)
    assert found.value.detail == detail


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kind=st.sampled_from(sorted(READERS)), raw=st.text(max_size=40) | st.from_regex(r"[0-9X +()./-]{4,20}"))
def test_no_input_breaks_a_reader(hengtong: regimes.Regime, kind: str, raw: str) -> None:
    """A clerk's typing ends in a Problem or in a value that is its own spelling; never in a crash."""
    field = Field("x", type=kind)
    try:
        value = validate(field, raw, hengtong)
    except Problem:
        return
    assert validate(field, value, hengtong) == value
    shown = mask(field, value, LEVELS["last4"])
    assert shown and (len(value) < 4 or shown != value)
    warnings(field, value)


@settings(max_examples=300, deadline=None)
@given(text=st.from_regex(r"\A(1[0-9]{10}|0[0-9]{2,3}-[0-9]{7,8})\Z"))
def test_a_number_as_most_people_write_it_is_judged_as_any_other(text: str) -> None:
    """
    It is told by the library's own patterns without its long way around; both ways must never differ.
    """
    short = numbers._plain_chinese(text)

    # An extension takes the long way.
    try:
        whole = numbers.phone(f"{text} ext. 1", "CN").removesuffix(";ext=1")
    except Problem:
        whole = None
    assert short in (whole, None)
    assert whole is None or numbers.phone(text, "CN") == whole

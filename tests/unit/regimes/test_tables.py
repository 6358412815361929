"""Tables, checks, what is odd: one set of rules in every row, a place for every problem, warnings never refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import regimes
from regimes import tables
from regimes.model import Field
from regimes.values import Problem, unfilled, validate, validate_all, warnings, warnings_of

PATH = "business.transactions"


@pytest.fixture
def fields(hengtong: regimes.Regime) -> dict[str, Field]:
    return hengtong.classes["company.customer"].fields


@pytest.mark.covers("Q-049")
def test_rows_are_read_by_the_rules_of_their_columns(hengtong: regimes.Regime, fields: dict[str, Field]) -> None:
    rows = [{"amount": "¥1,250", "date": "2026年3月1日", "item": "tyres", "contract": ""}, {"item": " "}]
    good, wrong = validate_all(fields, {PATH: rows}, hengtong)

    assert not wrong
    assert good[PATH] == '[{"date":"2026-03-01","amount":"1250.00","item":"tyres"}]'
    assert validate(fields[PATH], good[PATH], hengtong) == good[PATH]
    assert tables.rows_of(good[PATH])[0]["amount"] == "1250.00"


@pytest.mark.covers("Q-074")
def test_a_problem_names_row_and_column_and_never_the_value(hengtong: regimes.Regime, fields: dict[str, Field]) -> None:
    row = {"date": "2026-03-01", "amount": "1.00", "item": "oil"}
    rows = [row, {**row, "amount": "12.345"}, {"date": "2026-03-01", "item": "oil"}, "oil", {**row, "color": "red"}]
    good, wrong = validate_all(fields, {PATH: rows, "basic.name": "王建华"}, hengtong)

    assert good == {"basic.name": "王建华"}
    assert {path: problem.code for path, problem in wrong.items()} == {
        f"{PATH}/1/amount": "money.invalid",
        f"{PATH}/2/amount": "column.missing",
        f"{PATH}/3": "table.row",
        f"{PATH}/4/color": "column.unknown",
    }
    told = wrong[f"{PATH}/1/amount"].detail
    assert told.startswith("row 2, Amount (金额): ") and "12.345" not in told


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ([], "value.empty"),
        ([{"item": ""}], "value.empty"),
        ("not a table", "table.invalid"),
        ("[" * 100_000, "table.invalid"),
        ({"item": "x"}, "table.invalid"),
        ([{"item": "x"}] * 1001, "table.too_long"),
        ("[" + " " * 300_000 + "]", "value.too_long"),
        ([{"date": "2026-03-01", "amount": 1.5, "item": "x"}], "value.type"),
    ],
)
def test_what_is_no_table_is_refused(hengtong: regimes.Regime, fields: dict[str, Field], raw: Any, code: str) -> None:
    with pytest.raises(Problem) as found:
        validate(fields[PATH], raw, hengtong)
    assert found.value.code == code


CELL = st.one_of(st.none(), st.text(max_size=12), st.integers(), st.booleans(), st.just("2026-03-01"), st.just("8.50"))
ROW = st.dictionaries(st.sampled_from(["date", "amount", "item", "contract", "payment_method", "odd"]), CELL)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(ROW | CELL, max_size=4) | st.text(max_size=20))
def test_no_table_breaks_its_reader(hengtong: regimes.Regime, fields: dict[str, Field], rows: Any) -> None:
    good, _ = validate_all(fields, {PATH: rows}, hengtong)
    if PATH in good:
        assert validate(fields[PATH], good[PATH], hengtong) == good[PATH]
        warnings_of(hengtong.classes["company.customer"], good)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [("passed", "passed"), ("合格", "passed"), ("OK", "passed"), ("不合格", "failed"), ("Failed", "failed")],
)
def test_a_check_is_passed_or_failed(hengtong: regimes.Regime, raw: str, canonical: str) -> None:
    assert validate(Field("x", type="check"), raw, hengtong) == canonical
    with pytest.raises(Problem, match="passed or failed"):
        validate(Field("x", type="check"), "perhaps", hengtong)


@pytest.mark.covers("Q-069")
def test_traditional_characters_are_a_warning_but_never_in_a_name() -> None:
    odd = warnings(Field("x", type="address"), "臺北市中山區")
    assert [one.code for one in odd] == ["text.traditional"]
    assert "臺→台" in odd[0].detail and "區→区" in odd[0].detail
    assert warnings(Field("x", type="name"), "張偉") == []
    assert warnings(Field("x", type="text"), "重庆市渝北区，头发与皇后") == []


@pytest.mark.covers("Q-070")
def test_what_could_be_filled_and_is_not_is_told_in_one_line(hengtong: regimes.Regime) -> None:
    found = hengtong.classes["company.customer"]
    values = {"basic.name": "甲公司", "basic.kind": "enterprise", "contact.person": "李雪梅", "other.remark": "請回電"}
    told = {one["code"]: one for one in warnings_of(found, values)}

    assert set(told) == {"text.traditional", "fields.unfilled"}
    assert told["text.traditional"]["pointer"] == "/fields/other.remark"
    en, zh = told["fields.unfilled"]["detail"], told["fields.unfilled"]["zh"]
    assert "Industry, " in en and "行业" not in en and " more" in en
    assert "行业、" in zh and not any("a" <= sign <= "z" for sign in zh)
    assert "basic.id_number" not in unfilled(found, values) and "basic.credit_code" in unfilled(found, values)
    assert [one["code"] for one in warnings_of(found, values, whole=False)] == ["text.traditional"]


def test_warnings_reach_into_tables(hengtong: regimes.Regime, fields: dict[str, Field]) -> None:
    value = validate(fields[PATH], [{"date": "2026-03-01", "amount": "1", "item": "輪胎"}], hengtong)
    told = warnings_of(hengtong.classes["company.customer"], {PATH: value}, whole=False)
    assert [one["pointer"] for one in told] == [f"/fields/{PATH}/0/item"]
    assert told[0]["detail"].startswith("row 1: ")


@pytest.mark.covers("Q-003")
def test_fields_follow_the_party_type(hengtong: regimes.Regime, fields: dict[str, Field]) -> None:
    code, number = "91110000600037341L", "11010519491231002X"
    _, wrong = validate_all(fields, {"basic.kind": "个人", "basic.credit_code": code}, hengtong)
    assert {path: one.code for path, one in wrong.items()} == {"basic.credit_code": "field.not_for"}
    assert "basic.kind" in wrong["basic.credit_code"].detail
    _, wrong = validate_all(fields, {"basic.id_number": number}, hengtong, known={"basic.kind": "enterprise"})
    assert list(wrong) == ["basic.id_number"]
    good, wrong = validate_all(fields, {"basic.id_number": number, "basic.credit_code": code}, hengtong)
    assert len(good) == 2 and not wrong  # as long as nobody said what the party is, both may come


def test_a_core_field_that_a_record_does_not_have_cannot_be_missing(hengtong: regimes.Regime) -> None:
    changed = hengtong.merged | {"classes": _with_core(hengtong.merged["classes"])}
    found = regimes.Regime(changed).classes["company.customer"]
    assert "basic.credit_code" in found.core_for({}) and "basic.credit_code" in found.core_for(
        {"basic.kind": "enterprise"}
    )
    assert "basic.credit_code" not in found.core_for({"basic.kind": "individual"})


def _with_core(classes: dict[str, Any]) -> dict[str, Any]:
    own = classes["company.customer"]
    basic = {**own["parts"]["basic"], "fields": {"credit_code": {"core": "true"}}}
    return {**classes, "company.customer": {**own, "parts": {**own["parts"], "basic": basic}}}


@pytest.mark.parametrize("kind", ["name", "code", "address", "phone", "resident_id"])
@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\ufeff", "\u00ad", "\u200d"])
def test_signs_that_nobody_sees_are_refused(hengtong: regimes.Regime, kind: str, hidden: str) -> None:
    """Two names that look alike and differ would be two customers."""
    with pytest.raises(Problem) as found:
        validate(Field("x", type=kind), f"A{hidden}1", hengtong)
    assert found.value.code == "text.invalid"


def test_a_sign_made_of_several_stays_in_a_text(hengtong: regimes.Regime) -> None:
    family = "👩\u200d👧"
    assert validate(Field("x", type="text"), family, hengtong) == family


@pytest.mark.covers("Q-068")
def test_the_area_code_is_missed_behind_an_extension_too(hengtong: regimes.Regime) -> None:
    with pytest.raises(Problem) as found:
        validate(Field("x", type="phone"), "65529988转123", hengtong)
    assert found.value.code == "phone.area_code"

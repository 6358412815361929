"""What helps whoever fills a form in: help in both languages, least amounts, warnings where fields disagree."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from regimes.values import Problem, validate, warnings_of
from tests.unit.regimes.test_loading import a_regime, refusal

CUSTOMER = "company.customer"
BORN_1990, BIRTH, SEX = "990000199001010017", "basic.birth_date", "basic.sex"
PATCH = "classes: {{company.customer: {{parts: {{basic: {{fields: {{{0}}}}}}}}}}}"
MONEY = "classes: {{company.customer: {{parts: {{credit: {{fields: {{{0}}}}}}}}}}}"


def test_help_is_refined_in_both_languages_or_not_at_all(tmp_path: Path) -> None:
    text = PATCH.format("kind: {help: {en: Ask first., zh: 请先询问。}}")

    found = regimes.load(a_regime(tmp_path, text), tmp_path).classes[CUSTOMER].fields["basic.kind"].help

    assert found and (found.en, found.zh) == ("Ask first.", "请先询问。")
    assert "zh" in refusal(tmp_path, PATCH.format("note: {type: text, en: N, zh: 注, help: {en: Only English}}"))


def test_a_least_is_for_what_is_counted_and_is_only_raised(tmp_path: Path) -> None:
    higher = regimes.load(a_regime(tmp_path, MONEY.format("limit: {least: 100}")), tmp_path)

    limit = higher.classes[CUSTOMER].fields["credit.limit"]
    assert validate(limit, "100", higher) == "100.00"
    with pytest.raises(Problem) as too_small:
        validate(limit, "99.99", higher)
    assert (too_small.value.code, too_small.value.detail) == ("number.too_small", "must be at least 100")
    assert "only money" in refusal(tmp_path, PATCH.format("note: {type: text, en: N, zh: 注, least: 1}"))
    (tmp_path / "stricter.yaml").write_text(
        "regime: stricter\nextends: [company]\n" + MONEY.format("limit: {least: 9}")
    )
    assert "can only be made stricter" in refusal(tmp_path, MONEY.format("limit: {least: 8}"), base="stricter")


def test_a_credit_limit_below_nothing_is_refused(hengtong: regimes.Regime) -> None:
    with pytest.raises(Problem) as refused:
        validate(hengtong.classes[CUSTOMER].fields["credit.limit"], "-1", hengtong)

    assert refused.value.code == "number.too_small"


@pytest.mark.covers("Q-073")
@pytest.mark.parametrize(
    ("beside", "codes"),
    [
        ({BIRTH: "1990-01-01", SEX: "male"}, set()),
        ({BIRTH: "1990-01-02", SEX: "male"}, {(f"/fields/{BIRTH}", "resident_id.other_birth_date")}),
        ({BIRTH: "1990-01-01", SEX: "female"}, {(f"/fields/{SEX}", "resident_id.other_sex")}),
        ({}, set()),
    ],
)
def test_what_contradicts_the_resident_id_is_a_warning_beside_the_field(
    hengtong: regimes.Regime, beside: dict[str, str], codes: set[tuple[str, str]]
) -> None:
    values = {"basic.id_number": BORN_1990, **beside}

    told = warnings_of(hengtong.classes[CUSTOMER], values, whole=False)

    assert {(one["pointer"], one["code"]) for one in told if "other" in one["code"]} == codes
    assert BORN_1990 not in str(told) and "1990" not in str(told), "no sign of a value"

"""Regime files: read as text, merged, refused with the file and the path."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from chassis.errors import Invalid
from regimes.reading import read_text

ANSWERS = """
extends: [{base}]
settings:
  contract_keep: P10Y
  contact_limit: P2Y
  log_keep: P6Y
  review_every: quarter
"""


def a_regime(folder: Path, text: str, name: str = "mine", base: str = "company") -> str:
    (folder / f"{name}.yaml").write_text(f"regime: {name}\n" + ANSWERS.format(base=base) + text, "utf-8")
    return name


def refusal(folder: Path, text: str, base: str = "company") -> str:
    with pytest.raises(Invalid) as found:
        regimes.load(a_regime(folder, text, base=base), folder)
    assert found.value.code == "regime.invalid"
    return str(found.value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: 1\na: 2", "twice"),
        ("a: &x 1\nb: *x", "anchors"),
        ("a: !!int 1", "tags"),
        ("a: {<<: {b: 1}}", "merge keys"),
        ("[a, b]: 1", "key must be a word"),
        ("- a\n- b", "one mapping"),
        ("a: [", "expected"),
        ("a: " + "x" * 300_000, "larger than 256 KB"),
        ("a: {b: " * 5000, ""),
    ],
)
def test_loose_yaml_is_refused(text: str, word: str) -> None:
    with pytest.raises(Invalid) as found:
        read_text(text, "loose.yaml")
    assert "loose.yaml" in found.value.detail
    assert word in found.value.detail


def test_every_scalar_is_text() -> None:
    """YAML would read these as a truth value, a minute count, an octal, a date, a null."""
    read = read_text("{on: no, time: 18:30, code: 010, falls_on: 2026-10-10, empty: ~}", "x")
    assert read == {"on": "no", "time": "18:30", "code": "010", "falls_on": "2026-10-10", "empty": "~"}


def test_canonical_text_parses_to_the_same_regime(hengtong: regimes.Regime) -> None:
    again = regimes.parse(hengtong.text)
    assert again.digest == hengtong.digest and len(again.digest) == 64
    assert again.classes == hengtong.classes
    assert again.requests == hengtong.requests


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", '{"regime": 1}', '{"regime": "x", "classes": []}'])
def test_what_is_no_regime_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        regimes.parse(text)


def test_two_spellings_have_one_digest(tmp_path: Path) -> None:
    flow = regimes.load(a_regime(tmp_path, "terms: {extra: {en: Extra, zh: 另}} # a comment", "mine"), tmp_path)
    block = regimes.load(a_regime(tmp_path, 'terms:\n  extra:\n    en: "Extra"\n    zh: 另\n', "mine"), tmp_path)
    assert flow.digest == block.digest


def test_unknown_key_is_refused_with_file_and_path(tmp_path: Path) -> None:
    detail = refusal(tmp_path, "classes: {company.customer: {parts: {contact: {fields: {mobile: {lable: x}}}}}}")
    assert "mine.yaml" in detail
    assert "classes.company.customer.parts.contact.fields.mobile.lable: unknown key" in detail


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("classes: {customer: {parts: {contact: {level: general}}}}", "only be made stricter"),
        ("classes: {company.customer: {parts: {contact: {level: general}}}}", "only be made stricter"),
        ("classes: {company.customer: {parts: {contact: {fields: {person: {core: 'false'}}}}}}", "stricter"),
        ("classes: {customer: {parts: {credit: ~}}}", "stricter"),
        ("apart: [[create, review]]", "only be made stricter"),
        ("levels: {sensitive: {mask: none}}", "only be made stricter"),
        ("levels: {highly_sensitive: {ledger: behind}}", "only be made stricter"),
        ("destruction: {witnesses: 0}", "only be made stricter"),
        ("destruction: {witnesses: 2}", "not carried out yet"),
        ("roles: {system_administrator: {reads: all}}", "only be made stricter"),
        ("rights: {all: {who: emploiee, may: [view], of: customer}}", "there is no 'emploiee'"),
        ("rights: {all: {who: employee, may: [peek], of: customer}}", "Must be one of"),
        (
            "requests: {view: {rules: {odd: {of: customer, when: {basic.name: x}, chain: []}}}}",
            "a condition here reads",
        ),
        ("requests: {view: {rules: {odd: {of: customer, when: {record.state: actve}, chain: []}}}}", "'actve'"),
        ("requests: {view: {rules: {odd: {of: customer}}}}", "either a chain or a refuse"),
        ("classes: {company.customer: {parts: {basic: {fields: {nmae: text}}}}}", "has no title"),
        ("classes: {company.customer: {parts: {contact: {fields: {mobile: {facet: 'true'}}}}}}", "a facet is one of"),
        ("schedules: {odd: {from: record.vanished, after: P1Y, then: destroy}}", "no class declares"),
        ("duties: {odd: {opens: loan.made, owner: {setting: nobody}, due: {after: P1D}}}", "no setting"),
        ("system: {log: {lag: P1D}}", "from PT1S to PT1H"),
        ("system: {log: {lag: P1M}}", "from PT1S to PT1H"),
        ("extends: [company]", "twice"),
    ],
)
def test_what_a_base_requires_cannot_be_taken_away_nor_misspelt(tmp_path: Path, text: str, word: str) -> None:
    assert word in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("contract_keep: ten years", "no period"),
        ("contract_keep: P1Y\n  fine_unit: gold", "none of"),
        ("contract_keep: ''", ""),
    ],
)
def test_an_answer_must_fit_its_question(tmp_path: Path, answer: str, word: str) -> None:
    (tmp_path / "mine.yaml").write_text(
        "regime: mine\n" + ANSWERS.format(base="company").replace("contract_keep: P10Y", answer)
    )
    with pytest.raises(Invalid) as found:
        regimes.load("mine", tmp_path)
    assert "mine.yaml: settings." in found.value.detail and word in found.value.detail


def test_open_question_without_answer_stops_the_load() -> None:
    with pytest.raises(Invalid) as found:
        regimes.load("company")
    assert "settings.contract_keep" in found.value.detail


def test_siblings_may_not_contradict_unless_the_child_settles_it(tmp_path: Path) -> None:
    for name, span in (("one", "P1D"), ("two", "P2D")):
        (tmp_path / f"{name}.yaml").write_text(
            f"regime: {name}\nextends: [company]\nduties: {{return_loan: {{due: {{after: {span}}}}}}}\n"
        )
    detail = refusal(tmp_path, "", base="one, two")
    assert "mine.yaml: duties.return_loan.due.after: two contradicts" in detail
    settled = a_regime(tmp_path, "duties: {return_loan: {due: {after: P3D}}}", base="one, two")
    assert regimes.load(settled, tmp_path).duties["return_loan"].due.after == "P3D"


def test_a_change_of_one_sibling_is_kept_beside_another(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("regime: one\nextends: [company]\nduties: {return_loan: {due: {after: P1D}}}\n")
    for order in ("one, trading", "trading, one"):
        merged = regimes.load(a_regime(tmp_path, "", base=order), tmp_path)
        assert merged.duties["return_loan"].due.after == "P1D"
        assert {"company.customer", "trading.customer", "start_form"} <= set(merged.classes)


@pytest.mark.covers("Q-042")
def test_classes_inherit_six_modules_levels_and_titles(hengtong: regimes.Regime) -> None:
    levels = {"guest": "sensitive"}  # a hotel may be stricter than the norm, never laxer
    for entry in (one for one in hengtong.classes.values() if one.kind == "dossier"):
        assert {"basic", "contact", "business", "interaction", "credit", "other"} <= set(entry.parts)
        assert entry.is_a(("customer",)) and not entry.abstract
        fields = entry.fields
        assert fields["basic.name"].level == levels.get(entry.name, "general") and fields["basic.name"].core
        assert fields["contact.phone"].level == "sensitive" and fields["contact.phone"].mask == "last4"
        assert fields["contact.address"].level == "highly_sensitive" and fields["contact.address"].mask == "all"
        assert fields["contact.phone"].zh == "电话"
    assert hengtong.classes["trading.customer"].one_per.fields == ("basic.credit_code",)  # type: ignore[union-attr]
    assert "basic.credit_code" not in hengtong.classes["trading.customer"].core


def test_answers_reach_every_place_that_names_the_setting(hengtong: regimes.Regime) -> None:
    assert hengtong.schedules["contracts"].words.after == "P10Y"
    assert hengtong.log.keep == "P12Y"
    assert hengtong.requests["view"].rules["cards"].chain[0].who == {"role": "member", "in": "finance_section"}  # type: ignore[index]
    assert hengtong.with_settings({"contract_keep": "P5Y"}).schedules["contracts"].words.after == "P5Y"


@pytest.mark.covers("Q-138")
def test_a_company_says_how_often_it_reviews_its_records_or_nothing_loads(tmp_path: Path) -> None:
    bare = ANSWERS.replace("  review_every: quarter\n", "").format(base="company")
    (tmp_path / "mine.yaml").write_text(f"regime: mine\n{bare}", "utf-8")

    with pytest.raises(Invalid, match=r"settings\.review_every: the organisation must answer this"):
        regimes.load("mine", tmp_path)

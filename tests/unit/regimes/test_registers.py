"""Registers, volumes, numbers: what the language takes, and what it refuses with file, path and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from chassis.errors import Invalid

ANSWERS = "settings: {contract_keep: P10Y, contact_limit: P2Y, log_keep: P12Y}\n"
WORDS = """
terms:
  slip: {en: Slip, zh: 借阅单}
  unit: {en: Unit, zh: 单元}
  floor: {en: Floor, zh: 楼层}
  clean: {en: Clean, zh: 清洁}
  papers: {en: Papers, zh: 文件}
  rows: {en: Rows, zh: 明细}
  odd: {en: Odd, zh: 其他}
rights:
  all_forms: {who: employee, may: [create, view], of: [slip, check]}
"""
REGISTER = "  x: {en: X, zh: 甲, kind: register, "
FORMS = """
classes:
  slip:
    {en: Slip, zh: 借阅单, kind: register, signed_by: [{person: applicant}, archivist], valid_for: P30D,
     fields: {reason: text}}
  check:
    {en: Check, zh: 检查表, kind: register, about: room, failed: {finding: odd, owner: archivist, due: {after: P3B}},
     fields: {clean: check, date: date}}
"""


def a_regime(folder: Path, text: str, base: str = "trading") -> regimes.Regime:
    (folder / "mine.yaml").write_text(f"regime: mine\nextends: [{base}]\n" + ANSWERS + WORDS + text, "utf-8")
    return regimes.load("mine", folder)


def refusal(folder: Path, classes: str) -> str:
    with pytest.raises(Invalid) as found:
        a_regime(folder, FORMS + classes)
    return str(found.value)


def test_fields_straight_in_a_register_are_one_form(tmp_path: Path) -> None:
    slip = a_regime(tmp_path, FORMS).classes["slip"]

    assert list(slip.fields) == ["form.reason"]
    assert slip.signed_by == ({"person": "applicant"}, {"role": "archivist"})
    assert slip.valid_for == "P30D"
    assert slip.fields["form.reason"].level == "highly_sensitive"  # not classified counts as the highest


def test_what_a_failed_check_opens_is_read_with_its_deadline(tmp_path: Path) -> None:
    failed = a_regime(tmp_path, FORMS).classes["check"].failed

    assert failed is not None
    assert failed["finding"] == "odd" and failed["owner"] == {"role": "archivist"} and failed["due"].after == "P3B"


@pytest.mark.covers("Q-237")
def test_a_form_is_as_high_as_what_it_fills(hengtong: regimes.Regime) -> None:
    form, card = hengtong.classes["start_form"], hengtong.classes["trading.customer"]

    assert form.fills == "trading.customer"
    for path, field in form.fields.items():
        assert (field.level, field.mask) == (card.fields[path].level, card.fields[path].mask)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("fields: {odd: text}, parts: {form: {fields: {odd: text}}}}", "unknown key"),
        ("  x: {en: X, zh: 甲, kind: dossier, fills: trading.customer, fields: {odd: text}}", "only a register"),
        ("about: custommer, fields: {odd: text}}", "did you mean customer"),
        ("  x: {en: X, zh: 甲, kind: dossier, about: room, fields: {odd: text}}", "there is no 'room'"),
        ("fills: slip, parts: {form: {fields: {reason: text}}}}", "is a register"),
        ("fills: trading.customer, fields: {odd: text}}", "has no field form.odd"),
        ("written_by: customer, fields: {odd: text}}", "only of a form that makes new records"),
        (
            "fills: trading.customer, parts: {basic: {fields: {region: date}}}}",
            "is a date, and the field it fills in trading.customer is a code",
        ),
        (
            "fills: trading.customer, parts: {basic: {fields: "
            "{size: {type: code, list: sex}}}}}",
            "from sex, and the field it fills in trading.customer from customer_size",
        ),
        ("signed_by: [{person: riter}], fields: {odd: text}}", "there is no 'riter'"),
        ("  x: {kind: register, fields: {odd: text}}", "'x' has no title"),
        ("failed: {finding: odd, owner: head}, fields: {odd: text}}", "nothing can fail"),
        ("fields: {rows: table}}", "a table needs columns"),
        ("fields: {rows: {type: table, columns: {nmae: text}}}}", "'nmae' has no title"),
        ("fields: {rows: {type: table, columns: {odd: table}}}}", "Must be one of"),
        ("fields: {odd: {type: text, columns: {clean: text}}}}", "nothing else has them"),
        ("fields: {odd: {type: text, measure: 'true'}}}", "only money and numbers"),
        ("fields: {odd: {type: text, verify: lok}}}", "'lok' has no title"),
        ("label: '{form.od}', fields: {odd: text}}", "did you mean form.odd"),
        ("handovers: {}, fields: {odd: text}}", "unknown key"),
        ("number: {pattern: 'S-{year}'}, fields: {odd: text}}", "has no {seq}"),
        ("number: {pattern: '{form.odd}{seq}'}, fields: {odd: text}}", "'form.odd' is none"),
        (
            "number: {pattern: '{seq}', per: [month]}, fields: {odd: text}}",
            "made of year, department, schemes and facets",
        ),
        ("states: {active: {needs: [{filled: [form.od]}]}}, fields: {odd: text}}", "form.od"),
        ("states: {active: {needs: [{entry: slipp}]}}, fields: {odd: text}}", "mean slip"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_work_is_refused_where_it_stands(tmp_path: Path, text: str, word: str) -> None:
    told = refusal(tmp_path, text if text.startswith("  x:") else REGISTER + text)
    assert word in told
    assert "mine.yaml: classes.x" in told


VOLUME = """
  volume:
    {{en: Volume, zh: 案卷, kind: dossier, contains: paper, order: by_page,
     parts: {{basic: {{level: general, fields: {{odd: text}}}}}}}}
  paper:
    {{en: Paper, zh: 文件, kind: dossier, about: {about},
     parts: {{basic: {{level: general, schedule: cards, fields: {{odd: text}}}},
     other: {{level: general, schedule: {schedule}, fields: {{unit: text}}}}}}}}
"""


@pytest.mark.covers("Q-084")
def test_a_volume_of_papers_that_do_not_leave_together_is_refused(tmp_path: Path) -> None:
    """A volume is split by how long its papers are worth keeping; one of mixed papers could never be destroyed."""
    assert (
        a_regime(tmp_path, FORMS + VOLUME.format(about="volume", schedule="cards")).classes["volume"].order == "by_page"
    )

    told = refusal(tmp_path, VOLUME.format(about="volume", schedule="contacts"))
    assert "classes.volume.contains" in told and "cards, contacts: split it" in told
    assert "does not say that it is about volume" in refusal(tmp_path, VOLUME.format(about="slip", schedule="cards"))


@pytest.mark.covers("Q-003")
def test_which_records_have_a_field_hangs_on_facets_only(tmp_path: Path) -> None:
    own = "  trading.customer: {parts: {basic: {fields: {odd: {type: text, when: {basic.%s}}}}}}"
    assert a_regime(tmp_path, FORMS + own % "kind: enterprise").classes["trading.customer"].fields["basic.odd"].when
    assert "can only hang on a facet" in refusal(tmp_path, own % "name: x")
    assert "there is no 'enterprize'; did you mean enterprise" in refusal(tmp_path, own % "kind: enterprize")
    assert "stands in views only" in refusal(tmp_path, own % "kind: {older: P1Y}")


@pytest.mark.covers("Q-066")
@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("parts: {basic: {fields: {name: {when: {basic.kind: enterprise}}}}}", "parts.basic.fields.name.when"),
        ("parts: {contact: {fields: {mobile: {mask: none}}}}", ""),
        ("states: {active: {needs: []}}", "states.active.needs"),
        ("collect: {signed_by: []}", "collect.signed_by"),
    ],
)
def test_no_class_of_customers_shrinks_what_the_base_asks_of_all(tmp_path: Path, text: str, path: str) -> None:
    (tmp_path / "below.yaml").write_text(
        "regime: below\nextends: [base]\nclasses: {customer: {parts: {contact: {fields: {mobile: {mask: all}}}}}}\n"
    )
    with pytest.raises(Invalid) as found:
        a_regime(tmp_path, f"classes: {{customer: {{{text}}}}}", base="below")
    assert path in str(found.value)
    assert "stricter" in str(found.value) or "gives this field to every record" in str(found.value)


def test_a_register_that_nobody_may_fill_in_is_an_error(tmp_path: Path) -> None:
    from regimes import check

    found = check.run(a_regime(tmp_path, FORMS + REGISTER + "fields: {odd: text}}"))
    assert [(one.grade, one.where) for one in found if one.code == "action.no_right"] == [("error", "classes.x")] * 2

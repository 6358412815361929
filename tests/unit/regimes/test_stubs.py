"""What a class may keep of a destroyed record: in clear, and never of a person (C-31)."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from services.records.describing import classes
from tests.unit.regimes.test_loading import a_regime, refusal

PLACE = """
classes:
  plot:
    en: Plot
    zh: 地块
    kind: {kind}
    about: {about}
    parts:
      place:
        level: {level}
        change: staff
        en: Place
        zh: 位置
        read: {read}
        fields:
          mark: {{type: {type}, stub: true, en: Mark, zh: 标识{more}}}
          other: {{type: {other}, en: Other, zh: 其他}}
"""


def a_plot(**given: str) -> str:
    plain = {"kind": "dossier", "about": "company.customer", "level": "general", "read": "[]", "type": "code"}
    return PLACE.format(**{**plain, "more": "", "other": "text", **given})


@pytest.mark.parametrize("type", ["code", "number", "date", "date_time", "department"])
def test_numbers_codes_dates_and_departments_may_stay(tmp_path: Path, type: str) -> None:
    loaded = regimes.load(a_regime(tmp_path, a_plot(type=type)), tmp_path)

    [told] = [one for one in classes(loaded)["items"] if one["name"] == "plot"]
    assert {one["name"]: one["stub"] for one in told["fields"]} == {"place.mark": True, "place.other": False}


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"type": "text"}, "is one of code, number, date, date_time, department"),
        ({"type": "person"}, "a person goes with the rest"),
        ({"type": "table", "more": ", columns: {a: number}"}, "a table goes with the rest"),
        ({"more": ", level: sensitive"}, "its level must be the lowest"),
        ({"level": "sensitive"}, "its level must be the lowest"),
        ({"other": "name"}, "place is about a person (other)"),
        ({"other": "phone"}, "keep what stays in a part of its own"),
        ({"kind": "register", "about": "person"}, "every entry is about a person"),
        ({"read": "[archivist]"}, "place is read by some only"),
    ],
)
def test_what_could_say_a_person_is_refused_with_its_place_rule_and_remedy(
    tmp_path: Path, given: dict[str, str], rule: str
) -> None:
    detail = refusal(tmp_path, a_plot(**given))

    assert "mine.yaml: classes.plot.parts.place.fields.mark.stub: " in detail and rule in detail


def test_a_column_of_a_table_has_no_such_word(tmp_path: Path) -> None:
    rows = ", columns: {a: {type: number, stub: true}}"
    assert "columns.a.stub: unknown key" in refusal(tmp_path, a_plot(type="table", more=rows))


def test_what_a_base_says_of_a_person_no_house_lets_stay(tmp_path: Path) -> None:
    field = "{founded_on: {type: date, stub: true, en: Founded on, zh: 成立日期}}"
    text = f"classes: {{company.customer: {{parts: {{basic: {{fields: {field}}}}}}}}}"

    assert "basic is about a person (id_number, name)" in refusal(tmp_path, text)

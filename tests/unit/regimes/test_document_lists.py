"""The document list of a class: short forms, conditions over its own fields, and names that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from tests.unit.regimes.test_loading import a_regime, refusal

LIST = """
classes:
  company.customer:
    documents:
      card: {{en: Card, zh: 卡, {said}}}
"""


@pytest.mark.covers("Q-170")
def test_a_list_says_what_is_needed_when_and_how_it_is_read(tmp_path: Path) -> None:
    said = "form: original, sides: 2, part: contact, level: sensitive, ask: {basic.size: small}"
    loaded = regimes.load(a_regime(tmp_path, LIST.format(said=said)), tmp_path)

    card = loaded.classes["company.customer"].documents["card"]

    assert (card.form, card.sides, card.part, card.level, card.optional) == (
        "original",
        2,
        "contact",
        "sensitive",
        False,
    )
    assert (card.needed, card.ask) == (None, [{"basic.size": "small"}])


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("form: original, part: pocket", "pocket"),
        ("form: original, level: secret", "secret"),
        ("form: original, needed: {basic.shoe_size: 44}", "shoe_size"),
        ("form: original, ask: {basic.hat: top}", "hat"),
        ("form: hearsay", "Must be one of"),
        ("form: copy, colour: green", "unknown key"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(tmp_path: Path, said: str, wrong: str) -> None:
    told = refusal(tmp_path, LIST.format(said=said))

    assert wrong in told and "documents.card" in told

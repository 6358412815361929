"""What an entry about a person or a room may name, made by hand or brought in with a file: the same on both roads."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from regimes import Regime
from services.records import tables as t
from tests.service.given_records import code_of
from tests.service.given_registers import FORMS, Forms
from tests.service.test_records_import import counts, imports

UNSIGNED = ("training", "room_check")


@pytest.fixture
def plain(forms: Forms, monkeypatch: pytest.MonkeyPatch) -> Forms:
    """The same forms, which nobody signs, so that they also come in with a file."""
    merged = copy.deepcopy(FORMS.merged)
    merged["rights"]["take_away"]["of"] = list(UNSIGNED)
    for name in UNSIGNED:
        del merged["classes"][name]["signed_by"]
    monkeypatch.setattr("tests.service.given_registers.FORMS", Regime(merged))
    return forms


def titled(register: str) -> dict[str, str]:
    """The fields of a register that have to be filled in, with something in each, by title."""
    found = FORMS.classes[register].fields
    usual = {"check": "合格", "date": "2026-11-19", "person": "he"}
    return {one.zh: usual.get(one.type, "合格") for one in found.values() if one.type != "signature"}


def brings(forms: Forms, register: str, *named: str) -> tuple[tuple[int, ...], list[str]]:
    """A file of entries about these: what was accepted, rejected and known, and the codes of what was wrong."""
    filled = titled(register)
    lines = [",".join(["所属对象", *filled]), *(",".join([name, *filled.values()]) for name in named)]
    _, status = imports(forms, "\n".join([*lines, ""]).encode(), "he", **{"class": register})
    return counts(status), [one["code"] for row in forms.rows(t.import_rows) for one in row.problems]


ROADS = [
    ("training", "zheng", ["zhneg", "Zheng", "archive", "01999999-0000-7000-8000-000000000001"], "about.unknown"),
    ("room_check", "archive", ["Archive", "room-1", "7", "a..b", "archive."], "about.invalid"),
]


@pytest.mark.parametrize("register, right, wrong, code", ROADS, ids=[one[0] for one in ROADS])
def test_only_who_or_what_may_be_there_is_named_by_hand(
    plain: Forms, register: str, right: str, wrong: Any, code: str
) -> None:
    fields = {
        path: "passed" if one.type == "check" else titled(register)[one.zh]
        for path, one in FORMS.classes[register].fields.items()
    }

    assert [code_of(plain.adds, register, fields, person="he", about=one) for one in wrong] == [code] * len(wrong)
    assert plain.rows(t.records) == []
    assert plain.adds(register, fields, person="he", about=right)["state"] == "active"


@pytest.mark.parametrize("register, right, wrong, code", ROADS, ids=[one[0] for one in ROADS])
def test_only_who_or_what_may_be_there_comes_in_with_a_file(
    plain: Forms, register: str, right: str, wrong: Any, code: str
) -> None:
    counted, codes = brings(plain, register, right, *wrong)

    assert (counted, codes) == ((1, len(wrong), 0), [code] * len(wrong))
    assert [row.about for row in plain.rows(t.records)] == [right]

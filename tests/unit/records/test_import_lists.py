"""Whole lists under the real regime: every row is taken or refused with a reason, and it is the right one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import regimes
from demo import data
from regimes.values import validate_all
from services.records.importing.mapping import parse
from services.records.importing.reading import open_table
from services.records.importing.rows import read

ROOT = Path(__file__).parents[3]
REGIME = regimes.load("hengtong", ROOT / "regimes", ROOT / "demo" / "regimes")


def test_northwind_every_row_is_taken_or_refused_with_a_reason(northwind):
    """
    91 rows, 23 with an unquoted comma in the address, telephone numbers in the national forms of 21 countries.
    """
    reasons = [_reasons("trading.customer", row) for row in northwind]

    assert len(northwind) == len({row.number for row in northwind}) == 91
    assert len({row.fields["basic.name"] for row in northwind}) == 91
    assert sum(not found for found in reasons) == 76
    assert Counter(field for found in reasons for field in found) == {"contact.phone": 15, "contact.fax": 14}
    assert {code for found in reasons for code in found.values()} == {"phone.invalid"}


def test_northwind_addresses_with_commas_stay_whole(northwind):
    fields = next(row.fields for row in northwind if row.fields["basic.name"] == "Bólido Comidas preparadas")

    assert fields == {
        "basic.name": "Bólido Comidas preparadas",
        "basic.kind": "enterprise",
        "basic.country": "ES",
        "contact.person": "Martín Sommer",
        "contact.position": "Owner",
        "contact.address": "C/ Araquil, 67",
        "contact.city": "Madrid",
        "contact.postcode": "28023",
        "contact.phone": "(91) 555 22 82",
        "contact.fax": "(91) 555 91 99",
    }


@pytest.mark.parametrize("name", data.CLASSES)
def test_every_row_of_the_demo_lists_comes_out_as_intended_and_without_a_mapping_file(name):
    made = data.lists()
    found = _class(name)
    labels = {path: [field.en, field.zh] for path, field in found.fields.items()}

    opened = read(open_table(made.files[name]), None, labels)
    outcomes = [(entry, _reasons(found.name, row)) for row, entry in zip(opened.rows, made.entries[name], strict=True)]

    assert opened.ignored == ()
    assert [column.to for column in opened.plan.columns] == list(data.TITLES[name])
    assert set(found.core) == set(data.CORE[name])
    wrong = [(entry.dirt, reasons) for entry, reasons in outcomes if bool(reasons) != (entry.outcome == "rejected")]
    assert wrong == []


def test_the_demo_lists_are_the_same_every_time_and_large_enough():
    first, second = data.lists(), data.lists()

    assert first == second
    assert data.lists(seed=1).files["csv"] != first.files["csv"]
    assert sum(first.expected(name)["accepted"] for name in data.CLASSES) >= 200
    assert {entry.dirt for entries in first.entries.values() for entry in entries} >= {dirt for dirt, *_ in data.DIRT}


def test_nobody_in_the_demo_lists_is_real():
    for entry in (entry for entries in data.lists().entries.values() for entry in entries if not entry.dirt):
        cells = {name: text for name, text in entry.cells.items() if text}
        assert cells["contact.mobile"].startswith("1990000")
        assert cells.get("contact.phone", "010-1234").startswith("010-1234")
        assert cells.get("contact.email", "@example.com").endswith("@example.com")
        assert cells.get("basic.id_number", "999999").startswith("999999")
        assert cells.get("basic.credit_code", "91999999")[2:8] == "999999"


@pytest.fixture(scope="module")
def northwind(shared_data):
    plan = parse((ROOT / "demo" / "mappings" / "northwind.yaml").read_text("utf-8"))
    return list(read(open_table(shared_data / "northwind-customers.csv"), plan).rows)


def _class(name):
    return REGIME.classes[data.CLASSES[name]]


def _reasons(class_name, row):
    """Field -> code of what is wrong."""
    found = REGIME.classes[class_name]
    _, wrong = validate_all(found.fields, row.fields, REGIME)
    missing = {path: "field.missing" for path in found.core if not row.fields.get(path)}
    return {**missing, **{path: p.code for path, p in wrong.items()}, **{p.field: p.code for p in row.problems}}

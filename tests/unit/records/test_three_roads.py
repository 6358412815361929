"""Whatever road a value takes (manual entry, a file, a change), it is judged alike; and it comes back as it left."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import regimes
from chassis.errors import Forbidden, Invalid
from demo import data
from regimes import Regime
from regimes.model import Field, RecordClass
from services.records import sealing
from services.records.changing import Proposal
from services.records.exporting import sheets
from services.records.exporting.model import UNTYPED
from services.records.importing import tabling
from services.records.importing.checking import kinds, labels, words
from services.records.importing.guarding import guarded, kept
from services.records.importing.reading import open_table
from services.records.importing.rows import read
from services.records.importing.template import columns_of
from tests.unit.records.given import a_record

ROOT = Path(__file__).parents[3]
HOUSES = sorted(path.stem for path in (ROOT / "tests" / "regimes" / "adopted").glob("*.yaml"))
CODE = data.credit_code(90_100_001)
GOOD = {
    "date": ["2026-03-31", "2024年2月29日"],
    "date_time": ["2026-03-31T14:30", "2026-03-31T06:30:00Z"],
    "number": ["12", "3.5", "-1", "1,250"],
    "money": ["1250", "-3.10", "¥ 12.5"],
    "phone": ["19900001234", "010-65529988", "+4930123456"],
    "email": ["name@example.com", "A.b@Example.COM"],
    "postcode": ["100031"],
    "resident_id": ["990000199001010017"],
    "credit_code": [CODE, CODE.lower()],
    "bank_card": ["4111111111111111", "4111 1111 1111 1111"],
    "person": ["wang"],
    "department": ["sales"],
    "record": ["00000000-0000-7000-8000-000000000000"],
    "check": ["passed", "不合格"],
}
BAD = ["?", "2026-02-30", "12345", "x@y", "1" * 70, "19900001"]
HELD = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=12)
NASTY = st.sampled_from(["=1+1", "-", "'-", "+86", "''=x", "无", "a|b", "[1]", "（上海）", "Ａ１", "@a", "N/A", "'无"])
ANY = st.one_of(NASTY, HELD, st.sampled_from(["望杉机电（上海）有限公司", "a b", '“引”，,;"']))


@cache
def house(name: str) -> Regime:
    """One of the regimes that houses adopt, or the demo's."""
    return regimes.load(name, ROOT / "tests" / "regimes" / "adopted", ROOT / "demo" / "regimes")


def classes() -> list[Any]:
    """Each class that comes in with files, once."""
    found: dict[str, str] = {}
    for name in ("hengtong", *HOUSES):
        for one in house(name).classes.values():
            if not one.abstract and not one.signed_by:
                found.setdefault(one.name, name)
    return [pytest.param(regime, name, id=name) for name, regime in found.items()]


def valid(entry: Field, regime: Regime) -> st.SearchStrategy[Any]:
    """What people may write into a field."""
    if entry.type == "table":
        rows = {name: valid(column, regime) for name, column in entry.columns.items()}
        return st.lists(st.fixed_dictionaries(rows), min_size=1, max_size=3)
    if entry.list:
        listed = regime.lists[entry.list]
        return st.sampled_from([word for code, one in listed.items() for word in (code, one.en, one.zh)])
    if entry.type in GOOD:
        return st.sampled_from(GOOD[entry.type])
    if entry.type == "text":
        return ANY | st.just("x\n|y")  # in a name, a line that was broken in its cell is made whole again
    return ANY.map(lambda text: f"名{text}" if entry.type == "name" else text)


def filled(found: RecordClass, regime: Regime, wrong: bool) -> st.SearchStrategy[dict[str, Any]]:
    fields = {path: entry for path, entry in found.fields.items() if entry.type not in UNTYPED}
    one = {path: valid(entry, regime) for path, entry in fields.items()}
    if wrong:
        one = {path: way if fields[path].type == "table" else way | st.sampled_from(BAD) for path, way in one.items()}
    return st.fixed_dictionaries({}, optional=one)


def verdict(found: RecordClass, regime: Regime, raw: dict[str, Any]) -> Any:
    try:
        return sealing.check(found, raw, regime, whole=False)
    except Invalid as refusal:
        return {(one["pointer"], one["code"]) for one in refusal.facts["errors"]}


def changed(found: RecordClass, regime: Regime, raw: dict[str, Any]) -> Any:
    record = a_record(class_=found.name, purposes=dict.fromkeys(regime.purposes, "given"))
    try:
        return Proposal.of(record, {"fields_": raw, "requested_by": "customer"}, regime).values
    except Forbidden:
        return None  # valid, but not his to begin, or not to be taken away
    except Invalid as refusal:
        return {(one["pointer"], one["code"]) for one in refusal.facts.get("errors", [])}


def from_file(found: RecordClass, regime: Regime, file: bytes) -> list[dict[str, Any]]:
    taken = read(open_table(file), None, labels(found), words(found, regime), kinds(found))
    rows = []
    for row in taken.rows:
        assert not row.problems
        fields = dict(row.fields)
        tables = {path: found.fields[path] for path in fields if found.fields[path].type == "table"}
        rows.append({**fields, **{path: tabling.rows(fields[path], entry) for path, entry in tables.items()}})
    return rows


def a_row(found: RecordClass, regime: Regime, raw: dict[str, Any]) -> bytes:
    """The same as a clerk's file has it."""
    titles = {column.path: column.title for column in columns_of(found, regime, "zh")}
    cells = {path: json.dumps(value) if isinstance(value, list) else value for path, value in raw.items()}
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["序号", *(titles[path] for path in raw)])
    table.writerow(["1", *(guarded(cell) for cell in cells.values())])
    return text.getvalue().encode()


@pytest.mark.covers("Q-071")
@pytest.mark.parametrize(("adopted", "name"), classes())
@given(choice=st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_a_value_is_judged_alike_on_all_three_roads(adopted: str, name: str, choice: st.DataObject) -> None:
    regime, found = house(adopted), house(adopted).classes[name]
    raw = choice.draw(filled(found, regime, wrong=True).filter(bool))

    created = verdict(found, regime, raw)
    [row] = from_file(found, regime, a_row(found, regime, raw))

    assert verdict(found, regime, row) == created
    assert changed(found, regime, raw) in (created, None) or not created


@pytest.mark.covers("Q-071")
@pytest.mark.parametrize(("adopted", "name"), classes())
@given(choice=st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_what_was_exported_comes_in_again_unchanged(adopted: str, name: str, choice: st.DataObject) -> None:
    regime, found = house(adopted), house(adopted).classes[name]
    values = verdict(found, regime, choice.draw(filled(found, regime, wrong=False).filter(bool)))
    if not isinstance(values, dict) or not values:
        return  # a field that such a record does not have
    language = choice.draw(st.sampled_from(["en", "zh"]))
    shown = {path: {"state": "clear", "value": value} for path, value in values.items()}
    stamp = [("导出", "=x"), ("密级", "一般"), ("标识", "-")]

    for write, guard in ((sheets.as_xlsx, kept), (_csv, guarded)):
        sheet = sheets.Sheet(found, regime, [*values], language, guard)
        [row] = from_file(found, regime, write(sheet, [sheets.Line("T-1", "", shown)], stamp))

        assert verdict(found, regime, row) == values


def _csv(*args: Any) -> bytes:
    return b"".join(sheets.as_csv(*args))

"""Values for any field of any class: well formed ones of its type, and for each type one that breaks its rule."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric, uscc

from regimes import Regime
from regimes.model import Field, RecordClass

UNASSIGNED = "999999"  # an area that no resident ID has, so that nobody's number is made up
SIGNS = "李明王芳张伟刘洋赵静abcXYZ 和公司 "
WORDS = st.text(SIGNS, min_size=1, max_size=30).map(lambda text: f"甲{text}".strip())
DIGITS = st.integers(0, 10**7 - 1).map(lambda number: f"{number:07}")
DAYS = st.dates().filter(lambda day: 1900 <= day.year <= 2100)
BROKEN = {
    "text": "长" * 4001,
    "name": "12345",
    "address": "长" * 501,
    "date": "2026-13-45",
    "date_time": "yesterday at noon",
    "number": "a dozen",
    "money": "12.345",
    "code": "x" * 65,
    "phone": "6552 9988",
    "email": "nobody at home",
    "postcode": "12",
    "resident_id": "99999919900101000",
    "credit_code": "9135010000000000XX",
    "bank_card": "6200000000000002",
    "person": "no such id",
    "department": "no such id",
    "record": "no such id",
    "document": "no such id",
    "check": "perhaps",
    "table": "no rows",
}


def _resident_id(day: Any) -> str:
    number = f"{UNASSIGNED}{day:%Y%m%d}001"
    return number + str(ric.calc_check_digit(f"{number}0"))  # it wants a sign in the check digit's place


def _credit_code(serial: str) -> str:
    number = f"91{UNASSIGNED}00{serial}"
    return number + str(uscc.calc_check_digit(number))


def _bank_card(serial: str) -> str:
    number = f"62000000{serial}"
    return number + str(luhn.calc_check_digit(number))


BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "text": WORDS,
    "name": WORDS,
    "address": WORDS,
    "date": DAYS.map(lambda day: day.isoformat()),
    "date_time": DAYS.map(lambda day: f"{day.isoformat()}T09:30"),
    "number": st.integers(-9999, 9999).map(str),
    "money": st.decimals(0, 10**9, places=2).map(str),
    "code": st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=8),
    "phone": DIGITS.map(lambda number: f"199{number}0"),
    "email": DIGITS.map(lambda number: f"guest{number}@example.com"),
    "postcode": st.integers(100000, 999999).map(str),
    "resident_id": st.dates().filter(lambda day: 1900 < day.year < 2020).map(_resident_id),
    "credit_code": DIGITS.map(_credit_code),
    "bank_card": DIGITS.map(_bank_card),
    "person": st.just("sun"),
    "department": st.just("sales"),
    "record": st.just("01a0b1c2-0000-7000-8000-000000000000"),
    "document": st.just("01a0b1c2-0000-7000-8000-000000000000"),
    "check": st.sampled_from(["passed", "failed"]),
}


def good(field: Field, regime: Regime) -> st.SearchStrategy[Any]:
    """A value that the field takes."""
    if field.list:
        return st.sampled_from(sorted(regime.lists[field.list]))
    if field.type == "table":
        row = st.fixed_dictionaries({name: good(column, regime) for name, column in field.columns.items()})
        return st.lists(row, min_size=1, max_size=2)
    if field.least is not None:
        return st.integers(int(field.least), int(field.least) + 9999).map(str)
    return BY_TYPE[field.type]


def broken(field: Field) -> str:
    """A value that breaks the rule of the field's type."""
    return "nothing of the list" if field.list else BROKEN[field.type]


def by_hand(found: RecordClass) -> dict[str, Field]:
    """The fields that people fill in; a signature is given by signing, a country would make its phones foreign."""
    return {
        path: field for path, field in found.fields.items() if field.type != "signature" and field.list != "country"
    }


@st.composite
def records(draw: st.DrawFn, found: RecordClass, regime: Regime) -> dict[str, Any]:
    """A valid record: its facets first, since they say which other fields it has."""
    fields = by_hand(found)
    facets = {path: draw(good(field, regime)) for path, field in fields.items() if field.facet and not field.when}
    rest = {path: field for path, field in fields.items() if path not in facets and field.applies(facets)}
    chosen = [path for path, field in rest.items() if field.core or draw(st.booleans())]
    return facets | {path: draw(good(rest[path], regime)) for path in chosen}

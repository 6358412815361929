"""What a caller is told of what is wrong or missing: the field by name, with row and column; never a path alone."""

from __future__ import annotations

import pytest

from chassis.errors import Refused
from regimes.loader import Library
from services.records.exporting.sheets import Sheet
from tests.service.given_records import CONSENT, FIELDS, REGIME


def errors_of(call, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        call(*args, **kwargs)
    return refusal.value, {error["pointer"]: error for error in refusal.value.facts["errors"]}


def entered(suite, **fields):
    asked = {"class": "company.customer", "fields": {**FIELDS, **fields}, "consents": [CONSENT]}
    return suite.enters("zheng", asked)


def test_an_error_in_a_table_names_table_column_and_row(suite):
    rows = [{"date": "2026-03-31", "amount": "1", "item": "轮胎"}, {"date": "soon", "amount": "1", "item": "轮胎"}]

    refusal, errors = errors_of(entered, suite, **{"business.transactions": rows})

    one = errors["/fields/business.transactions/1/date"]
    assert one["label"]["zh"].endswith("：日期") and one["label"]["en"].endswith(": Date")
    assert one["detail"].startswith("row 2, ") and refusal.detail == "one field breaks a rule"


def test_a_warning_in_a_table_names_its_row_and_nothing_of_the_value(suite):
    rows = [{"date": "2026-03-31", "amount": "1", "item": "輪胎"}]

    made = entered(suite, **{"business.transactions": rows})

    [told] = [one for one in made["warnings"] if one["code"] == "text.traditional"]
    assert told["detail"].startswith("row 1: trad") and told["zh"].startswith("第 1 行：含有繁体字")
    assert "輪" not in str(told)


def test_the_file_of_an_export_is_headed_in_the_readers_words():
    found = REGIME.classes["feedback"]

    assert Sheet(found, REGIME, [], "zh").titles == ["档案编号", "所属档案"]
    assert Sheet(found, REGIME, [], "en").titles == ["Record number", "Belongs to"]


def test_every_right_that_is_shipped_says_in_words_what_it_is():
    for name in ("bank", "company", "customer_service", "dealership", "graded_sales", "hotel", "property", "trading"):
        merged = Library().merged(name)
        for right in merged["rights"].values():
            assert right["en"] and right["zh"] and right["en"] != right["zh"], right

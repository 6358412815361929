"""Analyses on both databases: each of the named ones against figures reckoned by hand, as data and as a spreadsheet."""

from __future__ import annotations

from base64 import b64decode
from collections import defaultdict
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

import regimes
from chassis.actor import Actor
from chassis.errors import Conflict
from services.records.searching import tables as s
from services.records.views import analysing, on_file, running
from tests.service import given_records
from tests.service.given_records import PEOPLE, code_of
from vault.kek import KeyFile

HOUSE = regimes.load("graded_sales_house", Path(__file__).parents[1] / "regimes" / "adopted")
DIRECTOR = Actor("liu", "liu", "sales", frozenset({"employee", "sales_director"}))
SELLER = Actor("sun", "sun", "sales", frozenset({"employee", "salesperson"}))
AGREED = {"purposes": ["selling"], "consents": [{"purpose": "selling", "notice": "2026-1", "channel": "visit"}]}
# Customer by customer: grade, region, credit grade, sales of the year, money owed, sales by product.
CUSTOMERS = [
    ("a", "华东", "a", "600000", "1000.50", {"own_brand": "400000", "service": "200000"}),
    ("a", "华东", "a", "500000", "2000", {"own_brand": "500000"}),
    ("b", "华东", "a", "200000", None, {"own_brand": "150000.25", "agency": "49999.75"}),
    ("b", "华北", "b", "100000", "99.50", {"agency": "100000"}),
    ("c", "华北", "b", "40000", "300", {"own_brand": "30000", "agency": "10000"}),
    ("c", "华北", "b", "60000", "600", None),
]
BY_PRODUCT = {"own_brand": ("1080000.25", 4), "agency": ("159999.75", 3), "service": ("200000.00", 1)}


@pytest.fixture(autouse=True)
def house(monkeypatch):
    """A sales company, whose director reads the analyses."""
    monkeypatch.setattr(given_records, "REGIME", HOUSE)
    monkeypatch.setitem(PEOPLE, "liu", DIRECTOR)
    monkeypatch.setitem(PEOPLE, "sun", SELLER)


@pytest.fixture
def open_groups(monkeypatch):
    """Groups of any size are told."""
    for view in HOUSE.views.values():
        monkeypatch.setitem(vars(view), "smallest", 1)


def card(suite, number, grade, region, credit, volume, owed, products, class_="dealer"):
    fields = {"basic.name": f"第{number}经销公司", "basic.kind": "enterprise", "basic.region": region}
    fields |= {"credit.grade": credit, "dealings.sales_volume": volume, **({"credit.owed": owed} if owed else {})}
    rows = [{"product_line": line, "amount": amount} for line, amount in (products or {}).items()]
    fields |= {"dealings.sold_products": rows} if rows else {}
    made = suite.enters("sun", {"class": class_, "fields": fields, **AGREED})["id"]
    suite.settles("record", made)
    suite.calls("liu", "set_scheme", {"record": made, "name": "sales_grade", "value": grade, "reason": "评级"})
    return made


@pytest.fixture
def cards(suite):
    return [card(suite, n, *one) for n, one in enumerate(CUSTOMERS)]


def summed(by, amount):
    """The same by hand: what each group comes to, and of how many customers."""
    told = defaultdict(lambda: [Decimal(), 0])
    for one in CUSTOMERS:
        told[one[by]][0] += Decimal(one[amount] or 0)
        told[one[by]][1] += 1
    return {value: (f"{total:.2f}", many) for value, (total, many) in told.items()}


EXPECTED = {
    "grade_shares": summed(0, 3),
    "region_shares": summed(1, 3),
    "credit_grades": summed(2, 4),
    "product_shares": BY_PRODUCT,
}


def told(answer):
    return {line["value"]: (line["sum"], line["records"]) for line in answer["items"]}


def view(suite, name, person="liu"):
    return suite.calls(person, "view", {"view": name})


@pytest.mark.covers("Q-149", "Q-150", "Q-151", "Q-152")
@pytest.mark.parametrize("name", EXPECTED)
def test_each_composition_is_what_it_comes_to_by_hand(suite, cards, open_groups, name):
    answer = view(suite, name)
    total = sum(Decimal(amount) for amount, _ in EXPECTED[name].values())

    assert told(answer) == EXPECTED[name]
    shares = {line["value"]: line["share"] for line in answer["items"]}
    assert shares == {value: f"{Decimal(amount) / total:.4f}" for value, (amount, _) in EXPECTED[name].items()}
    customers = len(CUSTOMERS) if name != "product_shares" else 5
    assert (Decimal(answer["total"]["sum"]), answer["total"]["records"]) == (total, customers)
    series = {one["name"]: one["values"] for one in answer["chart"]["series"]}
    assert answer["chart"]["labels"]["en"] == [line["en"] for line in answer["items"]]
    assert series == {word: [line[word] for line in answer["items"]] for word in ("records", "share", "sum")}


def test_customers_by_grade_are_counted(suite, cards, open_groups):
    answer = view(suite, "grades")
    assert {line["value"]: line["records"] for line in answer["items"]} == {"a": 2, "b": 2, "c": 2}
    assert {line["share"] for line in answer["items"]} == {"0.3333"} and answer["total"]["records"] == 6


@pytest.mark.covers("Q-150")
@pytest.mark.parametrize("name", EXPECTED)
def test_each_composition_leaves_as_the_same_figures_with_a_chart(suite, cards, open_groups, name):
    answer = view(suite, name)
    raw = b64decode(suite.calls("liu", "view_file", {"view": name}, language="zh")["file"])
    rows = CalamineWorkbook.from_filelike(BytesIO(raw)).get_sheet_by_index(0).to_python()
    lines = [line for line in rows if line[0] in {one["zh"] for one in answer["items"]}]

    assert [[line[0], int(line[1]), f"{line[3]:.2f}"] for line in lines] == [
        [one["zh"], one["records"], one["sum"]] for one in answer["items"]
    ]
    assert rows[-1][0] == "总计" and f"{rows[-1][3]:.2f}" == answer["total"]["sum"]
    assert b"xl/charts/chart1.xml" in raw


def test_products_that_few_customers_buy_are_hidden_with_those_they_could_be_told_by(suite, cards):
    answer = view(suite, "product_shares")
    assert all(line["hidden"] and line["sum"] is None for line in answer["items"])
    assert answer["total"] is None and answer["chart"]["labels"]["en"] == []


def test_a_changed_table_is_added_up_as_it_stands(suite, cards, open_groups):
    record = suite.store.record(cards[0])
    asked = {"record": record.id, "version": record.version, "reason": "reported", "requested_by": "staff"}
    rows = [{"product_line": "agency", "amount": "7"}]
    change = suite.calls("sun", "change", {**asked, "fields": {"dealings.sold_products": rows}})
    suite.settles("change", change["change"])

    assert told(view(suite, "product_shares")) == {"own_brand": ("680000.25", 3), "agency": ("160006.75", 4)}


def test_an_analysis_is_the_same_while_and_after_the_key_of_search_is_renewed(suite, cards, open_groups):
    before = told(view(suite, "credit_grades"))
    suite.calls(None, "renew_index")
    KeyFile(suite.settings.keys / "kek").rotate_search()
    cards.append(card(suite, 9, *CUSTOMERS[0]))
    during = told(view(suite, "credit_grades"))
    suite.calls(None, "renew_index")

    assert {row.generation for row in suite.rows(s.search_parts)} == {1}
    assert during == told(view(suite, "credit_grades")) == {**before, "a": ("4001.00", 4)}


# -- what takes longer than a call may


def test_what_takes_too_long_is_refused_and_can_be_put_on_file_in_the_background(
    suite, cards, open_groups, monkeypatch
):
    monkeypatch.setattr(running, "PATIENCE", -1.0)
    monkeypatch.setattr(running, "SOON", -1.0)
    monkeypatch.setattr(analysing, "AT_ONCE", 2)
    assert code_of(view, suite, "region_shares") == "view.too_many"

    answer = suite.calls("liu", "file_report", {"view": "region_shares"})
    waiting = suite.calls("liu", "report", {"report": answer["id"]})
    assert answer["state"] == waiting["state"] == "running" and not waiting.get("items")
    assert code_of(suite.calls, "liu", "report_file", {"report": answer["id"]}) == "report.state"
    card(suite, 9, *CUSTOMERS[0])
    suite.calls(None, "run_reports")

    ready = suite.calls("liu", "report", {"report": answer["id"]})
    assert ready["state"] == "ready" and told(ready)["华东"] == ("1900000.00", 4), "as it stood when it was made"
    assert [entry["report"] for entry in suite.told("records.report_begun")] == [answer["id"]]
    [filed] = suite.told("records.report_filed")
    assert (filed["report"], filed["result"]) == (answer["id"], ready["result"])
    assert suite.journal()[-2]["actor"] == "liu", "it is counted for whom it is for"


def test_a_filed_report_leaves_as_a_spreadsheet_of_its_day(suite, cards, open_groups):
    report = suite.calls("liu", "file_report", {"view": "grade_shares"})["id"]
    card(suite, 9, *CUSTOMERS[0])
    found = suite.calls("liu", "report_file", {"report": report}, language="en")
    rows = CalamineWorkbook.from_filelike(BytesIO(b64decode(found["file"]))).get_sheet_by_index(0).to_python()

    told = {row[0]: row[1] for row in rows[:8]}
    assert told["Taken by"].endswith(" (liu)") and told["Data date"] == told["At"] == "2026-11-20 12:00+08:00"
    assert rows[-1][:2] == ["Total", 6.0] and suite.told("records.report_read")[-1]["mark"] == found["mark"]
    assert code_of(suite.calls, "sun", "report_file", {"report": report}) == "report.unknown"


def test_a_report_whose_view_is_another_one_by_then_fails_and_says_why(suite, cards, monkeypatch):
    monkeypatch.setattr(running, "SOON", -1.0)
    report = suite.calls("liu", "file_report", {"view": "grade_shares"})["id"]
    monkeypatch.setitem(vars(HOUSE.views["grade_shares"]), "smallest", 7)
    suite.calls(None, "run_reports")

    failed = suite.calls("liu", "report", {"report": report})
    assert (failed["state"], failed["problem"]) == ("failed", "view.changed")
    suite.calls(None, "run_reports")
    assert len(suite.told("records.report_failed")) == 1


def test_a_report_waits_while_its_keys_cannot_be_had(suite, cards, monkeypatch):
    monkeypatch.setattr(running, "SOON", -1.0)
    report = suite.calls("liu", "file_report", {"view": "grade_shares"})["id"]
    monkeypatch.setattr(on_file, "_counted", lambda *_: (_ for _ in ()).throw(on_file.Unavailable("x.y", "away")))
    suite.calls(None, "run_reports")
    assert suite.calls("liu", "report", {"report": report})["state"] == "running"


def test_a_view_that_is_a_list_is_not_put_on_file(suite):
    with pytest.raises(Conflict) as refusal:
        suite.calls("liu", "file_report", {"view": "over_limit"})
    assert refusal.value.code == "view.no_analysis"

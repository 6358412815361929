"""The road of one record, from lawful collection to proven destruction, through all five services."""

from __future__ import annotations

from pathlib import Path

import yaml

from demo.cast import Cast
from demo.company import Company
from demo.road import CONSENT, FIELDS, Road
from tests.system.suite import PEOPLE, Suite, password


def cast_of(suite: Suite) -> Cast:
    """Everybody of the demo company, at this suite's gateway."""
    return Cast(suite.url, {person: password(person) for person in PEOPLE})


def test_one_record_walks_from_lawful_collection_to_proven_destruction(own_suite: Suite, tmp_path: Path) -> None:
    """
    The main job, with its people, its refusals and a stranger's proof at the end; the demo walks the same road.
    """
    cast = cast_of(own_suite)

    told = [line for _, act in Road(cast).acts() for line in act()]

    assert len(told) > 30


def test_the_walk_goes_past_a_customer_who_looks_the_same(own_suite: Suite) -> None:
    """
    Whoever plays with the demo brings in what he likes: the clerk is told, and says that it is another customer.
    """
    alike = Road(cast_of(own_suite))
    own_suite.gateway("zheng").post(
        "/v1/records", {"class": "company.customer", "fields": FIELDS, "consents": [CONSENT]}
    )

    told = [line.got for line in alike.collect()]

    assert told[-2] == "409 record.likely_duplicate" and told[-1].endswith("pending") and alike.record


def test_the_demo_company_brings_its_customers_in_and_nothing_doubles(own_suite: Suite, tmp_path: Path) -> None:
    """
    Two files with the dirt of real ones: every row has one outcome, dry run and real run agree, again creates nothing.
    """
    told = list(Company(cast_of(own_suite), tmp_path / "files").bring_in())

    assert sum("records active" in line.got for line in told) == 2


def test_northwind_is_taken_in_whole_or_refused_row_by_row(suite: Suite, shared_data: Path) -> None:
    """
    Input nobody here wrote: several alphabets, missing regions, telephone numbers in many national forms.
    """
    company = Company(cast_of(suite), Path("."))
    mapping = yaml.load(Path("demo/mappings/northwind.yaml").read_text(), Loader=yaml.BaseLoader)
    file = shared_data / "northwind-customers.csv"

    first = company.load("qian", "trading.customer", file, mapping)
    report = company.cast["qian"].get(f"/v1/imports/{first['id']}/report.csv")["text"]
    again = company.load("qian", "trading.customer", file, mapping)

    assert first["rows"] == 91 and first["accepted"] + first["rejected"] == 91
    assert len(report.splitlines()) == 1 + first["rejected"]
    assert all("phone" in line for line in report.splitlines()[1:])
    assert again["accepted"] == 0 and again["duplicates"] == first["accepted"]

"""What a record names is there: people, departments, other records; on every road by which data come in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.errors import Invalid
from chassis.ids import new_id
from regimes.model import Field
from services.records import references
from tests.service.given_records import CONSENT, FIELDS, REGIME
from tests.service.test_records_import import begun

COLUMNS = {"客户名称": "basic.name", "联系人": "contact.person", "手机": "contact.mobile", "评定人": "credit.graded_by"}


def service_of(suite):
    return suite.service("zheng", "create", {})


def errors_of(call, *args, **kwargs):
    with pytest.raises(Invalid) as refusal:
        call(*args, **kwargs)
    return {error["pointer"]: error["code"] for error in refusal.value.facts["errors"]}


def test_who_graded_a_customer_is_somebody_of_the_organisation(suite):
    asked = {"class": "company.customer", "consents": [CONSENT]}

    refused = errors_of(suite.enters, "zheng", {**asked, "fields": {**FIELDS, "credit.graded_by": "nobody"}})
    made = suite.enters("zheng", {**asked, "fields": {**FIELDS, "credit.graded_by": "he"}})

    assert refused == {"/fields/credit.graded_by": "reference.unknown"} and made["id"]


def test_a_change_names_nobody_unknown_either(suite):
    record = suite.active()
    change = {"record": record, "version": 2, "fields": {"credit.graded_by": "nobody"}, "reason": "graded"}

    told = errors_of(suite.calls, "zheng", "change", {**change, "requested_by": "staff", "evidence": ["evidence"]})

    assert told == {"/fields/credit.graded_by": "reference.unknown"}


def test_a_row_of_an_import_that_names_nobody_known_is_rejected_with_its_field(suite):
    body = "客户名称,联系人,手机,评定人\n望杉一号厂,李雪梅,19900001000,nobody\n".encode()
    upload = begun(suite, body, "zheng", **{"class": "company.customer", "mapping": {"columns": COLUMNS}})
    suite.calls("zheng", "start_import", {"upload": upload, "size": len(body)})
    suite.calls(None, "run_imports")

    report = suite.calls("zheng", "import_report", {"upload": upload}, language="zh-CN")["csv"]

    assert "reference.unknown" in report and "评级人" in report and "nobody" not in report


def test_an_owner_in_a_plan_is_somebody_and_the_row_is_named(forms):
    found = REGIME.classes["follow_up_plan"]
    path = next(path for path, one in found.fields.items() if "owner" in one.columns)

    with pytest.raises(Invalid) as refusal:
        references.refuse_strangers(service_of(forms), found, {path: '[{"owner":"he"},{"owner":"ghost"}]'})

    [one] = refusal.value.facts["errors"]
    assert one["pointer"] == f"/fields/{path}/1/owner" and one["detail"].startswith("row 2, ")
    assert "ghost" not in str(one)


def test_a_record_or_department_that_is_named_is_there_for_the_caller(suite):
    record, service = suite.active(), service_of(suite)
    customer = REGIME.classes["company.customer"]
    fields = {name: Field(name, name, "某", type=name, part="x") for name in ("record", "department")}
    found = replace(customer, parts={"x": replace(customer.parts["basic"], name="x", fields=fields)})

    references.refuse_strangers(service, found, {"x.record": record, "x.department": "sales"})

    for values in ({"x.record": new_id()}, {"x.department": "nowhere"}):
        told = errors_of(references.refuse_strangers, service, found, values)
        assert [*told.values()] == ["reference.unknown"]


def test_an_entry_belongs_to_a_department_that_is_there(forms):
    """
    A complaint of a department that nobody is in would be nobody's to answer, with its time limit running.
    """
    about = forms.active()
    entry = {"class": "complaint", "about": about, "fields": {"form.date": "2026-11-20", "form.facts": "late"}}

    told = errors_of(forms.calls, "zheng", "add_entry", {**entry, "department": "nowhere"})

    assert told == {"/department": "reference.unknown"}
    assert forms.calls("zheng", "add_entry", {**entry, "department": "sales"})["state"] == "active"

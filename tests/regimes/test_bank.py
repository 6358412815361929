"""A bank (G7, G9): four groups of data, express consent, a lawful source or no use, all of it in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.http import Refusal
from tests.faults.evidence import quiesce
from tests.regimes.house import UNFINISHED, House, living

pytestmark = pytest.mark.slow

BANKING = {"purpose": "banking", "notice": "2026-1", "channel": "branch", "kind": "express"}
LENDING = {**BANKING, "purpose": "lending"}
CUSTOMER: dict[str, Any] = {
    "basic.name": "周宁",
    "basic.kind": "individual",
    "contact.mobile": "19900007301",
    "account.accounts": [{"account_number": "6200000000000001", "account_kind": "current", "opened_on": "2026-11-01"}],
    "account.balance": "12000.00",
    "transaction.transactions": [{"date": "2026-11-02", "amount": "800.00", "item": "转账"}],
}
AGREEMENT = b"%PDF-1.7\n" + b"an agreement with a partner " * 40
FROM_A_LIST = b"name,kind,mobile\n\xe9\x83\x91\xe6\x96\x87,individual,19900007309\n"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One bank for these tests."""
    with living("bank_house") as bank:
        yield bank


@pytest.fixture(scope="module")
def customer(house: House) -> str:
    """A customer with an account, who agreed to banking and lending."""
    fields = {**CUSTOMER, "credit_reference.liabilities": "250000"}
    agreed = {"purposes": ["banking", "lending"], "consents": [BANKING, LENDING]}
    record = house.enter("qian", "bank.customer", fields, **agreed)
    house.approve("xu", "create", record)
    verified(house, record)
    house.becomes("bank.customer", record, state="active")
    return record


def verified(house: House, record: str, person: str = "he") -> dict[str, Any]:
    """Who the customer is was compared with the original."""
    looked = {"fields": ["basic.name", "basic.kind"], "method": "original", "source": "original", "result": "confirmed"}
    return dict(house.gateway(person).post(f"/v1/records/{record}/verifications", looked))


@pytest.mark.covers("Q-033", "Q-034", "Q-035", "Q-040")
def test_nobody_is_a_customer_before_another_than_who_entered_him_has_verified_who_he_is(house: House) -> None:
    fields = {"basic.name": "沈帆", "basic.kind": "individual", "contact.mobile": "19900007311"}
    record = house.enter("qian", "bank.customer", fields, purposes=["banking"], consents=[BANKING])
    house.approve("xu", "create", record)
    house.until(lambda: held_back(house, record), 20, "the approval to be waiting for the verification")
    assert house.listed("bank.customer", record, "qian")["state"] == "pending"

    with pytest.raises(Refusal) as own:
        verified(house, record, "qian")
    assert (own.value.status, own.value.code) == (403, "verification.own")
    verified(house, record)

    house.becomes("bank.customer", record, "qian", state="active")


def held_back(house: House, record: str) -> bool:
    """Whether its life tells that it waits for a proof."""
    items = house.gateway("qian").get(f"/v1/records/{record}/timeline")["items"]
    return any(one["type"] == "records.held_back" for one in items)


@pytest.mark.covers("Q-051", "Q-006")
def test_a_bank_record_has_four_groups_each_read_for_its_purpose(house: House, customer: str) -> None:
    banking = house.read("qian", customer, "banking")
    lending = house.read("qian", customer, "lending", "credit_reference.liabilities", "account.balance")
    elsewhere = house.read("zheng", customer, "banking", "basic.name", "account.balance")

    assert house.listed("bank.customer", customer)["number"].startswith("BK-")
    assert {path.split(".")[0] for path, one in banking.items() if one["state"] == "clear"} >= {
        "basic",
        "account",
        "transaction",
    }
    assert banking["credit_reference.liabilities"]["state"] == "withheld"
    assert lending["credit_reference.liabilities"]["value"] == "250000.00"
    assert (elsewhere["basic.name"]["state"], elsewhere["account.balance"]["state"]) == ("masked", "withheld")


@pytest.mark.covers("Q-011", "Q-014")
def test_a_bank_asks_for_an_express_consent_and_takes_in_no_more_than_it_covers(house: House) -> None:
    other = {**CUSTOMER, "basic.name": "何可", "contact.mobile": "19900007302"}
    simple = {"purposes": ["banking"], "consents": [{**BANKING, "kind": "simple"}]}
    with pytest.raises(Refusal) as weak:
        house.enter("qian", "bank.customer", other, **simple)
    with pytest.raises(Refusal) as wide:
        fields = {**other, "credit_reference.liabilities": "1"}
        house.enter("qian", "bank.customer", fields, purposes=["banking"], consents=[BANKING])

    assert (weak.value.status, weak.value.code) == (403, "consent.missing")
    assert wide.value.code == "purpose.scope"
    assert wide.value.problem["errors"][0]["pointer"] == "/fields/credit_reference.liabilities"


@pytest.mark.covers("Q-011", "Q-024")
def test_after_the_consent_is_taken_back_no_use_and_the_attempt_is_on_record(house: House, customer: str) -> None:
    qian = house.gateway("qian")
    consents = qian.get(f"/v1/records/{customer}/consents")["items"]
    lending = next(one["id"] for one in consents if one["purpose"] == "lending")
    qian.post(f"/v1/records/{customer}/consents/{lending}/withdrawal", {"channel": "counter"})

    with pytest.raises(Refusal) as no:
        house.read("qian", customer, "lending", "credit_reference.liabilities")

    assert (no.value.status, no.value.code) == (403, "consent.withdrawn")
    quiesce(house)
    refused = [one for one in log(house, customer) if one["type"] == "records.use_refused"]
    assert [(one["data"]["used_for"], one["data"]["code"]) for one in refused] == [("lending", "consent.withdrawn")]
    house.until(lambda: cases(house, customer), 20, "the case to be proposed")
    [case] = cases(house, customer)
    assert (case["type"], case["offender"], case["state"]) == ("unlawful_use", "qian", "proposed")


def cases(house: House, record: str) -> list[dict[str, Any]]:
    """What somebody has to answer for about a record, as compliance sees it."""
    return list(house.gateway("gao").get(f"/v1/violations?record={record}")["items"])


@pytest.mark.covers("Q-023")
def test_every_collection_and_every_use_is_there_for_the_internal_review(house: House, customer: str) -> None:
    house.read("qian", customer, "banking", "account.balance")
    quiesce(house)

    types = [one["type"] for one in log(house, customer)]
    assert {"records.created", "records.collected", "records.read", "records.consent_given"} <= set(types)
    review = {"form.date": "2026-11-20", "form.sampled": "20", "form.lawful": "passed", "form.within_purpose": "failed"}
    rest = {"form.least_needed": "passed", "form.well_kept": "passed"}
    entry = house.gateway("gao").post("/v1/registers/use_review", {"fields": review | rest})
    signed = house.gateway("gao").post(f"/v1/entries/{entry['id']}/signatures", {"version": entry["version"]})
    assert (signed["state"], signed["number"][:3]) == ("active", "UR-")
    put_right = house.duty("xu", "use_reviewed", record=entry["id"])
    assert (put_right["finding"], put_right["role"]) == ("use_reviewed", "head:finance")


@pytest.mark.covers("Q-348")
def test_the_business_department_inspects_itself_each_quarter_and_compliance_agrees(house: House) -> None:
    xu, duty = house.gateway("xu"), house.duty("xu", "inspect_own", state=UNFINISHED)
    checks = dict.fromkeys(("form.lawful", "form.within_purpose", "form.least_needed", "form.well_kept"), "passed")
    entry = xu.post("/v1/registers/self_inspection", {"fields": {"form.date": "2026-11-20", **checks}})
    xu.post(f"/v1/entries/{entry['id']}/signatures", {"version": entry["version"]})
    path = f"/v1/duties/{duty['duty']}"

    with pytest.raises(Refusal) as unproved:
        xu.post(f"{path}/completion", {"evidence": {}})
    done = xu.post(f"{path}/completion", {"evidence": {"self_inspection": entry["id"]}})

    assert (unproved.value.code, done["state"]) == ("needs.missing", "done")
    assert house.gateway("gao").post(f"{path}/confirmation")["state"] == "closed"


@pytest.mark.covers("Q-306")
def test_a_partner_gets_data_by_basis_consent_and_agreement_and_an_authority_by_law_alone(house: House) -> None:
    fields = {**CUSTOMER, "basic.name": "陆晴", "contact.mobile": "19900007321"}
    record = house.enter("qian", "bank.customer", fields, purposes=["banking"], consents=[BANKING])
    house.approve("xu", "create", record)
    verified(house, record)
    house.becomes("bank.customer", record, state="active")

    assert asks_to_disclose(house, record, "law").code == "rule.none", "to whom?"
    lacks = asks_to_disclose(house, record, "consent", to="partner")
    assert (lacks.status, lacks.code) == (422, "needs.missing")
    form = {"kind": "agreement", "form": "copy", "date": "2026-11-20"}
    house.gateway("qian").upload(f"/v1/records/{record}/documents", form, "agreement.pdf", AGREEMENT)
    assert asks_to_disclose(house, record, "consent", to="authority").code == "needs.missing"
    for to, basis in (("partner", "consent"), ("authority", "law")):
        house.until(lambda to=to, basis=basis: raised(house, record, basis, to), 20, f"the request for the {to}")


def asks_to_disclose(house: House, record: str, basis: str, **to: str) -> Refusal:
    """How a wish to give data away is refused."""
    with pytest.raises(Refusal) as refusal:
        house.gateway("qian").post("/v1/requests", a_disclosure(record, basis, **to))
    return refusal.value


def raised(house: House, record: str, basis: str, to: str) -> bool:
    """Whether it is before the head and compliance, once the proofs are known."""
    try:
        told = house.gateway("qian").post("/v1/requests", a_disclosure(record, basis, to=to))
    except Refusal:
        return False
    return [step["deciders"] for step in told["chain"]] == [["xu"], ["gao"]]


def a_disclosure(record: str, basis: str, **to: str) -> dict[str, Any]:
    """A request to give data away."""
    named = {"evidence": [{"basis": basis}], "reason": "as agreed", **to}
    return {"kind": "disclose", "records": [record], "fields": ["basic.name"], "purpose": "banking", **named}


def log(house: House, record: str) -> list[dict[str, Any]]:
    """What the ledger says of a record, as compliance reads it."""
    items = house.gateway("gao").get(f"/v1/audit/entries?record={record}&limit=500")["items"]
    return [one["entry"] for one in items]


@pytest.mark.covers("Q-022", "Q-024")
def test_a_list_that_nobody_vouched_for_is_kept_from_every_use(house: House) -> None:
    columns = {"name": "basic.name", "kind": "basic.kind", "mobile": "contact.mobile"}
    mapping = json.dumps({"columns": columns})
    form = {"class": "bank.customer", "mapping": mapping}
    taken = house.gateway("qian").upload("/v1/imports", form, "list.csv", FROM_A_LIST)

    house.until(lambda: imported(house, taken)["state"] not in ("running", "queued", "receiving"), 30, "the import")
    assert imported(house, taken)["accepted"] == 1
    [line] = [one for one in house.gateway("he").get("/v1/records?class=bank.customer&limit=500")["items"]
              if one["state"] == "pending"]  # fmt: skip
    with pytest.raises(Refusal) as no:
        house.read("gao", line["id"], "regulation", "basic.name")
    assert (no.value.status, no.value.code) == (403, "source.missing")


def imported(house: House, taken: dict[str, Any]) -> dict[str, Any]:
    """How far an import is."""
    return dict(house.gateway("qian").get(f"/v1/imports/{taken.get('import') or taken.get('id')}"))

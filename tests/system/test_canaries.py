"""Canary values in every field, sent down every road: found nowhere but in the answers they belong in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pika  # type: ignore[import-untyped]
import psycopg
import pytest

from cli.http import Refusal
from tests.faults.evidence import fetch_bundle, quiesce
from tests.faults.subscriber import declare
from tests.nodes.processes import until
from tests.system.conftest import SIDES, running
from tests.system.life import CONSENTS, a_record, activate
from tests.system.scanning import forms, hits, unpacked
from tests.system.suite import JSON, Suite

pytestmark = pytest.mark.slow

TEXTS = (
    "basic.name basic.industry contact.person contact.position contact.address contact.city business.history "
    "business.products business.preference business.demand interaction.visits interaction.complaints "
    "interaction.feedback credit.payment credit.credit_terms credit.performance other.source other.remark"
).split()
TYPED = {
    "basic.id_number": "11010119900307395X",
    "contact.mobile": "19900004711",
    "contact.phone": "01012344711",
    "contact.fax": "01012344712",
    "contact.email": "canary4711@example.com",
    "credit.limit": "4711471147.11",
}
TABLES = {
    "business.contracts": {"number": "CanaryContract4711", "subject": "CanaryTable00 金丝雀"},
    "business.transactions": {"date": "2026-03-31", "amount": "4711471148.22", "item": "CanaryTable01 金丝雀"},
    "interaction.communications": {"date": "2026-03-31", "content": "CanaryTable02 金丝雀"},
    "interaction.campaigns": {"date": "2026-03-31", "occasion": "CanaryTable03 金丝雀"},
    "credit.defaults": {"date": "2026-03-31", "facts": "CanaryTable04 金丝雀"},
}
CELLS = [cell for row in TABLES.values() for column, cell in row.items() if column != "date"]
SERVICES = ("records", "approvals", "audit", "retention")


def canaries(road: str) -> dict[str, str]:
    """A value for every text field that says which road it went."""
    return {path: f"Canary{road}{n:02} 金丝雀" for n, path in enumerate(TEXTS)}


def test_no_value_of_a_record_is_found_outside_its_answers(running_suite: Suite, tmp_path: Path) -> None:
    suite, heard = running_suite, listen(running_suite)
    sent = {**canaries("Create"), **TYPED}

    record = a_record(suite, {**sent, **{path: [row] for path, row in TABLES.items()}})
    activate(suite, record)
    sent_too = [*changed(suite, record), *imported(suite), *refused(suite, record), *documented(suite, record)]
    reads(suite, record, sent)
    quiesce(suite)

    everything = [*sent.values(), *CELLS, *sent_too, TYPED["contact.mobile"][1:]]
    bundle = fetch_bundle(suite, tmp_path / "evidence.zip")
    assert hits(everything, left_behind(suite), [*heard(), *unpacked(bundle)]) == []
    assert len([*heard()]) > 2 or not suite.distributed


@pytest.fixture(params=SIDES)
def running_suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """A suite whose files nobody else writes."""
    with running(request.param) as suite:
        yield suite


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for n, (name, form) in enumerate(forms("Canary 金丝雀 4711").items()):
        (tmp_path / f"{n}.{name}").write_bytes(b"before" + form + b"after")

    found = hits(["Canary 金丝雀 4711"], [tmp_path])

    assert {line.rpartition(".")[2] for line in found} >= set(forms(""))


def changed(suite: Suite, record: str) -> list[str]:
    """A change that took effect, and one that waits for its decision, each with its reason."""
    clerk = suite.gateway("zheng")
    values = [f"CanaryChange{n} 金丝雀" for n in range(4)]
    version = clerk.get(f"/v1/records/{record}?purpose=service&fields=basic.name")["version"]
    body = {"fields": {"interaction.visits": values[0]}, "reason": values[1], "requested_by": "staff"}
    clerk.patch(f"/v1/records/{record}", body, If_Match=f'"{version}"')
    until(lambda: version_of(suite, record) > version, 20, "the change to take effect")
    waiting = {"fields": {"contact.person": values[2]}, "reason": values[3], "requested_by": "customer"}
    form = {"kind": "customer_request", "form": "original", "signed_by": "customer"}
    clerk.upload(f"/v1/records/{record}/documents", form, "letter.txt", b"please change it")
    waiting |= {"evidence": ["customer_request"]}
    assert try_to(suite, "PATCH", f"/v1/records/{record}", waiting, {"If-Match": f'"{version + 1}"'}) == 202
    return values


def imported(suite: Suite) -> list[str]:
    """A file with a good row and one that is refused."""
    good, bad = canaries("Import"), canaries("Refuse")
    file = io.StringIO()
    writer = csv.DictWriter(file, [*TEXTS, "contact.mobile"])
    writer.writeheader()
    writer.writerows([{**good, "contact.mobile": "19900005822"}, {**bad, "contact.mobile": "CanaryNoPhone"}])
    constant = {"contact.email": "canary5822@example.com"}  # of every row, so it comes with the mapping
    mapping = json.dumps({"columns": {path: path for path in (*TEXTS, "contact.mobile")}, "constants": constant})
    form = {"class": "company.customer", "mapping": mapping, "encoding": "utf-8"}
    archivist = suite.gateway("he")
    begun = archivist.upload("/v1/imports", form, "customers.csv", file.getvalue().encode())
    path = f"/v1/imports/{begun['id']}"
    until(lambda: archivist.get(path)["state"] in ("waiting", "released", "done", "failed"), 30, "the import to run")
    done = archivist.get(path)
    assert (done["accepted"], done["rejected"]) == (1, 1)
    archivist.raw("GET", f"{path}/report.csv", None, {})
    return [*good.values(), *bad.values(), *constant.values(), "19900005822", "CanaryNoPhone"]


def documented(suite: Suite, record: str) -> list[str]:
    """A document of several pieces, read and sent back; its name, its contents and the words are nobody else's."""
    values = [f"CanaryPaper{n} 金丝雀" for n in range(4)]
    content = f"{values[0]}\n{'all as it should be ' * 20_000}\n{values[1]}".encode()
    clerk, archivist = suite.gateway("zheng"), suite.gateway("he")
    form = {"kind": "evidence", "form": "original", "signed_by": "customer"}
    document = clerk.upload(f"/v1/records/{record}/documents", form, f"{values[2]}.txt", content)["id"]
    status, _, read = clerk.raw("GET", f"/v1/documents/{document}/content?purpose=service", None, {})
    assert (status, read) == (200, content)
    archivist.post(f"/v1/documents/{document}/return", {"faults": ["illegible"], "reason": values[3]})
    acts = clerk.get(f"/v1/documents/{document}/acts?purpose=service")["items"]
    assert acts[0]["reason"] == values[3]
    executable = f"MZ{values[0]}".encode()
    with pytest.raises(Refusal):
        clerk.upload(f"/v1/records/{record}/documents", form, f"{values[2]}.pdf", executable)
    return values


def refused(suite: Suite, record: str) -> list[str]:
    """Bad values, unknown fields, broken bodies, a key used twice, a stale version, a stranger's attempt."""
    values = [f"CanaryRefused{n}" for n in range(8)]
    good = {"class": "company.customer", "purposes": ["service"], "consents": CONSENTS}
    for fields in ({"contact.mobile": values[0]}, {values[1]: values[1]}, {"basic.id_number": values[2]}):
        try_to(suite, "POST", "/v1/records", {**good, "fields": {"basic.name": values[3], **fields}})
    try_to(suite, "POST", "/v1/records", {**good, "fields": {"basic.name": values[3]}, values[4]: values[4]})
    stale = {"fields": {"interaction.visits": values[5]}, "reason": "stale", "requested_by": "staff"}
    try_to(suite, "PATCH", f"/v1/records/{record}", stale, {"If-Match": '"1"'})
    named = {"fields": {"contact.person": values[5]}, "reason": values[5], "requested_by": "customer"}
    version = version_of(suite, record)
    named |= {"evidence": ["customer_request", values[6]]}
    assert try_to(suite, "PATCH", f"/v1/records/{record}", named, {"If-Match": f'"{version}"'}) == 422
    moved = {"to": "suspended", "reason": values[5], "evidence": [values[7]]}
    assert try_to(suite, "POST", f"/v1/records/{record}/transitions", moved, {"If-Match": f'"{version}"'}) == 422
    suite.gateway("zheng").raw("POST", "/v1/records", f'{{"class": "{values[0]}", '.encode(), JSON)
    suite.gateway("sun").raw(
        "POST", "/v1/records", json.dumps({**good, "fields": {"basic.name": values[3]}}).encode(), JSON
    )
    return values


def reads(suite: Suite, record: str, sent: dict[str, str]) -> None:
    """Everything is read in clear by one, masked by another; the values do come back to whom they belong."""
    path = f"/v1/records/{record}?purpose=service"
    until(lambda: suite.gateway("zheng").raw("GET", path, None, {})[0] == 200, 20, "the record to be read")
    shown = suite.gateway("zheng").get(path)["fields"]
    assert shown["contact.address"] == {"state": "clear", "value": sent["contact.address"]}
    for way in ("", "/versions", "/timeline", "/explain"):
        for person in ("zheng", "sun", "he"):
            suite.gateway(person).raw("GET", f"/v1/records/{record}{way}?purpose=service", None, {})


def try_to(suite: Suite, method: str, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> int:
    return int(suite.gateway("zheng").raw(method, path, json.dumps(body).encode(), JSON | (headers or {}))[0])


def version_of(suite: Suite, record: str) -> int:
    return int(suite.gateway("zheng").get(f"/v1/records/{record}?purpose=service&fields=basic.name")["version"])


def left_behind(suite: Suite) -> list[Path]:
    """Every folder that the suite and its nodes wrote into; the server has written out what it held back."""
    if not suite.distributed:
        return [suite.dir]
    with psycopg.connect(suite.server.url + "postgres", autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return [suite.dir, suite.broker.dir, suite.server.data]


def listen(suite: Suite) -> Any:
    """What another department hears; embedded nobody else can listen."""
    if not suite.distributed:
        return lambda: []
    channel = pika.BlockingConnection(pika.URLParameters(suite.broker.uri)).channel()
    for service in SERVICES:
        declare(channel, "canaries", f"{service}.events")
    heard: list[tuple[str, bytes]] = []

    def all_heard() -> list[tuple[str, bytes]]:
        while (found := channel.basic_get("canaries"))[0] is not None:
            heard.append((f"event {found[0].routing_key}", found[2] + str(found[1]).encode()))
        return heard

    return all_heard

"""Documents through the front door: handed in, read, refused."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from cli.http import Refusal
from tests.faults.evidence import quiesce
from tests.nodes.processes import LOOPBACK
from tests.system.conftest import running
from tests.system.life import a_record, activate
from tests.system.suite import Suite

pytestmark = pytest.mark.slow

PIECE = 262_144
FORM = {"kind": "evidence", "form": "original", "signed_by": "customer"}
CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 3000  # 768 KB: two whole pieces and a rest


@pytest.fixture(scope="module")
def embedded() -> Iterator[Suite]:
    """One suite for these tests."""
    with running("embedded") as suite:
        yield suite


@pytest.fixture(scope="module")
def record(embedded: Suite) -> str:
    """A record in use."""
    found = a_record(embedded, {"contact.mobile": "19900001122"})
    activate(embedded, found)
    return found


def hands_in(suite: Suite, record: str, content: bytes = CONTENT, name: str = "scan.pdf", **form: str) -> str:
    """A document; its id."""
    return str(suite.gateway("zheng").upload(f"/v1/records/{record}/documents", {**FORM, **form}, name, content)["id"])


def reads(suite: Suite, document: str, person: str = "zheng") -> tuple[int, Any, bytes]:
    """Its contents, as they come."""
    return suite.gateway(person).raw("GET", f"/v1/documents/{document}/content?purpose=service", None, {})


@pytest.mark.covers("Q-059")
def test_a_document_comes_back_byte_for_byte_and_its_read_is_in_the_ledger(embedded: Suite, record: str) -> None:
    document = hands_in(embedded, record)

    status, headers, body = reads(embedded, document)

    assert (status, body) == (200, CONTENT)
    assert headers["Content-Type"] == "application/pdf" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == f'attachment; filename="evidence-{document}.pdf"'
    assert headers["Cache-Control"] == "no-store"
    quiesce(embedded)
    entries = embedded.gateway("he").get(f"/v1/audit/entries?record={record}&limit=500")["items"]
    of_it = [one["entry"]["type"] for one in entries if document in json.dumps(one)]
    assert sorted(of_it) == ["records.document_added", "records.document_read"]


def test_whom_nothing_lets_is_refused_and_nobody_reads_without_a_purpose(embedded: Suite, record: str) -> None:
    document = hands_in(embedded, record)

    assert reads(embedded, document, "qian")[0] == 403
    bare = embedded.gateway("zheng").raw("GET", f"/v1/documents/{document}/content", None, {})
    assert bare[0] == 422
    none = embedded.gateway("zheng").raw("GET", f"/v1/documents/{record}/content?purpose=service", None, {})
    assert (none[0], json.loads(none[2])["code"]) == (404, "document.unknown")


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("contract.pdf", b"MZ\x90\0\3\0\0\0" + b"\0" * 300_000, 415, "document.type_refused"),
        ("list.xlsx", b"PK\3\4" + b"\0" * 300, 415, "document.type_refused"),
        ("scan.png", CONTENT, 415, "document.type_mismatch"),
        ("empty.pdf", b"", 422, "document.empty"),
    ],
)
def test_what_is_no_document_is_answered_clearly_and_leaves_nothing(
    embedded: Suite, record: str, name: str, content: bytes, status: int, code: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        hands_in(embedded, record, content, name)

    assert (refusal.value.status, refusal.value.code) == (status, code)
    listed = embedded.gateway("zheng").get(f"/v1/records/{record}/documents")["items"]
    assert name == "empty.pdf" or all(one["state"] != "receiving" for one in listed)


def test_a_gigabyte_is_refused_before_it_is_sent(embedded: Suite, record: str) -> None:
    head = (
        f"POST /v1/records/{record}/documents HTTP/1.1\r\nHost: x\r\nContent-Length: {1024**3}\r\n"
        f"Authorization: Bearer {embedded.token('zheng')}\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    with socket.create_connection((LOOPBACK, embedded.ports["http"]), timeout=60) as line:
        line.sendall(head.encode())

        assert b" 413 " in line.recv(65536).partition(b"\r\n")[0]


def test_repeating_an_upload_with_its_key_adds_nothing(embedded: Suite, record: str) -> None:
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{text}\r\n' for n, text in FORM.items()]
    parts.append('--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n')
    body = "".join(parts).encode() + CONTENT + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Idempotency-Key": "the-same-paper"}
    path = f"/v1/records/{record}/documents"

    answers = [embedded.gateway("zheng").raw("POST", path, body, headers) for _ in range(2)]

    assert [(status, json.loads(told)) for status, _, told in answers] == [(201, json.loads(answers[0][2]))] * 2
    other = body.replace(CONTENT, CONTENT[:-1] + b"x")
    status, _, told = embedded.gateway("zheng").raw("POST", path, other, headers)
    assert (status, json.loads(told)["code"]) == (422, "idempotency.other_request"), "no document is lost silently"


@pytest.mark.covers("Q-170", "Q-185")
def test_a_document_is_examined_and_the_checklist_says_what_there_is(embedded: Suite, record: str) -> None:
    document = hands_in(embedded, record)

    embedded.gateway("he").post(f"/v1/documents/{document}/acceptance", {"paper": True})

    told = embedded.gateway("he").get(f"/v1/records/{record}/checklist")
    line = next(one for one in told["items"] if one["kind"] == "evidence")
    assert document in line["documents"] and (line["wanted"], line["state"]) == ("optional", "present")
    assert embedded.gateway("zheng").get(f"/v1/documents/{document}")["state"] == "accepted"

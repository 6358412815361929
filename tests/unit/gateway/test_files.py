"""Files in and out at the socket: refused early, streamed in pieces, never more of the process than their share."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import pytest
import requests

from chassis.errors import Conflict, Unavailable
from gateway import forms
from tests.nodes.processes import until
from tests.unit.gateway.conftest import RECORD, Client, Road
from tests.unit.gateway.test_server import Served, served  # noqa: F401  (a fixture)

PIECE = 262_144
DOCUMENTS, CONTENT = f"/v1/records/{RECORD}/documents", f"/v1/documents/{RECORD}/content?purpose=service"
ABOUT = {"kind": "contract", "form": "original"}


def head_of(served: Served, path: str, length: int) -> bytes:  # noqa: F811
    """The head of a form that claims to be this long, and its text parts."""
    parts = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in ABOUT.items()
    )
    begun = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'
    return (
        f"POST {path} HTTP/1.1\r\nAuthorization: Bearer {served.token}\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    ).encode() + parts + begun  # fmt: skip


def post_form(client: Client, **texts: str) -> Any:
    lines = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in texts.items()]
    lines.append('--b\r\nContent-Disposition: form-data; name="file"; filename="scan.pdf"\r\n\r\n%PDF-1.7\r\n--b--\r\n')
    return client.send("POST", DOCUMENTS, raw="".join(lines).encode(), content_type="multipart/form-data; boundary=b")


def test_a_document_of_several_pieces_arrives_whole(served: Served) -> None:  # noqa: F811
    files = {"file": ("客户.pdf", b"x" * 700_001, "application/pdf")}

    answer = served.ask("POST", DOCUMENTS, data={**ABOUT, "sides": "2", "signed_by": "customer, staff"}, files=files)

    assert (answer.status_code, answer.json()) == (
        201,
        {"upload": "contract", "size": 700_001, "offsets": [0, PIECE, 2 * PIECE]},
    )


@pytest.mark.parametrize("path", [DOCUMENTS, "/v1/imports"])
def test_a_file_of_a_gigabyte_is_refused_before_any_of_it_is_read(served: Served, path: str) -> None:  # noqa: F811
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as line:
        line.sendall(head_of(served, path, 1024**3))

        assert b" 413 " in line.recv(65536).partition(b"\r\n")[0]


def test_what_claims_no_size_is_stopped_when_it_grows_too_large(served: Served) -> None:  # noqa: F811
    def endless() -> Any:
        yield head_of(served, DOCUMENTS, 0).partition(b"\r\n\r\n")[2]
        while True:
            yield b"x" * 1_000_000

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    try:
        assert served.ask("POST", DOCUMENTS, data=endless(), headers=kind).status_code == 413
    except requests.ConnectionError:
        pass  # it hung up on a sender who does not stop
    assert served.alive()


def test_uploads_that_stall_leave_workers_to_the_others(served: Served) -> None:  # noqa: F811
    """Eight workers; whoever comes later is told to come again, and who only asks is served."""
    with contextlib.ExitStack() as lines:
        for _ in range(40):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=60))
            line.sendall(head_of(served, DOCUMENTS, 900_000))
        assert served.alive()
        busy = served.ask("POST", DOCUMENTS, data=ABOUT, files={"file": ("a.pdf", b"%PDF-")})
        assert (busy.status_code, busy.json()["code"]) == (503, "gateway.busy") and busy.headers["Retry-After"]
    until(
        lambda: served.ask("POST", DOCUMENTS, data=ABOUT, files={"file": ("a.pdf", b"%PDF-")}).status_code == 201,
        20,
        "the broken-off uploads to be let go",
    )


def test_a_document_leaves_as_fast_as_it_is_taken_and_no_faster(served: Served) -> None:  # noqa: F811
    """
    Whoever takes it slowly costs a piece or two of memory, not the whole document.
    """
    url = f"http://127.0.0.1:{served.port}{CONTENT}"
    token = {"Authorization": f"Bearer {served.token}"}
    with requests.get(url, headers=token, stream=True, timeout=60) as answer:
        assert answer.raw.read(1000) == b"x" * 1000
        asked = served.ask("GET", f"/v1/records/{RECORD}/timeline").json()["asked"]
        assert asked < 40, "the rest is fetched when it is wanted"
        assert len(answer.raw.read()) == 40 * PIECE - 1000


def test_a_read_that_breaks_off_does_not_look_whole(served: Served) -> None:  # noqa: F811
    served.ask("GET", f"/v1/records/{RECORD}/checklist")

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        served.ask("GET", CONTENT)

    assert served.alive()


def test_a_document_is_sent_so_that_no_browser_carries_it_out(client: Client, road: Road) -> None:
    opened = {"entry": RECORD, "kind": 'a"; b\r\n中', "media": "text/plain", "ending": "txt", "size": 2, "pieces": 1}
    road.answers |= {"records.open_document": opened, "records.document_chunk": {"bytes": "aGk="}}

    answer = client.get(CONTENT)

    assert (answer.status_code, answer.get_data(), answer.headers["Content-Length"]) == (200, b"hi", "2")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="a-b--{RECORD}.txt"'
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "text/plain"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert road.last("records.document_chunk").args == {
        "document": RECORD,
        "purpose": "service",
        "entry": RECORD,
        "number": 0,
    }


def test_a_document_is_read_for_a_purpose(client: Client) -> None:
    answer = client.get(CONTENT.partition("?")[0])

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/purpose")


def test_what_is_known_of_a_document_is_typed_on_its_way(client: Client, road: Road) -> None:
    road.answers |= {"records.begin_document": {"upload": "u", "offset": 0}}

    texts = {**ABOUT, "sides": "2", "signed_by": "customer,staff", "paper": "true", "date": "2026-11-02"}
    assert post_form(client, **texts).status_code == 201

    assert road.last("records.begin_document").args == {
        **ABOUT,
        "record": RECORD,
        "sides": 2,
        "signed_by": ["customer", "staff"],
        "paper": True,
        "date": "2026-11-02",
        "name": "scan.pdf",
    }
    put = road.last("records.put_document_chunk")
    assert put.args["offset"] == 0 and "idempotency_key" not in put.context
    assert road.last("records.finish_document").args == {"upload": "u", "size": 8}


def test_an_upload_goes_on_where_it_broke_off(client: Client, road: Road) -> None:
    answer = post_form(client, upload=RECORD, offset=str(PIECE))

    assert answer.status_code == 201 and road.count("records.begin_document") == 0
    assert road.last("records.put_document_chunk").args["offset"] == PIECE
    assert road.last("records.finish_document").args == {"upload": RECORD, "size": PIECE + 8}


@pytest.mark.parametrize(
    "texts",
    [
        {"kind": "contract"},
        {**ABOUT, "sides": "two"},
        {**ABOUT, "form": "hearsay"},
        {**ABOUT, "paper": "yes"},
        {**ABOUT, "record": RECORD, "what": "x"},
        {"upload": RECORD},
        {"upload": "u", "offset": "0"},
        {"upload": RECORD, "offset": "-1"},
    ],
)
def test_forms_that_are_no_document(client: Client, road: Road, texts: dict[str, str]) -> None:
    assert post_form(client, **texts).status_code == 422 and road.count("records.put_document_chunk") == 0


def test_what_a_service_refuses_of_a_piece_is_the_answer(client: Client, road: Road) -> None:
    refusal = Conflict("document.offset", "the next piece begins at 0", {"offset": 0})
    road.answers |= {"records.begin_document": {"upload": "u", "offset": 0}, "records.put_document_chunk": refusal}

    answer = post_form(client, **ABOUT)

    assert (answer.status_code, answer.json["code"], answer.json["offset"]) == (409, "document.offset", 0)
    assert road.count("records.finish_document") == 0


def test_an_upload_counts_no_longer_when_it_failed(client: Client, road: Road) -> None:
    """
    Else a few failures would shut the door for good.
    """
    road.answers["records.begin_document"] = Unavailable("service.unavailable", "away")
    for _ in range(client.settings.workers):
        assert post_form(client, **ABOUT).json["code"] == "service.unavailable"


def test_who_sends_too_slowly_is_not_waited_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "ALL_SECONDS", 0.0)

    answer = post_form(client, **ABOUT)

    assert (answer.status_code, answer.json["code"]) == (400, "body.unfinished")


def test_of_a_file_to_import_that_never_came_whole_nothing_is_kept(
    client: Client, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "ALL_SECONDS", 0.0)
    road.answers["records.begin_import"] = {"upload": "u"}

    answer = sent_too_slowly(client)

    assert answer.json["code"] == "body.unfinished"
    assert road.count("records.begin_import") == road.count("records.withdraw_import")
    assert road.count("records.start_import") == 0


def test_why_a_file_was_not_taken_is_told_though_it_cannot_be_withdrawn_now(
    client: Client, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "ALL_SECONDS", 0.0)
    road.answers["records.begin_import"] = {"upload": "u"}
    road.answers["records.withdraw_import"] = Unavailable("service.unavailable", "away")

    answer = sent_too_slowly(client)

    assert answer.json["code"] == "body.unfinished"


def sent_too_slowly(client: Client) -> Any:
    raw = '--b\r\nContent-Disposition: form-data; name="class"\r\n\r\ncompany.customer\r\n'
    raw += '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx\r\n--b--\r\n'
    return client.send("POST", "/v1/imports", raw=raw.encode(), content_type="multipart/form-data; boundary=b")


def test_the_report_of_an_import_leaves_piece_by_piece_as_it_is_made(client: Client, road: Road) -> None:
    told = {0: {"csv": "\ufeff行号\r\n", "next": 7}, 7: {"csv": "8\r\n", "next": 8}, 8: {"csv": "9\r\n", "next": None}}
    road.answers["records.import_report"] = lambda args: told[args["after"]]

    answer = client.get(f"/v1/imports/{RECORD}/report.csv")

    assert answer.get_data().decode() == "\ufeff行号\r\n8\r\n9\r\n"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="import-{RECORD}.csv"'
    assert client.get(f"/v1/imports/{RECORD}/report.csv?after=7").status_code == 422


def test_the_workbook_of_a_report_goes_on_where_its_last_piece_ended(client: Client, road: Road) -> None:
    told = {"": {"file": "UEs=", "next": "2.2.3.4.5"}, "2.2.3.4.5": {"file": "aGk=", "next": None}}
    road.answers["records.import_workbook"] = lambda args: told[args["after"]]

    answer = client.get(f"/v1/imports/{RECORD}/report.xlsx")

    assert answer.get_data() == b"PKhi" and answer.headers["Content-Disposition"].endswith('.xlsx"')


def test_a_report_that_breaks_off_is_not_taken_for_a_whole_one(served: Served) -> None:  # noqa: F811
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        served.ask("GET", f"/v1/imports/{RECORD}/report.csv")

    assert served.alive()

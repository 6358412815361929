"""The socket: limits, deadlines, garbage; no connection can take the process down."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[3]


@dataclass
class Served:
    port: int
    token: str
    process: subprocess.Popen

    def ask(self, method: str, path: str, **options: object) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return requests.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=60, **options)

    def raw(self, data: bytes) -> bytes:
        """What comes back until the server closes, after we have said all that we have to say."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            said = b""
            with contextlib.suppress(OSError):  # it may close before all is said
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
                while piece := line.recv(65536):
                    said += piece
            return said

    def alive(self) -> bool:
        return self.process.poll() is None and self.ask("GET", "/v1/classes").status_code == 200


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("gateway")
    command = [sys.executable, "-m", "tests.unit.gateway.serving", str(folder)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, text=True
    )
    line = process.stdout.readline().split()
    assert line, process.stderr.read()
    yield Served(int(line[0]), line[1], process)
    process.terminate()
    noise = process.communicate(timeout=60)[1]
    assert "Traceback" not in noise and "HTTP/1" not in noise


def test_it_answers_over_a_kept_connection(served: Served) -> None:
    with requests.Session() as session:
        for _ in range(3):
            url = f"http://127.0.0.1:{served.port}/v1/classes"
            answer = session.get(url, headers={"Authorization": f"Bearer {served.token}"}, timeout=60)
            assert answer.status_code == 200 and answer.headers["Request-Id"]


GARBAGE = [
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n",
    b"GET / HTTP/1.1\r\nA: " + b"x" * 70000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET /?\xff HTTP/1.1\r\n\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nContent-Length: 1e9\r\n\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST /v1/sessions HTTP/1.1\r\nContent-Length: 50\r\n\r\nhello",
    b"POST /v1/sessions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
    b"POST /v1/sessions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    b"POST /v1/sessions HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nContent-Length: 99999999999999\r\nContent-Type: application/json\r\n\r\n{",
    b"GET / HTTP/1.1\r\nAuthorization: Bearer \xff\xff\r\nAccept-Language: \xff\r\nAccept: \xff\r\nTe: \xff\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET http://evil/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_ends_its_own_connection_only(served: Served, data: bytes) -> None:
    said = served.raw(data)
    assert b" 500 " not in said.partition(b"\r\n")[0]
    assert b"Traceback" not in said
    assert served.alive()


def test_random_bytes(served: Served) -> None:
    rng = random.Random(7)
    for _ in range(100):
        line = (
            b"POST /v1/sessions HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
            + rng.randbytes(20)
        )
        assert b" 500 " not in served.raw(line).partition(b"\r\n")[0]
        assert b" 500 " not in served.raw(rng.randbytes(rng.randrange(300)) + b"\r\n\r\n").partition(b"\r\n")[0]
    assert served.alive()


def test_a_caller_that_hangs_up_at_once(served: Served) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", served.port)) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            line.sendall(b"POST /v1/sessions HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    assert served.alive()


def test_too_large_bodies(served: Served) -> None:
    answer = served.ask("POST", "/v1/records", data=b"{" + b" " * 1048577, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    chunked = served.ask(
        "POST", "/v1/records", data=iter([b" " * 65536] * 17), headers={"Content-Type": "application/json"}
    )
    assert chunked.status_code == 413
    assert served.alive()


def test_a_caller_who_never_stops_sending_is_left(served: Served) -> None:
    head = b"POST /v1/sessions HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as line:
        line.sendall(head)
        assert b" 413 " in line.recv(65536).partition(b"\r\n")[0]
        with pytest.raises(OSError):
            while True:
                line.sendall(b"x" * 65536)


def test_slow_senders_hold_no_worker(served: Served) -> None:
    """Eight workers, forty callers whose bodies never come."""
    head = b"POST /v1/sessions HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    with contextlib.ExitStack() as lines:
        for _ in range(40):
            lines.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=60)).sendall(head)
        assert served.alive()


def test_a_file_of_several_pieces_arrives_whole(served: Served) -> None:
    files = {"file": ("客户.csv", b"x" * 700_001, "text/csv")}
    answer = served.ask("POST", "/v1/imports", data={"class": "trading.customer", "dry_run": "true"}, files=files)
    assert (answer.status_code, answer.json()) == (
        202,
        {"upload": "u", "size": 700_001, "offsets": [0, 262_144, 524_288]},
    )


def test_livez_needs_no_worker(served: Served) -> None:
    assert served.ask("GET", "/livez").json() == {"status": "alive"}


def test_a_services_refusal_arrives_as_it_was_said(served: Served) -> None:
    answer = served.ask("GET", "/v1/departments", headers={"Accept-Language": "zh-CN"})
    assert (answer.status_code, answer.json()["request"], answer.json()["title"]) == (403, "view", "您没有该权限。")


def test_a_services_failure_says_nothing_of_its_text(served: Served) -> None:
    answer = served.ask("GET", "/v1/regimes")
    assert answer.status_code == 503 and "secret" not in answer.text and answer.json()["code"] == "service.failed"


def test_a_service_that_is_not_there_is_unavailable(served: Served) -> None:
    answer = served.ask("GET", "/v1/audit/checkpoint")
    assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"data": {"class": "c"}}, 415),
        ({"files": {"x": ("a", b"a")}, "data": {"class": "c"}}, 422),
        ({"files": {"file": ("a", b"a")}}, 422),
        ({"files": {"file": ("a", b"a")}, "data": {"class": "c", "mapping": "[]"}}, 422),
        ({"files": {"file": ("a", b"a")}, "data": {"class": "c", "what": "x"}}, 422),
        ({"files": [("file", ("a", b"a")), ("file", ("b", b"b"))], "data": {"class": "c"}}, 422),
        ({"files": {"file": ("a", b"")}, "data": {"class": "c"}}, 202),
    ],
)
def test_forms_that_are_no_import(served: Served, parts: dict, status: int) -> None:
    assert served.ask("POST", "/v1/imports", **parts).status_code == status


@pytest.mark.parametrize(
    "body", [b"", b"--b", b"--b\r\n\r\n", b"--b--\r\n", b"\xff" * 999, b"--b\r\nContent-Disposition: x\r\n\r\nq"]
)
def test_forms_that_cannot_be_read(served: Served, body: bytes) -> None:
    answer = served.ask("POST", "/v1/imports", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code in (400, 422)
    assert served.alive()

"""No input may give 500: whatever is sent gets a refusal that says what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.gateway.conftest import RECORD, Client

CREATE = "/v1/records"
HOSTILE = [
    (b"{", 400),
    (b"[]", 422),
    (b'"x"', 422),
    (b"nul", 400),
    (b'{"a": NaN}', 400),
    (b'{"a": 1e400}', 400),
    (b'{"a": 100000000000000000000}', 422),
    (b'{"a": -9007199254740993}', 422),
    (b'{"a": "\\u0000"}', 422),
    (b'{"\\u0000": 1}', 422),
    (b'{"a": "\\ud800"}', 400),
    (b'{"a": "\xff"}', 400),
    (b'{"a":' * 900 + b"1" + b"}" * 900, 400),
    (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", 400),
    (b'{"a":' + b"[" * 5000, 400),
    (b"\xef\xbb\xbf{}", 400),
    (b'{"a": "' + b"x" * 1048576 + b'"}', 413),
]


@pytest.mark.parametrize(("raw", "status"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies(client: Client, raw: bytes, status: int) -> None:
    answer = client.post(CREATE, raw=raw)
    assert answer.status_code == status
    assert answer.json["status"] == status


def test_other_content_types(client: Client) -> None:
    for kind in (
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-8; x",
    ):
        status = client.post(CREATE, raw=b'{"a": "\\u0000"}', content_type=kind).status_code
        assert status == (422 if "json" in kind else 415)
    answer = client.post(CREATE, raw=b"{}", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize("query", ["a=%zz", "a=%ff", "limit=1&limit=2", "&".join(f"a{i}=1" for i in range(99))])
def test_queries_that_cannot_be_read(client: Client, query: str) -> None:
    assert client.get("/v1/duties", query_string=query).status_code == 400


def test_control_characters_in_a_query(client: Client) -> None:
    assert client.get("/v1/duties", query_string="owner=%00").status_code == 422
    assert client.get("/v1/duties", query_string="owner=%0d%0aX:1").status_code == 422


def test_a_get_with_a_body_is_refused(client: Client) -> None:
    assert client.get("/v1/duties", raw=b"{}").status_code == 400


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["GET", "POST", "PATCH", "PUT", "OPTIONS"]))
def test_any_path_and_query(client: Client, path: str, query: str, method: str) -> None:
    path, query = (text.encode("utf-8", "surrogatepass").decode("latin-1") for text in (path, query))
    environ = {"PATH_INFO": "/" + path, "QUERY_STRING": query}
    answer = client.send(method, "/", environ_overrides=environ)
    assert answer.status_code < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["class", "fields", "reason", "decision", "records", "purpose", "kind", "x"]), JSON
    ),
    st.sampled_from(
        [
            CREATE,
            "/v1/requests",
            "/v1/loans",
            "/v1/holds",
            "/v1/disposals",
            "/v1/sessions",
            "/demo/clock",
            f"/v1/requests/{RECORD}/decisions",
        ]
    ),
)
def test_any_json(client: Client, body: dict, path: str) -> None:
    answer = client.post(path, body)
    assert answer.status_code < 500 or answer.json["code"] == "service.failed" and path == "/v1/sessions"


@pytest.mark.parametrize("raw", [b'{"fields": {"a": 1}, "fields": {}}', b'{"where": [{"x": {"a": 1, "a": 2}}]}'])
def test_one_name_twice_in_an_object_is_refused(client: Client, raw: bytes) -> None:
    """
    Readers differ in which of the two counts: what was checked must be what takes effect.
    """
    answer = client.send("POST", "/v1/records/searches", raw=raw, content_type="application/json")

    assert (answer.status_code, answer.json["code"]) == (400, "body.name_twice")
    assert "twice" in answer.json["detail"]

"""What people see in a browser: nothing from outside, in their language."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from chassis.errors import Unavailable
from tests.unit.gateway.conftest import RECORD, Client, Road


def test_home_speaks_both_languages(client: Client, production: Client) -> None:
    english, chinese = client.get("/", token=None), client.get("/?lang=zh-CN", token=None)
    assert 'lang="en"' in english.text and "Demo mode" in english.text and "Keeping" not in chinese.text
    assert 'lang="zh-CN"' in chinese.text and "客户资料档案" in chinese.text
    assert "客户资料档案" in client.get("/", token=None, headers={"Accept-Language": "zh"}).text
    assert "Demo mode" not in production.get("/", token=None).text


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_load_nothing_from_outside(client: Client, path: str) -> None:
    page = client.get(path, token=None)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe-eval" not in page.headers["Content-Security-Policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links and all(link.startswith("/") and not link.startswith("//") for link in links)
    for link in links:
        if link.startswith("/docs/"):
            assert client.get(link, token=None).status_code == 200, link


def test_scripts_keep_their_types_and_other_files_do_not_exist(client: Client) -> None:
    assert client.get("/docs/swagger-ui-bundle.js", token=None).mimetype == "text/javascript"
    assert "https" not in client.get("/docs/start.js", token=None).text
    for name in ("home.html", "swagger-ui.js.map", "..", "..%2ftitles.yaml", "titles.yaml"):
        assert client.get(f"/docs/{name}", token=None).status_code == 404


def test_a_certificate_is_json_or_a_page(client: Client, road: Road) -> None:
    road.answers["retention.certificate"] = {"certificate": RECORD, "records": [{"record": RECORD}], "note": "<script>"}
    assert client.get(f"/v1/certificates/{RECORD}").json["certificate"] == RECORD
    assert client.get(f"/v1/certificates/{RECORD}", headers={"Accept": "*/*"}).is_json
    page = client.get(f"/v1/certificates/{RECORD}", headers={"Accept": "text/html", "Accept-Language": "zh"})
    assert page.mimetype == "text/html" and "销毁证书" in page.text and "<script>" not in page.text


def test_a_certificate_is_told_in_the_words_of_its_reader(client: Client, road: Road) -> None:
    attempt = {"failed": True, "result": "key.gone"}
    record = {"record": RECORD, "at": "2026-11-20T02:22:41.855113Z", "outcome": "destroyed", "attempt": attempt}
    road.answers["retention.certificate"] = {"records": [record], "made_up": 1, "certificate": RECORD}

    page = client.get(f"/v1/certificates/{RECORD}", headers={"Accept": "text/html", "Accept-Language": "zh"}).text

    assert all(word in page for word in ("逐件情况", "2026-11-20 02:22:41 UTC", "已销毁", "made_up"))
    assert not any(name in page for name in ("attempt", "key.gone", "destroyed", "True"))
    assert page.index("证书编号") < page.index("逐件情况") < page.index("made_up")


def test_text_answers(client: Client, road: Road) -> None:
    road.answers["audit.checkpoint"] = {"note": "muniment\n1\nAA==\n"}
    answer = client.get("/v1/audit/checkpoint")
    assert answer.mimetype == "text/plain" and answer.text == "muniment\n1\nAA==\n"


def test_a_bundle_is_put_together_from_its_pieces(client: Client, road: Road) -> None:
    pieces = [{"bytes": "UEs=", "last": False}, {"bytes": "AwQ=", "last": True}]
    road.answers["audit.bundle_chunk"] = lambda args: pieces[args["offset"] // 2]
    answer = client.get(f"/v1/audit/bundles/{RECORD}")
    assert (
        answer.data == b"PK\x03\x04"
        and answer.headers["Content-Length"] == "4"
        and answer.mimetype == "application/zip"
    )


def test_the_demos_clock_goes_forward_and_exists_nowhere_else(client: Client, production: Client) -> None:
    before = client.settings.clock.now()
    assert client.post("/demo/clock", {"advance": "P8DT1H"}).json["now"].startswith("2026-11-10T05:00")
    assert client.settings.clock.now() - before == timedelta(days=8, hours=1)
    for wrong in ("8", "P", "PT", "-P1D", "P1M", "P99999D", "P１D", "P1D\n", 8):
        assert client.post("/demo/clock", {"advance": wrong}).status_code == 422
    assert client.post("/demo/clock", {"advance": "P9999W"}).status_code == 422, "time does not run out of the calendar"
    assert client.post("/demo/clock", {"advance": "P1D"}, token=None).status_code == 401
    assert production.post("/demo/clock", {"advance": "P1D"}).status_code == 404
    assert production.post("/demo/sessions", {"account": "sun"}, token=None).status_code == 404


def test_readiness_follows_approvals(client: Client, road: Road) -> None:
    assert client.get("/readyz", token=None).status_code == 200
    road.answers["approvals.grants_for"] = Unavailable("service.unavailable")
    assert client.get("/readyz", token=None).status_code == 503


def test_metrics_name_templates_only(client: Client) -> None:
    client.get(f"/v1/records/{RECORD}?purpose=service")
    text = client.get("/metrics", token=None).text
    assert 'route="/v1/records/{record}"' in text and RECORD not in text

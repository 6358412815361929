"""`muniment import`: sends the file as the gateway wants it, waits for the end, tells counts and report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cli.http
import cli.records
from cli.http import Answer, Refusal
from tests.unit.cli.conftest import Run

COUNTS = {"rows": 91, "accepted": 88, "rejected": 1, "duplicates": 2}


class FakeGateway:
    """Somebody else's service: answers in turn, and keeps what it was sent."""

    sent: list[Any] = []
    answers: list[dict[str, Any]] = []

    def __init__(self, url: str, token: str, language: str) -> None:
        self.sent.append((url, token, language))

    def upload(self, path: str, form: dict[str, str], name: str, content: bytes) -> Answer:
        """202, running; or a refusal."""
        self.sent.append((path, form, name, content))
        answer = self.answers.pop(0)
        if "code" in answer:
            raise Refusal(422, answer)
        return Answer(answer)

    def get(self, path: str) -> Answer:
        """The next answer."""
        self.sent.append(path)
        return Answer(self.answers.pop(0))


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> type[FakeGateway]:
    monkeypatch.setattr(cli.http, "Gateway", FakeGateway)
    monkeypatch.setattr(cli.records, "PAUSE", 0)
    FakeGateway.sent, FakeGateway.answers = [], []
    return FakeGateway


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / 'list"1.csv'
    path.write_bytes("名称\n恒通\n".encode("gb18030"))
    return path


def test_counts_and_report_are_told(run: Run, gateway: type[FakeGateway], file: Path) -> None:
    under_way = [{"id": "i1", "state": state} for state in ("running", "running")]
    gateway.answers = [*under_way, {"id": "i1", "state": "waiting", **COUNTS}]

    result = run("import", file, "--class", "trading.customer", "--token", "t", "--dry-run", "--encoding", "gb18030")

    assert result.exit_code == 0, result.output
    assert "91 rows = 88 accepted + 1 rejected + 2 duplicates" in result.output
    assert "http://127.0.0.1:8000/v1/imports/i1/report.csv" in result.output
    _, form, name, content = gateway.sent[1]
    assert form == {"class": "trading.customer", "encoding": "gb18030", "dry_run": "true"}
    assert (name, content) == ("list_1.csv", file.read_bytes())


def test_mapping_is_sent_as_text_and_names_the_class(
    run: Run, gateway: type[FakeGateway], file: Path, tmp_path: Path
) -> None:
    """YAML would make a truth value of Norway."""
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("class: a.b\ncolumns: {名称: basic.name}\nwords: {countries: {Norway: NO}}\n", "utf-8")
    gateway.answers = [{"id": "i1", "state": "checked", **COUNTS}]

    result = run("import", file, "--mapping", mapping, "--token", "t", "--json")

    form = gateway.sent[1][1]
    assert form["class"] == "a.b"
    assert json.loads(form["mapping"])["words"] == {"countries": {"Norway": "NO"}}
    assert json.loads(result.stdout) == {**gateway_end(), "report": "/v1/imports/i1/report.csv"}


def gateway_end() -> dict[str, Any]:
    return {"id": "i1", "state": "checked", **COUNTS}


def test_report_is_saved_as_it_came(run: Run, gateway: type[FakeGateway], file: Path, tmp_path: Path) -> None:
    """It begins with the mark by which spreadsheets know UTF-8: one, and not two."""
    gateway.answers = [gateway_end(), {"text": "\ufeff行,原因\n"}]

    run("import", file, "--class", "a.b", "--token", "t", "--report", tmp_path / "r.csv")

    assert (tmp_path / "r.csv").read_bytes() == "\ufeff行,原因\n".encode()


def test_refusal_is_told_with_its_remedy_and_each_error(run: Run, gateway: type[FakeGateway], file: Path) -> None:
    errors = [{"pointer": "/mapping", "code": "import.mapping", "detail": "no such column"}]
    gateway.answers = [{"code": "input.invalid", "title": "Wrong.", "remedy": "Mend it.", "errors": errors}]

    result = run("import", file, "--class", "a.b", "--token", "t")

    assert result.exit_code == 1
    assert "input.invalid: Wrong. Mend it." in result.output and "no such column" in result.output


def test_failed_import_fails_the_command(run: Run, gateway: type[FakeGateway], file: Path) -> None:
    gateway.answers = [{"id": "i1", "state": "failed", "problem": {"code": "import.unreadable"}}]

    result = run("import", file, "--class", "a.b", "--token", "t")

    assert result.exit_code == 1 and "import.unreadable" in result.output


def test_gateway_that_is_away_is_said(run: Run, file: Path) -> None:
    result = run("import", file, "--class", "a.b", "--token", "t", "--url", "http://127.0.0.1:9")

    assert result.exit_code == 1 and "does not answer" in result.output


@pytest.mark.parametrize("arguments", [("--class", "a.b"), ("--token", "t")], ids=["no token", "no class"])
def test_what_is_missing_is_named(
    run: Run, file: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MUNIMENT_TOKEN", raising=False)

    assert run("import", file, *arguments).exit_code == 2

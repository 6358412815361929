"""`muniment doctor`: names what is wrong, says what to do, and touches nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.db import database
from chassis.inbox import failed
from chassis.settings import read_settings
from chassis.texts import Shelf
from tests.unit.cli.conftest import Run

NOW = datetime(2026, 10, 9, tzinfo=UTC)


def found(run: Run, *arguments: str) -> dict[str, Any]:
    """The findings by name of the check."""
    return {finding["check"]: finding for finding in json.loads(run("doctor", "--json", *arguments).stdout)}


def a_regime_in_force() -> None:
    import regimes

    settings, regime = read_settings(), regimes.load("hengtong", Path("demo/regimes"))
    Shelf(database(settings.database("approvals")), settings).keep("regime", regime.digest, regime.text, NOW)


def test_whole_installation_passes(run: Run, installed: Path) -> None:
    a_regime_in_force()

    result = run("doctor")

    assert result.exit_code == 0, result.output
    assert "✘" not in result.output
    assert "hengtong" in result.output


def test_nothing_is_made_by_looking(run: Run, data: Path) -> None:
    """A doctor that makes what is missing would hide that it was missing."""
    data.mkdir()

    result = run("doctor")

    assert result.exit_code == 1
    assert list(data.iterdir()) == []


def test_every_finding_has_a_fix(run: Run, data: Path) -> None:
    findings = found(run)

    assert [f["check"] for f in findings.values() if not f["ok"] and not f["fix"]] == []
    assert findings["keys.records"]["fix"].startswith("muniment secrets init ")
    assert findings["database.audit"]["fix"] == "muniment migrate audit"


def test_missing_key_is_named(run: Run, installed: Path) -> None:
    (installed / "keys" / "ledger.private").unlink()

    findings = found(run)

    assert [name for name, f in findings.items() if name.startswith("keys.") and not f["ok"]] == ["keys.audit"]
    assert "ledger.private" in findings["keys.audit"]["detail"]


@pytest.mark.parametrize("name", ["message", "kek"])
def test_broken_key_is_found_and_not_shown(run: Run, installed: Path, name: str) -> None:
    (installed / "keys" / name).write_text("00ff-secret\n")

    result = run("doctor", "records")

    assert result.exit_code == 1
    assert f"{name} cannot be used" in result.output
    assert "00ff" not in result.output


def test_missing_regime_is_a_finding(run: Run, installed: Path) -> None:
    assert found(run)["regime"]["fix"] == "muniment serve --regime FILE --organisation FILE"


def test_dead_letters_are_a_finding(run: Run, installed: Path) -> None:
    for _ in range(5):
        failed(database(read_settings().database("records")), "settle", "m-1", b"{}", "ValueError", NOW)

    assert found(run, "records")["events.records"]["fix"] == "muniment dlq list records"


def test_only_what_one_service_needs_is_looked_at(run: Run, installed: Path) -> None:
    names = {"settings", "keys.audit", "database.audit", "events.audit", "broker", "regime"}

    assert set(found(run, "audit")) == names
    assert set(found(run, "gateway")) == {"settings", "keys.gateway", "broker"}


def test_wrong_setting_ends_the_look_and_keeps_its_value(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root:canary@host/")

    result = run("doctor")

    assert result.exit_code == 1
    assert "DATABASE_URL" in result.output
    assert "canary" not in result.output


def test_broker_and_database_that_are_away_are_told_without_their_addresses(
    run: Run, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Port 9 of the loopback refuses; addresses hold passwords."""
    monkeypatch.setenv("AMQP_URI", "amqp://u:canary@127.0.0.1:9/")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:canary@127.0.0.1:9/")

    result = run("doctor", "audit")

    assert result.exit_code == 1
    assert "✘ broker" in result.output and "✘ database.audit" in result.output
    assert "canary" not in result.output


def test_the_doctor_speaks_chinese(run: Run, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUNIMENT_LANG", "zh")

    assert "尚无现行制度" in run("doctor").output

"""Settings are read once at start; what is missing or wrong is named by its key and never shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.settings import SettingWrong, read_settings

SECRET = "hunter2-canary"
SERVICES = ("records", "approvals", "audit", "retention", "gateway")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set, and the working directory holds nothing."""
    for name in list(os.environ):
        if name.startswith("MUNIMENT_") or name in ("AMQP_URI", "DATABASE_URL", "KEYSTORE_URL"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refusal() -> str:
    """What the operator is told."""
    with pytest.raises(SettingWrong) as wrong:
        read_settings()
    return str(wrong.value)


def test_each_service_with_an_empty_environment_ends_with_one_line_that_names_the_key(tmp_path: Path) -> None:
    muniment = Path(sys.executable).with_name("muniment")
    started = {
        name: subprocess.Popen([muniment, "serve", name], cwd=tmp_path, env={}, text=True, stdout=-1, stderr=-1)
        for name in SERVICES
    }

    told = {name: process.communicate(timeout=60) for name, process in started.items()}

    assert all(process.returncode not in (0, None) for process in started.values())
    for name, (out, err) in told.items():
        (line,) = (out + err).splitlines()
        assert line.startswith("MUNIMENT_KEYS: no key file named message"), name


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MUNIMENT_WORKERS", SECRET),
        ("MUNIMENT_MODE", SECRET),
        ("DATABASE_URL", SECRET),
        ("DATABASE_URL", f"mysql://root:{SECRET}@host/"),
        ("KEYSTORE_URL", f"nowhere:{SECRET}"),
        ("MUNIMENT_DATABASE_PREFIX", SECRET),
        ("MUNIMENT_DATABASE_PREFIX", SECRET.replace("-", "") * 4),
        ("DATABASE_URL", f"postgresql://ana:{SECRET}@host:{SECRET}/"),
        ("AMQP_URI_FILE", f"/nowhere/{SECRET}"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch, key: str, value: str) -> None:
    monkeypatch.setenv(key, value)

    told = refusal()

    assert key in told and SECRET not in told and len(told.splitlines()) == 1


def test_a_secret_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "uri").write_text("amqp://ana:pw@host//\n")
    monkeypatch.setenv("AMQP_URI_FILE", str(tmp_path / "uri"))

    assert read_settings().amqp_uri == "amqp://ana:pw@host//"


def test_keys_that_others_can_read_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o750)
    keys.chmod(0o750)
    monkeypatch.setenv("MUNIMENT_KEYS", str(keys))

    assert "MUNIMENT_KEYS" in refusal()


def test_a_key_that_is_no_key_is_named_and_not_shown(tmp_path: Path) -> None:
    settings = read_settings()
    settings.keys.mkdir(parents=True)
    (settings.keys / "message").write_text(SECRET)

    with pytest.raises(SettingWrong) as wrong:
        settings.key("message")

    assert "message" in str(wrong.value) and SECRET not in str(wrong.value)


def test_each_service_has_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    embedded = read_settings()
    monkeypatch.setenv("DATABASE_URL", "postgresql://ana:pw@host:5433/")
    monkeypatch.setenv("KEYSTORE_URL", "postgresql://vault:pw@other/")
    distributed = read_settings()

    assert embedded.database("audit") == f"sqlite:///{tmp_path}/.muniment/audit.db"
    assert distributed.database("audit") == "postgresql+psycopg://ana:pw@host:5433/muniment_audit"
    assert distributed.database("keystore") == "postgresql+psycopg://vault:pw@other/muniment_keystore"


def test_two_installations_keep_apart_on_one_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ana:pw@host/")
    monkeypatch.setenv("MUNIMENT_DATABASE_PREFIX", "trial_")

    assert read_settings().database("audit") == "postgresql+psycopg://ana:pw@host/trial_audit"


def test_only_the_demo_can_move_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().clock.offset_file is None

    monkeypatch.setenv("MUNIMENT_MODE", "demo")

    assert read_settings().clock.offset_file is not None

"""What compose would run, run as plain processes: its secrets' layout, its commands, its settings."""

from __future__ import annotations

import stat
from base64 import b64decode
from hashlib import sha256
from json import loads
from pathlib import Path

from click.testing import CliRunner

from chassis.ids import new_id
from cli.main import main
from cli.secrets import HOLDERS


def laid_out(folder: Path) -> Path:
    """A fresh layout, as `muniment secrets compose` makes it."""
    done = CliRunner().invoke(main, ["secrets", "compose", str(folder / "secrets")])
    assert done.exit_code == 0, done.output
    return folder / "secrets"


def test_each_container_gets_its_keys_and_nobody_elses(tmp_path: Path) -> None:
    """
    The gateway can sign who is calling and open nothing; only records holds the key-encryption key.
    """
    folder = laid_out(tmp_path)

    for holder, names in HOLDERS.items():
        found = {path.name for path in (folder / holder).iterdir()} - {"amqp_uri", "database_url", "keystore_url"}
        assert found == set(names)
    assert [path.parent.name for path in folder.rglob("kek")] == ["records"]
    assert not (folder / "gateway" / "database_url").exists()


def test_secrets_lie_where_only_their_owner_gets(tmp_path: Path) -> None:
    """
    The files are readable for the containers' user; the folder above lets nobody else through.
    """
    folder = laid_out(tmp_path)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_broker_passwords_are_salted_hashes_of_those_in_the_uris(tmp_path: Path) -> None:
    """
    RabbitMQ's own form, so that no password stands in its definitions.
    """
    folder = laid_out(tmp_path)

    for user in loads((folder / "rabbitmq" / "users.json").read_text())["users"]:
        uri = (folder / user["name"] / "amqp_uri").read_text()
        password = uri.split(":")[2].split("@")[0]
        hashed = b64decode(user["password_hash"])
        assert hashed[4:] == sha256(hashed[:4] + password.encode()).digest()


def test_a_second_layout_never_replaces_the_first(tmp_path: Path) -> None:
    """
    New keys would make all that the old ones sealed unreadable.
    """
    folder = laid_out(tmp_path)
    before = (folder / "records" / "kek").read_text()

    again = CliRunner().invoke(main, ["secrets", "compose", str(folder)])

    assert again.exit_code != 0 and (folder / "records" / "kek").read_text() == before


def test_migrate_reaches_each_database_with_its_services_credentials(tmp_path: Path, postgres, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """
    The migrate job of compose: one database and one user per service, the keystore apart.
    """
    folder, prefix = tmp_path / "secrets", f"compose_{new_id()[-12:]}_"
    for name in ("records", "approvals", "audit", "retention", "keystore"):
        url = postgres.database(f"{prefix}{name}")
        holder, file = ("records", "keystore_url") if name == "keystore" else (name, "database_url")
        (folder / holder).mkdir(parents=True, exist_ok=True)
        (folder / holder / file).write_text(url)
    monkeypatch.setenv("MUNIMENT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MUNIMENT_DATABASE_PREFIX", prefix)

    done = CliRunner().invoke(main, ["migrate", "--secrets", str(folder)], catch_exceptions=False)

    assert done.exit_code == 0 and done.output.count("migrated") == 4

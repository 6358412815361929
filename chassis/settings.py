"""Settings: read once at start, typed; a missing or wrong one names its key and never its value."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from environs import FileAwareEnv
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from chassis.clock import Clock

MODES = ("demo", "production")


class SettingWrong(SystemExit):
    """A setting is missing or cannot be used; the text names the key and what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything a process needs to know before it can serve."""

    mode: str
    data: Path
    keys: Path
    amqp_uri: str
    database_url: str
    keystore_url: str
    http_address: str
    ops_address: str
    workers: int
    clock: Clock
    database_prefix: str = "muniment_"
    upload_limit: int = 67108864

    @property
    def embedded(self) -> bool:
        """Whether the broker lives in this process."""
        return self.amqp_uri.startswith("inproc://")

    def database(self, name: str) -> str:
        """The URL of one database: a file of its own on SQLite, a database of its own on a server."""
        server = self.keystore_url if name == "keystore" else self.database_url
        if server.startswith("sqlite"):
            return f"sqlite:///{self.data / name}.db"
        return make_url(server).set(database=f"{self.database_prefix}{name}").render_as_string(hide_password=False)

    def key(self, name: str) -> bytes:
        """A secret from the keys directory, kept as hexadecimal text in a file of that name."""
        path = self.keys / name
        try:
            return bytes.fromhex(path.read_text().strip())
        except FileNotFoundError:
            raise SettingWrong(f"MUNIMENT_KEYS: no key file named {name}; run: muniment secrets init") from None
        except ValueError:
            raise SettingWrong(f"MUNIMENT_KEYS: key file {name} is not hexadecimal text") from None

    def has_key(self, name: str) -> bool:
        """Whether this process was given that key."""
        return (self.keys / name).is_file()


def read_settings() -> Settings:
    """Read and check the environment (`MUNIMENT_*`, AMQP_URI, DATABASE_URL; `*_FILE` for secrets)."""
    env = FileAwareEnv(strip_whitespace=True)
    try:
        return _settings(env)
    except ValueError as wrong:  # before the colon stands the key, after it the value
        raise SettingWrong(f"setting {str(wrong).split(':')[0]}") from None


def _settings(env: FileAwareEnv) -> Settings:
    data = Path(env.str("MUNIMENT_DATA", ".muniment")).resolve()
    mode = env.str("MUNIMENT_MODE", "production")
    if mode not in MODES:
        raise SettingWrong(f"MUNIMENT_MODE is one of {', '.join(MODES)}")
    database_url = _url("DATABASE_URL", env.str("DATABASE_URL", "sqlite://"))
    return Settings(
        mode=mode,
        data=data,
        keys=_private(Path(env.str("MUNIMENT_KEYS", str(data / "keys")))),
        amqp_uri=env.str("AMQP_URI", "inproc://"),
        database_url=database_url,
        keystore_url=_url("KEYSTORE_URL", env.str("KEYSTORE_URL", database_url)),
        http_address=env.str("MUNIMENT_HTTP_ADDRESS", "127.0.0.1:8000"),
        ops_address=env.str("MUNIMENT_OPS_ADDRESS", "127.0.0.1:0"),
        workers=env.int("MUNIMENT_WORKERS", 32),
        clock=Clock(data / "clock.offset" if mode == "demo" else None),
        database_prefix=_prefix(env.str("MUNIMENT_DATABASE_PREFIX", "muniment_")),
        upload_limit=env.int("MUNIMENT_UPLOAD_LIMIT", 67108864),
    )


def _url(key: str, text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingWrong(f"{key} is no database URL, like postgresql+psycopg://user@host/") from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise SettingWrong(f"{key} names neither sqlite nor postgresql")
    return url.render_as_string(hide_password=False)


def _prefix(text: str) -> str:
    # With a service's name behind it, it must fit into the 63 characters of a PostgreSQL name, and need no quotes.
    if not re.fullmatch("[a-z][a-z0-9_]{0,39}", text):
        raise SettingWrong("MUNIMENT_DATABASE_PREFIX is up to 40 of a-z, 0-9 and _, and starts with a letter")
    return text


def _private(keys: Path) -> Path:
    # Mounted secrets (read-only, owned by another user) are the platform's to guard.
    if keys.is_dir() and keys.stat().st_uid == os.getuid() and stat.S_IMODE(keys.stat().st_mode) & 0o077:
        raise SettingWrong(f"MUNIMENT_KEYS: {keys} can be read by others; chmod 700 it")
    return keys

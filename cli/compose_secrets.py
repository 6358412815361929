"""The secrets of a compose installation: a folder per container, with what that container needs and nothing else."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.secrets import HOLDERS, make

DATABASES = {"records": "records", "approvals": "approvals", "audit": "audit", "retention": "retention"}
READABLE = 0o444  # the folder above is 0700: only whoever owns it and the containers it is mounted into get here


def lay_out(folder: Path) -> None:
    """Make everything anew; refuses where a folder of that name exists: old data would be lost with old keys."""
    folder.mkdir(mode=0o700)
    broker = {name: secrets.token_urlsafe(24) for name in HOLDERS}
    databases = {name: secrets.token_urlsafe(24) for name in (*DATABASES, "keystore")}
    _keys(folder)
    for name in HOLDERS:
        _write(folder / name / "amqp_uri", f"amqp://{name}:{broker[name]}@rabbitmq:5672//")
    for name in DATABASES:
        _write(folder / name / "database_url", _database(name, databases[name]))
    _write(folder / "records" / "keystore_url", _database("keystore", databases["keystore"]))
    _write(folder / "postgres" / "password", secrets.token_urlsafe(24))
    for name, password in databases.items():
        _write(folder / "postgres" / f"{name}_password", password)
    _write(folder / "rabbitmq" / "users.json", json.dumps({"users": [_user(*pair) for pair in broker.items()]}))


def _keys(folder: Path) -> None:
    with TemporaryDirectory() as made:
        make(Path(made) / "keys")
        for holder, names in HOLDERS.items():
            for name in names:
                _write(folder / holder / name, (Path(made) / "keys" / name).read_text())


def _database(name: str, password: str) -> str:
    return f"postgresql+psycopg://{name}:{password}@postgres:5432/"


def _user(name: str, password: str) -> dict[str, object]:
    """A broker user with a salted hash, as RabbitMQ's definitions have it."""
    salt = os.urandom(4)
    hashed = b64encode(salt + sha256(salt + password.encode()).digest()).decode()
    return {"name": name, "password_hash": hashed, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o755, exist_ok=True)
    path.write_text(text)
    path.chmod(READABLE)

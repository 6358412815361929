"""`muniment secrets init|compose`: make the keys of an installation, each in a file of its own."""

from __future__ import annotations

import os
from pathlib import Path

import click

PAIRS = ("actor", "grant", "ledger", "certificate", "session")
# Which process is given which; compose mounts exactly these.
HOLDERS = {
    "records": ("message", "actor.public", "grant.public", "kek"),
    "approvals": ("message", "actor.public", "grant.private"),
    "audit": ("message", "actor.public", "ledger.private"),
    "retention": ("message", "actor.public", "grant.public", "certificate.private"),
    "gateway": ("message", "actor.private", "session.private"),
}


@click.group()
def secrets() -> None:
    """Keys of an installation. 安装密钥。"""


@secrets.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make new keys in FOLDER; never over old ones. 在目录中生成新密钥，不覆盖旧密钥。"""
    made = make(folder)
    click.echo(f"{len(made)} keys in {folder}" if made else f"{folder} has its keys already")


@secrets.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("secrets"))
def compose(folder: Path) -> None:
    """Make all that docker-compose.yml mounts, a folder per container. 为 docker compose 生成全部密钥与口令。"""
    from cli.compose_secrets import lay_out

    if folder.exists():
        raise click.ClickException(f"{folder} exists: new secrets would lock you out of old data")
    lay_out(folder)
    click.echo(f"secrets of every container in {folder}; keep a copy of it apart from the backups")


def make(folder: Path) -> list[str]:
    """Make the keys that are missing; the names of those made."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from vault.kek import KeyFile

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = [name for name in ("message",) if _write(folder / name, os.urandom(32))]
    for name in PAIRS:
        seed = os.urandom(32)
        if _write(folder / f"{name}.private", seed):
            public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
            _write(folder / f"{name}.public", public)
            made.append(name)
    if not (folder / "kek").exists():
        KeyFile.create(folder / "kek")
        made.append("kek")
    return made


def _write(path: Path, secret: bytes) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(secret.hex() + "\n")
    return True

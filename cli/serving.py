"""`muniment serve` and `muniment migrate`: run services in this process, bring databases to head."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import click

from cli import publishing
from cli.terminal import said

SERVICES = ("records", "approvals", "audit", "retention")
ALL = (*SERVICES, "gateway")


@click.command()
@click.argument("services", nargs=-1, type=click.Choice(ALL))
@publishing.options
def serve(services: tuple[str, ...], regime: Path | None, organisation: Path | None, passwords: Path | None) -> None:
    """Run the suite, or the SERVICES named, until told to end. 运行整个系统或指定服务。

    With --regime and --organisation these are in force as soon as the suite is up.
    """
    texts = publishing.files_of(regime, organisation, passwords) if regime and organisation else None
    run(services or ALL, texts)


@click.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.option("--secrets", type=click.Path(exists=True, path_type=Path), help="A folder per service. 各服务密钥目录。")
def migrate(services: tuple[str, ...], secrets: Path | None) -> None:
    """Bring the databases to the schema of this release. 将数据库升级到本版本。

    With --secrets each database is reached with its own service's credentials: DIR/SERVICE/database_url.
    """
    import chassis.green  # noqa: F401
    from chassis.settings import read_settings

    for name in services or SERVICES:
        os.environ.update(_credentials(secrets / name) if secrets else {})
        settings = read_settings()
        settings.data.mkdir(parents=True, exist_ok=True)
        migrate_all(settings, [name])
        click.echo(f"migrated: {name}")


def _credentials(folder: Path) -> dict[str, str]:
    """The settings that a service's folder of secrets holds."""
    known = {"DATABASE_URL": folder / "database_url", "KEYSTORE_URL": folder / "keystore_url"}
    return {name: path.read_text().strip() for name, path in known.items() if path.exists()}


def migrate_all(settings: object, services: Iterable[str]) -> None:
    """Every database of these services; records brings its keystore."""
    from chassis.db import database
    from chassis.migrate import migrate as to_head

    for name in services:
        for each in ("keystore", "records") if name == "records" else (name,):
            to_head(database(settings.database(each)), each)  # type: ignore[attr-defined]


def run(services: Iterable[str], texts: tuple[str, str, dict[str, str]] | None = None) -> None:
    """Start and serve; embedded it also locks the data directory and migrates first."""
    import chassis.green  # noqa: F401  # isort: skip

    import eventlet

    from chassis import codec, logs
    from chassis.containers import Runner
    from chassis.settings import read_settings

    logs.configure()
    settings, names = read_settings(), list(services)
    settings.data.mkdir(parents=True, exist_ok=True)
    codec.register(settings.key("message"))
    lock = _only_one(settings.data) if settings.embedded else None
    if settings.embedded:
        migrate_all(settings, [name for name in names if name in SERVICES])
    config = codec.nameko_config(settings.amqp_uri, settings.workers, MUNIMENT=settings)
    runner = Runner(config, [service(name) for name in names])
    _ops(settings, names)
    if texts:
        eventlet.spawn(_put_in_force, config, settings.data, texts)
    runner.run()
    del lock


def _put_in_force(config: dict[str, Any], data: Path, texts: tuple[str, str, dict[str, str]]) -> None:
    """As soon as approvals answers; what is in force already stays as it is."""
    import eventlet

    from chassis.errors import Unavailable
    from chassis.rpc import RpcClient

    with RpcClient(config, "approvals-publisher") as client:
        while True:
            try:
                publishing.publish(client, *texts)
                (data / publishing.READY).touch()
                return
            except Unavailable:
                eventlet.sleep(0.2)


def service(name: str) -> type:
    """The class of a service."""
    from importlib import import_module

    module = "gateway.service" if name == "gateway" else f"services.{name}.service"
    return getattr(import_module(module), f"{name.title()}Service")


def _ops(settings: object, names: list[str]) -> None:
    from chassis.health import Health, serve_health

    serve_health(Health(settings, names), settings.ops_address)  # type: ignore[arg-type, attr-defined]


def _only_one(data: Path) -> IO[str]:
    lock = (data / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        who = lock.read().strip() or "?"
        sys.exit(said(f"{data} is served by process {who} already", f"{data} 已由进程 {who} 提供服务"))
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock

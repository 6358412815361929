"""`muniment regime check|publish`: try a regime against its own examples, put it in force."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli import publishing

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def regime() -> None:
    """Regimes: check, publish. 制度：检查、发布。"""


@regime.command()
@click.argument("file", type=FILE, default=publishing.DEMO / "regimes" / "hengtong.yaml")
@click.option("--organisation", type=FILE, default=publishing.DEMO / "organisation.yaml")
def check(file: Path, organisation: Path) -> None:
    """Run a regime's examples and simulate its chains with the people; exits 1 on an error. 运行制度自带示例。"""
    import regimes
    from regimes import check as checking
    from regimes import organisation as people

    loaded = regimes.load(file.stem, file.parent)
    findings = checking.run(loaded, people.load(organisation))
    for finding in findings:
        click.echo(f"{finding.grade:7} {finding.code}  {finding.where}: {finding.detail}")
    errors = sum(finding.grade == "error" for finding in findings)
    click.echo(f"{loaded.name} {loaded.digest[:12]}: {len(loaded.examples)} examples, {errors} errors")
    sys.exit(1 if errors else 0)


@regime.command()
@publishing.options
def publish(regime: Path, organisation: Path, passwords: Path | None) -> None:
    """Put a regime and an organisation in force in a suite on RabbitMQ. 在运行中的系统里发布制度与组织。"""
    import chassis.green  # noqa: F401  # isort: skip

    from chassis import codec
    from chassis.rpc import RpcClient
    from chassis.settings import read_settings

    settings = read_settings()
    codec.register(settings.key("message"))
    with RpcClient(codec.nameko_config(settings.amqp_uri, MUNIMENT=settings), "approvals-publisher") as client:
        done = publishing.publish(client, *publishing.files_of(regime, organisation, passwords))
    click.echo(f"in force: {done['name']} {done['digest'][:12]}, {done['people']} people")

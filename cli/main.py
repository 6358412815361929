"""The `muniment` command: every subcommand in a module of its own, loaded when it is called."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "audit": ("cli.audit", "audit"),
    "demo": ("cli.demo", "demo"),
    "dlq": ("cli.dlq", "dlq"),
    "doctor": ("cli.doctor", "doctor"),
    "import": ("cli.records", "import_file"),
    "keys": ("cli.keys", "keys"),
    "migrate": ("cli.serving", "migrate"),
    "regime": ("cli.regime", "regime"),
    "search": ("cli.search", "search"),
    "secrets": ("cli.secrets", "secrets"),
    "serve": ("cli.serving", "serve"),
    "token": ("cli.token", "token"),
}


class Commands(click.Group):
    """Finds a command by name and imports its module only then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        return getattr(import_module(module), name)


@click.command(cls=Commands)
@click.version_option(package_name="muniment")
def main() -> None:
    """Governs a company's customer records, and proves that it did. 管理客户档案，并能证明。"""

"""`muniment token --as PERSON`: sign in and print a token, in demo mode with the demo's own password."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

PASSWORDS = "demo-passwords.json"


@click.command()
@click.option("--as", "person", required=True, help="Whose token. 以谁的身份。")
@click.option("--url", default="http://127.0.0.1:8000", envvar="MUNIMENT_URL", help="The gateway. 网关地址。")
@click.option("--password", envvar="MUNIMENT_PASSWORD", help="Outside of the demo. 非演示模式下的密码。")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".muniment-demo"), envvar="MUNIMENT_DATA")
def token(person: str, url: str, password: str | None, data: Path) -> None:
    """Sign in as a person and print the token. 以某人身份登录并打印令牌。"""
    from cli.http import Gateway, Refusal

    if password is None:
        known = data / PASSWORDS
        if not known.is_file():
            sys.exit(f"no demo in {data}: give --password")
        password = json.loads(known.read_text()).get(person, "")
    try:
        click.echo(Gateway(url).sign_in(person, str(password)))
    except Refusal as refusal:
        sys.exit(f"{refusal.code}: {refusal.title}")

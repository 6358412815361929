"""`muniment token --as PERSON`: sign in and print a token, in demo mode with the demo's own password."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cli.terminal import language, said

PASSWORDS = "demo-passwords.json"


@click.command()
@click.option("--as", "person", required=True, help="Whose token. 以谁的身份。")
@click.option("--url", default="http://127.0.0.1:8000", envvar="MUNIMENT_URL", help="The gateway. 网关地址。")
@click.option("--password", envvar="MUNIMENT_PASSWORD", help="Outside of the demo. 非演示模式下的密码。")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".muniment-demo"), envvar="MUNIMENT_DATA")
def token(person: str, url: str, password: str | None, data: Path) -> None:
    """Sign in as a person and print the token. 以某人身份登录并打印令牌。"""
    from cli.http import Gateway, Refusal

    gateway = Gateway(url, language="zh-CN" if language() == "zh" else "en")
    try:
        click.echo(gateway.sign_in(person, password or _known(person, data / PASSWORDS)))
    except Refusal as refusal:
        sys.exit(f"{refusal.code}: {refusal.title}")
    except OSError as away:
        sys.exit(said(f"{url} does not answer: {type(away).__name__}", f"{url} 无响应：{type(away).__name__}"))


def _known(person: str, passwords: Path) -> str:
    """The password that the demo made for a person."""
    if not passwords.is_file():
        sys.exit(said(f"no demo in {passwords.parent}: give --password",
                      f"{passwords.parent} 中没有演示数据：请给出 --password"))  # fmt: skip
    made = json.loads(passwords.read_text())
    if person not in made:
        known = ", ".join(made)
        sys.exit(said(f"the demo has nobody named {person}; it has {known}",
                      f"演示中没有 {person}；可用的有：{known}"))  # fmt: skip
    return str(made[person])

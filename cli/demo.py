"""`muniment demo`: the whole suite in one process, an invented company in it, and one record's life on the screen."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cli.publishing import DEMO, READY
from cli.terminal import language
from cli.token import PASSWORDS

START = 120.0  # seconds; a few do on a machine that has nothing else to do
ROLES = {
    "zheng": ("clerk (customer service)", "客户服务部录入员"),
    "sun": ("clerk (sales)", "销售部职员"),
    "wu": ("head of customer service", "客户服务部负责人"),
    "he": ("archivist", "档案管理员"),
    "ma": ("supervisor and administrator", "监督与系统管理员"),
    "wang": ("general manager", "总经理"),
}
SIGN_IN = "export MUNIMENT_DATA={data}; TOKEN=$(.venv/bin/muniment token --as {who} --url {url})"
ASKED = '{{"kind": "view", "records": ["{record}"], "purpose": "archive_use", "reason": "try it"}}'
TRY = (
    (
        (
            "read a customer as sun of Sales: what is clear, what is masked, and why",
            "以销售部孙磊的身份查阅：哪些可见、哪些屏蔽、为什么",
        ),
        SIGN_IN.replace("{who}", "sun"),
        'curl -H "Authorization: Bearer $TOKEN" "{url}/v1/records/{record}?purpose=archive_use"',
    ),
    (
        ("ask to see all of it; the answer names who decides", "申请查阅全部内容；回答会说明由谁审批"),
        'curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" {url}/v1/requests -d \''
        + ASKED
        + "'",
    ),
    (
        ("check the whole log as a stranger would", "像外人一样核验整个日志"),
        SIGN_IN.replace("{who}", "ma"),
        "MUNIMENT_TOKEN=$TOKEN .venv/bin/muniment audit verify --live {url}",
    ),
)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path(".muniment-demo"), show_default=True)
@click.option("--port", default=8000, show_default=True, help="The gateway's; the next free one when taken. 网关端口。")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="Language of the screen. 界面语言。")
@click.option("--exit", "leave", is_flag=True, help="Do the walk and leave: 0, or 1 at what did not hold. 走完即退出。")
@click.option("--fresh", is_flag=True, help="Start over with new data. 清空数据重新开始。")
def demo(data: Path, port: int, lang: str | None, leave: bool, fresh: bool) -> None:
    """The whole suite with an invented company, in one process. 在单进程内演示整个系统。"""
    from cli.screen import Screen

    screen = Screen(lang or language())
    if fresh:
        shutil.rmtree(data, ignore_errors=True)
    passwords = _prepare(data)
    url = f"http://127.0.0.1:{_free(port)}"
    with _suite(data, url) as child:
        screen.started(url, data)
        _wait(child, data)
        sys.exit(_show(screen, url, data, passwords, leave, child))


def _show(screen: Any, url: str, data: Path, passwords: dict[str, str], leave: bool, child: Any) -> int:
    from cli.http import Refusal
    from demo.cast import Cast, DidNotHold

    cast = Cast(url, passwords)
    try:
        for title, lines in _chapters(cast, data):
            screen.chapter(title, lines)
    except (DidNotHold, Refusal) as broken:
        screen.broken(str(broken))
        return 1
    (data / "walked").touch()
    if leave:
        screen.held()
        return 0
    tokens = {person: (*ROLES[person], cast.token(person)) for person in ROLES}
    screen.box(url, tokens, _ideas(cast, url, data))
    return _stay(child)


def _chapters(cast: Any, data: Path) -> Iterator[Any]:
    """Loading the company happens once; the walk happens at every start, with a new customer."""
    from demo.company import Company
    from demo.road import Road

    if not (data / "walked").exists():
        yield ("The company brings its customers in", "公司导入客户"), Company(cast, data / "files").bring_in()
    for title, act in Road(cast).acts():
        yield title, act()


def _ideas(cast: Any, url: str, data: Path) -> list[tuple[tuple[str, str], list[str]]]:
    """Three things to try, as they can be pasted, about a record that is there."""
    record = cast["sun"].get("/v1/records?class=company.customer&state=active&limit=1")["items"][0]["id"]
    known = {"url": url, "record": record, "data": data}
    return [(title, [line.format(**known) for line in lines]) for title, *lines in TRY]


def _prepare(data: Path) -> dict[str, str]:
    """Keys and passwords of this demo, made once."""
    from cli.secrets import make
    from regimes import organisation

    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    make(data / "keys")
    known = data / PASSWORDS
    if not known.exists():
        people = organisation.load(DEMO / "organisation.yaml").people
        handle = os.open(known, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({person: secrets.token_urlsafe(12) for person in people}, file)
    return dict(json.loads(known.read_text()))


def _free(port: int) -> int:
    """The port, or the next free one."""
    for candidate in range(port, port + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", candidate)) != 0:
                return candidate
    raise click.ClickException(f"no free port from {port} on")


@contextmanager
def _suite(data: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The suite as one process of its own; what its libraries say goes to a file, never on the screen."""
    address = url.removeprefix("http://")
    own = {"MUNIMENT_DATA": str(data), "MUNIMENT_MODE": "demo", "MUNIMENT_HTTP_ADDRESS": address}
    (data / READY).unlink(missing_ok=True)
    clean = {
        name: value for name, value in os.environ.items() if name not in ("AMQP_URI", "DATABASE_URL", "KEYSTORE_URL")
    }
    texts = ["--regime", DEMO / "regimes" / "hengtong.yaml", "--organisation", DEMO / "organisation.yaml"]
    command = [sys.executable, "-m", "cli", "serve", *map(str, texts), "--passwords", str(data / PASSWORDS)]
    with (data / "suite.log").open("ab") as log:
        child = subprocess.Popen(command, env={**clean, **own}, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield child
    finally:
        # A second signal must not leave the suite running without us.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        child.terminate()
        child.wait()


def _wait(child: subprocess.Popen[bytes], data: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        if child.poll() is not None:
            raise click.ClickException(f"the suite ended with {child.returncode}; see {data / 'suite.log'}")
        if (data / READY).exists():
            return
        time.sleep(0.05)
    raise click.ClickException(f"the suite did not start within {START:.0f} seconds; see {data / 'suite.log'}")


def _stay(child: subprocess.Popen[bytes]) -> int:
    try:
        return child.wait()
    except KeyboardInterrupt:
        return 0

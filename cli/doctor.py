"""`muniment doctor`: look at everything a process needs before it can serve, and change nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import click

from cli.secrets import HOLDERS
from cli.serving import ALL, SERVICES
from cli.terminal import as_json, console, dump, said


@dataclass(frozen=True)
class Finding:
    """One check: whether it holds, what was seen, and what to do when it does not hold."""

    check: str
    ok: bool
    detail: str
    fix: str = ""


@click.command()
@click.argument("services", nargs=-1, type=click.Choice(ALL))
@as_json
def doctor(services: tuple[str, ...], json_: bool) -> None:
    """Check settings, keys, databases, broker and regime; exits 1 with a fix per finding. 检查运行环境。

    Name SERVICES to check what a process of these alone needs. It only reads.
    """
    import chassis.green  # noqa: F401  # isort: skip

    findings = list(examine(services or ALL))
    if json_:
        dump([asdict(finding) for finding in findings])
    else:
        _print(findings)
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


def examine(services: tuple[str, ...]) -> Iterator[Finding]:
    """Every check in the order in which a start needs them; without settings there is nothing more to look at."""
    from chassis.settings import SettingWrong, read_settings

    try:
        settings = read_settings()
    except SettingWrong as wrong:
        yield Finding("settings", False, str(wrong), said("set it and try again", "请修正该设置后重试"))
        return
    side = said("embedded", "单进程") if settings.embedded else said("distributed", "分布式")
    yield Finding("settings", True, f"{settings.mode}, {side}, {settings.data}")
    for name in services:
        yield keys(settings, name)
    yield from stores(settings, [name for name in SERVICES if name in services])
    yield broker(settings)


def stores(settings: Any, services: list[str]) -> Iterator[Finding]:
    """Databases, and what lies in those that can be read."""
    readable = []
    for name in [*(["keystore"] if "records" in services else []), *services]:
        finding = schema(settings, name)
        readable += [name] if finding.ok and name != "keystore" else []
        yield finding
    for name in readable:
        yield dead_letters(settings, name)
    if readable:
        yield regime(settings, readable)


def keys(settings: Any, service: str) -> Finding:
    """The keys that this service is given, each whole."""
    missing = [name for name in HOLDERS[service] if not settings.has_key(name)]
    bad = [name for name in HOLDERS[service] if name not in missing and not _whole(settings, name)]
    detail = ", ".join([*(f"{name} {said('is missing', '缺失')}" for name in missing),
                        *(f"{name} {said('cannot be used', '不可用')}" for name in bad)])  # fmt: skip
    fix = f"muniment secrets init {settings.keys}" if missing else said("restore it from its backup", "请从备份恢复")
    ok = not missing and not bad
    return Finding(f"keys.{service}", ok, detail or ", ".join(HOLDERS[service]), "" if ok else fix)


def schema(settings: Any, name: str) -> Finding:
    """The database answers, at this release's schema, through a driver that lets others run."""
    from chassis.green import HubBlocked, prove_cooperation
    from chassis.migrate import SchemaBehind, check_schema

    def look(database: Any) -> Finding:
        try:
            check_schema(database, name)
            prove_cooperation(database.engine)
        except SchemaBehind as behind:
            return Finding(f"database.{name}", False, str(behind), f"muniment migrate{_only(name)}")
        except HubBlocked as blocked:
            return Finding(
                f"database.{name}", False, str(blocked), said("reinstall: make setup", "重新安装：make setup")
            )
        return Finding(f"database.{name}", True, said("at head", "架构为最新"))

    return _with_database(settings, name, f"database.{name}", look)


def broker(settings: Any) -> Finding:
    """The broker lets this user in."""
    from amqp.exceptions import AMQPError
    from kombu import Connection
    from kombu.exceptions import OperationalError

    if settings.embedded:
        return Finding("broker", True, said("in this process", "在本进程内"))
    try:
        with Connection(settings.amqp_uri, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except (AMQPError, OperationalError, OSError) as away:
        fix = said("check AMQP_URI, the broker and this user's password", "请检查 AMQP_URI、消息服务及其口令")
        return Finding("broker", False, type(away).__name__, fix)
    return Finding("broker", True, said("answers", "可连接"))


def dead_letters(settings: Any, service: str) -> Finding:
    """No event waits for a person."""
    from chassis import inbox

    def look(database: Any) -> Finding:
        waiting = len(inbox.dead_letters(database))
        return Finding(f"events.{service}", not waiting, said(f"{waiting} dead letters", f"{waiting} 条死信"),
                       f"muniment dlq list {service}" if waiting else "")  # fmt: skip

    return _with_database(settings, service, f"events.{service}", look)


def regime(settings: Any, services: list[str]) -> Finding:
    """A regime is in force; approvals knows first, the others keep what they have met."""
    from chassis.texts import Shelf

    name = "approvals" if "approvals" in services else services[0]
    how = "serve" if settings.embedded else "regime publish"

    def look(database: Any) -> Finding:
        found = Shelf(database, settings).in_force("regime")
        if found is None:
            none = said("none is in force", "尚无现行制度")
            return Finding("regime", False, none, f"muniment {how} --regime FILE --organisation FILE")
        return Finding("regime", True, _parsed(*found))

    return _with_database(settings, name, "regime", look)


def _parsed(digest: str, text: str) -> str:
    import regimes

    return f"{regimes.parse(text).name} {digest[:12]}"


def _with_database(settings: Any, name: str, check: str, look: Callable[[Any], Finding]) -> Finding:
    """Look into a database; what it says when it is away may hold its address, so only its type is told."""
    from sqlalchemy.exc import DBAPIError

    from chassis.db import database
    from chassis.errors import Refused

    url = settings.database(name)
    # Opening a SQLite file that is not there would make it.
    if url.startswith("sqlite") and not (settings.data / f"{name}.db").is_file():
        return Finding(check, False, said("there is none yet", "尚未建立"), f"muniment migrate{_only(name)}")
    try:
        with database(url).read():
            pass
        return look(database(url))
    except Refused as away:
        return Finding(check, False, away.code, _fix_for(str(away.__context__), url))
    except DBAPIError as refused:
        why = getattr(refused.orig, "sqlstate", None) or type(refused.orig).__name__
        return Finding(check, False, str(why), _fix_for(str(why), url))


def _fix_for(why: str, url: str) -> str:
    """What to do, by SQLSTATE, or by what the server said to a connection that failed; that itself is not told."""
    from sqlalchemy.engine import make_url

    name = make_url(url).database
    may = said("this user may not use it: see ops/postgres", "该用户无权使用：参见 ops/postgres")
    known = {
        "password authentication failed": said("the password is wrong", "口令不正确"),
        f'database "{name}" does not exist': said(f"create {name}", f"请创建 {name}"),
        "does not exist": said("there is no such user", "没有该用户"),
        "permission denied": may,
        "42501": may,
    }
    otherwise = said("check its URL and the server", "请检查数据库地址与服务器")
    return next((fix for words, fix in known.items() if words in why), otherwise)


def _whole(settings: Any, name: str) -> bool:
    from chassis.settings import SettingWrong
    from vault.kek import KeyFile

    try:
        return bool(KeyFile(settings.keys / name)) if name == "kek" else len(settings.key(name)) == 32
    except (SettingWrong, ValueError, OSError):
        return False


def _only(name: str) -> str:
    return f" {'records' if name == 'keystore' else name}"


def _print(findings: list[Finding]) -> None:
    out, width = console(), max(len(finding.check) for finding in findings)
    for finding in findings:
        mark = "[green]✔[/green]" if finding.ok else "[red]✘[/red]"
        out.print(f"{mark} {finding.check:{width}}  {finding.detail}".rstrip())
        if finding.fix:
            out.print(f"  {'':{width}}  → {finding.fix}")
    wrong = sum(not finding.ok for finding in findings)
    out.print(said(f"{len(findings)} checks, {wrong} to mend", f"共 {len(findings)} 项，{wrong} 项待处理"))

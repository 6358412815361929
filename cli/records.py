"""`muniment import FILE`: hand a file of records to the gateway, watch it being taken in, say what came of it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from cli.terminal import as_json, console, dump, said

UNDER_WAY = ("receiving", "running")
PAUSE = 0.3
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="import")
@click.argument("file", type=FILE)
@click.option("--class", "class_", help="Record class; else the mapping's. 档案类别，缺省取映射文件。")
@click.option("--mapping", type=FILE, help="YAML or JSON: column to field. 列与字段的映射文件。")
@click.option("--dry-run", is_flag=True, help="Check every row, keep none. 只检查，不导入。")
@click.option("--encoding", help="Of a CSV, where guessing fails. CSV 编码，缺省自动识别。")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the report here: .csv or .xlsx. 报告保存到。",
)
@click.option("--force", help="Rows to take although likely known: 17,19. 疑似重复仍导入的行号。")
@click.option("--url", default="http://127.0.0.1:8000", envvar="MUNIMENT_URL", help="The gateway. 网关地址。")
@click.option("--token", envvar="MUNIMENT_TOKEN", required=True, help="See: muniment token. 令牌。")
@as_json
def import_file(
    file: Path, class_: str | None, mapping: Path | None, dry_run: bool, encoding: str | None, report: Path | None,
    force: str | None, url: str, token: str, json_: bool,
) -> None:  # fmt: skip
    """Import a CSV or XLSX of records; every row is taken, rejected with a reason, or a duplicate. 导入档案文件。"""
    from cli.http import Gateway, Refusal
    from cli.terminal import language

    plan = _plan(mapping)
    form = _form(class_ or str(plan.get("class", "")), plan, dry_run, encoding) | ({"force": force} if force else {})
    gateway = Gateway(url, token, "zh-CN" if language() == "zh" else "en")
    try:
        done = _watched(gateway, _sent(gateway, form, file), quiet=json_)
        if report:
            _save(gateway, done, report)
    except Refusal as refusal:
        sys.exit(_refused(refusal))
    except OSError as away:
        sys.exit(said(f"{url} does not answer: {type(away).__name__}", f"{url} 无响应：{type(away).__name__}"))
    dump({**done, "report": _report(done)}) if json_ else _tell(done, url, report)
    sys.exit(1 if done["state"] == "failed" else 0)


def _form(class_: str, plan: dict[str, Any], dry_run: bool, encoding: str | None) -> dict[str, str]:
    if not class_:
        raise click.UsageError(
            said("name a --class, or a mapping that does", "请指定 --class，或在映射文件中给出 class")
        )
    form = {
        "class": class_,
        "mapping": json.dumps(plan, ensure_ascii=False) if plan else "",
        "encoding": encoding or "",
    }
    form["dry_run"] = "true" if dry_run else ""
    return {name: value for name, value in form.items() if value}


def _plan(mapping: Path | None) -> dict[str, Any]:
    """The mapping, every word of it as text: `NO` is a country here."""
    import yaml

    if mapping is None:
        return {}
    try:
        plan = yaml.load(mapping.read_text("utf-8"), yaml.CBaseLoader)  # noqa: S506  # makes text and nothing else
    except (yaml.YAMLError, UnicodeDecodeError):
        plan = None
    if not isinstance(plan, dict):
        raise click.UsageError(said(f"{mapping} is no mapping", f"{mapping} 不是映射文件"))
    return plan


def _sent(gateway: Any, form: dict[str, str], file: Path) -> dict[str, Any]:
    # The name goes into a header: nothing there may end it early.
    name = "".join(letter if letter.isprintable() and letter not in '"\\' else "_" for letter in file.name)
    return dict(gateway.upload("/v1/imports", form, name, file.read_bytes()))


def _watched(gateway: Any, taken: dict[str, Any], quiet: bool) -> dict[str, Any]:
    with console(stderr=True).status(said("importing", "正在导入")) as status:
        while taken["state"] in UNDER_WAY:
            time.sleep(PAUSE)
            taken = dict(gateway.get(f"/v1/imports/{taken['id']}"))
            if not quiet:
                status.update(f"{said('importing', '正在导入')}: {_counts(taken)}")
    return taken


def _counts(taken: dict[str, Any]) -> str:
    rows, accepted, rejected, same = (taken.get(name) or 0 for name in ("rows", "accepted", "rejected", "duplicates"))
    return said(f"{rows} rows = {accepted} accepted + {rejected} rejected + {same} duplicates",
                f"{rows} 行 = 接受 {accepted} + 拒绝 {rejected} + 重复 {same}")  # fmt: skip


def _tell(done: dict[str, Any], url: str, report: Path | None) -> None:
    out, problem = console(), done.get("problem") or {}
    mark = "[red]✘[/red]" if done["state"] == "failed" else "[green]✔[/green]"
    out.print(f"{mark} {done['id']}  {done['state']}  {problem.get('code', '')}".rstrip())
    out.print(f"  {_counts(done)}")
    _understood(out, done)
    out.print(f"  {said('report', '报告')}: {report or url.rstrip('/') + _report(done)}", markup=False)
    if done["state"] == "waiting":
        out.print("  " + said("the records become valid when somebody else approves them", "档案须经他人审批后生效"))


def _understood(out: Any, done: dict[str, Any]) -> None:
    """What was read out of the file, so that a wrong guess is seen."""
    if done.get("certain") is False:
        out.print("  " + said(f"encoding guessed: {done['encoding']}", f"编码系推测：{done['encoding']}"))
    for one in done.get("columns") or ():
        out.print(f"  {one['column']}  {one['title']} → {one['field']}", markup=False)
    for one in done.get("unmapped") or ():
        out.print(f"  {one['column']}  {one['title']} → {said('not imported', '未导入')}", markup=False)


def _save(gateway: Any, done: dict[str, Any], report: Path) -> None:
    if report.suffix.lower() == ".xlsx":
        report.write_bytes(gateway.raw("GET", _report(done).replace(".csv", ".xlsx"), None, {})[2])
    else:
        report.write_text(gateway.get(_report(done))["text"], encoding="utf-8")


def _report(done: dict[str, Any]) -> str:
    return f"/v1/imports/{done['id']}/report.csv"


def _refused(refusal: Any) -> str:
    remedy = refusal.problem.get("remedy", "")
    lines = [f"{refusal.code or refusal.status}: {refusal.title} {remedy}".rstrip()]
    for error in refusal.problem.get("errors", []):
        lines.append(f"  {error.get('pointer', '')}  {error.get('code', '')}  {error.get('detail', '')}".rstrip())
    return "\n".join(lines)

"""`muniment search`: renew the key of the search index; the running suite indexes anew, and finds all the while."""

from __future__ import annotations

import sys
from typing import Any

import click

from cli.key_file import counted, key_file
from cli.terminal import as_json, console, dump, said


@click.group()
def search() -> None:
    """The key of the search index. 检索索引密钥。"""
    import chassis.green  # noqa: F401


@search.command()
@as_json
def status(json_: bool) -> None:
    """Which keys there are, and what is still indexed under an older one. 查看索引密钥与重建进度。"""
    told = _status()
    if json_:
        return dump(told)
    console().print(
        said(
            f"newest key {told['newest']}; {told['behind']} parts are still under an older one",
            f"最新密钥 {told['newest']}；尚有 {told['behind']} 个部分使用旧密钥",
        )
    )


@search.command()
@as_json
def rotate(json_: bool) -> None:
    """Make a new key; records are indexed under it by and by, also after a stop. 更换索引密钥。"""
    number = key_file().rotate_search()
    if json_:
        return dump({"newest": number})
    console().print(
        said(
            f"key {number} is made and the running suite indexes anew; retire the old ones when status says 0",
            f"已生成密钥 {number}，运行中的系统将重建索引；待 status 显示 0 后再停用旧密钥",
        )
    )


@search.command()
@as_json
def retire(json_: bool) -> None:
    """Forget the older keys; refused while something is still indexed under one. 停用旧密钥。"""
    told = _status()
    if told["behind"]:
        sys.exit(
            said(
                f"{told['behind']} parts are still indexed under an older key; let the suite finish first",
                f"尚有 {told['behind']} 个部分使用旧密钥；请待系统完成重建",
            )
        )
    key_file().retire_search(told["newest"])
    told["retired"] = True
    dump(told) if json_ else console().print(said("the older keys are gone", "旧密钥已停用"))


def _status() -> dict[str, Any]:
    from sqlalchemy import func, select

    from services.records.searching.tables import search_parts

    newest = max(key_file().search_keys())
    old = select(func.count()).select_from(search_parts).where(search_parts.c.generation < newest)
    return {"newest": newest, "behind": counted("records", old)}

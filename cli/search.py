"""`muniment search`: renew the key of the search index; the running suite indexes anew, and finds all the while."""

from __future__ import annotations

import click

from cli.key_file import counted, key_file
from cli.renewing import Renewal


@click.group()
def search() -> None:
    """The key of the search index. 检索索引密钥。"""
    import chassis.green  # noqa: F401


def _behind(newest: int) -> int:
    from sqlalchemy import func, select

    from services.records.searching.tables import search_parts

    return counted("records", select(func.count()).select_from(search_parts).where(search_parts.c.generation < newest))


Renewal(
    newest=lambda: max(key_file().search_keys()),
    behind=_behind,
    make=lambda: int(key_file().rotate_search()),
    forget=lambda newest: key_file().retire_search(newest),
    help={
        "status": "Which keys there are, and what is still indexed under an older one. 查看索引密钥与重建进度。",
        "rotate": "Make a new key; records are indexed under it by and by, also after a stop. 更换索引密钥。",
        "retire": "Forget the older keys; refused while something is still indexed under one. 停用旧密钥。",
    },
    standing=(
        "newest key {newest}; {behind} parts are still under an older one",
        "最新密钥 {newest}；尚有 {behind} 个部分使用旧密钥",
    ),
    made=(
        "key {newest} is made and the running suite indexes anew; retire the old ones when status says 0",
        "已生成密钥 {newest}，运行中的系统将重建索引；待 status 显示 0 后再停用旧密钥",
    ),
    waiting=(
        "{behind} parts are still indexed under an older key; let the suite finish first",
        "尚有 {behind} 个部分使用旧密钥；请待系统完成重建",
    ),
    forgotten=("the older keys are gone", "旧密钥已停用"),
).added_to(search)

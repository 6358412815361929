"""`muniment keys`: a new key-encryption key; the running suite wraps every data key anew, under load, and goes on."""

from __future__ import annotations

import sys
from typing import Any

import click

from cli.key_file import counted, key_file
from cli.terminal import as_json, console, dump, said


@click.group()
def keys() -> None:
    """The key-encryption key. 主密钥。"""
    import chassis.green  # noqa: F401


@keys.command()
@as_json
def status(json_: bool) -> None:
    """Which version there is, and how many data keys are still under an older one. 查看主密钥与重新加密进度。"""
    told = _status()
    if json_:
        return dump(told)
    console().print(
        said(
            f"newest version {told['newest']}; {told['behind']} data keys are still under an older one",
            f"最新版本 {told['newest']}；尚有 {told['behind']} 个数据密钥使用旧版本",
        )
    )


@keys.command()
@as_json
def rotate(json_: bool) -> None:
    """Make a new version; data keys are wrapped under it by and by, also after a stop. 更换主密钥。"""
    newest = key_file().rotate()
    if json_:
        return dump({"newest": newest})
    console().print(
        said(
            f"version {newest} is made and the running suite wraps anew; back the key file up, retire the old versions "
            "when status says 0",
            f"已生成版本 {newest}，运行中的系统将重新加密数据密钥；请备份密钥文件，待 status 显示 0 后再停用旧版本",
        )
    )


@keys.command()
@as_json
def retire(json_: bool) -> None:
    """Forget the older versions: what was destroyed stays so in old backups too. 停用旧版本主密钥。"""
    told = _status()
    if told["behind"]:
        sys.exit(
            said(
                f"{told['behind']} data keys are still under an older version; let the suite finish first",
                f"尚有 {told['behind']} 个数据密钥使用旧版本；请待系统完成",
            )
        )
    key_file().retire(told["newest"])
    told["retired"] = True
    dump(told) if json_ else console().print(said("the older versions are gone", "旧版本已停用"))


def _status() -> dict[str, Any]:
    from sqlalchemy import func, select

    from vault.tables import keys as table

    newest = key_file().version
    old = table.c.wrapped.is_not(None) & (table.c.kek_version < newest)
    return {"newest": newest, "behind": counted("keystore", select(func.count()).where(old))}

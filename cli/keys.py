"""`muniment keys`: a new key-encryption key; the running suite wraps every data key anew, under load, and goes on."""

from __future__ import annotations

import click

from cli.key_file import counted, key_file
from cli.renewing import Renewal


@click.group()
def keys() -> None:
    """The key-encryption key. 主密钥。"""
    import chassis.green  # noqa: F401


def _behind(newest: int) -> int:
    from sqlalchemy import func, select

    from vault.tables import keys as table

    old = table.c.wrapped.is_not(None) & (table.c.kek_version < newest)
    return counted("keystore", select(func.count()).where(old))


Renewal(
    newest=lambda: int(key_file().version),
    behind=_behind,
    make=lambda: int(key_file().rotate()),
    forget=lambda newest: key_file().retire(newest),
    help={
        "status": "Which version there is, and how many data keys are under an older one. 查看主密钥与重新加密进度。",
        "rotate": "Make a new version; data keys are wrapped under it by and by, also after a stop. 更换主密钥。",
        "retire": "Forget the older versions: what was destroyed stays so in old backups too. 停用旧版本主密钥。",
    },
    standing=(
        "newest version {newest}; {behind} data keys are still under an older one",
        "最新版本 {newest}；尚有 {behind} 个数据密钥使用旧版本",
    ),
    made=(
        "version {newest} is made and the running suite wraps anew; back the key file up, retire the old versions when "
        "status says 0",
        "已生成版本 {newest}，运行中的系统将重新加密数据密钥；请备份密钥文件，待 status 显示 0 后再停用旧版本",
    ),
    waiting=(
        "{behind} data keys are still under an older version; let the suite finish first",
        "尚有 {behind} 个数据密钥使用旧版本；请待系统完成",
    ),
    forgotten=("the older versions are gone", "旧版本已停用"),
).added_to(keys)

"""The states of a record in words, for whoever reads them on paper or in a sheet."""

from __future__ import annotations

from regimes.model import Titled

TITLES = {
    name: Titled(name, en, zh)
    for name, en, zh in (
        ("draft", "Waits to be signed or completed", "待签署或补全"),
        ("pending", "Waits for approval", "待审批"),
        ("active", "Valid", "有效"),
        ("suspended", "Suspended", "已暂停"),
        ("past", "Closed", "已结束"),
        ("archived", "Archived", "已归档"),
        ("merged", "Merged into another", "已并入其他档案"),
        ("destroying", "Being destroyed", "正在销毁"),
        ("destroyed", "Destroyed", "已销毁"),
    )
}


def title(state: str) -> Titled:
    """The state in words; an unknown one stands for itself."""
    return TITLES.get(state) or Titled(state, state, state)


def word(state: str, said: str) -> str:
    """The same in one language."""
    found = title(state)
    return found.zh if said == "zh" else found.en

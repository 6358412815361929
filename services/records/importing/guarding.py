"""Cells that a spreadsheet shows and does not calculate, and back: one apostrophe before what begins a formula."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
MARK = "'"
# What people write where there is nothing.
NULLS = frozenset({"null", "n/a", "#n/a", "-", "--", "/", "无", "暂无", "空"})


def guarded(cell: str) -> str:
    """A cell that a spreadsheet will show and not calculate, and that an import takes for itself."""
    return f"{MARK}{cell}" if _special(cell) else cell


def kept(text: str) -> str:
    """The same for a cell that is text whatever it begins with: only what an import would take otherwise is guarded."""
    return f"{MARK}{text}" if _bare(text).casefold() in NULLS or plain(text) != text else text


def plain(cell: str) -> str:
    """The cell without one guard, whoever put it there."""
    return cell[1:] if cell.startswith(MARK) and _special(cell[1:]) else cell


def _special(cell: str) -> bool:
    bare = _bare(cell)
    return bare.startswith(FORMULA) or bare.casefold() in NULLS


def _bare(cell: str) -> str:
    return cell.lstrip(" '")

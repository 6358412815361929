"""A view as a spreadsheet: a list as its reader may take it away, an analysis with a chart."""

from __future__ import annotations

from typing import Any

from regimes import Regime
from regimes.model import RecordClass, View
from services.records.views import model
from services.records.views.listing import Line, levels
from services.records.workbook import SEALED, WITHHELD, Mark, Sheet

WORDS = {
    "en": ("View", "Taken by", "Purpose", "At", "Mark", "Classification", "Data date", "Criteria"),
    "zh": ("视图", "导出人", "用途", "时间", "标识", "密级", "数据日期", "口径摘要"),
}
NO, GROUPS = {"en": "No.", "zh": "序号"}, {
    "en": ("Group", "Records", "Share", "Sum"),
    "zh": ("分组", "档案数", "占比", "合计"),
}  # fmt: skip
HIDDEN = {"en": "too few to be told", "zh": "数量过少，不予显示"}
TOTAL = {"en": "Total", "zh": "总计"}
ENVELOPE = {
    "number": ("Number", "编号"),
    "responsible": ("Responsible", "负责人"),
    "department": ("Department", "部门"),
    "state": ("State", "状态"),
    "level": ("Level", "密级"),
    "creator": ("Entered by", "建档人"),
}


def of_list(view: View, lines: list[Line], regime: Regime, mark: Mark, may_export: bool, said: str) -> Sheet:
    """Every line; what is above the lowest level only for who may export it, and never what must not lie open."""
    classes = model.classes_of(regime, view)
    shown = {name for name in levels(lines) if _may_leave(regime, classes, name, may_export)}
    told = _told(view, regime, mark, model.level_of(regime, classes, shown), said)
    titles = [NO[said], *(_title(regime, classes, name, said) for name in view.fields)]
    rows = [[str(n), *(_cell(line, name, shown, said) for name in view.fields)] for n, line in enumerate(lines, 1)]
    return Sheet(_said(view, said), told, titles, rows)


def of_analysis(view: View, answer: dict[str, Any], regime: Regime, mark: Mark, said: str) -> Sheet:
    """Groups, the hidden ones named as such, the whole, and a chart of the shares."""
    told = _told(view, regime, mark, analysed_level(regime, view), said)
    rows = [_group(one, said) for one in answer["items"]]
    if answer["total"]:
        rows.append([TOTAL[said], *_figures(answer["total"])])
    headings = GROUPS[said][: 4 if view.sum else 3]
    return Sheet(_said(view, said), told, headings, [row[: len(headings)] for row in rows], numbers=(1, 2, 3), chart=2)


def analysed_level(regime: Regime, view: View) -> str:
    """An analysis is as high as what it adds up and groups by."""
    return model.level_of(regime, model.classes_of(regime, view), [view.sum or "", view.share_by or view.count or ""])


def _told(view: View, regime: Regime, mark: Mark, level: str, said: str) -> list[tuple[str, str]]:
    told = (_said(view, said), mark.person, mark.purpose, mark.at, mark.number, _said(regime.levels[level], said))
    return list(zip(WORDS[said], (*told, mark.at, model.digest(view)), strict=True))


def _may_leave(regime: Regime, classes: list[RecordClass], name: str, may_export: bool) -> bool:
    entries = [found.fields[name] for found in classes if name in found.fields]
    lowest = min(level.rank for level in regime.levels.values())
    levels_ = [regime.levels[entry.level] for entry in entries]
    return all(level.rank == lowest or may_export and level.export != "encrypted" for level in levels_)


def _cell(line: Line, name: str, shown: set[str], said: str) -> str:
    one = line.shown[name]
    if one["state"] == "withheld":
        return WITHHELD[said]
    if one["state"] == "clear" and one["value"] and name not in shown:
        return SEALED[said]
    return str(one["value"] or "")


def _group(one: dict[str, Any], said: str) -> list[str]:
    title = str(one[said] or one["value"] or "–")
    return [f"{title} ({HIDDEN[said]})", "", "", ""] if one["hidden"] else [title, *_figures(one)]


def _figures(one: dict[str, Any]) -> list[str]:
    return [str(one["records"]), str(one["share"] or ""), str(one["sum"] or "")]


def _title(regime: Regime, classes: list[RecordClass], name: str, said: str) -> str:
    word = name.removeprefix("record.")
    entry = next((found.fields[name] for found in classes if name in found.fields), None) or regime.schemes.get(word)
    if entry:
        return _said(entry, said)
    en, zh = ENVELOPE.get(word, (word, word))
    return zh if said == "zh" else en


def _said(entry: Any, said: str) -> str:
    return str(entry.zh if said == "zh" else entry.en)

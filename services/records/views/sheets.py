"""A view as a spreadsheet: a list as its reader may take it away, an analysis with a chart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from regimes import Regime
from regimes.model import RecordClass, View
from services.records.classifying.levels import in_record
from services.records.registers.naming import Naming
from services.records.views import model
from services.records.views.listing import Line, filled
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


def of_list(view: View, lines: list[Line], naming: Naming, mark: Mark, may_export: bool, said: str) -> Sheet:
    """Every line; what is above the lowest level only for who may export it, and never what must not lie open."""
    regime = naming.regime
    classes = model.classes_of(regime, view)
    shut = [{name for name in view.fields if not _may_leave(regime, line, name, may_export)} for line in lines]
    told = _told(view, regime, mark, _highest(regime, zip(lines, shut, strict=True)), said)
    titles = [NO[said], *(_title(regime, classes, name, said) for name in view.fields)]
    own = enumerate(zip(lines, shut, strict=True), 1)
    rows = [
        [str(n), *(_cell(line, name, name in closed, naming, said) for name in view.fields)]
        for n, (line, closed) in own
    ]
    return Sheet(_said(view, said), told, titles, rows)


def of_analysis(
    view: View, answer: dict[str, Any], regime: Regime, mark: Mark, said: str, dated: str | None = None
) -> Sheet:
    """Groups, the hidden ones named as such, the whole, and a chart of the shares; as of now, or as it was `dated`."""
    told = _told(view, regime, mark, analysed_level(regime, view), said, dated)
    rows = [_group(one, said) for one in answer["items"]]
    if answer["total"]:
        rows.append([TOTAL[said], *_figures(answer["total"])])
    headings = GROUPS[said][: 4 if view.sum else 3]
    return Sheet(_said(view, said), told, headings, [row[: len(headings)] for row in rows], numbers=(1, 2, 3), chart=2)


def analysed_level(regime: Regime, view: View) -> str:
    """An analysis is as high as what it adds up and groups by."""
    paths = [model.field_of(path) for path in (view.sum, view.share_by, view.count) if path]
    return model.level_of(regime, model.classes_of(regime, view), paths)


def _told(
    view: View, regime: Regime, mark: Mark, level: str, said: str, dated: str | None = None
) -> list[tuple[str, str]]:
    told = (_said(view, said), mark.person, mark.purpose, mark.at, mark.number, _said(regime.levels[level], said))
    return list(zip(WORDS[said], (*told, dated or mark.at, model.digest(view)), strict=True))


def _may_leave(regime: Regime, line: Line, name: str, may_export: bool) -> bool:
    """Whether this record's value may stand in a file that anybody could open: a raised record's is higher."""
    level, lowest = _level(regime, line, name), _lowest(regime)
    return level in (None, lowest) or may_export and regime.levels[level or lowest].export != "encrypted"


def _level(regime: Regime, line: Line, name: str) -> str | None:
    entry = regime.classes[line.record.class_].fields.get(name)
    return in_record(entry, line.record, regime).level if entry else None


def _highest(regime: Regime, lines: Iterable[tuple[Line, set[str]]]) -> str:
    """A file is as high as the highest value that stands in it."""
    clear = ((line, name) for line, shut in lines for name in filled(line) - shut)
    found = [level for line, name in clear if (level := _level(regime, line, name))]
    return max([_lowest(regime), *found], key=lambda level: regime.levels[level].rank)


def _lowest(regime: Regime) -> str:
    return min(regime.levels, key=lambda name: regime.levels[name].rank)


def _cell(line: Line, name: str, shut: bool, naming: Naming, said: str) -> str:
    one = line.shown[name]
    if one["state"] == "withheld":
        return WITHHELD[said]
    if one["state"] == "clear" and one["value"] and shut:
        return SEALED[said]
    entry = naming.classes[line.record.class_].fields.get(name)
    return naming.value(entry, one["value"], said) if entry else naming.enveloped(_word(name), one["value"], said)


def _word(name: str) -> str:
    return name.removeprefix("record.")


def _group(one: dict[str, Any], said: str) -> list[str]:
    title = str(one[said] or one["value"] or "–")
    return [f"{title} ({HIDDEN[said]})", "", "", ""] if one["hidden"] else [title, *_figures(one)]


def _figures(one: dict[str, Any]) -> list[str]:
    return [str(one["records"]), str(one["share"] or ""), str(one["sum"] or "")]


def _title(regime: Regime, classes: list[RecordClass], name: str, said: str) -> str:
    word = _word(name)
    entry = next((found.fields[name] for found in classes if name in found.fields), None) or regime.schemes.get(word)
    if entry:
        return _said(entry, said)
    en, zh = ENVELOPE.get(word, (word, word))
    return zh if said == "zh" else en


def _said(entry: Any, said: str) -> str:
    return str(entry.zh if said == "zh" else entry.en)

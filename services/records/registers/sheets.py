"""A register as a spreadsheet to take away: only what its reader may see, marked with who took it, why and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from regimes import Regime
from regimes.model import RecordClass
from services.records.exporting.model import leaves_encrypted
from services.records.registers.naming import Naming
from services.records.workbook import WITHHELD, Mark, Sheet, written

HEADINGS = {
    "en": ("No.", "Number", "About", "State", "Entered on", "By"),
    "zh": ("序号", "编号", "对象", "状态", "登记日期", "登记人"),
}
WORDS = {
    "en": ("Register", "Taken by", "Purpose", "At", "Mark", "Classification", "Entries"),
    "zh": ("登记簿", "导出人", "用途", "时间", "标识", "密级", "条数"),
}


@dataclass(frozen=True)
class Line:
    """One entry: its head, every field as the reader got it, and how high each is in it."""

    head: tuple[str, ...]
    shown: dict[str, Any]
    levels: dict[str, str] = field(default_factory=dict)  # of each field, as the entry is classified


def is_closed(line: Line, regime: Regime) -> bool:
    """Whether something in it leaves encrypted only."""
    clear = [path for path, one in line.shown.items() if one["state"] == "clear" and one["value"]]
    return any(leaves_encrypted(line.levels[path], regime) for path in clear)


def workbook(found: RecordClass, lines: list[Line], mark: Mark, naming: Naming, said: str) -> bytes:
    """The file: the mark above and below every page, then a line for every entry."""
    title, regime = found.zh if said == "zh" else found.en, naming.regime
    told = list(zip(WORDS[said], _told(found, lines, mark, regime, said), strict=True))
    titles = [one.zh if said == "zh" else one.en for one in found.fields.values()]
    return written(Sheet(title, told, [*HEADINGS[said], *titles], _rows(found, lines, naming, said)), mark)


def _told(found: RecordClass, lines: list[Line], mark: Mark, regime: Regime, said: str) -> tuple[str, ...]:
    title = found.zh if said == "zh" else found.en
    level = _highest(found, lines, regime)
    classified = regime.levels[level].zh if said == "zh" else regime.levels[level].en
    return (title, mark.person, mark.purpose, mark.at, mark.number, classified, str(len(lines)))


def _highest(found: RecordClass, lines: list[Line], regime: Regime) -> str:
    """A file is as high as the highest value that stands in it."""
    clear = ((ln, path) for ln in lines for path, one in ln.shown.items() if one["state"] == "clear" and one["value"])
    levels = {line.levels[path] for line, path in clear}
    return max([_lowest(regime), *levels], key=lambda name: regime.levels[name].rank)


def _lowest(regime: Regime) -> str:
    return min(regime.levels, key=lambda name: regime.levels[name].rank)


def _rows(found: RecordClass, lines: list[Line], naming: Naming, said: str) -> Iterator[list[str]]:
    for place, line in enumerate(lines, 1):
        yield [str(place), *line.head, *(_cell(found, path, line, naming, said) for path in found.fields)]


def _cell(found: RecordClass, path: str, line: Line, naming: Naming, said: str) -> str:
    one = line.shown.get(path, {"state": "withheld"})
    if one["state"] == "withheld":
        return WITHHELD[said]
    return naming.value(found.fields[path], one["value"], said)

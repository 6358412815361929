"""The workbook that a clerk fills in: titles the import knows, core fields marked, lists to choose from, an example."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook

from regimes import Regime
from regimes.model import Field, RecordClass
from services.records.importing import mapping, tabling
from services.records.importing.report import PLAIN
from services.records.importing.telling import letters as letters_of

ROWS = 10_000  # for which the lists to choose from hold
ABOUT = "record.about"
SHEETS = {"en": ("Data", "Example", "Help", "Lists"), "zh": ("数据", "示例", "说明", "代码表")}
HELP = {"en": ("Column", "Field", "Needed", "How to write it"), "zh": ("列", "字段", "必填", "填写说明")}
CORE = {"en": "Needed.", "zh": "必填。"}
ONLY_WHEN = {"en": "Only for some records.", "zh": "仅部分档案有此项。"}
UNFILLED = ("signature", "document")  # nobody types these: people sign, and documents are handed in

# By type: an example, and what to write.
WAYS: dict[str, tuple[str, str, str]] = {
    "text": ("示例文字", "Any text.", "文字。"),
    "name": ("示例贸易有限公司", "A name as it is officially written.", "按正式名称填写。"),
    "address": ("示例市示例路1号", "An address.", "地址。"),
    "date": ("2026-03-31", "A day like 2026-03-31.", "日期，如 2026-03-31。"),
    "date_time": ("2026-03-31T14:30", "Like 2026-03-31T14:30.", "如 2026-03-31T14:30。"),
    "number": ("12", "Figures, such as 12 or 3.5.", "数字，如 12 或 3.5。"),
    "money": ("1250.00", "An amount with at most two decimals.", "金额，最多两位小数。"),
    "code": ("A1", "A short code.", "代码。"),
    "phone": ("19900001234", "A number with its area code, such as 010-…", "固定电话请带区号，如 010-……"),
    "email": ("name@example.com", "Like name@example.com.", "如 name@example.com。"),
    "postcode": ("100031", "Six digits.", "6位数字。"),
    "resident_id": ("990000199001010017", "18 digits, as text.", "18位，请用文本格式。"),
    "credit_code": ("919999999000000144", "18 signs, as text.", "18位，请用文本格式。"),
    "bank_card": ("4111111111111111", "12 to 19 digits, as text.", "12至19位数字，请用文本格式。"),
    "person": ("wang", "The person's account name.", "人员账号。"),
    "department": ("office", "The department's short name.", "部门代号。"),
    "record": ("00000000-0000-7000-8000-000000000000", "The other record's id.", "另一档案的编号。"),
    "check": ("passed", "passed or failed.", "合格 或 不合格。"),
    "table": ("", "A line for each row, columns between bars: {columns}", "每行一条，各列以竖线分隔：{columns}"),
}


@dataclass(frozen=True)
class Column:
    """A column of the template."""

    title: str
    path: str
    core: bool
    example: str
    way: str
    options: tuple[str, ...] = ()
    help: str = ""


def template(found: RecordClass, regime: Regime, language: str) -> bytes:
    """The workbook; its first sheet is what the import reads."""
    said = "zh" if language.lower().startswith("zh") else "en"
    columns, room = columns_of(found, regime, said), io.BytesIO()
    with Workbook(room, PLAIN) as book:
        looks = {"head": _head(book, core=False), "core": _head(book, core=True)}
        data, example, told, lists = (book.add_worksheet(name) for name in SHEETS[said])
        text = book.add_format({"num_format": "@"})
        for place, column in enumerate(columns):
            _column(data, place, column, looks, text, said)
            _choices(data, lists, place, column, SHEETS[said][3])
            _column(example, place, column, looks, text, said)
            example.write_string(1, place, column.example, text)
        _help(told, columns, looks["head"], said)
        lists.hide()
    return room.getvalue()


def columns_of(found: RecordClass, regime: Regime, said: str = "en") -> list[Column]:
    """A column for every field that a clerk may fill in, in the order of the class."""
    shown = {path: entry for path, entry in found.fields.items() if entry.type not in UNFILLED}
    facets = {path: _first(entry, regime) for path, entry in shown.items() if entry.facet}
    meant = mapping.meanings({path: [entry.en, entry.zh] for path, entry in found.fields.items()})
    about = [Column(ABOUT, ABOUT, True, "", _about(found, said))] if found.about else []
    return about + [_of(entry, regime, said, facets, meant) for entry in shown.values()]


def _about(found: RecordClass, said: str) -> str:
    return f"{'所属对象的编号：' if said == 'zh' else 'The number or id of its '}{found.about}"


def _of(entry: Field, regime: Regime, said: str, facets: dict[str, str], meant: dict[str, str]) -> Column:
    title = f"{entry.zh}{' *' if entry.core else ''} ({entry.en})"
    if meant.get(mapping.comparable(title)) != entry.path:  # two fields of one title: only the field's name tells them
        title = f"{entry.path}{' *' if entry.core else ''} ({entry.zh} / {entry.en})"
    example = _example(entry, regime, said) if entry.applies(facets) else ""
    told = (entry.help.zh if said == "zh" else entry.help.en) if entry.help else ""
    way = " ".join(filter(None, [_way(entry, said), told]))
    return Column(title, entry.path, entry.core, example, way, _options(entry, regime, said), told)


def _first(entry: Field, regime: Regime) -> str:
    return next(iter(regime.lists[entry.list])) if entry.list else WAYS[entry.type][0]


def _example(entry: Field, regime: Regime, said: str) -> str:
    if entry.type == "table":
        return tabling.written(entry, {name: _example(one, regime, said) for name, one in entry.columns.items()})
    return next(iter(_options(entry, regime, said)), WAYS[entry.type][0])


def _options(entry: Field, regime: Regime, said: str) -> tuple[str, ...]:
    if entry.list is None:
        return ("合格", "不合格") if entry.type == "check" and said == "zh" else ()
    return tuple((one.zh if said == "zh" else one.en) or code for code, one in regime.lists[entry.list].items())


def _way(entry: Field, said: str) -> str:
    zh = said == "zh"
    named = f" {tabling.BAR} ".join(one.zh if zh else one.en for one in entry.columns.values())
    only = [ONLY_WHEN[said]] if entry.when else []
    core = [CORE[said]] if entry.core else []
    return " ".join([*core, WAYS[entry.type][2 if zh else 1].format(columns=named), *only])


def _head(book: Any, core: bool) -> Any:
    return book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#FFE699" if core else "#DDEBF7"})


def _column(sheet: Any, place: int, column: Column, looks: dict[str, Any], text: Any, said: str) -> None:
    sheet.set_column(place, place, 22, text)  # as text, or a number of 18 digits is rounded
    sheet.write_string(0, place, column.title, looks["core" if column.core else "head"])
    if column.help:
        sheet.write_comment(0, place, column.help)
    sheet.freeze_panes(1, 0)


def _choices(sheet: Any, lists: Any, place: int, column: Column, room: str) -> None:
    """A list to choose from, and the help that appears beside the cell."""
    told = {"validate": "any", "input_title": column.path[:32], "input_message": column.way[:255]}
    if column.options:
        lists.write_column(0, place, column.options)
        letters = letters_of(place)
        source = f"='{room}'!${letters}$1:${letters}${len(column.options)}"
        told |= {"validate": "list", "source": source}
    sheet.data_validation(1, place, ROWS, place, told)


def _help(sheet: Any, columns: list[Column], look: Any, said: str) -> None:
    sheet.write_row(0, 0, HELP[said], look)
    for row, column in enumerate(columns, 1):
        named = "; ".join(column.options[:20])
        sheet.write_row(
            row, 0, [column.title, column.path, "*" if column.core else "", f"{column.way} {named}".strip()]
        )
    for place, width in enumerate((34, 26, 8, 90)):
        sheet.set_column(place, place, width)

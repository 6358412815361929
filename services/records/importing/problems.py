"""Why a row cannot be taken, in words a clerk understands: what is wrong, and what to do. Never the value itself."""

from __future__ import annotations

from dataclasses import dataclass

WORDS = {
    "row.cells": (
        "the row has more cells than the header; put a text that holds commas into quotation marks",
        "该行单元格多于表头；含逗号的文字请加引号",
    ),
    "row.word": (
        "“{column}” is none of the words the mapping file knows; correct it or add it there",
        "“{column}”不在映射文件所列词语之内；请更正或补入映射文件",
    ),
    "row.rounded": (
        "“{column}” is a number of more than 15 digits, which the spreadsheet has rounded; enter it again as text",
        "“{column}”超过15位，已被电子表格四舍五入；请以文本格式重新录入",
    ),
}


@dataclass(frozen=True)
class Problem:
    """One reason against one row. `field` is part.field where one is meant, `facts` hold names only."""

    code: str
    field: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    detail: str = ""

    def reason(self, language: str = "en") -> str:
        """The sentence for the report, in English or Chinese; problems found by a rule bring their own."""
        at = int(language.lower().startswith("zh"))
        if self.detail or self.code not in WORDS:
            return self.detail or self.code
        return WORDS[self.code][at].format(**dict(self.facts))


def problem(code: str, field: str = "", /, **facts: str) -> Problem:
    """A problem with the names that its sentence needs."""
    return Problem(code, field, tuple(facts.items()))

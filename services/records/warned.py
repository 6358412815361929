"""What is odd about accepted values, told to whoever entered them: names of fields and rules, never a sign of a value.

The answer is kept for a repeated call, so nothing of a record may stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from regimes.model import RecordClass
from regimes.values import warnings_of

ROW = re.compile(r"(?:row (\d+): )?(.*)", re.DOTALL)
ZH = {
    "resident_id.area_unknown": "身份证号前六位不在地区码名录中，请与证件核对",
    "resident_id.other_birth_date": "出生日期与身份证号不一致，请与证件核对",
    "resident_id.other_sex": "性别与身份证号不一致，请与证件核对",
    "text.traditional": "含有繁体字，请改用规范简体字",
}


def warned(found: RecordClass, values: Mapping[str, str], whole: bool = True) -> list[dict[str, str]]:
    """Every warning as {pointer, code, detail, zh}; `whole` also names what could be filled in and is not."""
    return [_told(one) for one in warnings_of(found, values, whole)]


def _told(one: dict[str, str]) -> dict[str, str]:
    if "zh" in one:
        return one
    row, said = ROW.fullmatch(one["detail"]).groups()  # type: ignore[union-attr]
    said = said.partition(": ")[0]  # what follows would be signs of a value
    zh = ZH.get(one["code"], said)
    return {**one, "detail": f"row {row}: {said}" if row else said, "zh": f"第 {row} 行：{zh}" if row else zh}

"""What is odd about accepted values, told to whoever entered them: names of fields and rules, never a sign of a value.

The answer is kept for a repeated call, so nothing of a record may stand in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from regimes.model import RecordClass
from regimes.values import warnings_of

ZH = {
    "fields.unfilled": "尚有可填而未填的字段",
    "resident_id.area_unknown": "身份证号前六位不在地区码名录中，请与证件核对",
    "text.traditional": "含有繁体字，请改用规范简体字",
}
NAMING = ("fields.unfilled",)  # whose details go on with names of fields; others would go on with signs of a value


def warned(found: RecordClass, values: Mapping[str, str], whole: bool = True) -> list[dict[str, str]]:
    """Every warning as {pointer, code, detail, zh}; `whole` also names what could be filled in and is not."""
    return [_told(one) for one in warnings_of(found, values, whole)]


def _told(one: dict[str, str]) -> dict[str, str]:
    said, _, about = one["detail"].partition(": ")
    zh = ZH.get(one["code"], said)
    if one["code"] in NAMING:
        return {**one, "zh": f"{zh}：{about}"}
    return {**one, "detail": said, "zh": zh}

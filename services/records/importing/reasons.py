"""Why a row was not taken, in the clerk's language: what is wrong with which field, and what to do. Never the value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regimes.model import Field
from services.records.importing.problems import WORDS

# A rule's own words are English and may name a limit or a list; these say the same in Chinese, without them.
CHINESE = {
    "about.invalid": "须为所属对象的编号",
    "about.missing": "缺少所属对象；请填写所属档案的编号",
    "about.unwanted": "该类别不从属于任何对象；请删除此列",
    "about.wrong_class": "所属档案的类别不符",
    "bank_card.check_digit": "银行卡号校验位不符；请核对各位数字",
    "bank_card.length": "银行卡号应为12至19位数字",
    "check.invalid": "请填写 合格 或 不合格",
    "code.unknown": "不在代码表之内；请从模板的下拉列表中选择",
    "column.missing": "表格每一行都须填写此列",
    "column.unknown": "表格没有此列；请按模板说明的列填写",
    "credit_code.check_digit": "统一社会信用代码校验位不符；请核对各位字符",
    "credit_code.format": "统一社会信用代码由数字和大写字母组成，不含 I、O、S、V、Z；第3至8位为地区码",
    "credit_code.length": "统一社会信用代码应为18位",
    "date.invalid": "不是有效日期；请写成 2026-03-31",
    "date_time.invalid": "请写成 2026-03-31T14:30",
    "email.invalid": "请写成 name@example.com",
    "field.missing": "核心字段，缺少则档案无效；请补填",
    "field.not_for": "此类档案没有该字段；请留空，或更正决定该字段的那一项",
    "field.unknown": "该类别没有此字段；请更正映射",
    "name.invalid": "名称至少应有一个文字",
    "number.invalid": "请用数字填写，如 12 或 3.5",
    "number.too_small": "小于允许的最小值；请核对",
    "money.invalid": "请填写金额，最多两位小数，如 1250.00",
    "phone.area_code": "固定电话缺少区号，如 010-……",
    "phone.invalid": "不是有效的电话号码；手机应为11位，固定电话应带区号",
    "postcode.invalid": "邮政编码应为6位数字，如 100031",
    "record.exists": "该客户已有档案",
    "record.likely": "可能与已有档案为同一客户；核对后可指定该行强制导入",
    "record.unknown": "所属档案不存在，或无权查看",
    "reference.unknown": "没有所指的人员、部门或档案",
    "reference.invalid": "须为系统中的编号",
    "resident_id.area_unknown": "身份证号的地区码未知；请核对",
    "resident_id.birth_date": "身份证号中的出生日期无效；请核对各位数字",
    "resident_id.check_digit": "身份证号校验位不符；请核对各位数字",
    "resident_id.format": "身份证号应为17位数字加一位校验码",
    "resident_id.length": "身份证号应为18位",
    "table.invalid": "每行一条，各列以竖线 | 分隔；或填写 JSON",
    "table.row": "表格的每一行须为各列名称与内容",
    "table.too_long": "表格行数过多；较长的清单请使用登记簿",
    "text.invalid": "含有不可见或损坏的字符；请重新录入",
    "text.traditional": "含有繁体字；请改用规范简体字",
    "value.empty": "内容为空；请留空整个单元格",
    "value.too_long": "内容过长；请缩短",
    "value.type": "应为文字",
    "collection.undeclared": "须声明未使用任何禁止的采集手段",
    "consent.missing": "缺少客户同意",
    "needs.missing": "缺少来源证明；请在导入时说明数据来源",
    "part.not_yours": "该部分由其他部门填写；请删除相应的列",
    "purpose.scope": "该部分不属于所声明的用途",
    "right.missing": "没有导入该类档案的权限",
}


def reason(problem: Mapping[str, Any], fields: Mapping[str, Field], language: str) -> str:
    """One sentence about one problem of a row, with the field's title before it."""
    zh = language.lower().startswith("zh")
    path, _, place = _path(problem).partition("/")
    title = _title(fields[path], zh) if path in fields else path
    where = f"{title} {place}".strip()
    said = _said(problem, zh)
    return f"{where}{'：' if zh else ': '}{said}" if where else said


def _said(problem: Mapping[str, Any], zh: bool) -> str:
    own = str(problem.get("zh") or CHINESE.get(problem["code"], "")) if zh else ""
    return own or str(problem.get("detail") or problem["code"])


def _path(problem: Mapping[str, Any]) -> str:
    """The field that a problem is about; the sentences of this import name their column themselves."""
    if problem["code"] in WORDS:
        return ""
    return str(problem.get("pointer") or "").removeprefix("/fields/").strip("/") or str(problem.get("field") or "")


def _title(field: Field, zh: bool) -> str:
    return (field.zh if zh else field.en) or field.path

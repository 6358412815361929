"""What the benchmarks read, create and import: invented customers, ten fields of 160 to 200 bytes each."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from demo.data import credit_code

CLASS = "company.customer"
PURPOSE = "service"
NOTICE = "2026-1"
CONSENT = {"purpose": PURPOSE, "notice": NOTICE, "channel": "counter", "kind": "simple"}
READ = (
    "basic.name", "basic.kind", "basic.credit_code", "basic.region", "contact.person", "contact.position",
    "contact.mobile", "contact.phone", "contact.email", "business.preference",
)  # fmt: skip
TITLES = {
    "basic.name": "客户名称",
    "basic.kind": "客户类型",
    "basic.credit_code": "统一社会信用代码",
    "basic.region": "地区",
    "contact.person": "联系人",
    "contact.mobile": "手机",
    "contact.phone": "电话",
    "contact.email": "邮箱",
    "contact.address": "地址",
    "business.segment": "客户类别",
    "business.since": "合作日期",
}


def customer(number: int) -> dict[str, str]:
    """The fields of one customer, in six parts."""
    return {
        "basic.name": f"澄州云岫机电{number:06d}有限公司",
        "basic.kind": "enterprise",
        "basic.credit_code": credit_code(10_000_000 + number),
        "basic.region": "澄州",
        "contact.person": "李雪梅",
        "contact.position": "采购主管",
        "contact.mobile": f"199{5000 + number // 10000:04d}{number % 10000:04d}",
        "contact.phone": "010-12345678",
        "contact.email": f"buyer{number:06d}@example.com",
        "business.segment": "vip",
        "business.preference": "每月末发货，发票随货",
        "interaction.visits": "每季度走访一次",
        "credit.grade": "a",
        "other.remark": "无",
    }


def creation(number: int) -> dict[str, Any]:
    """The body that creates one customer."""
    return {"class": CLASS, "fields": customer(number), "consents": [CONSENT]}


def reading(record: str) -> str:
    """The path that reads ten fields of a record."""
    return f"/v1/records/{record}?purpose={PURPOSE}&fields={','.join(READ)}"


def size(fields: dict[str, Any]) -> int:
    """Bytes of the values that a read shows."""
    return sum(len(field["value"].encode()) for field in fields.values())


def body(number: int) -> str:
    """The same as one line of JSON."""
    return json.dumps(creation(number), ensure_ascii=False, separators=(",", ":"))


def sheet(rows: int) -> bytes:
    """A CSV as a Chinese Excel saves it, every row new."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(TITLES.values())
    for number in range(rows):
        table.writerow(_row(number))
    return text.getvalue().encode("gb18030")


def _row(number: int) -> list[str]:
    mobile = f"199{number // 10000:04d}{number % 10000:04d}"
    start = [f"青榆远帆商贸{number:06d}有限公司", "企业", credit_code(50_000_000 + number), "青榆", "王若曦"]
    end = [mobile, "010-12345678", f"buyer{number}@example.com", f"青榆市榆林路{number}号", "贵宾", "2021-03-04"]
    return [*start, *end]

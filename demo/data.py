"""The invented company's customer lists, with the dirt of real ones: the same bytes for the same seed.

Nobody in them is real: mobiles lie in 199-0000-xxxx, landlines in 010-1234-xxxx (no subscriber's number there starts
with 1), mail in example.com, identity numbers and credit codes in the unassigned area 999999. Check digits are right
unless they are wrong on purpose.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from stdnum.cn import ric, uscc

SEED = 20_260_101
DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)
REAL_DATE = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:[01]\d|2[0-8])")
CLASSES = {"csv": "company.customer", "workbook": "trading.customer"}
CORE = {"csv": ("basic.name", "contact.person"), "workbook": ("basic.name",)}
TITLES = {
    "csv": {
        "basic.name": "客户名称",
        "basic.kind": "客户类型",
        "basic.id_number": "身份证号码",
        "basic.credit_code": "统一社会信用代码",
        "basic.region": "地区",
        "contact.person": "联系人",
        "contact.mobile": "手机",
        "contact.phone": "电话",
        "contact.email": "邮箱",
        "contact.address": "地址",
        "business.segment": "客户类别",
        "business.since": "合作日期",
    },
    "workbook": {
        "basic.name": "公司名称（全称）",
        "basic.credit_code": "统一社会信用代码",
        "basic.region": "所在地区",
        "business.direction": "交易方向",
        "contact.person": "联系人",
        "contact.position": "职务",
        "contact.mobile": "手机号码",
        "contact.phone": "联系电话（含区号）",
        "contact.email": "E-mail",
        "contact.address": "地址",
        "credit.grade": "信用等级",
        "business.since": "合作起始日期",
    },
}
PLACES = ("澄州", "青榆", "白砚", "云陌", "栖川", "望杉", "临岫", "沐原")
WORDS = (
    "砚秋",
    "云岫",
    "禾木",
    "星垂",
    "远帆",
    "青柠",
    "朗月",
    "合泰源",
    "汇川达",
    "锦程远",
    "瑞禾丰",
    "鼎悦宏",
    "启明拓",
)
TRADES = ("商贸", "机电", "物流", "食品", "建材", "纺织", "电子", "包装", "农业", "仪器")
SUFFIXES = ("有限公司", "有限责任公司", "股份有限公司")
FAMILY, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "子涵雨桐浩然欣怡梓轩若曦明哲诗雅"
STREETS = ("榆林路", "砚台街", "望海大道", "杉木巷", "云影路")
POSITIONS, SEGMENTS = ("经理", "采购主管", "会计", "业务员"), ("普通", "回头客", "贵宾", "长期合作")
DIRECTIONS, GRADES = ("购入", "销售", "购销"), ("甲", "乙", "丙", "a", "B")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}

Cells = dict[str, str]
Change = Callable[[str], str]


@dataclass(frozen=True)
class Entry:
    """One line of a list, and what has to become of it: accepted, rejected or duplicate."""

    cells: Cells
    outcome: str = "accepted"
    dirt: str = ""


@dataclass(frozen=True)
class Lists:
    """The two files (`csv`, `workbook`), and the entries that they were made from."""

    files: dict[str, bytes]
    entries: dict[str, list[Entry]]

    def expected(self, name: str) -> dict[str, int]:
        """Outcome -> number of rows of one file."""
        return dict(Counter(entry.outcome for entry in self.entries[name]))


def lists(seed: int = SEED) -> Lists:
    """Both lists: 150 customers of the company and 110 trading partners, then the dirt."""
    chance = random.Random(seed)
    company = [_customer(chance, number, chance.random() < 0.4) for number in range(150)]
    partners = [_customer(chance, number, False) for number in range(150, 260)]
    entries = {"csv": _dirtied(company, "csv"), "workbook": _dirtied(partners, "workbook")}
    return Lists({"csv": _csv(entries["csv"]), "workbook": _workbook(entries["workbook"])}, entries)


def write(folder: Path, seed: int = SEED) -> dict[str, Path]:
    """Write `customers.csv` (GB18030) and `partners.xlsx` into a folder; path by class of record."""
    paths = {"csv": folder / "customers.csv", "workbook": folder / "partners.xlsx"}
    for name, body in lists(seed).files.items():
        paths[name].write_bytes(body)
    return {CLASSES[name]: path for name, path in paths.items()}


def credit_code(number: int) -> str:
    """A unified social credit code with both check digits right, in a division that nobody has."""
    organisation = f"{number:08d}"
    weighted = sum(int(digit) * weight for digit, weight in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    body = "91" + "999999" + organisation + "0123456789X0"[11 - weighted % 11]
    return body + uscc.calc_check_digit(body)


def resident_id(number: int, born: str = "19900101") -> str:
    """An identity number with the check digit right, in an area that nobody has."""
    body = f"999999{born}{number % 1000:03d}"  # stdnum wants a sign in the check digit's place
    return body + ric.calc_check_digit(f"{body}0")


def _customer(chance: random.Random, number: int, individual: bool) -> Cells:
    place, person = chance.choice(PLACES), chance.choice(FAMILY) + "".join(chance.sample(GIVEN, 2))
    firm = f"{place}{chance.choice(WORDS)}{chance.choice(TRADES)}{number + 101}{chance.choice(SUFFIXES)}"
    born = f"19{chance.randint(60, 99)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    return {
        "basic.name": person if individual else firm,
        "basic.kind": "个人" if individual else "企业",
        "basic.id_number": resident_id(number, born) if individual else "",
        "basic.credit_code": "" if individual else credit_code(70_000_000 + number * 37),
        "basic.region": place,
        "contact.person": person,
        "contact.position": chance.choice(POSITIONS),
        "contact.mobile": f"1990000{number + 1000:04d}",
        "contact.phone": f"010-1234{number + 2000:04d}" if chance.random() < 0.6 else "",
        "contact.email": f"buyer{number + 1:03d}@example.com" if chance.random() < 0.8 else "",
        "contact.address": f"{place}市{chance.choice(STREETS)}{chance.randint(1, 300)}号",
        "business.segment": chance.choice(SEGMENTS),
        "business.direction": chance.choice(DIRECTIONS),
        "business.since": f"20{chance.randint(15, 25)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
        "credit.grade": chance.choice(GRADES),
    }


def _dirtied(clean: list[Cells], name: str) -> list[Entry]:
    """Every kind of dirt twice where its field is filled; repeated lines at the end."""
    entries = [Entry({field: cells[field] for field in TITLES[name]}) for cells in clean]
    places = iter(range(5, len(entries)))
    for dirt, field, outcome, change in 2 * DIRT:
        if field in TITLES[name]:
            at = next(place for place in places if entries[place].cells[field])
            cells = {**entries[at].cells, field: change(entries[at].cells[field])}
            lacking = any(not cells[core].strip() for core in CORE[name])
            entries[at] = Entry(cells, "rejected" if lacking else outcome, dirt)
    again = [replace(entries[0], outcome="duplicate", dirt="again")]
    spaced = {field: f" {text}　" if text else text for field, text in entries[2].cells.items()}
    return [*entries, *again, Entry(spaced, "duplicate", "again, with spaces")]


def _wrong_check(code: str) -> str:
    return code[:-1] + ("1" if code[-1] == "0" else "0")


def _full_width(text: str) -> str:
    return text.translate(FULL_WIDTH)


DIRT: list[tuple[str, str, str, Change]] = [
    ("full-width digits", "contact.mobile", "accepted", _full_width),
    ("full-width code", "basic.credit_code", "accepted", _full_width),
    ("small letters", "basic.credit_code", "accepted", str.lower),
    ("spaces in the number", "contact.mobile", "accepted", lambda text: f"{text[:3]} {text[3:7]} {text[7:]}"),
    ("country code", "contact.mobile", "accepted", lambda text: f"+86-{text}"),
    ("spaces around", "contact.person", "accepted", lambda text: f" {text}　"),
    ("date with slashes", "business.since", "accepted", lambda text: text.replace("-", "/").replace("/0", "/")),
    ("date in Chinese", "business.since", "accepted", lambda text: "{}年{}月{}日".format(*text.split("-"))),
    ("nothing, in words", "contact.phone", "accepted", lambda _: "无"),
    ("no name", "basic.name", "rejected", lambda _: ""),
    ("nobody to speak to", "contact.person", "accepted", lambda _: "　"),
    ("wrong check digit", "basic.credit_code", "rejected", _wrong_check),
    ("code too short", "basic.credit_code", "rejected", lambda text: text[:15]),
    ("wrong check digit", "basic.id_number", "rejected", _wrong_check),
    ("no date of birth", "basic.id_number", "rejected", lambda text: f"{text[:10]}1332{text[14:]}"),
    ("a digit lost", "contact.mobile", "rejected", lambda text: text[:-1]),
    ("no area code", "contact.phone", "rejected", lambda _: "55501234"),
    ("no such day", "business.since", "rejected", lambda text: f"{text[:4]}-02-30"),
    ("no @", "contact.email", "rejected", lambda text: text.replace("@", ".")),
    ("not in the list", "business.segment", "rejected", lambda _: "特级"),
    ("not in the list", "credit.grade", "rejected", lambda _: "优"),
]


def _csv(entries: Iterable[Entry]) -> bytes:
    """As a Chinese Excel saves it: GB18030, CRLF, a blank line here and there."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(TITLES["csv"].values())
    for number, entry in enumerate(entries, 1):
        table.writerow(entry.cells.values())
        if number % 40 == 0:
            table.writerow([])
    return text.getvalue().encode("gb18030")


def _workbook(entries: Iterable[Entry]) -> bytes:
    """As a department keeps it: a caption above the titles, blank rows, real dates as dates."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": DAY_ONE})
        sheet, dated = book.add_worksheet("客户"), book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_string(0, 0, "恒通集团 交易客户一览表")
        sheet.write_row(2, 0, TITLES["workbook"].values())
        for row, entry in _spread(entries):
            for column, (field, text) in enumerate(entry.cells.items()):
                if field == "business.since" and REAL_DATE.fullmatch(text):
                    sheet.write_datetime(row, column, datetime.fromisoformat(text), dated)
                else:
                    sheet.write_string(row, column, text)
    return file.getvalue()


def _spread(entries: Iterable[Entry]) -> Iterator[tuple[int, Entry]]:
    for number, entry in enumerate(entries):
        yield 3 + number + number // 50, entry

"""One reader a type: clean text becomes the one canonical spelling, or a Problem with its remedy."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from regimes import numbers
from regimes.model import Field
from regimes.problem import Problem

if TYPE_CHECKING:
    from regimes.regime import Regime

WRITTEN_DATE = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,9})?")
AMOUNT = re.compile(r"[+-]?\d{1,15}(\.\d{1,2})?")
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
REFERENCES = {
    "person": "write the account of a person, such as wang",
    "department": "write the short name of a department, such as office",
    "record": "write the id of a record",
    "document": "write the id of a document",
    "signature": "a signature is given by signing the entry; leave the field out",
}
OUTCOMES = {
    "passed": ("passed", "pass", "ok", "合格", "通过", "正常", "√"),
    "failed": ("failed", "fail", "不合格", "未通过", "异常", "×"),
}


def _text(text: str, field: Field, regime: Regime, region: str) -> str:
    return text


def _name(text: str, field: Field, regime: Regime, region: str) -> str:
    if not any(unicodedata.category(sign).startswith("L") for sign in text):
        raise Problem("name.invalid", "a name has at least one letter")
    return text


def _date(text: str, field: Field, regime: Regime, region: str) -> str:
    found = WRITTEN_DATE.fullmatch(text.replace(" ", ""))
    try:
        if not found:
            raise ValueError(text)
        year, month, day = (int(part) for part in found.groups() if part is not None)
        if not 1800 <= year <= 2200:
            raise ValueError(text)
        return date(year, month, day).isoformat()
    except ValueError:
        raise Problem("date.invalid", "not a day of the calendar; write it like 2026-03-31") from None


def _date_time(text: str, field: Field, regime: Regime, region: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem("date_time.invalid", "write date and time like 2026-03-31T14:30") from None
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(regime.timezone))
    return local.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _decimal(text: str, form: re.Pattern[str], code: str, detail: str) -> Decimal:
    plain = text.replace(",", "") if GROUPED.fullmatch(text) else text
    if not form.fullmatch(plain):
        raise Problem(code, detail)
    return Decimal(plain)


def _number(text: str, field: Field, regime: Regime, region: str) -> str:
    value = _decimal(text, NUMBER, "number.invalid", "write a number in figures, such as 12 or 3.5")
    return format(value.normalize() + 0, "f")


def _money(text: str, field: Field, regime: Regime, region: str) -> str:
    bare = re.sub(r"^[¥$€]|元$", "", text).strip()
    value = _decimal(bare, AMOUNT, "money.invalid", "write an amount with at most two decimals, such as 1250.00")
    return format(value.quantize(Decimal("0.01")) + 0, "f")


def _code(text: str, field: Field, regime: Regime, region: str) -> str:
    """A value of the field's list, given as its code or as one of its titles."""
    if field.list is None:
        return text
    known = regime.lists[field.list]
    if text in known:
        return text
    wanted = text.casefold()
    for name, value in known.items():
        if wanted in (name.casefold(), value.en.casefold(), value.zh.casefold()):
            return name
    shown = ", ".join(list(known)[:8]) + (", …" if len(known) > 8 else "")
    raise Problem("code.unknown", f"not in the list {field.list}: {shown}")


def _phone(text: str, field: Field, regime: Regime, region: str) -> str:
    return numbers.phone(text, region)


def _email(text: str, field: Field, regime: Regime, region: str) -> str:
    local, _, domain = text.rpartition("@")
    if not EMAIL.fullmatch(text) or ".." in text or local.startswith(".") or local.endswith("."):
        raise Problem("email.invalid", "write it like name@example.com")
    return f"{local}@{domain.lower()}"


def _postcode(text: str, field: Field, regime: Regime, region: str) -> str:
    if region == "CN" and not re.fullmatch(r"\d{6}", text):
        raise Problem("postcode.invalid", "a postcode has six digits, e.g. 100031")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]{1,14}", text):
        raise Problem("postcode.invalid", "letters, digits, spaces and hyphens only")
    return text.upper()


def _resident_id(text: str, field: Field, regime: Regime, region: str) -> str:
    return numbers.resident_id(text)


def _credit_code(text: str, field: Field, regime: Regime, region: str) -> str:
    return numbers.credit_code(text)


def _bank_card(text: str, field: Field, regime: Regime, region: str) -> str:
    return numbers.bank_card(text)


def _reference(text: str, field: Field, regime: Regime, region: str) -> str:
    """Whether there is such a one is not a regime's to know: whoever keeps the records asks after it."""
    if not REFERENCE.fullmatch(text):
        raise Problem("reference.invalid", REFERENCES[field.type])
    return text


def _check(text: str, field: Field, regime: Regime, region: str) -> str:
    for outcome, words in OUTCOMES.items():
        if text.casefold() in words:
            return outcome
    raise Problem("check.invalid", "write passed or failed (合格 or 不合格)")


Reader = Callable[[str, Field, "Regime", str], str]
READERS: dict[str, Reader] = {
    "text": _text,
    "name": _name,
    "address": _text,
    "date": _date,
    "date_time": _date_time,
    "number": _number,
    "money": _money,
    "code": _code,
    "phone": _phone,
    "email": _email,
    "postcode": _postcode,
    "resident_id": _resident_id,
    "credit_code": _credit_code,
    "bank_card": _bank_card,
    "person": _reference,
    "department": _reference,
    "record": _reference,
    "document": _reference,
    "signature": _reference,
    "check": _check,
}

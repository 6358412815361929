"""Numbers with rules of their own: phones, resident IDs, credit codes, bank cards."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

import phonenumbers
from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from regimes.problem import Problem

LOCAL = re.compile(r"\d{7,8}")
MOBILE, LANDLINE = re.compile(r"1\d{10}"), re.compile(r"0(\d{2,3})-(\d{7,8})")
SHORTEST = 9  # digits of a number with its area code
EXTENSION = re.compile("转|分机")
SEPARATORS = re.compile(r"[\s./()\-–—]+")
LENGTHS = {
    phonenumbers.ValidationResult.TOO_SHORT: "a digit is missing",
    phonenumbers.ValidationResult.TOO_LONG: "a digit too many",
    phonenumbers.ValidationResult.INVALID_LENGTH: "too few or too many digits",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "no such country code",
}


def phone(text: str, region: str) -> str:
    """E.164, with `;ext=` where there is an extension."""
    if region == "CN" and (plain := _plain_chinese(text)):
        return plain
    _has_area_code(text, region)
    text = EXTENSION.sub(" ext. ", text)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Problem("phone.invalid", "telephone: not a number; e.g. 138 0013 8000 or 010-6552 9988") from None
    # Old numbers of other countries are often out of date, yet well formed: only Chinese ones are judged strictly.
    strict = number.country_code == 86
    if not (strict and phonenumbers.is_valid_number(number)):
        reason = phonenumbers.is_possible_number_with_reason(number)
        if reason in LENGTHS:
            raise Problem("phone.invalid", f"telephone: {LENGTHS[reason]} for {_place(number, region)}")
        if strict:
            raise Problem("phone.invalid", "telephone: no such area code or mobile prefix in China")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written};ext={number.extension}" if number.extension else written


def _plain_chinese(text: str) -> str | None:
    """E.164 of a valid number in one of the two ways that most write; the library's own way is ten times as long."""
    mobile, landline = _chinese()
    if text.isascii() and MOBILE.fullmatch(text):
        return f"+86{text}" if mobile.fullmatch(text) else None
    found = LANDLINE.fullmatch(text) if text.isascii() else None
    number = "".join(found.groups()) if found else ""
    return f"+86{number}" if landline.fullmatch(number) and len(number) >= SHORTEST else None


@cache
def _chinese() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What a mobile number and one of a fixed line look like, as the library knows."""
    known: Any = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    return re.compile(known.mobile.national_number_pattern), re.compile(known.fixed_line.national_number_pattern)


def _has_area_code(text: str, region: str) -> None:
    digits = SEPARATORS.sub("", EXTENSION.split(text)[0])
    if region == "CN" and LOCAL.fullmatch(digits) and digits[0] not in "01":
        raise Problem("phone.area_code", "telephone: area code is missing, e.g. 010-…")


def _place(number: phonenumbers.PhoneNumber, region: str) -> str:
    return phonenumbers.region_code_for_country_code(number.country_code or 0) or region


def resident_id(text: str) -> str:
    """18 digits with a birth date and a right check digit; an unknown area is only odd."""
    number = re.sub(r"[\s-]", "", text).upper()
    if len(number) != 18:
        raise Problem("resident_id.length", "a resident ID has 18 digits")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Problem("resident_id.format", "a resident ID is 17 digits and a digit or X")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Problem("resident_id.birth_date", "digits 7 to 14 are no date of birth; compare with the card") from None
    if born.year < 1850:
        raise Problem("resident_id.birth_date", "digits 7 to 14 are no date of birth; compare with the card")
    if number[-1] != ric.calc_check_digit(number):
        raise Problem("resident_id.check_digit", "the check digit is wrong; compare with the card")
    return number


def unknown_area(number: str) -> Problem | None:
    """A warning where the area of a resident ID is in no table; stdnum knows too few to refuse by it."""
    try:
        ric.get_birth_place(number)
    except (ValidationError, KeyError):
        return Problem("resident_id.area_unknown", "the first six digits are no known area; compare with the card")
    return None


def credit_code(text: str) -> str:
    """18 signs with a right check sign."""
    number = re.sub(r"[\s-]", "", text).upper()
    if len(number) != 18:
        raise Problem("credit_code.length", "a unified social credit code has 18 signs")
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", number):
        raise Problem(
            "credit_code.format", "digits and capital letters without I, O, S, V, Z; digits 3 to 8 are the area"
        )
    if number[-1] != uscc.calc_check_digit(number):
        raise Problem("credit_code.check_digit", "the check sign is wrong; compare with the licence")
    return number


def bank_card(text: str) -> str:
    """12 to 19 digits with a right check digit."""
    number = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{12,19}", number):
        raise Problem("bank_card.length", "a card number has 12 to 19 digits")
    if not luhn.is_valid(number):
        raise Problem("bank_card.check_digit", "the check digit is wrong; compare with the card")
    return number


def told_by(resident_id: str) -> dict[str, tuple[str, str]]:
    """What a resident id says of its holder, by the names that fields of it have: the warning's code, and the value."""
    day = f"{resident_id[6:10]}-{resident_id[10:12]}-{resident_id[12:14]}"
    sex = "male" if int(resident_id[16]) % 2 else "female"
    return {"birth_date": ("resident_id.other_birth_date", day), "sex": ("resident_id.other_sex", sex)}

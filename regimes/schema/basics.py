"""The shape of levels, settings, calendars, code lists, roles, purposes, rights; and the closed lists of words."""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, post_load, validate

from regimes import calendar, model
from regimes.words import Entry, Flag, Many, Money, Name, Named, Needs, Period, Text, When, Who, Whole, Words

TYPES = (
    "text",
    "name",
    "date",
    "date_time",
    "number",
    "money",
    "code",
    "phone",
    "email",
    "postcode",
    "resident_id",
    "credit_code",
    "bank_card",
    "address",
    "person",
    "department",
    "record",
    "document",
    "signature",
    "check",
    "table",
)
STATES = ("draft", "pending", "active", "suspended", "past", "archived", "merged", "destroying", "destroyed")
KINDS = (
    "create",
    "collect",
    "use",
    "view",
    "borrow",
    "renew",
    "take_out",
    "copy",
    "export",
    "change",
    "correct_original",
    "terms",
    "downgrade",
    "merge",
    "end",
    "reactivate",
    "disclose",
    "share",
    "permit",
    "leave",
    "settle",
    "erase",
    "destroy",
    "issue",
)
ACTIONS = (
    "view",
    "create",
    "change",
    "verify",
    "import",
    "event",
    "consent",
    "receive",
    "lend",
    "hold",
    "dispose",
    "witness",
    "release",
    "execute",
    "supervise",
    "export",
)
MASKS = ("none", "last4", "name", "all")
SETTINGS = ("choice", "period", "who", "roles", "months", "number", "money")
MODES = ("customer", "evidence", "reported", "staff", "never")


def one_of(words: tuple[str, ...], **kwargs: Any) -> fields.Field[Any]:
    return fields.Str(validate=validate.OneOf(words), **kwargs)


class Titled(Entry):
    en = Text()
    zh = Text()


class LevelEntry(Titled):
    makes = model.Level
    rank = Whole(required=True)
    mask = one_of(MASKS, required=True)
    ledger = one_of(("behind", "waits"))
    factors = Whole()
    export = one_of(("marked", "encrypted"))
    store = Name()
    needs = Needs()


class SettingEntry(Titled):
    makes = model.Setting
    type = one_of(SETTINGS)
    choose = Words()
    default = fields.Raw()
    answer = fields.Raw()
    conflict = Text()

    @post_load
    def check(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """An answer must be one of the choices, or of the setting's type."""
        checks = {
            "period": Period(),
            "who": Who(),
            "roles": Words(),
            "number": Whole(),
            "money": Money(),
            "months": Words(),
        }
        for key in ("default", "answer"):
            value = data.get(key)
            if value is None:
                continue
            if data.get("choose") and value not in data["choose"]:
                raise ValidationError(f"{value!r} is none of {', '.join(data['choose'])}", key)
            if data.get("type") in checks:
                checks[data["type"]].deserialize(value)
        return data


class CalendarEntry(Titled):
    makes = calendar.WorkCalendar
    country = Text()
    week = Words()
    fiscal_year = fields.Str(validate=validate.Regexp(r"^\d\d-\d\d$"))
    shut = Words()
    extra = Words()
    reviewed = Words()


class CodeEntry(Titled):
    """A value of a code list: its titles, and any figures beside them."""

    class Meta:
        unknown = INCLUDE

    @post_load
    def keep_figures(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        titles = {key: data.pop(key, "") for key in ("en", "zh")}
        if not all(isinstance(figure, str) for figure in data.values()):
            raise ValidationError("figures are single values")
        return {**titles, "figures": data}

    makes = model.CodeValue


class CodeList(fields.Field[Any]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("must be a mapping of lists")
        return {name: Named(CodeEntry).deserialize(entry) for name, entry in value.items()}


class RoleEntry(Titled):
    makes = model.Role
    per = one_of(("company", "department"))
    reads = one_of(("all", "none"))
    needs = Needs()


class PurposeEntry(Titled):
    makes = model.Purpose
    basis = one_of(("consent", "contract", "law", "protects_subject"))
    consent = one_of(("simple", "express", "own"))
    optional = Flag()
    parts = Words()


class NoticeEntry(Titled):
    version = Text(required=True)
    tells = Words()
    channels = Words()


class RightEntry(Titled):
    makes = model.Right
    who = Who(required=True)
    may = fields.List(one_of(ACTIONS), required=True)
    of = Many(required=True)
    up_to = Name()
    parts = Words()
    purposes = Words()
    place = Name()
    when = When()
    needs = Needs()

    @post_load
    def freeze(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {**data, "may": tuple(data["may"])}

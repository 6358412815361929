"""The published language of search: what may be looked for, and what comes back."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from chassis.pages import PageArgs
from services.records.words import RecordHead, a_name, an_id

MOST = 200
LONGEST, LARGEST = 500, 10**40
EXAMPLE = {"basic.name": {"like": "贸易"}, "contact.mobile": {"last4": "1234"}, "state": "active"}


def _sayable(value: object) -> None:
    texts = list(value.values()) if isinstance(value, dict) else [value]
    if not texts or not all(map(_is_text, texts)):
        raise ValidationError("a value, or one of like, prefix, pinyin, initials, last4, or from and to")


def _is_text(value: object) -> bool:
    """Text, or a number that is meant as text; nothing that no table could hold."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    text = value if isinstance(value, str) else str(value) if abs(value) < LARGEST else ""
    return 0 < len(text) <= LONGEST and "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def conditions(**kwargs: Any) -> fields.Dict:
    """By field a value, or one of like, prefix, pinyin, initials, last4, from, to; all of them must hold."""
    told: dict[str, Any] = {"validate": validate.Length(1, 12), "metadata": {"example": EXAMPLE}}
    return fields.Dict(keys=a_name(), values=fields.Raw(validate=_sayable), **told, **kwargs)


class SearchArgs(Schema):
    """A search of one class for a purpose, or a kept one; `fields` are those to be shown with each hit."""

    class_ = a_name(data_key="class")
    where = conditions()
    purpose = a_name()
    fields_ = fields.List(a_name(), data_key="fields", validate=validate.Length(1, 50))
    saved = fields.String(validate=validate.Length(36, 36))
    limit = fields.Integer(strict=True, load_default=50, validate=validate.Range(1, MOST))
    cursor = fields.String(validate=validate.Length(1, 1024))
    after = fields.String(validate=validate.Length(1, 80))

    @validates_schema
    def whole(self, data: dict[str, object], **kwargs: object) -> None:
        """Either a kept search, or class, where and purpose."""
        named = [name for name in ("class_", "where", "purpose") if name in data]
        if len(named) != (0 if "saved" in data else 3):
            raise ValidationError("give class, where and purpose, or the id of a saved search")


class Hit(RecordHead):
    """One record that fits, with the fields that were asked for as the caller may see them."""

    version = fields.Integer()
    fields_ = fields.Dict(keys=fields.String(), values=fields.Dict(), data_key="fields")


class SearchAnswer(Schema):
    """A page of hits, newest first; it may be short and still have a `next`."""

    items = fields.List(fields.Nested(Hit))
    next = fields.String(allow_none=True)


class SaveSearchArgs(Schema):
    """A search to keep, under a name; `shared` shows it to the caller's department."""

    class_ = a_name(required=True, data_key="class")
    where = conditions(required=True)
    purpose = a_name(required=True)
    name = fields.String(required=True, validate=validate.Length(1, 80), metadata={"example": "贸易公司"})
    fields_ = fields.List(a_name(), data_key="fields", validate=validate.Length(1, 50))
    shared = fields.Boolean(load_default=False)


class SaveSearchAnswer(Schema):
    """Under which id it is kept."""

    id = fields.String()


class SearchesArgs(PageArgs):
    """The caller's kept searches, and those his department shares."""


class SavedSearch(Schema):
    """A kept search with what it looks for."""

    id = fields.String()
    name = fields.String()
    class_ = fields.String(data_key="class")
    purpose = fields.String()
    where = fields.Dict()
    fields_ = fields.List(fields.String(), data_key="fields", allow_none=True)
    owner = fields.String()
    shared = fields.Boolean()


class SearchesAnswer(Schema):
    """Newest first."""

    items = fields.List(fields.Nested(SavedSearch))
    next = fields.String(allow_none=True)


class DropSearchArgs(Schema):
    """A kept search of the caller's."""

    search = an_id()


class DropSearchAnswer(Schema):
    """It is gone."""

    id = fields.String()


class StatisticsArgs(Schema):
    """How many records of a class the caller may see, by a facet, a scheme, department, state, level or class."""

    class_ = a_name(required=True, data_key="class")
    by = a_name(required=True, metadata={"example": "basic.region"})


class StatisticsLine(Schema):
    """One group; too few of its records are the caller's to open where it is `hidden`."""

    value = fields.String(allow_none=True)
    en = fields.String(allow_none=True)
    zh = fields.String(allow_none=True)
    hidden = fields.Boolean()
    records = fields.Integer(allow_none=True)


class StatisticsAnswer(Schema):
    """Groups, the largest first, and the same as a chart takes it; `records` are all, unless that told a hidden one."""

    items = fields.List(fields.Nested(StatisticsLine))
    chart = fields.Dict()
    next = fields.String(allow_none=True)
    records = fields.Integer(allow_none=True)
    as_of = fields.String()

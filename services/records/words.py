"""The small words of records' published language: names, ids, reasons, and what every line says of its record."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

# What is kept or told in clear as somebody gave it: a word without spaces, or an id, never a sentence.
WORD = r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$"
ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def a_name(**kwargs: Any) -> fields.String:
    """A short word: a class, a purpose, a person, a field."""
    return fields.String(validate=validate.Length(1, 80), **kwargs)


def an_id(**kwargs: Any) -> fields.String:
    """A record's id."""
    return fields.String(required=True, validate=validate.Length(36, 36), **kwargs)


def a_word(longest: int = 40, **kwargs: Any) -> fields.String:
    """A word of the organisation's own that is kept in clear: a department, a person, a means."""
    return fields.String(validate=[validate.Length(1, longest), validate.Regexp(WORD)], **kwargs)


def an_optional_id(**kwargs: Any) -> fields.String:
    """An id that may be left out; kept as it is given, so it is one."""
    return fields.String(validate=validate.Regexp(ID), **kwargs)


def a_version() -> fields.Integer:
    """The version that the caller read, where he says so: the call is refused if it is another one now."""
    return fields.Integer(strict=True)


def a_reason(**kwargs: Any) -> fields.String:
    """Why, in words."""
    return fields.String(validate=validate.Length(2, 2000), **kwargs)


def a_place() -> fields.String:
    """Where somebody reads, as his terminal says: for rights and grants that hold in one place only."""
    return a_word(80, metadata={"description": "where it is read, for rights and grants that hold in one place only"})


class RecordHead(Schema):
    """What lists, hits and answers say of a record: nothing that only a reason would show."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    number = fields.String(allow_none=True)
    state = fields.String()
    department = fields.String()
    responsible = fields.String(allow_none=True)

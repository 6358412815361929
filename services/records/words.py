"""The small words of records' published language: names, ids, reasons."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate


def a_name(**kwargs: Any) -> fields.String:
    """A short word: a class, a purpose, a person, a field."""
    return fields.String(validate=validate.Length(1, 80), **kwargs)


def an_id(**kwargs: Any) -> fields.String:
    """A record's id."""
    return fields.String(required=True, validate=validate.Length(36, 36), **kwargs)


def a_reason(**kwargs: Any) -> fields.String:
    """Why, in words."""
    return fields.String(validate=validate.Length(2, 2000), **kwargs)


def a_place() -> fields.String:
    """Where somebody reads, as his terminal says: for rights and grants that hold in one place only."""
    told = {"description": "where it is read, for rights and grants that hold in one place only"}
    return fields.String(validate=validate.Length(1, 80), metadata=told)

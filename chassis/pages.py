"""Lists a page at a time: one row more than is shown is asked for, and tells that the list goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from marshmallow import Schema, fields, validate

LONGEST = 500
Row = TypeVar("Row")


class PageArgs(Schema):
    """How many lines, and after which one; the gateway seals it in a cursor."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, LONGEST))
    after = fields.String(validate=validate.Length(1, 80))


def cut(rows: Sequence[Row], limit: int) -> tuple[list[Row], Row | None]:
    """The lines of a page, and the last of them where more follow."""
    shown = list(rows[:limit])
    return shown, shown[-1] if len(rows) > limit else None


def paged(rows: Sequence[dict[str, Any]], limit: int) -> dict[str, Any]:
    """The same as lists answer, in the order of their ids."""
    items, last = cut(rows, limit)
    return {"items": items, "next": last["id"] if last else None}

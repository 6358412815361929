"""A service's published language at its own door: arguments typed, or refused line by line."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError

from chassis.errors import Invalid


def load(schema: type[Schema], args: Any) -> dict[str, Any]:
    """Arguments as the schema types them, or Invalid with a line per mistake and never the value."""
    try:
        loaded: dict[str, Any] = made(schema).load(args)
    except ValidationError as wrong:
        lines = [{"pointer": at, "code": "input.invalid", "detail": said} for at, said in _said(wrong.messages)]
        raise Invalid("input.invalid", "the input breaks a rule of form", {"errors": lines}) from None
    return loaded


@cache
def made(schema: type[Schema]) -> Schema:
    """The one instance of a schema: making one costs more than a call's arguments do."""
    return schema()


def _said(messages: Any, at: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, dict):
        return [line for key, inner in messages.items() for line in _said(inner, f"{at}/{key}")]
    return [(at, str(message)) for message in messages]

"""The services' published schemas: found by name, kept as one instance each, asked for form only."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from marshmallow import Schema, ValidationError, fields

from gateway import schemas as own
from gateway.problems import Declined, invalid, wrong
from gateway.reading import escape
from gateway.route import Route

HEADERS = frozenset(("limit", "after"))  # taken from `limit` and `cursor` by the gateway itself


@cache
def schema(name: str) -> Schema | None:
    """The schema "records.CreateArgs", or None where its service does not publish it (a test says so)."""
    service, _, cls = name.partition(".")
    try:
        room = own if service == "gateway" else import_module(f"services.{service}.schemas")
    except ModuleNotFoundError as missing:
        if missing.name and not missing.name.startswith("services"):
            raise
        return None
    found = getattr(room, cls, None)
    return found() if found else None


def args_schema(route: Route) -> Schema | None:
    """What the service takes."""
    return schema(route.takes) if route.takes else None


def answer_schema(route: Route) -> Schema | None:
    """What comes back."""
    return schema(route.gives) if route.gives else None


@cache
def parameters(route: Route) -> dict[str, fields.Field] | None:
    """The query parameters of a reading route, by name; None where nobody has published them."""
    known = args_schema(route)
    if known is None:
        return None if route.takes else {}
    taken = {*route.variables, *(name for name, _ in route.fixed)} | (HEADERS if route.paged else set())
    return {(f.data_key or name): f for name, f in known.fields.items() if (f.data_key or name) not in taken}


def from_query(route: Route, query: dict[str, str]) -> dict[str, Any]:
    """The query's parameters as the types that the service takes; unknown ones are refused."""
    known = parameters(route)
    if known is None:
        return dict(query)
    extra = sorted(name for name in set(query) - set(known) if not (_open_ended(route) and "." in name))
    if extra:
        raise invalid(
            [{"pointer": f"/{escape(n)}", "code": "query.unknown", "detail": "no such parameter here"} for n in extra]
        )
    return {name: _typed(name, known.get(name), value) for name, value in query.items()}


def _open_ended(route: Route) -> bool:
    # Which facets (`part.field`) a list takes is the regime's to say, so its service checks them.
    known = args_schema(route)
    return known is not None and known.unknown != "raise"


def _typed(name: str, field: fields.Field | None, value: str) -> Any:
    if isinstance(field, fields.List):
        return [_typed(name, field.inner, part) for part in value.split(",") if part]
    if isinstance(field, fields.Integer):
        return whole(name, value)
    if isinstance(field, fields.Boolean):
        if value not in ("true", "false"):
            raise wrong(f"/{name}", "boolean.invalid", "true or false")
        return value == "true"
    return value


def whole(name: str, value: str) -> int:
    """A number from the query."""
    if not value.isascii() or not value.isdigit() or len(value) > 12:
        raise wrong(f"/{name}", "number.invalid", "a whole number")
    return int(value)


def validate(route: Route, args: dict[str, Any]) -> None:
    """Refuse with 422 what the service's schema would refuse; it loads the arguments itself."""
    known = args_schema(route)
    if known is None:
        return
    errors = known.validate(args)
    if errors:
        raise invalid(list(_lines(errors)))


def _lines(errors: Any, pointer: str = "") -> Any:
    if isinstance(errors, dict):
        for name, below in errors.items():
            # marshmallow's words for "the whole", and for the value or key of a mapping, are no names of the input's;
            # on top there is no mapping, and `value` is a member like any other.
            whole = name in (("_schema", "value", "key") if pointer else ("_schema",)) and not isinstance(below, dict)
            yield from _lines(below, pointer if whole else f"{pointer}/{escape(str(name))}")
    else:
        for said in errors if isinstance(errors, list) else [errors]:
            yield said if isinstance(said, dict) else {"pointer": pointer, "code": _code(said), "detail": str(said)}


def _code(said: str) -> str:
    known = {
        "Unknown field.": "field.unknown",
        "Missing data for required field.": "field.missing",
        "Field may not be null.": "field.missing",
    }
    return known.get(str(said), "field.invalid")


def load_own(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a route that the gateway answers itself."""
    known = schema(f"gateway.{name}")
    if known is None:
        raise Declined(404, "resource.unknown", "there is no such resource")
    try:
        return known.load(data)
    except ValidationError as bad:
        raise invalid(list(_lines(bad.messages))) from None

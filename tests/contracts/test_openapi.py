"""The route table, the services' published schemas and the OpenAPI document say the same."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway import published
from gateway.openapi import document
from gateway.route import Route
from gateway.routes import table

ROUTES = table(demo=True)
SERVED = [route for route in ROUTES if route.service != "gateway"]
BEHIND = {  # what the gateway's own handlers call
    "approvals": ("identify", "open_session", "admit", "me", "requests", "grants_for"),
    "records": (
        *("begin_import", "put_chunk", "start_import"),
        *("begin_document", "put_document_chunk", "finish_document", "open_document", "document_chunk"),
    ),
    "audit": ("bundle_chunk",),
    "retention": ("certificate", "duties"),
}


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return document(ROUTES)


def test_the_document_is_valid_openapi(openapi: dict[str, Any]) -> None:
    assert openapi["openapi"] == "3.1.0"
    assert [str(error.message) for error in OpenAPIV31SpecValidator(openapi).iter_errors()] == []


@pytest.mark.parametrize("route", SERVED, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_is_answered_by_its_service_in_published_words(route: Route) -> None:
    cls = service_class(route.service)
    assert hasattr(cls, route.rpc), f"{route.call} is no method of {cls.__name__}"
    args = published.schema(route.takes)
    assert args is not None, f"{route.takes} is not published"
    known = {field.data_key or name for name, field in args.fields.items()}
    assert {*route.variables, *filter(None, [route.match])} <= known, f"{route.takes} does not take what the path gives"
    assert not route.paged or {"limit", "after"} <= known
    assert not route.purpose or "purpose" in known
    facets = ("records.list", "records.entries")  # the regime says which there are; the service refuses others
    assert args.unknown == "raise" or route.call in facets, "unknown fields are refused"
    assert not route.gives or published.schema(route.gives) is not None, f"{route.gives} is not published"


@pytest.mark.parametrize("service", BEHIND)
def test_what_the_gateway_calls_on_its_own_exists(service: str) -> None:
    missing = [method for method in BEHIND[service] if not hasattr(service_class(service), method)]
    assert missing == []


def service_class(name: str) -> type:
    room = import_module(f"services.{name}.service")
    return next(c for c in vars(room).values() if isinstance(c, type) and getattr(c, "name", None) == name)


def test_every_route_is_described_in_both_languages() -> None:
    for route in ROUTES:
        assert route.en.isascii() and route.en and re.search("[一-鿿]", route.zh), route.path


def test_every_operation_can_be_told_apart(openapi: dict[str, Any]) -> None:
    ids = [operation["operationId"] for path in openapi["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids)) == len(ROUTES)


def test_changes_want_a_version_and_writes_take_a_key(openapi: dict[str, Any]) -> None:
    change = openapi["paths"]["/v1/records/{record}"]["patch"]
    named = {parameter["name"] for parameter in change["parameters"] if "name" in parameter}
    assert {"record", "If-Match", "Idempotency-Key"} <= named
    read = openapi["paths"]["/v1/records/{record}"]["get"]
    assert "Idempotency-Key" not in {parameter.get("name") for parameter in read["parameters"]}


def test_unknown_members_are_refused_in_the_document_too(openapi: dict[str, Any]) -> None:
    body = openapi["paths"]["/v1/requests/{request}/decisions"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["additionalProperties"] is False


def test_the_demos_routes_do_not_exist_elsewhere() -> None:
    assert not [route for route in table(demo=False) if route.path.startswith("/demo")]
    assert len([route for route in ROUTES if route.demo]) == 2

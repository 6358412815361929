"""OpenAPI 3.1, made from the route table and the published schemas; nothing is written twice."""

from __future__ import annotations

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from gateway import published
from gateway.exchange import LIMIT, MOST
from gateway.route import Route

ABOUT = "Governs customer records for their whole life. 管理客户资料档案的整个生命周期。"
TAGS = {"records": "档案", "approvals": "审批", "audit": "审计", "retention": "保管与处置", "gateway": "网关"}
PATTERNS = {
    "id": {"type": "string", "format": "uuid"},
    "name": {"type": "string", "maxLength": 96},
    "count": {"type": "integer", "minimum": 0},
}
STRING = {"type": "string"}


def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The whole document."""
    spec = APISpec(
        "Muniment",
        "1",
        "3.1.0",
        plugins=[MarshmallowPlugin(_name)],
        info={"description": ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=[{"url": "/"}],
        tags=[{"name": n, "description": zh} for n, zh in TAGS.items()],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.response(
        "Problem",
        {
            "description": "Refused (RFC 9457)",
            "content": {"application/problem+json": {"schema": published.schema("gateway.Problem")}},
        },
    )
    for route in routes:
        spec.path(route.template, operations={route.method.lower(): _operation(route)})
    return _plain(spec.to_dict())


def _plain(node: Any) -> Any:
    """The same without what only Python's regular expressions know (JSON Schema has JavaScript's)."""
    if isinstance(node, dict):
        kept = {name: _plain(member) for name, member in node.items() if not _foreign(name, member)}
        if isinstance(kept.get("pattern"), str):
            kept["pattern"] = kept["pattern"].replace("\\Z", "$")
        return kept
    return [_plain(member) for member in node] if isinstance(node, list) else node


def _foreign(name: str, member: Any) -> bool:
    return name == "pattern" and isinstance(member, str) and bool(re.search(r"\(\?[a-zA-Z]", member))


def _name(schema: Any) -> str:
    if isinstance(schema, Schema) and (schema.only or schema.exclude):
        return ""  # a part of a schema is written out where it stands
    cls = schema if isinstance(schema, type) else type(schema)
    rooms = [part for part in cls.__module__.split(".") if part not in ("services", "schemas")]
    return "".join(room.capitalize() for room in rooms) + cls.__name__


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{route.call.replace('.', '_')}_{len(route.variables)}",
        "tags": [_tag(route)],
        "summary": f"{route.en} · {route.zh}",
        "parameters": [*_path(route), *_query(route), *_headers(route)],
        "responses": {str(route.status): _answer(route), "default": "Problem"},
        "security": [] if route.open else [{"bearer": []}],
    }
    if not route.reads:
        operation["requestBody"] = _body(route)
    return operation


def _tag(route: Route) -> str:
    if route.service != "gateway":
        return route.service
    theirs = {"upload": "records", "add_document": "records", "document_content": "records"}
    return {**theirs, "bundle": "audit", "certificate": "retention"}.get(route.rpc, "gateway")


def _path(route: Route) -> list[dict[str, Any]]:
    kinds = {part.split(":")[1]: part.split(":")[0] for part in _variables(route.path)}
    return [{"name": name, "in": "path", "required": True, "schema": PATTERNS[kinds[name]]} for name in route.variables]


def _variables(path: str) -> list[str]:
    return [piece.partition(">")[0] for piece in path.split("<")[1:]]


def _query(route: Route) -> list[dict[str, Any]]:
    if not route.reads:
        return []
    known = published.parameters(route) or {}
    plugin = MarshmallowPlugin()
    APISpec("", "", "3.1.0", plugins=[plugin])
    found = [
        {
            "name": name,
            "in": "query",
            "required": field.required,
            "schema": plugin.converter.field2property(field),
            **_exploded(field),
        }
        for name, field in known.items()
        if plugin.converter
    ]
    if route.paged:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}
        found += [{"name": n, "in": "query", "schema": s} for n, s in (("limit", limit), ("cursor", STRING))]
    return found


def _exploded(field: Any) -> dict[str, Any]:
    return {"style": "form", "explode": False} if type(field).__name__ == "List" else {}


def _headers(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": "Accept-Language", "in": "header", "schema": {"type": "string", "example": "zh-CN"}}
    ]
    if not route.reads and route.keyed:
        found.append({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 128}})
    if route.match or route.heeds:
        etag = {"type": "string", "example": '"1"'}
        found.append({"name": "If-Match", "in": "header", "required": bool(route.match), "schema": etag})
    return found


def _body(route: Route) -> dict[str, Any]:
    known = published.args_schema(route)
    media = "multipart/form-data" if route.form else "application/json"
    schema: Any = _without(known, route) if known else {"type": "object"}
    return {"required": bool(known), "content": {media: {"schema": schema}}}


def _without(known: Schema, route: Route) -> Schema:
    """The schema less what stands in path and headers."""
    taken = {*route.variables, route.match, route.heeds, *(name for name, _ in route.fixed)}
    names = {name for name, field in known.fields.items() if (field.data_key or name) in taken}
    return type(known)(exclude=tuple(names)) if names else known


def _answer(route: Route) -> dict[str, Any]:
    known = published.answer_schema(route)
    schema: Any = known or ({"type": "object"} if route.media == "application/json" else {"type": "string"})
    headers = {"Request-Id": {"schema": STRING}}
    return {"description": route.en, "headers": headers, "content": {route.media: {"schema": schema}}}

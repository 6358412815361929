"""Answers: JSON with ETag and the link to the next page, text, or a page for people."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from werkzeug.wrappers import Response

from gateway import wording
from gateway.exchange import Exchange

NOTHING_ELSE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
CSP = f"default-src 'none'; style-src 'self'; img-src 'self'; {NOTHING_ELSE}"


def of(exchange: Exchange, result: Any, bound: bytes | None = None) -> Response:
    """The answer that a route's result stands for."""
    route = exchange.route
    if route.text is not None:
        return text(result[route.text], route.media)
    if isinstance(result, dict) and isinstance(result.get("problem"), dict):
        result = {**result, "problem": wording.told(result["problem"], exchange.language[:2])}
    if exchange.language.startswith("zh") and isinstance(result, dict) and result.get("warnings"):
        result = {**result, "warnings": [{**one, "detail": one.get("zh", one["detail"])} for one in result["warnings"]]}
    link = None
    if bound is not None and result.get("next"):
        result = {**result, "next": exchange.desk.cursors.seal(result["next"], bound)}
        link = _next_link(exchange, result["next"])
    answer = json(result, _status(route.status, result))
    if link:
        answer.headers["Link"] = link
    return answer


def json(result: Any, status: int = 200) -> Response:
    """A JSON answer that nobody keeps; with an ETag where it has a version."""
    answer = Response(orjson.dumps(result), status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    if isinstance(result, dict) and isinstance(result.get("version"), int):
        answer.headers["ETag"] = f'"{result["version"]}"'
    return answer


def text(body: str, media: str) -> Response:
    """A text answer that nobody keeps."""
    answer = Response(body, mimetype=media)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def page(body: str, policy: str = CSP) -> Response:
    """A page for people, under a policy that lets nothing in from outside."""
    answer = text(body, "text/html")
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _status(usual: int, result: Any) -> int:
    # A change that the regime wants decided is accepted, not done: the answer names the request that decides it.
    waits = usual == 200 and isinstance(result, dict) and result.get("outcome") == "waiting"
    return 202 if waits else usual


def _next_link(exchange: Exchange, cursor: str) -> str:
    query = [(n, v) for n, v in parse_qsl(exchange.request.environ.get("QUERY_STRING", "")) if n != "cursor"]
    path = quote(exchange.request.environ.get("PATH_INFO", "").encode("latin-1"))
    return f'<{path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'

"""Reads what a client sent: strictly, within limits, and never guessing."""

from __future__ import annotations

import json
import math
import re
from typing import Any
from urllib.parse import parse_qsl

import orjson
from eventlet import Timeout
from werkzeug.wrappers import Request

from gateway.problems import Declined, wrong

BODY_LIMIT = 1024 * 1024
BODY_SECONDS = 20
DEPTH = 32
WHOLE = 2**53  # beyond it JSON numbers are not the same number everywhere
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
KEY = re.compile(r"[\x21-\x7e]{1,128}")
ETAG = re.compile(r'"(\d{1,9})"')


def path_of(environ: dict[str, Any]) -> str:
    """The path, decoded; what is not UTF-8 or holds a control character names nothing."""
    raw = environ.get("RAW_PATH_INFO") or environ.get("PATH_INFO", "")
    try:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise malformed("the path is not UTF-8") from None
    if "%" in raw and ("RAW_PATH_INFO" in environ and BAD_ESCAPE.search(raw)):
        raise malformed("the path has a broken percent-encoding")
    if not path.isprintable():
        raise Declined(404, "resource.unknown", "there is no such resource")
    return path


def query_of(environ: dict[str, Any]) -> dict[str, str]:
    """The query's parameters; one given twice is refused."""
    raw = environ.get("QUERY_STRING", "")
    if not raw:
        return {}
    if BAD_ESCAPE.search(raw):
        raise malformed("the query has a broken percent-encoding")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=64)
    except ValueError:
        raise malformed("the query cannot be read") from None
    found = dict(pairs)
    if len(found) < len(pairs):
        raise malformed("a query parameter is given twice")
    for name, value in found.items():
        if not (name + value).isprintable():
            raise wrong("/query", "text.control", "a query parameter holds a control character")
    return found


def json_of(request: Request) -> dict[str, Any]:
    """The body as a JSON object. An empty body is an empty object."""
    raw = body_of(request)
    if not raw:
        return {}
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding"):
        raise Declined(415, "body.media", "send application/json in UTF-8, without a content encoding")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise malformed("the body is not JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise wrong("", "body.no_object", "the body is one JSON object")
    check(body)
    refuse_twice(raw)
    return body


def refuse_twice(raw: bytes | str) -> None:
    """Refuse JSON in which an object has one name twice: readers differ in which of the two counts."""
    json.loads(raw, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen = [name for name, _ in pairs]
        name = next(name for name in seen if seen.count(name) > 1)
        raise Declined(400, "body.name_twice", f"the name {name[:80]} is given twice in one object")
    return found


def body_of(request: Request) -> bytes:
    """The body's bytes, within limit and time."""
    if (request.content_length or 0) > BODY_LIMIT:
        raise too_large()
    stream = request.environ["wsgi.input"]
    try:
        with Timeout(BODY_SECONDS):
            raw = stream.read(BODY_LIMIT + 1)
    except (OSError, ValueError, Timeout):
        raise unfinished() from None
    if len(raw) > BODY_LIMIT:
        raise too_large()
    if len(raw) < (request.content_length or 0):
        raise unfinished()
    return raw


def check(value: Any, pointer: str = "", depth: int = 0) -> None:
    """Refuse what no service could keep: NUL, numbers that are not exact, endless nesting."""
    if isinstance(value, str):
        if "\0" in value:
            raise wrong(pointer, "text.control", "text holds a NUL character")
    elif isinstance(value, dict):
        _deeper(depth)
        for name, member in value.items():
            check(name, pointer, depth)
            check(member, f"{pointer}/{escape(name)}", depth + 1)
    elif isinstance(value, list):
        _deeper(depth)
        for position, member in enumerate(value):
            check(member, f"{pointer}/{position}", depth + 1)
    elif isinstance(value, (int, float)) and (abs(value) > WHOLE or not math.isfinite(value)):
        raise wrong(pointer, "number.too_large", "the number is too large; send large figures as text")


def _deeper(depth: int) -> None:
    if depth > DEPTH:
        raise malformed("the body is nested too deeply")


def escape(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901), cut where it is absurd."""
    return name[:80].replace("~", "~0").replace("/", "~1")


def idempotency_key(request: Request, otherwise: str) -> str:
    """The client's key for this write, else the request's own id."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return otherwise
    if not KEY.fullmatch(key):
        raise Declined(400, "idempotency.malformed", "Idempotency-Key is 1 to 128 visible ASCII characters")
    return key


def version_of(request: Request) -> int:
    """The version that If-Match names."""
    etag = request.headers.get("If-Match")
    if etag is None:
        raise Declined(428, "precondition.missing", "send If-Match with the ETag of the record you read")
    found = ETAG.fullmatch(etag.strip())
    if not found:
        raise Declined(412, "record.stale", "If-Match is no ETag of this record")
    return int(found[1])


def malformed(detail: str) -> Declined:
    """400: nobody can say what was meant."""
    return Declined(400, "request.malformed", detail)


def too_large() -> Declined:
    """413."""
    return Declined(413, "body.too_large", f"the body may have {BODY_LIMIT} bytes", {"Connection": "close"})


def unfinished() -> Declined:
    """The body did not arrive whole or in time."""
    return Declined(400, "body.unfinished", "the body did not arrive whole", {"Connection": "close"})

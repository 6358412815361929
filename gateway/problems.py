"""Refusals as RFC 9457 problem details, in the reader's language; never a value of a record."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from chassis.errors import Refused, status_of
from gateway import wording
from gateway.wording import titles as titles  # of the codes that problems carry

SPOKEN = {"en": "en", "zh": "zh-CN"}  # by the first part of a tag: zh-Hans-CN and zh-HK are read in Chinese, too
RESERVED = frozenset(("type", "title", "status", "detail", "code", "request_id", "errors", "remedy"))
RETRY_AFTER = 2  # seconds, where nobody said better


class Declined(Refused):
    """What the gateway itself refuses: the message is wrong, whatever it wants."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        headers: dict[str, str] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, detail, facts)
        self.status, self.headers = status, headers or {}


def invalid(errors: list[dict[str, str]]) -> Declined:
    """422 with a line for each thing that is wrong."""
    return Declined(422, "input.invalid", "see errors", facts={"errors": errors})


def wrong(pointer: str, code: str, detail: str) -> Declined:
    """422 about one thing."""
    return invalid([{"pointer": pointer, "code": code, "detail": detail}])


def failed() -> Declined:
    """500: ours to mend."""
    return Declined(500, "service.failed", "report the request id")


@lru_cache(maxsize=512)
def language_of(header: str) -> str:
    """The language for an Accept-Language header."""
    wished = parse_accept_header(header[:200], LanguageAccept)  # the most wanted first
    known = (SPOKEN.get(tag.replace("_", "-").split("-")[0].lower()) for tag, quality in wished if quality > 0)
    return next(filter(None, known), "en")


def problem(refused: Refused, request_id: str, language: str) -> Response:
    """The answer for a refusal."""
    status = status_of(refused)
    body = _members(refused, status, language[:2]) | {"request_id": request_id}
    answer = Response(_dumps(body), status, mimetype="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    if status in (429, 503):
        answer.headers["Retry-After"] = str(refused.facts.get("retry_after", RETRY_AFTER))
    answer.headers.update(getattr(refused, "headers", {}))
    return answer


def _members(refused: Refused, status: int, language: str) -> dict[str, Any]:
    known = wording.of(refused.code)
    facts = {name: value for name, value in refused.facts.items() if name not in RESERVED}
    members = {
        "type": f"urn:muniment:problem:{refused.code}",
        "title": known[language],
        "status": status,
        "detail": wording.detail(refused.code, refused.detail, language),
        "code": refused.code,
        "remedy": known["remedy"][language],
    }
    if "errors" in refused.facts:
        members["errors"] = [wording.line(error, language) for error in refused.facts["errors"]]
    return facts | members


def _dumps(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:
        # Names that the client made up may be no text (a lone surrogate in a header); they are not worth a 500.
        slim = {name: body[name] for name in ("type", "title", "status", "code", "remedy", "request_id")}
        return orjson.dumps(slim)


def unauthorised(code: str, detail: str) -> Declined:
    """401 with the challenge that RFC 6750 wants."""
    error = "" if code == "token.missing" else ', error="invalid_token"'
    return Declined(401, code, detail, {"WWW-Authenticate": f'Bearer realm="muniment"{error}'})

"""The five refusals: everything a caller may be told, and the HTTP status each stands for."""

from __future__ import annotations

from typing import Any

from nameko.exceptions import deserialize_to_instance


class Refused(Exception):
    """A refusal with a stable code; arguments are positional so that it survives the wire.

    `facts` hold ids, names of fields and codes, never a value of a record.
    """

    status = 500

    def __init__(self, code: str, detail: str = "", facts: dict[str, Any] | None = None) -> None:
        super().__init__(code, detail, facts or {})
        self.code, self.detail, self.facts = code, detail, facts or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


@deserialize_to_instance
class Invalid(Refused):
    """The input breaks a rule of form; `facts["errors"]` lists pointer, code and detail."""

    status = 422


@deserialize_to_instance
class Forbidden(Refused):
    """A rule says no to this person; the detail names the rule and what could lift it."""

    status = 403


@deserialize_to_instance
class NotFound(Refused):
    """There is no such thing, or not for this caller."""

    status = 404


@deserialize_to_instance
class Conflict(Refused):
    """The thing is in another state than the call needs."""

    status = 409


@deserialize_to_instance
class Unavailable(Refused):
    """A part of the suite cannot answer now; the call may be repeated with its Idempotency-Key."""

    status = 503


STATUS_OF_CODE = {
    "record.stale": 412,
    "record.destroyed": 410,
    "record.withdrawn": 410,
    "precondition.missing": 428,
    "document.too_large": 413,
    "document.type_refused": 415,
    "document.type_mismatch": 415,
    "upload.too_many": 429,
}


def status_of(refusal: Refused) -> int:
    """The HTTP status of a refusal (api.md, Conventions)."""
    return STATUS_OF_CODE.get(refusal.code, refusal.status)


KINDS = {kind.__name__: kind for kind in (Invalid, Forbidden, NotFound, Conflict, Unavailable)}


def told(failure: BaseException) -> dict[str, Any]:
    """What a caller may know of a failure: a refusal as it is, of anything else only that it happened."""
    kind = type(failure).__name__
    if isinstance(failure, Refused) and kind in KINDS:
        return {"kind": kind, "args": [failure.code, failure.detail, failure.facts]}
    return {"kind": "Unavailable", "args": ["service.failed", "the service failed on this call", {}]}


def refusal_of(error: dict[str, Any]) -> Refused:
    """The refusal that `told` told."""
    return KINDS.get(error["kind"], Unavailable)(*error["args"])

"""The published language of erasures."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.records.words import a_name, a_reason, an_id

# How an outcome is told; free text would be a customer's words in the clear.
THROUGH = ("letter", "phone", "message", "email", "in_person", "form", "web")


class AskErasureArgs(Schema):
    """Which parts are to be erased, who wants it, and the proofs by name."""

    record = an_id()
    version = fields.Integer(required=True, strict=True)
    parts = fields.List(a_name(), required=True, validate=validate.Length(1, 50))
    requested_by = fields.String(required=True, validate=validate.OneOf(("customer", "staff")))
    evidence = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))
    reason = a_reason(required=True)


class AskErasureAnswer(Schema):
    """It waits for its decision."""

    erasure = fields.String()
    record = fields.String()
    outcome = fields.String()


class ErasuresArgs(PageArgs):
    """What was asked to be erased of one record."""

    record = an_id()


class ErasureLine(Schema):
    """One erasure: what, decided by whom, executed when, held up by what, and whether the outcome was told."""

    erasure = fields.String(attribute="id")
    record = fields.String()
    parts = fields.List(fields.String())
    requested_by = fields.String()
    evidence = fields.List(fields.String())
    by = fields.String()
    state = fields.String()
    why = fields.String(allow_none=True)
    holds = fields.List(fields.String())
    fingerprints = fields.Dict(keys=fields.String(), values=fields.String())
    decided_by = fields.List(fields.String(), allow_none=True)
    executed_at = fields.AwareDateTime(format="iso", allow_none=True)
    told_at = fields.AwareDateTime(format="iso", allow_none=True)
    told_by = fields.String(allow_none=True)
    told_through = fields.String(allow_none=True)
    at = fields.AwareDateTime(format="iso")
    reason = fields.String(allow_none=True)


class ErasuresAnswer(Schema):
    """Oldest first."""

    items = fields.List(fields.Nested(ErasureLine))
    next = fields.String(allow_none=True)


class AnswerErasureArgs(Schema):
    """Through which channel whoever asked for it was told the outcome."""

    record = an_id()
    erasure = an_id()
    through = fields.String(required=True, validate=validate.OneOf(THROUGH))


class AnswerErasureAnswer(AskErasureAnswer):
    """The outcome was told."""

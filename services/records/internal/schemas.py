"""What the other services may ask of records, and nobody else."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.records.words import a_name, an_id


class EnvelopeArgs(Schema):
    """One record, asked by another service."""

    record = an_id()


class DueArgs(Schema):
    """Records of a class whose milestone was reached by a day."""

    class_ = a_name(data_key="class", required=True)
    part = fields.String(allow_none=True, load_default=None)
    milestone = a_name(required=True)
    on_or_before = fields.Date(required=True)
    after = fields.String(allow_none=True, load_default=None)
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))


class EnvelopesArgs(Schema):
    """Records of a class, or of those that extend it, a page at a time."""

    class_ = a_name(data_key="class", required=True)
    after = fields.String(load_default="")
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))


class FreezeArgs(Schema):
    """A hold that retention has decided."""

    hold = an_id()
    records = fields.List(fields.String(), required=True, validate=validate.Length(1, 1000))
    part = fields.String(load_default="")


class UnfreezeArgs(FreezeArgs):
    """A hold that retention has lifted."""


class DestroyArgs(Schema):
    """One item of an approved destruction list."""

    record = an_id()
    version = fields.Integer(required=True, strict=True)
    disposal = an_id()
    certificate = an_id()
    grant = fields.Dict(required=True)

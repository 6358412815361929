"""The published language of imports: pieces of a file, progress, and the report of what was not taken."""

from __future__ import annotations

from base64 import b64decode

from marshmallow import Schema, ValidationError, fields, validate

from services.records.words import a_name, an_id


def in_base64(text: str) -> None:
    """Refuse what is no base64."""
    try:
        b64decode(text, validate=True)
    except ValueError:
        raise ValidationError("Not base64.") from None


class BeginImportArgs(Schema):
    """A file is about to come."""

    class_ = a_name(data_key="class", required=True)
    name = fields.String(validate=validate.Length(max=200))
    encoding = a_name()
    mapping = fields.Dict()
    dry_run = fields.Boolean(load_default=False)


class BeginImportAnswer(Schema):
    """Where to put its pieces."""

    upload = fields.String()


class PutChunkArgs(Schema):
    """A piece of the file, base64; the same piece again changes nothing."""

    upload = an_id()
    offset = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    bytes = fields.String(required=True, validate=[validate.Length(1, 400_000), in_base64])


class StartImportArgs(Schema):
    """All pieces are there."""

    upload = an_id()
    size = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class ImportStatusArgs(Schema):
    """One import."""

    upload = an_id()


class ImportStatusAnswer(Schema):
    """How far it is: accepted + rejected + duplicates = rows."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    dry_run = fields.Boolean()
    rows = fields.Integer()
    accepted = fields.Integer()
    rejected = fields.Integer()
    duplicates = fields.Integer()
    encoding = fields.String(allow_none=True)
    problem = fields.Dict(allow_none=True)


class StartImportAnswer(ImportStatusAnswer):
    """It runs."""


class ImportReportArgs(ImportStatusArgs):
    """The rows that were not taken."""


class ImportReportAnswer(Schema):
    """A CSV with a reason per row."""

    csv = fields.String()

"""The published language of exports."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.records.words import a_name, an_id


class BeginExportArgs(Schema):
    """Which records, which of their fields, for which purpose, as which kind of file."""

    class_ = a_name(data_key="class", required=True, metadata={"example": "company.customer"})
    where = fields.Dict(keys=a_name(), values=fields.String(validate=validate.Length(1, 200)), load_default=dict,
                        validate=validate.Length(max=10), metadata={"example": {"state": "active"}})  # fmt: skip
    fields_ = fields.List(a_name(), data_key="fields", validate=validate.Length(1, 200))
    purpose = a_name(required=True)
    format = fields.String(load_default="xlsx", validate=validate.OneOf(("csv", "xlsx")))


class BeginExportAnswer(Schema):
    """The export to ask after."""

    export = fields.String()
    state = fields.String()


class ExportStatusArgs(Schema):
    """One export of the caller's."""

    export = an_id()


class ExportStatusAnswer(Schema):
    """How far it is; `password` opens a workbook with values that leave encrypted only."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    purpose = fields.String()
    format = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields")
    count = fields.Integer()
    size = fields.Integer()
    until = fields.AwareDateTime()
    password = fields.String(allow_none=True)
    problem = fields.Dict(allow_none=True)


class ExportChunkArgs(Schema):
    """A piece of the file; with the last one it is gone."""

    export = an_id()
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class ExportChunkAnswer(Schema):
    """The piece, base64, and what the whole is."""

    bytes = fields.String()
    pieces = fields.Integer()
    size = fields.Integer()
    media = fields.String()
    ending = fields.String()

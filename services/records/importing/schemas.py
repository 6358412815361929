"""The published language of imports: pieces of a file, progress, and the report of what was not taken."""

from __future__ import annotations

from base64 import b64decode

from marshmallow import Schema, ValidationError, fields, validate

from services.records.consents.schemas import FileSourceArgs
from services.records.words import a_name, a_word, an_id


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
    encoding = a_word()
    mapping = fields.Dict()
    dry_run = fields.Boolean(load_default=False)
    # Rows of the file that are taken although they look like a known customer.
    force = fields.List(fields.Integer(strict=True, validate=validate.Range(min=1)), validate=validate.Length(max=1000))
    collection = fields.Nested(FileSourceArgs)  # who vouches for where the rows come from


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


class ColumnLine(Schema):
    """A column of the file, as a spreadsheet names it, its title, and the field that it goes into."""

    column = fields.String()
    title = fields.String()
    field = fields.String()


class ImportStatusAnswer(Schema):
    """How far it is: accepted + rejected + duplicates = rows; and how the file was understood."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    dry_run = fields.Boolean()
    rows = fields.Integer()
    accepted = fields.Integer()
    rejected = fields.Integer()
    duplicates = fields.Integer()
    encoding = fields.String(allow_none=True)
    certain = fields.Boolean(metadata={"description": "false where the encoding was guessed: look at the columns"})
    header = fields.Integer(metadata={"description": "the row that the titles stand in"})
    columns = fields.List(fields.Nested(ColumnLine))
    unmapped = fields.List(fields.Nested(ColumnLine(exclude=("field",))))
    problem = fields.Dict(allow_none=True)


class StartImportAnswer(ImportStatusAnswer):
    """It runs."""


class ImportReportArgs(ImportStatusArgs):
    """The rows that were not taken."""


class ImportReportAnswer(Schema):
    """A CSV with a reason per row."""

    csv = fields.String()


class ImportWorkbookArgs(ImportStatusArgs):
    """The same rows as a workbook."""


class ImportWorkbookAnswer(Schema):
    """A workbook with a reason per row, base64."""

    file = fields.String()
    name = fields.String()


class TemplateArgs(Schema):
    """The workbook to fill in for a class."""

    class_ = a_name(data_key="class", required=True)


class TemplateAnswer(ImportWorkbookAnswer):
    """A workbook with a column for each field, base64."""


class WithdrawImportArgs(ImportStatusArgs):
    """Take an import back as one, before its release."""


class WithdrawImportAnswer(Schema):
    """Its records go."""

    upload = fields.String()
    state = fields.String()

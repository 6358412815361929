"""The published language of imports: pieces of a file, progress, and the report of what was not taken."""

from __future__ import annotations

from base64 import b64decode

from marshmallow import Schema, ValidationError, fields, validate

from chassis.pages import PageArgs
from services.records.consents.schemas import FileSourceArgs
from services.records.words import a_name, a_reason, a_word, an_id

STATES = (
    *("receiving", "running", "checked", "failed", "waiting", "releasing", "released", "recalling"),
    *("failing", "rejecting", "withdrawing", "retracting", "rejected", "withdrawn"),
)


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


class WithdrawalLine(Schema):
    """Who takes an import back, and what came of it; why is asked for by itself."""

    by = fields.String(allow_none=True)
    at = fields.String()
    gone = fields.Integer(metadata={"description": "records that went with it"})
    stayed = fields.Integer(metadata={"description": "records that stayed, because somebody relied on them"})


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
    withdrawal = fields.Nested(WithdrawalLine, allow_none=True)


class StartImportAnswer(ImportStatusAnswer):
    """It runs."""


class ImportReportArgs(ImportStatusArgs):
    """The rows that were not taken, after a row of the file."""

    after = fields.Integer(load_default=0, strict=True, validate=validate.Range(min=0))


class ImportReportAnswer(Schema):
    """A CSV with a reason per row; the row after which the next piece of it begins."""

    csv = fields.String()
    next = fields.Integer(allow_none=True)


class ImportWorkbookArgs(ImportStatusArgs):
    """The same rows as a workbook, after what has left of it."""

    after = fields.String(load_default="", validate=validate.Regexp(r"^(\d{1,18}(\.\d{1,18}){4})?$"))


class ImportWorkbookAnswer(Schema):
    """A piece of a workbook with a reason per row, base64; what the next piece is asked for with."""

    file = fields.String()
    name = fields.String()
    next = fields.String(allow_none=True)


class TemplateArgs(Schema):
    """The workbook to fill in for a class."""

    class_ = a_name(data_key="class", required=True)


class TemplateAnswer(Schema):
    """A workbook with a column for each field, base64."""

    file = fields.String()
    name = fields.String()


class WithdrawImportArgs(ImportStatusArgs):
    """Take an import back as one; why has to be said once it is released."""

    reason = a_reason()


class WithdrawImportAnswer(Schema):
    """Its records go, or it waits for those who release; then so many would go, and so many stay."""

    upload = fields.String()
    state = fields.String()
    outcome = fields.String()
    gone = fields.Integer()
    stayed = fields.Integer()


class ImportWithdrawalArgs(ImportStatusArgs):
    """Why an import is taken back."""


class ImportWithdrawalAnswer(WithdrawalLine):
    """The same with the reason."""

    upload = fields.String()
    state = fields.String()
    reason = fields.String()


class ImportsArgs(PageArgs):
    """A page of imports; of one state if it is named."""

    state = fields.String(validate=validate.OneOf(STATES))


class ImportLine(ImportStatusAnswer):
    """One import of a list."""

    by = fields.String()
    department = fields.String()
    at = fields.AwareDateTime(format="iso")

    class Meta:
        """Without what was understood of its file."""

        exclude = ("encoding", "certain", "header", "columns", "unmapped")


class ImportsAnswer(Schema):
    """A page of imports, newest first; `next` leads to the following one."""

    items = fields.List(fields.Nested(ImportLine))
    next = fields.String(allow_none=True)

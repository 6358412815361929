"""The gateway's own shapes: what it answers without asking one service alone."""

from __future__ import annotations

import re

from marshmallow import INCLUDE, Schema, fields, validate

from services.approvals.schemas import MeAnswer

# Weeks, days and times only: months and years are as long as the calendar says, and a clock cannot guess which.
DURATION = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?\Z", re.ASCII
)


class SessionArgs(Schema):
    """Sign in with a local account."""

    account = fields.String(required=True, validate=validate.Length(1, 96))
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 256))


class AdmitArgs(Schema):
    """Whom to be, in a demo."""

    account = fields.String(required=True, validate=validate.Length(1, 96))


class SessionAnswer(Schema):
    """A token to send as `Authorization: Bearer`."""

    token = fields.String(required=True)
    session = fields.String(required=True)
    expires = fields.AwareDateTime(required=True)


class Waiting(Schema):
    """What waits for me; null where its service is away."""

    requests = fields.List(fields.Dict(), allow_none=True)
    duties = fields.List(fields.Dict(), allow_none=True)


class Me(MeAnswer):
    """Who I am and may, and what waits for me."""

    waiting = fields.Nested(Waiting)


class ClockArgs(Schema):
    """How far the demo's clock goes forward."""

    advance = fields.String(
        required=True,
        validate=validate.Regexp(DURATION),
        metadata={"description": "ISO 8601 duration", "example": "P8D"},
    )


class ClockAnswer(Schema):
    """What time it is now."""

    now = fields.AwareDateTime(required=True)


class ImportForm(Schema):
    """One file of records with what it needs to be understood; `file` comes last."""

    class_ = fields.String(data_key="class", required=True)
    mapping = fields.String(metadata={"description": 'JSON: {"columns": {title of the column: field}}'})
    dry_run = fields.String(validate=validate.OneOf(("true", "false")))
    encoding = fields.String()
    force = fields.String(metadata={"description": "rows to take although they look like a known customer: 17,19"})
    collection = fields.String(metadata={"description": "JSON: where the rows come from, and who vouches for it"})
    file = fields.Raw(required=True, metadata={"type": "string", "contentMediaType": "application/octet-stream"})


class DocumentForm(Schema):
    """One document with what is to be known of it; `file` comes last. To go on with one: `upload` and `offset`."""

    record = fields.String()
    kind = fields.String(required=True, metadata={"description": "its name in the class's list"})
    form = fields.String(required=True, validate=validate.OneOf(("original", "copy")))
    sides = fields.String()
    pages = fields.String()
    signed_by = fields.String(metadata={"description": "whose signatures it bears: customer,staff"})
    date = fields.String()
    paper = fields.String(validate=validate.OneOf(("true", "false")))
    with_ = fields.String(data_key="with", metadata={"description": "the document it belongs to"})
    supersedes = fields.String()
    file = fields.Raw(required=True, metadata={"type": "string", "contentMediaType": "application/octet-stream"})


class ResumeForm(Schema):
    """The rest of a document whose upload broke off."""

    upload = fields.String(required=True, validate=validate.Length(36, 36))
    offset = fields.Integer(required=True, validate=validate.Range(min=0))
    file = fields.Raw(required=True)


class Outcome(Schema):
    """What the service says has come of it: ids, states, reasons in words."""

    class Meta:
        """Its members are the service's to name."""

        unknown = INCLUDE


class Problem(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    code = fields.String(required=True)
    remedy = fields.String()
    request_id = fields.String(required=True)
    errors = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))


class Health(Schema):
    """Whether this process can do its work."""

    status = fields.String(required=True)

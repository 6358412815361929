"""The published language of views."""

from __future__ import annotations

from marshmallow import Schema, fields

from chassis.pages import PageArgs
from services.records.words import a_name, an_id


class ViewsArgs(Schema):
    """Nothing."""


class ViewHead(Schema):
    """What a view is, for whoever may read it."""

    name = fields.String()
    en = fields.String()
    zh = fields.String()
    classes = fields.List(fields.String())
    purpose = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields")
    split_by = fields.String(allow_none=True)
    analysis = fields.Boolean()
    every = fields.String(allow_none=True)
    digest = fields.String()


class ViewsAnswer(Schema):
    """The views the caller may read."""

    items = fields.List(fields.Nested(ViewHead))
    next = fields.String(allow_none=True)


class ViewArgs(PageArgs):
    """One view; `split` shows one part of a list that is split."""

    view = a_name(required=True)
    split = a_name()


class ViewLine(Schema):
    """A record of a list, or a group of an analysis."""

    id = fields.String()
    number = fields.String(allow_none=True)
    class_ = fields.String(data_key="class")
    state = fields.String()
    split = fields.String(allow_none=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.Dict(), data_key="fields")
    value = fields.String(allow_none=True)
    en = fields.String(allow_none=True)
    zh = fields.String(allow_none=True)
    hidden = fields.Boolean()
    records = fields.Integer(allow_none=True)
    sum = fields.String(allow_none=True)
    share = fields.String(allow_none=True)


class ViewAnswer(Schema):
    """Records newest first, or groups with their whole and a chart's data; as it stands at `as_of`."""

    view = fields.String()
    digest = fields.String()
    purpose = fields.String()
    split_by = fields.String(allow_none=True)
    items = fields.List(fields.Nested(ViewLine))
    next = fields.String(allow_none=True)
    total = fields.Nested(ViewLine, allow_none=True)
    chart = fields.Dict()
    result = fields.String()
    period = fields.String(allow_none=True)
    as_of = fields.String()


class ViewFileArgs(Schema):
    """A view to take away."""

    view = a_name(required=True)
    split = a_name()


class FileReportArgs(Schema):
    """An analysis to put on file as it stands now."""

    view = a_name(required=True)


class FileReportAnswer(Schema):
    """Under which id it lies: ready, or running where it takes longer than a call may and is made meanwhile."""

    id = fields.String()
    state = fields.String()


class ReportsArgs(PageArgs):
    """The filed analyses of a view."""

    view = a_name(required=True)


class ReportHead(Schema):
    """By what an analysis was made, so that it can be made again."""

    id = fields.String()
    view = fields.String()
    digest = fields.String()
    regime = fields.String()
    criteria = fields.Dict()
    period = fields.String(allow_none=True)
    data_date = fields.String()
    state = fields.String(metadata={"enum": ["running", "ready", "failed"]})
    problem = fields.String(allow_none=True)
    result = fields.String()
    by = fields.String()
    department = fields.String(allow_none=True)
    purpose = fields.String()


class ReportsAnswer(Schema):
    """Newest first."""

    items = fields.List(fields.Nested(ReportHead))
    next = fields.String(allow_none=True)


class ReportArgs(Schema):
    """One filed analysis."""

    report = an_id()


class ReportFileArgs(Schema):
    """A filed analysis to take away."""

    report = an_id()


class ReportAnswer(ReportHead):
    """What it was made by, and what it came to; nothing yet while it is `running`."""

    items = fields.List(fields.Nested(ViewLine))
    total = fields.Nested(ViewLine, allow_none=True)
    chart = fields.Dict(allow_none=True)

"""The published language of classification."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.records.words import a_name, a_reason, a_version, an_id


class SetSchemeArgs(Schema):
    """Another value in a scheme, and why; `suggestion` names what the criteria came to."""

    record = an_id()
    version = a_version()
    name = a_name(required=True)
    value = a_name(required=True, metadata={"example": "department"})
    reason = a_reason(required=True)
    suggestion = fields.String(validate=validate.Length(36, 36))


class SetLevelArgs(Schema):
    """Another level of the whole record, and why."""

    record = an_id()
    version = a_version()
    level = a_name(required=True, metadata={"example": "highly_sensitive"})
    reason = a_reason(required=True)


class SetSchemeAnswer(Schema):
    """The record in its new class; `waiting` names the downgrade that has to be approved first."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    version = fields.Integer()
    level = fields.String()
    schemes = fields.Dict(keys=fields.String(), values=fields.String())
    outcome = fields.String(validate=validate.OneOf(("done", "waiting")))
    downgrade = fields.String()


class SetLevelAnswer(SetSchemeAnswer):
    """The record at its level."""


class SuggestSchemeArgs(Schema):
    """What do the criteria of this scheme come to for this record."""

    record = an_id()
    name = a_name(required=True)


class SuggestSchemeAnswer(Schema):
    """What the criteria come to; it takes effect only when a person sets it."""

    suggestion = fields.String()
    scheme = fields.String()
    value = fields.String(allow_none=True)
    criteria = fields.String()
    version = fields.Integer()


class SchemesArgs(PageArgs):
    """The history of a record's classification, newest first; of one scheme, or of `level`, where it is named."""

    record = an_id()
    scheme = a_name()


class SchemeNow(Schema):
    """What a record counts as in one scheme now."""

    name = fields.String()
    en = fields.String()
    zh = fields.String()
    value = fields.String()
    value_en = fields.String()
    value_zh = fields.String()
    set = fields.Boolean()
    level = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    values = fields.List(fields.String())


class ClassificationLine(Schema):
    """Who set what, when, from what to what, by which criteria, and why."""

    id = fields.String()
    scheme = fields.String()
    before = fields.String(allow_none=True)
    value = fields.String()
    level = fields.String()
    until = fields.Date(allow_none=True)
    criteria = fields.String(allow_none=True)
    suggested = fields.String(allow_none=True)
    downgrade = fields.String(allow_none=True)
    by = fields.String(allow_none=True)
    at = fields.AwareDateTime(format="iso")
    version = fields.Integer(attribute="record_version")
    reason = fields.String(allow_none=True)


class DowngradeLine(Schema):
    """A lower value or level that waits for its approval."""

    downgrade = fields.String(attribute="id")
    scheme = fields.String()
    before = fields.String(allow_none=True)
    value = fields.String()
    by = fields.String()
    at = fields.AwareDateTime(format="iso")
    reason = fields.String(allow_none=True)


class SchemesAnswer(Schema):
    """What the record counts as now, its history newest first, and what waits."""

    level = fields.String()
    schemes = fields.List(fields.Nested(SchemeNow))
    waiting = fields.List(fields.Nested(DowngradeLine))
    items = fields.List(fields.Nested(ClassificationLine))
    next = fields.String(allow_none=True)

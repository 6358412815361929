"""The published language of duplicates and merges."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.records.words import a_name, a_reason, an_id


class DuplicatesSchema(Schema):
    """Why a record is saved although others are likely the same customer's: ids or numbers of those shown."""

    reason = a_reason(required=True)
    of = fields.List(a_name(), load_default=list, validate=validate.Length(max=50))


class LookalikesArgs(PageArgs):
    """Records that are likely the same customer's as this one."""

    record = an_id()


class LookalikeLine(Schema):
    """One of them; `exact` where a code or phone is the same in `fields`, otherwise only the name is alike."""

    record = fields.String()
    number = fields.String(allow_none=True)
    state = fields.String()
    exact = fields.Boolean()
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")


class AcceptedLine(Schema):
    """Somebody saved the record all the same; why is for whom it is meant."""

    of = fields.List(fields.String())
    unseen = fields.Integer()
    by = fields.String(allow_none=True)
    at = fields.AwareDateTime(format="iso")
    reason = fields.String(allow_none=True)


class LookalikesAnswer(Schema):
    """A page of those that the caller may know of, newest first; `unseen` is how many others belong on it.

    `accepted` stands on the first page.
    """

    items = fields.List(fields.Nested(LookalikeLine))
    unseen = fields.Integer()
    accepted = fields.List(fields.Nested(AcceptedLine))
    next = fields.String(allow_none=True)


class MergeArgs(Schema):
    """Which record stays, which becomes part of it, and what comes over. A merge cannot be undone."""

    survivor = an_id()
    merged = an_id()
    fields_ = fields.List(a_name(), data_key="fields", load_default=list, validate=validate.Length(max=200))
    reason = a_reason(required=True)


class MergeAnswer(Schema):
    """The merge waits for its decision."""

    merge = fields.String()
    survivor = fields.String()
    merged = fields.String()
    outcome = fields.String()


class MergesArgs(PageArgs):
    """Merges of one record."""

    record = an_id()


class MergeLine(Schema):
    """One merge: what became part of what, who asked and decided, and why for whom it is meant."""

    merge = fields.String(attribute="id")
    survivor = fields.String()
    merged = fields.String()
    merged_number = fields.String(allow_none=True)
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    state = fields.String()
    by = fields.String()
    decided_by = fields.List(fields.String(), allow_none=True)
    at = fields.AwareDateTime(format="iso")
    reason = fields.String(allow_none=True)


class MergesAnswer(Schema):
    """Oldest first."""

    items = fields.List(fields.Nested(MergeLine))
    next = fields.String(allow_none=True)

"""The published language of reading records: fields, lists, history, timeline."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields, validate

from chassis.pages import PageArgs
from services.records.words import RecordHead, a_name, a_place, an_id


class ReadArgs(Schema):
    """Which fields, for which purpose; `as_of` for how it stood then."""

    record = an_id()
    purpose = a_name(required=True)
    # Not measured one by one: a name that the class does not have is refused by name.
    fields_ = fields.List(fields.String(), data_key="fields", validate=validate.Length(max=200))
    as_of = fields.AwareDateTime()
    place = a_place()


class FieldAnswer(Schema):
    """One field: clear with its value, masked with its mask, or withheld; and why; a table also by its `rows`."""

    state = fields.String(validate=validate.OneOf(("clear", "masked", "withheld")))
    value = fields.String(allow_none=True)
    rows = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    reason = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))


class ReadAnswer(RecordHead):
    """A record as far as the caller may see it; `party` is the customer, whatever dossiers there are, once approved."""

    party = fields.String(allow_none=True)
    level = fields.String()
    version = fields.Integer()
    about = fields.String(allow_none=True)
    source = fields.Dict(allow_none=True)
    regime = fields.String()
    numbered_by = fields.String(allow_none=True)
    purpose = fields.String()
    fields_ = fields.Dict(keys=fields.String(), values=fields.Nested(FieldAnswer), data_key="fields")


class ListArgs(PageArgs):
    """Filters: class, state, number, and any facet of the class as `part.field=value`; newest first."""

    class Meta:
        unknown = INCLUDE

    class_ = a_name(data_key="class")
    state = a_name()
    number = a_name()
    about = a_name()


class RecordLine(RecordHead):
    """A record in a list: nothing that only a reason would show."""

    version = fields.Integer()
    about = fields.String(allow_none=True)
    facets = fields.Dict(keys=fields.String(), values=fields.String())


class ListAnswer(Schema):
    """A page of records; `next` leads to the following one."""

    items = fields.List(fields.Nested(RecordLine))
    next = fields.String(allow_none=True)


class OneRecordArgs(Schema):
    """One record."""

    record = an_id()


class VersionsArgs(PageArgs):
    """The history of one record, for a purpose."""

    record = an_id()
    after = fields.String(validate=validate.Regexp(r"^[0-9]{1,16}\.[0-9]{1,9}\.[0-9]\.[0-9a-f-]{36}\.[0-9]{1,9}$"))
    purpose = a_name(required=True)


class VersionAnswer(Schema):
    """One version of a part, a change of state, or another department or person: who, when, why, before and after.

    `record` is the record it was then: a merged one's history is told by the one that stands for it.
    """

    record = fields.String()
    version = fields.Integer()
    before = fields.String()
    state = fields.String()
    assigned = fields.Dict()
    part = fields.String(allow_none=True)
    at = fields.String()
    by = fields.String(allow_none=True)
    change = fields.String(allow_none=True)
    source = fields.Dict(allow_none=True)  # the form it came from: entry, class, number
    decided_by = fields.List(fields.String())
    reason = fields.String(allow_none=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.Raw(), data_key="fields")


class VersionsAnswer(Schema):
    """A page, oldest first; `next` leads to the following one."""

    items = fields.List(fields.Nested(VersionAnswer))
    next = fields.String(allow_none=True)


class TimelineArgs(PageArgs):
    """What happened to one record."""

    record = an_id()


class TimelineLine(Schema):
    """One sentence, in both languages, about this record or one that was merged into it."""

    record = fields.String(allow_none=True)
    at = fields.String()
    actor = fields.String(allow_none=True)
    type = fields.String()
    code = fields.String(allow_none=True)  # of a refusal that the sentence tells of
    en = fields.String()
    zh = fields.String()


class TimelineAnswer(Schema):
    """A page, oldest first; `next` leads to the following one."""

    items = fields.List(fields.Nested(TimelineLine))
    next = fields.String(allow_none=True)


class ExplainArgs(ReadArgs):
    """Why can or cannot I read these fields for this purpose."""


class ExplainAnswer(Schema):
    """For every field what the caller would get, by which right or grant, or what could lift the refusal."""

    fields_ = fields.Dict(keys=fields.String(), values=fields.Dict(), data_key="fields")


class ClassesArgs(Schema):
    """Nothing."""


class ClassesAnswer(Schema):
    """The classes of the regime in force, with parts, fields and columns; the words of the lists they name."""

    items = fields.List(fields.Dict())
    lists = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()))

"""The published language of records: what its calls take and what they answer."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields, validate

from services.records.importing.schemas import (  # noqa: F401  (published from here)
    BeginImportAnswer,
    BeginImportArgs,
    ImportReportAnswer,
    ImportReportArgs,
    ImportStatusAnswer,
    ImportStatusArgs,
    PutChunkArgs,
    StartImportAnswer,
    StartImportArgs,
)
from services.records.internal import (  # noqa: F401  (published from here)
    DestroyArgs,
    DueArgs,
    EnvelopeArgs,
    FreezeArgs,
    UnfreezeArgs,
)
from services.records.words import a_name, a_reason, an_id

MODES = ("customer", "evidence", "reported", "staff")
TARGETS = ("pending", "active", "suspended", "past", "archived")
CONSENT_KINDS = ("simple", "express", "own")


class ConsentArgs(Schema):
    """One answer of the customer: which purpose, told by which version of the notice, through which channel."""

    purpose = a_name(required=True)
    notice = a_name(required=True, metadata={"example": "2026-1"})
    channel = a_name(required=True, metadata={"example": "counter"})
    kind = fields.String(validate=validate.OneOf(CONSENT_KINDS), load_default="simple")


class CreateArgs(Schema):
    """A new record: its class, its fields, what it is collected for and the customer's consents."""

    class_ = a_name(data_key="class", required=True, metadata={"example": "company.customer"})
    fields_ = fields.Dict(keys=a_name(), values=fields.Raw(allow_none=True), data_key="fields", required=True,
                          metadata={"example": {"basic.name": "…"}})  # fmt: skip
    purposes = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))
    consents = fields.List(fields.Nested(ConsentArgs), load_default=list, validate=validate.Length(max=20))
    department = a_name()
    responsible = a_name()


class WriteAnswer(Schema):
    """What a write came to: the record, its state and version; `waiting` names a decision that has to come first."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    version = fields.Integer()
    outcome = fields.String(validate=validate.OneOf(("done", "waiting")))
    change = fields.String()
    consent = fields.String()


class CreateAnswer(WriteAnswer):
    """A new record; it waits for its approval."""


class ReadArgs(Schema):
    """Which fields, for which purpose; `as_of` for how it stood then."""

    record = an_id()
    purpose = a_name(required=True)
    # Not measured one by one: a name that the class does not have is refused by name.
    fields_ = fields.List(fields.String(), data_key="fields", validate=validate.Length(max=200))
    as_of = fields.AwareDateTime()


class FieldAnswer(Schema):
    """One field: clear with its value, masked with its mask, or withheld; and why."""

    state = fields.String(validate=validate.OneOf(("clear", "masked", "withheld")))
    value = fields.String(allow_none=True)
    reason = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))


class ReadAnswer(Schema):
    """A record as far as the caller may see it."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    number = fields.String(allow_none=True)
    state = fields.String()
    level = fields.String()
    department = fields.String()
    responsible = fields.String(allow_none=True)
    version = fields.Integer()
    purpose = fields.String()
    fields_ = fields.Dict(keys=fields.String(), values=fields.Nested(FieldAnswer), data_key="fields")


class ChangeArgs(Schema):
    """A change: the fields, why, who asked for it, and the proofs by name. An empty value takes a field away."""

    record = an_id()
    version = fields.Integer(required=True, strict=True)
    fields_ = fields.Dict(keys=a_name(), values=fields.Raw(allow_none=True), data_key="fields", required=True,
                          validate=validate.Length(1, 200))  # fmt: skip
    reason = a_reason(required=True)
    requested_by = fields.String(required=True, validate=validate.OneOf(MODES))
    evidence = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))


class ChangeAnswer(WriteAnswer):
    """The change waits for its decision."""


class ListArgs(Schema):
    """Filters: class, state, number, and any facet of the class as `part.field=value`; newest first."""

    class Meta:
        unknown = INCLUDE

    class_ = a_name(data_key="class")
    state = a_name()
    number = a_name()
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    after = fields.String(validate=validate.Length(1, 80))


class RecordLine(Schema):
    """A record in a list: nothing that only a reason would show."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    number = fields.String(allow_none=True)
    state = fields.String()
    department = fields.String()
    responsible = fields.String(allow_none=True)
    version = fields.Integer()
    facets = fields.Dict(keys=fields.String(), values=fields.String())


class ListAnswer(Schema):
    """A page of records; `next` leads to the following one."""

    items = fields.List(fields.Nested(RecordLine))
    next = fields.String(allow_none=True)


class OneRecordArgs(Schema):
    """One record."""

    record = an_id()


class VersionsArgs(Schema):
    """The history of one record, for a purpose."""

    record = an_id()
    purpose = a_name(required=True)


class VersionAnswer(Schema):
    """One version of a part: who set which fields, when and why, before and after."""

    version = fields.Integer()
    part = fields.String()
    at = fields.String()
    by = fields.String(allow_none=True)
    change = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.Raw(), data_key="fields")


class VersionsAnswer(Schema):
    """Oldest first."""

    items = fields.List(fields.Nested(VersionAnswer))


class TimelineArgs(OneRecordArgs):
    """What happened to one record."""


class TimelineLine(Schema):
    """One sentence, in both languages."""

    at = fields.String()
    actor = fields.String(allow_none=True)
    type = fields.String()
    en = fields.String()
    zh = fields.String()


class TimelineAnswer(Schema):
    """Oldest first."""

    items = fields.List(fields.Nested(TimelineLine))


class ExplainArgs(ReadArgs):
    """Why can or cannot I read these fields for this purpose."""


class ExplainAnswer(Schema):
    """For every field what the caller would get, by which right or grant, or what could lift the refusal."""

    fields_ = fields.Dict(keys=fields.String(), values=fields.Dict(), data_key="fields")


class TransitionArgs(Schema):
    """Another state, and why."""

    record = an_id()
    version = fields.Integer(required=True, strict=True)
    to = fields.String(required=True, validate=validate.OneOf(TARGETS))
    reason = a_reason(required=True)


class TransitionAnswer(WriteAnswer):
    """The record in its new state."""


class RecordEventArgs(Schema):
    """A business fact that the class declares, and its date."""

    record = an_id()
    event = a_name(required=True, metadata={"example": "ended"})
    on = fields.Date(required=True, data_key="date")
    evidence = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))


class RecordEventAnswer(WriteAnswer):
    """The record after the fact."""


class GiveConsentArgs(ConsentArgs):
    """A consent to one more purpose."""

    record = an_id()


class GiveConsentAnswer(WriteAnswer):
    """The consent's receipt."""


class WithdrawConsentArgs(Schema):
    """The customer takes a consent back."""

    record = an_id()
    consent = an_id()
    channel = a_name(load_default="counter")


class WithdrawConsentAnswer(WriteAnswer):
    """The withdrawal's receipt."""


class ConsentsArgs(OneRecordArgs):
    """The customer's answers."""


class ConsentLine(Schema):
    """One answer of the customer, as its receipt says."""

    id = fields.String()
    purpose = fields.String()
    state = fields.String()
    kind = fields.String()
    notice = fields.String()
    channel = fields.String()
    receipt = fields.String(allow_none=True)
    by = fields.String(allow_none=True)
    at = fields.AwareDateTime(format="iso")


class ConsentsAnswer(Schema):
    """Oldest first; earlier receipts never change."""

    items = fields.List(fields.Nested(ConsentLine))


class ClassesArgs(Schema):
    """Nothing."""


class ClassesAnswer(Schema):
    """The classes of the regime in force, with their fields."""

    items = fields.List(fields.Dict())

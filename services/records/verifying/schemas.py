"""The published language of verification and quality."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.records.verifying.words import LISTS, RESULTS, SOURCES
from services.records.words import RecordHead, a_name, a_reason, a_version, an_id

PERIOD = validate.Regexp(r"^\d{4}-(0[1-9]|1[0-2])$")


class VerifyArgs(Schema):
    """Fields checked at one go: how, against what, and what came of it; why, where it was not possible."""

    record = an_id()
    version = a_version()
    fields_ = fields.List(a_name(), data_key="fields", required=True, validate=validate.Length(1, 50),
                          metadata={"example": ["contact.mobile"]})  # fmt: skip
    method = a_name(metadata={"example": "call_back"})
    source = fields.String(required=True, validate=validate.OneOf(SOURCES))
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    reason = a_reason()


class VerifyAnswer(Schema):
    """The looks that were kept, and the record; it is active now if it waited for this."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    version = fields.Integer()
    outcome = fields.String()
    verifications = fields.List(fields.String())


class VerificationsArgs(PageArgs):
    """What was checked of one record, newest first."""

    record = an_id()


class VerificationLine(Schema):
    """One field checked once."""

    id = fields.String()
    field = fields.String()
    method = fields.String(allow_none=True)
    source = fields.String()
    result = fields.String()
    by = fields.String()
    at = fields.AwareDateTime(format="iso")
    reason = fields.String(allow_none=True)


class FieldOrigin(Schema):
    """Who supplied a field, and whether it is verified as it is now."""

    field = fields.String()
    state = fields.String()
    method = fields.String(allow_none=True)
    supplied_by = fields.String(allow_none=True)
    supplied_at = fields.AwareDateTime(format="iso", allow_none=True)
    change = fields.String(allow_none=True)
    verified_by = fields.String(allow_none=True)
    verified_at = fields.AwareDateTime(format="iso", allow_none=True)


class VerificationsAnswer(Schema):
    """The looks, and for every field to verify who supplied and who verified it."""

    department = fields.String()
    responsible = fields.String(allow_none=True)
    held_back = fields.Boolean()
    methods = fields.List(fields.String())
    fields_ = fields.List(fields.Nested(FieldOrigin), data_key="fields")
    items = fields.List(fields.Nested(VerificationLine))
    next = fields.String(allow_none=True)


class UnmetArgs(Schema):
    """Proofs that a rule asks for about a record, asked by another service."""

    record = an_id()
    person = fields.String(allow_none=True, load_default=None)
    needs = fields.List(fields.Dict(), required=True, validate=validate.Length(max=50))
    evidence = fields.List(a_name(), load_default=list)
    purpose = a_name(allow_none=True, load_default=None)


class QualityArgs(Schema):
    """Which department, which month; the caller's own and this month where left out."""

    department = a_name()
    period = fields.String(validate=PERIOD, metadata={"example": "2026-11"})


class QualityLine(Schema):
    """Counts of one department's records of one class, and in percent what they come to."""

    department = fields.String()
    class_ = fields.String(data_key="class")
    at = fields.AwareDateTime(format="iso")
    records = fields.Integer()
    core = fields.Integer()
    core_filled = fields.Integer()
    fields_ = fields.Integer(data_key="fields")
    filled = fields.Integer()
    to_verify = fields.Integer()
    verified = fields.Integer()
    age_days = fields.Integer()
    stale = fields.Integer()
    accuracy = fields.Float()
    completeness = fields.Float()
    timeliness = fields.Float()
    index = fields.Float()


class QualityAnswer(Schema):
    """One line for each department and class, as the last walk over the records found them."""

    period = fields.String()
    items = fields.List(fields.Nested(QualityLine))
    next = fields.String(allow_none=True)


class QualityListArgs(PageArgs):
    """One of the combing lists, of one department or class."""

    name = fields.String(required=True, validate=validate.OneOf(LISTS))
    department = a_name()
    class_ = a_name(data_key="class")


class CombedLine(RecordHead):
    """A record with something to put right: which fields, or since when."""

    fields_ = fields.List(fields.String(), data_key="fields")
    age_days = fields.Integer()
    others = fields.List(fields.String())


class QualityListAnswer(Schema):
    """Records with something to put right, newest first."""

    name = fields.String()
    items = fields.List(fields.Nested(CombedLine))
    next = fields.String(allow_none=True)

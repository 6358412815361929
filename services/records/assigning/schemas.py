"""The published language of assignments."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.records.words import a_name, a_reason, an_id


class AssignArgs(Schema):
    """Who answers for a record from now on; what is left out stays as it is."""

    record = an_id()
    version = fields.Integer(required=True, strict=True)
    department = a_name()
    responsible = a_name()
    reason = a_reason(required=True)


class AssignAnswer(Schema):
    """The record with its department and person."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    version = fields.Integer()
    department = fields.String()
    responsible = fields.String()
    outcome = fields.String()

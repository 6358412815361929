"""The published language of changes that wait."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.records.words import a_name, an_id


class ChangesArgs(PageArgs):
    """The changes of a record that wait for their decision, for a purpose; newest first."""

    record = an_id()
    purpose = a_name(required=True)


class ProposedChangeArgs(Schema):
    """One change of a record, for a purpose."""

    record = an_id()
    change = an_id()
    purpose = a_name(required=True)


class ProposedField(Schema):
    """One field: clear or masked, as it is now and as it would become, or withheld; and why."""

    state = fields.String(validate=validate.OneOf(("clear", "masked", "withheld")))
    old = fields.String(allow_none=True)
    new = fields.String(allow_none=True)
    reason = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))


class ProofAnswer(Schema):
    """A kind of document, and the id of the one on file."""

    document = fields.String()
    id = fields.String(allow_none=True)


class ProposedChangeAnswer(Schema):
    """Who wants which fields changed, on whose word, with which proofs and why; values as far as the caller may see.

    `request` is the one whose open step is the caller's. The reason is told to whoever sees all of the fields.
    """

    change = fields.String()
    record = fields.String()
    kind = fields.String()
    mode = fields.String()
    state = fields.String(validate=validate.OneOf(("pending", "applied", "lapsed")))
    at = fields.AwareDateTime()
    base = fields.Integer()  # the record's version that it was proposed on
    requested_by = fields.String()
    proposed_by = fields.String()
    evidence = fields.List(fields.Nested(ProofAnswer))
    source = fields.Dict(allow_none=True)  # the form that proposes it: entry, class, number
    request = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.Nested(ProposedField), data_key="fields")


class ChangesAnswer(Schema):
    """A page of changes that wait; `next` leads to the following one."""

    items = fields.List(fields.Nested(ProposedChangeAnswer))
    next = fields.String(allow_none=True)

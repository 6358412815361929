"""The published language of grants."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.approvals.people.schemas import name

GRANT_STATES = ("live", "all")


def reason(**kwargs: object) -> fields.String:
    """Why; whether it says anything is the model's to judge."""
    told = {"description": "why, in a few words"}
    return fields.String(validate=validate.Length(max=2000), metadata=told, **kwargs)  # type: ignore[arg-type]


class ExecuteArgs(Schema):
    """Put an approved right into effect."""

    grant = name(required=True)


class ExecuteAnswer(Schema):
    """The right that exists from now on."""

    grant = fields.String()
    person = fields.String()
    state = fields.String()


class GrantAnswer(Schema):
    """A grant as it was signed (Ed25519 over the canonical JSON of everything but `signature` and `state`)."""

    id = fields.String()
    person = fields.String()
    mode = fields.String()
    records = fields.List(fields.String())
    fields_ = fields.List(fields.String(), data_key="fields", allow_none=True)
    purpose = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    from_ = fields.AwareDateTime(data_key="from")
    until = fields.AwareDateTime()
    once = fields.Boolean()
    request = fields.String()
    regime = fields.String()
    class_ = fields.String(data_key="class", allow_none=True)
    list_hash = fields.String(allow_none=True)
    entry = fields.String(metadata={"description": "the form that it was given for"})
    applicant = fields.Dict(metadata={"description": "who answers for the new record that it lets its holder enter"})
    signature = fields.String()
    state = fields.String(validate=validate.OneOf(("live", "used", "revoked", "expired")))


class GrantsArgs(PageArgs):
    """My grants; those of others for whoever watches over rights."""

    person = name()
    record = fields.UUID()
    state = fields.String(load_default="live", validate=validate.OneOf(GRANT_STATES))


class GrantsAnswer(Schema):
    """Grants, newest first."""

    items = fields.List(fields.Nested(GrantAnswer))
    next = fields.String(allow_none=True)


class GrantsForArgs(Schema):
    """The live grants of a person, for some records."""

    person = name(required=True)
    records = fields.List(name(), load_default=list)


class LiveGrantArgs(Schema):
    """One grant, for one record."""

    grant = name(required=True)
    record = name(required=True)


class DecidingArgs(Schema):
    """Which of some pending things a person has to decide now; `about` says what sort of thing they are."""

    person = name(required=True)
    about = name(required=True)
    subjects = fields.List(name(), required=True, validate=validate.Length(max=500))


class RevokeArgs(Schema):
    """End a grant before its time."""

    grant = name(required=True)
    reason = reason(required=True)


class RevokeAnswer(Schema):
    """The grant that ended."""

    grant = fields.String()
    state = fields.String()

"""The published language of approvals: what its calls take and what they answer."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.approvals.people.schemas import (  # noqa: F401  (published from here)
    AccountArgs,
    DepartmentAnswer,
    DepartmentsAnswer,
    DepartmentsArgs,
    IdentifyArgs,
    MeAnswer,
    OpenSessionArgs,
    OrganisationArgs,
    PageArgs,
    PeopleAnswer,
    PeopleArgs,
    PersonAnswer,
    SessionArgs,
    name,
)

DECISIONS = ("approve", "reject")
STATES = ("pending", "approved", "rejected", "withdrawn", "lapsed")
GRANT_STATES = ("live", "all")


def reason(**kwargs: Any) -> fields.String:
    """Why; whether it says anything is the model's to judge."""
    return fields.String(validate=validate.Length(max=2000), metadata={"description": "why, in a few words"}, **kwargs)


class Proof(Schema):
    """One proof that comes with a request: a document, a register entry or a legal basis, by its name."""

    document = name()
    entry = name()
    basis = name()
    id = name()


class RaiseRequestArgs(Schema):
    """Ask for permission: what, on which records or class, which fields, for which purpose and why."""

    kind = name(required=True, metadata={"example": "view"})
    records = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=100))
    class_ = name(data_key="class", metadata={"description": "for a new record: its class"})
    fields_ = fields.List(
        name(),
        data_key="fields",
        validate=validate.Length(1, 200),
        metadata={"description": "part.field, or a whole part; all fields when left out"},
    )
    purpose = name(required=True)
    reason = reason(required=True)
    period = fields.String(validate=validate.Regexp(r"P[0-9A-Z]{1,20}\Z"), metadata={"example": "P3D"})
    evidence = fields.List(fields.Nested(Proof), load_default=list, validate=validate.Length(max=20))


class StepAnswer(Schema):
    """One step of a chain: how many different people of which must act."""

    act = fields.String()
    needed = fields.Integer()
    deciders = fields.List(fields.String())


class DecisionAnswer(Schema):
    """One decision that was made."""

    step = fields.Integer()
    by = fields.String()
    acting_for = fields.String()
    decision = fields.String(validate=validate.OneOf(DECISIONS))
    reason = fields.String(allow_none=True)
    at = fields.AwareDateTime()


class RequestState(Schema):
    """Where a request stands; ids and states only."""

    request = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    chain = fields.List(fields.Nested(StepAnswer))
    step = fields.Integer(metadata={"description": "number of the step that waits"})
    awaiting = fields.List(fields.String(), metadata={"description": "who could decide now"})
    grants = fields.List(fields.String())


class RequestAnswer(RequestState):
    """A request with everything an approver needs: who, what, why and what was decided, never a value."""

    about = fields.String()
    subject = fields.String(allow_none=True)
    class_ = fields.String(data_key="class", allow_none=True)
    records = fields.List(fields.String())
    fields_ = fields.List(fields.String(), data_key="fields", allow_none=True)
    purpose = fields.String(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "for those whom the request concerns"})
    period = fields.String(allow_none=True)
    evidence = fields.List(fields.Dict())
    raised_by = fields.String()
    raised_at = fields.AwareDateTime()
    settled_at = fields.AwareDateTime(allow_none=True)
    refusal = fields.String(allow_none=True)
    regime = fields.String()
    rules = fields.List(fields.String())
    needs = fields.List(fields.Dict())
    grant = fields.Dict(allow_none=True, metadata={"description": "what an approval would give"})
    decisions = fields.List(fields.Nested(DecisionAnswer))


class RaiseRequestAnswer(RequestState):
    """The request, with its chain."""


class RequestArgs(Schema):
    """One request."""

    request = name(required=True)


class RequestsArgs(PageArgs):
    """Requests that I raised or that concern me; `awaiting=me`: those that I could decide now."""

    state = fields.String(validate=validate.OneOf(STATES))
    kind = name()
    awaiting = fields.String(validate=validate.OneOf(["me"]))


class RequestsAnswer(Schema):
    """Requests, newest first."""

    items = fields.List(fields.Nested(RequestAnswer))
    next = fields.String(allow_none=True)


class DecideArgs(Schema):
    """One person's word on a request."""

    request = name(required=True)
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = reason(required=True)


class DecideAnswer(RequestState):
    """Where the request stands now."""


class WithdrawArgs(RequestArgs):
    """Take a request back."""


class WithdrawAnswer(RequestState):
    """Where the request stands now."""


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
    signature = fields.String()
    state = fields.String(validate=validate.OneOf(("live", "revoked", "expired")))


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
    record = name()


class RevokeArgs(Schema):
    """End a grant before its time."""

    grant = name(required=True)
    reason = reason(required=True)


class RevokeAnswer(Schema):
    """The grant that ended."""

    grant = fields.String()
    state = fields.String()


class PublishRegimeArgs(Schema):
    """A regime's canonical text."""

    text = fields.String(required=True, validate=validate.Length(1, 4_000_000))


class RegimeArgs(Schema):
    """A regime by its digest; the one in force when left out."""

    digest = fields.String(validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    regime = name()


class RegimeAnswer(Schema):
    """A regime's canonical text."""

    digest = fields.String()
    text = fields.String()
    in_force_from = fields.AwareDateTime()


class RegimesArgs(Schema):
    """All regimes that were ever in force."""


class RegimesAnswer(Schema):
    """Regimes, newest first."""

    items = fields.List(fields.Nested(RegimeAnswer(only=("digest", "in_force_from"))))


class SimulateArgs(Schema):
    """Who would decide this? About a record, or about any record of a class in a state."""

    regime = name(load_default=None, metadata={"description": "its digest, the name of the one in force, or current"})
    kind = name(required=True)
    record = fields.UUID()
    class_ = name(data_key="class")
    applicant = name()
    case = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"(record|request)\.[a-z_.]{1,60}\Z")),
        values=fields.String(validate=validate.Length(max=200)),
        load_default=dict,
        metadata={"description": "facts of record and request, such as record.state"},
    )
    period = fields.String(validate=validate.Length(max=22))


class SimulateAnswer(Schema):
    """The rules that would apply, the chain and what must be proved."""

    rules = fields.List(fields.String())
    chain = fields.List(fields.Nested(StepAnswer))
    needs = fields.List(fields.Dict())
    grant = fields.Dict(allow_none=True)
    refusal = fields.String(allow_none=True)

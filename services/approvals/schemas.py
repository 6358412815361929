"""The published language of approvals: what its calls take and what they answer."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.approvals.grant_schemas import (  # noqa: F401  (published from here)
    DecidingArgs,
    ExecuteAnswer,
    ExecuteArgs,
    GrantAnswer,
    GrantsAnswer,
    GrantsArgs,
    GrantsForArgs,
    LiveGrantArgs,
    RevokeAnswer,
    RevokeArgs,
    reason,
)
from services.approvals.people.schemas import (  # noqa: F401  (published from here)
    AccountArgs,
    DepartmentAnswer,
    DepartmentsAnswer,
    DepartmentsArgs,
    IdentifyArgs,
    MeAnswer,
    OpenSessionArgs,
    OrganisationArgs,
    PeopleAnswer,
    PeopleArgs,
    PersonAnswer,
    SessionArgs,
    name,
)

DECISIONS = ("approve", "reject")
STATES = ("pending", "approved", "rejected", "withdrawn", "lapsed")
VERDICTS = ("open", "refuse")
OUTSIDE = ("partner", "authority")
RIGHTS = ("view", "use", "copy", "export", "borrow", "take_out")


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
    to = fields.String(
        validate=validate.OneOf(OUTSIDE), metadata={"description": "for disclose: to whom outside the data goes"}
    )
    act = fields.String(
        validate=validate.OneOf(RIGHTS), metadata={"description": "for permit: what the right lets its holder do"}
    )


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
    act = fields.String(allow_none=True)
    opening = fields.Dict(allow_none=True, metadata={"description": "the keeper's word on the grant"})
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


class OpenArgs(RequestArgs):
    """The keeper's word on an approved request: its grant counts from now, or there will be none."""

    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    reason = reason(required=True)


class OpenAnswer(RequestState):
    """Where the request stands now."""


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

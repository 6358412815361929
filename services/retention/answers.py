"""What retention answers: the other half of its published language."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class ScheduleAnswer(Schema):
    """How long, counted from what, and what then."""

    name = fields.String()
    en = fields.String()
    zh = fields.String()
    counted = fields.Dict()
    at_most = fields.String(allow_none=True)
    confirm = fields.String(allow_none=True)
    then = fields.String()
    mandate = fields.String()


class SchedulesAnswer(Schema):
    """Every schedule in force."""

    items = fields.List(fields.Nested(ScheduleAnswer))


class VerdictAnswer(Schema):
    """Keep or let go, with every reason; `parts` says the same of each part."""

    record = fields.String()
    regime = fields.String()
    on = fields.Date()
    outcome = fields.String(validate=validate.OneOf(("eligible", "not_eligible", "review_due", "cannot_evaluate")))
    reasons = fields.List(fields.String())
    flags = fields.List(fields.String())
    earliest = fields.Date(allow_none=True)
    confirm_by = fields.Date(allow_none=True)
    ceiling = fields.Date(allow_none=True)
    action = fields.String(allow_none=True)
    holds = fields.List(fields.String())
    parts = fields.Dict()


class DutyAnswer(Schema):
    """Who must do what by when."""

    duty = fields.String(attribute="id")
    name = fields.String()
    record = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    owner = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    state = fields.String()
    due = fields.String()
    due_at = fields.AwareDateTime()
    violation = fields.String(allow_none=True)
    finding = fields.String(allow_none=True)
    provisional = fields.Boolean(metadata={"description": "the working days of that year are not published yet"})
    confirm = fields.Dict(allow_none=True, metadata={"description": "who has to agree that it is done"})
    done_at = fields.AwareDateTime(allow_none=True)
    done_by = fields.String(attribute="done_who", allow_none=True)
    escalated_to = fields.Function(lambda duty: [one for one in (duty.escalated_to or "").split(",") if one])
    closed_at = fields.AwareDateTime(allow_none=True)
    closed_by = fields.String(allow_none=True)
    on_time = fields.Boolean(allow_none=True)


class DutiesAnswer(Schema):
    """A page of duties."""

    items = fields.List(fields.Nested(DutyAnswer))
    next = fields.String(allow_none=True)


class LoanAnswer(Schema):
    """What is lent to whom until when."""

    loan = fields.String(attribute="id")
    record = fields.String()
    borrower = fields.String()
    lender = fields.String()
    grant = fields.String()
    items = fields.Integer()
    state = fields.String()
    lent_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    given_back_at = fields.AwareDateTime(allow_none=True)
    keeper = fields.String(allow_none=True)
    returned_at = fields.AwareDateTime(allow_none=True)


class LoansAnswer(Schema):
    """A page of loans."""

    items = fields.List(fields.Nested(LoanAnswer))
    next = fields.String(allow_none=True)


class HoldAnswer(Schema):
    """What is kept, for which matter, by whom."""

    hold = fields.String(attribute="id")
    title = fields.String()
    matter = fields.String()
    records = fields.List(fields.String())
    subjects = fields.List(fields.String())
    state = fields.String()
    placed_by = fields.String()
    placed_at = fields.AwareDateTime()
    active_at = fields.AwareDateTime(allow_none=True)
    released_by = fields.String(allow_none=True)
    released_at = fields.AwareDateTime(allow_none=True)


class HoldsAnswer(Schema):
    """A page of holds."""

    items = fields.List(fields.Nested(HoldAnswer))
    next = fields.String(allow_none=True)


class ItemAnswer(Schema):
    """How one record of a list ended, or that it has not."""

    record = fields.String()
    version = fields.Integer()
    state = fields.String()
    reason = fields.String(allow_none=True)


class DisposalAnswer(Schema):
    """A destruction list and how far it has come."""

    disposal = fields.String(attribute="id")
    class_ = fields.String(data_key="class")
    state = fields.String()
    hash = fields.String()
    author = fields.String()
    regime = fields.String()
    request = fields.String(allow_none=True)
    grant = fields.String(allow_none=True)
    approvals = fields.List(fields.Dict())
    wait_until = fields.AwareDateTime(allow_none=True)
    witness = fields.String(allow_none=True)
    executor = fields.String(allow_none=True)
    certificate = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    finished_at = fields.AwareDateTime(allow_none=True)
    items = fields.List(fields.Nested(ItemAnswer))


class DisposalLine(DisposalAnswer):
    """A destruction list in a page of them."""

    class Meta:
        exclude = ("items",)


class DisposalsAnswer(Schema):
    """A page of destruction lists, without their items."""

    items = fields.List(fields.Nested(DisposalLine))
    next = fields.String(allow_none=True)

"""What retention takes and answers; the gateway's documents are made from this."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.retention.answers import (  # noqa: F401  (published from here)
    DisposalAnswer,
    DisposalLine,
    DisposalsAnswer,
    DutiesAnswer,
    DutyAnswer,
    HoldAnswer,
    HoldsAnswer,
    ItemAnswer,
    LoanAnswer,
    LoansAnswer,
    ScheduleAnswer,
    SchedulesAnswer,
    VerdictAnswer,
)

MOST = 500


def _id(**options: Any) -> fields.String:
    return fields.String(validate=validate.Length(equal=36), **options)


def _name(longest: int = 120, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, longest), **options)


def _reason(**options: Any) -> fields.String:
    return fields.String(validate=[validate.Length(3, 1000), validate.Regexp(r"(?s).*\w.*\w")], **options)


class Paged(Schema):
    """One page of a list: newest first, the next one starts after the last id."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))
    after = _id(load_default=None, allow_none=True)


class DutiesArgs(Paged):
    """Which duties; `owner=me` also names those of my roles."""

    owner = _name(80)
    state = fields.String(validate=validate.OneOf(("open", "overdue", "done", "closed", "dropped")))
    record = _id()
    overdue = fields.Boolean()


class CompleteDutyArgs(Schema):
    """Say that a duty is done, with the proofs that the regime names (ids of documents and entries)."""

    duty = _id(required=True)
    evidence = fields.Dict(keys=_name(80), values=_name(200), load_default=dict)


class ConfirmDutyArgs(Schema):
    """Agree that a duty is done."""

    duty = _id(required=True)


class LoansArgs(Paged):
    """Which loans."""

    borrower = _name(80)
    record = _id()
    state = fields.String(validate=validate.OneOf(("out", "returned")))
    overdue = fields.Boolean()


class LendArgs(Schema):
    """Hand a record to the holder of a borrow grant; `items` pieces are counted."""

    record = _id(required=True)
    grant = _id(required=True)
    borrower = _name(80)
    items = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


class RenewLoanArgs(Schema):
    """Lend on under a fresh grant."""

    loan = _id(required=True)
    grant = _id(required=True)


class ReturnLoanArgs(Schema):
    """Sign for a return: the borrower first, then the archivist, each with what was counted."""

    loan = _id(required=True)
    items = fields.Integer(validate=validate.Range(0, 100_000))


class ConfirmReturnArgs(ReturnLoanArgs):
    """The archivist's signature."""


class SchedulesArgs(Schema):
    """Nothing: every schedule in force is shown."""


class VerdictArgs(Schema):
    """Keep or let go, today or on another day."""

    record = _id(required=True)
    on = fields.Date()


class HoldsArgs(Paged):
    """Which holds."""

    state = fields.String(validate=validate.OneOf(("placing", "active", "releasing", "released", "refused")))
    record = _id()


class PlaceHoldArgs(Schema):
    """Keep records from destruction."""

    records = fields.List(_id(), load_default=list, validate=validate.Length(max=MOST))
    title = _name(200, required=True)
    matter = _name(200, required=True)
    reason = _reason(required=True)


class ReleaseHoldArgs(Schema):
    """Lift a hold; another person than who placed it does."""

    hold = _id(required=True)
    reason = _reason(required=True)


class DisposalsArgs(Paged):
    """Which destruction lists."""

    state = _name(20)


class DisposalArgs(Schema):
    """One destruction list."""

    disposal = _id(required=True)


class BeginDisposalArgs(Schema):
    """List records for destruction: named ones, or all of a class (and department) that are due today."""

    records = fields.List(_id(), validate=validate.Length(1, MOST))
    class_ = _name(data_key="class")
    department = _name(80)
    reason = _reason(required=True)

    @validates_schema
    def one_way(self, data: dict[str, Any], **_: Any) -> None:
        """Either the records or their class."""
        if ("records" in data) == ("class_" in data):
            raise ValidationError("name either records or a class", "records")


class AskApprovalArgs(DisposalArgs):
    """Put a list before those who decide."""


class AbortDisposalArgs(DisposalArgs):
    """Give a list up before execution."""


class WitnessArgs(DisposalArgs):
    """Sign as a witness, for the list of that hash."""

    hash = fields.String(validate=validate.Length(equal=64))


class ExecuteArgs(DisposalArgs):
    """Destroy what is approved and witnessed, or go on where an interrupted execution stopped."""


class CertificateArgs(Schema):
    """One certificate."""

    certificate = _id(required=True)


def dumped(schema: type[Schema], found: Any) -> dict[str, Any]:
    """One thing as it is answered."""
    return schema().dump(found)


def page(schema: type[Schema], found: list[Any], limit: int) -> dict[str, Any]:
    """A page and where the next one starts."""
    return {"items": schema(many=True).dump(found), "next": found[-1].id if len(found) == limit else None}

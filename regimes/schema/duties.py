"""The shape of duties, loans, schedules, destruction, violations and tariffs."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from regimes import dates, process
from regimes.schema.basics import Titled, one_of
from regimes.schema.requests import Chain
from regimes.words import (
    DateWords,
    Entry,
    Many,
    Money,
    Name,
    Needs,
    Period,
    Text,
    When,
    Who,
    Whole,
    Within,
    Words,
    made,
)


class OftenEntry(Entry):
    makes = process.Often
    every = Text(required=True)
    each = Name()
    months = Words()

    @post_load
    def counted(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        if data["every"] not in dates.UNITS:
            data["every"] = Period().deserialize(data["every"])
        return {**data, "months": tuple(Whole().deserialize(month) for month in data.get("months", ()))}


class Opens(fields.Field[Any]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return made(OftenEntry(), value) if isinstance(value, dict) else Name().deserialize(value)


class EscalationEntry(Entry):
    makes = process.Escalation
    after = Period(required=True)
    to = Who(required=True)


class DutyEntry(Titled):
    makes = process.Duty
    opens = Opens(required=True)
    of = Many()
    when = When()
    owner = Who(required=True)
    due = Within(DateWords, required=True)
    remind = fields.List(Within(DateWords))
    escalate = Within(EscalationEntry)
    done = Name()
    needs = Needs()
    confirm = Who()
    missed = fields.Dict(keys=one_of(("violation", "finding", "incident")), values=Name())
    again = Period()


class LoansEntry(Entry):
    makes = process.Loans
    counted = fields.List(one_of(("lending", "return")))
    signed_by = fields.List(Who())
    lost = fields.Dict(keys=one_of(("violation", "incident")), values=Name())


class CustodyEntry(Entry):
    loans = Within(LoansEntry)


class ScheduleEntry(DateWords):
    makes: type | None = process.Schedule
    en = Text()
    zh = Text()
    at_most = Period()
    confirm = Period()
    then = one_of(("keep", "review", "transfer", "return", "destroy"), required=True)
    mandate = Text()

    @post_load
    def gather(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        counted = {key: data.pop(key) for key in ("since", "end_of", "after", "before", "next", "roll") if key in data}
        return {**data, "words": dates.DateWords(**counted)}


class DestructionEntry(Entry):
    makes = process.Destruction
    of = Many()
    # More than one witness is refused until lists can be signed by several: a number is kept or it is not accepted.
    witnesses = Whole(
        validate=validate.Range(max=1, error="one witness signs for a list; more are not carried out yet")
    )
    cool_off = Period()
    signed_by = fields.List(Who())
    methods = fields.Dict(keys=Name(), values=Name())
    # As with witnesses: what is not looked at is not accepted.
    blocked_by = Words(validate=validate.ContainsOnly(("hold", "loan")))


class ViolationEntry(Titled):
    makes = process.Violation
    clause = Text()
    offender = Who(required=True)
    opens = Name()
    when = When()
    fine = Money()
    per = Name()
    tariff = Name(required=True)


class TariffEntry(Titled):
    makes = process.Tariff
    unit = one_of(("CNY", "points", "record_only"))
    decided_by = Who(required=True)
    appeal = Period()
    within = Text()
    doubles = fields.Dict(keys=Name(), values=Whole())
    sanctions = Words()
    tell = Chain(process.Tell)

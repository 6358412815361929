"""The shape of rules: chains, grants, refusals."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load

from regimes import process
from regimes.schema.basics import Titled
from regimes.words import (
    ACTS,
    DateWords,
    Entry,
    Flag,
    Many,
    Name,
    Named,
    Needs,
    Period,
    When,
    Who,
    Whole,
    Within,
    made,
    who,
)


class Chain(fields.Field[Any]):
    """Steps in order; beside its who a step may say `act` and `due`. `[]` = nobody has to decide."""

    def __init__(self, makes: type = process.Step, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makes = makes

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError("must be a list of steps")
        return tuple(self._step(step) for step in value)

    def _step(self, step: Any) -> Any:
        rest = (
            {key: word for key, word in step.items() if key not in ("act", "due")} if isinstance(step, dict) else step
        )
        beside: dict[str, Any] = {}
        if isinstance(step, dict) and "due" in step:
            beside["due"] = made(DateWords(), step["due"])
        if isinstance(step, dict) and "act" in step:
            if self.makes is not process.Step or step["act"] not in ACTS:
                raise ValidationError(f"act must be one of {', '.join(ACTS)}, and only in a chain")
            beside["act"] = step["act"]
        return self.makes(who(rest), **beside)


class GrantEntry(Entry):
    makes = process.GrantTerms
    to = Who()
    lasts = Period(data_key="for")
    until = Name()
    once = Flag()
    renewals = Whole()
    place = Name()
    opened_by = Who()


class RuleEntry(Titled):
    makes = process.Rule
    of = Many()
    when = When()
    needs = Needs()
    chain = Chain()
    grant = Within(GrantEntry)
    refuse = Name()
    tell = Chain(process.Tell)
    always = Flag()

    @post_load
    def decides(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        if ("chain" in data) == ("refuse" in data):
            raise ValidationError("a rule has either a chain or a refuse")
        return data


class KindEntry(Titled):
    makes = process.Kind
    grant = Within(GrantEntry)
    rules = Named(RuleEntry)

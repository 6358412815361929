"""The words that people have for what the journal names: fields, purposes, documents, states. No values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from regimes import Regime
from regimes.model import Titled
from services.records import states

# What names a person, a place, a thing by its id or a day is said as it is; so are codes, which the gateway titles.
AS_IT_IS = {"actor", "code", "responsible", "before_responsible", "department", "before_department", "signer", "number",
            "merged", "merged_number", "notice", "on", "unseen", "of", "filled", "decided_by", "voided"}  # fmt: skip
OUTCOMES = {
    "rejected": Titled("rejected", "it was not approved", "未获批准"),
    "withdrawn": Titled("withdrawn", "it was withdrawn", "已撤回"),
    "customer": Titled("customer", "the customer", "客户"),
    "staff": Titled("staff", "staff", "员工"),
}

# Words that mean something else elsewhere in a regime are said by what they stand for here.
BY_FACT = {
    "result": {
        "confirmed": Titled("confirmed", "it is right", "属实"),
        "wrong": Titled("wrong", "it is wrong", "有误"),
        "not_possible": Titled("not_possible", "it could not be verified", "无法核实"),
    },
    "form": {"original": Titled("original", "original", "原件"), "copy": Titled("copy", "copy", "复印件")},
    "scheme": {"level": Titled("level", "the level", "密级")},
}


class Words:
    """The words of a regime for what it names itself, in both languages."""

    def __init__(self, regime: Regime, class_: str) -> None:
        self.regime, self.found = regime, regime.classes.get(class_)
        self.values: dict[str, Any] = {}

    @property
    def of_a_register(self) -> bool:
        """Whether they are said of an entry of a register: people sign it, nobody approves it."""
        return self.found is not None and self.found.kind == "register"

    def about(self, scheme: str | None) -> Words:
        """The same words for a sentence about a classification: its values have names of their own."""
        told, known = copy(self), self.regime.schemes.get(str(scheme))
        told.values = dict(known.values) if known else {}
        return told

    def said(self, name: str, value: Any, language: str) -> Any:
        """One fact of a sentence, as people say it; what has no word is said as it is."""
        if isinstance(value, list):
            return ("、" if language == "zh" else ", ").join(str(self.said(name, one, language)) for one in value)
        if name in AS_IT_IS or not isinstance(value, str):
            return "–" if value is None else value
        own = self.values if name in ("before", "value") else BY_FACT.get(name, {})
        return self._word(value, language, own) or value

    def _word(self, value: str, language: str, own: Mapping[str, Any]) -> str | None:
        if value in states.TITLES and value not in own:
            return states.word(value, language).lower()  # within a sentence
        titled = next((found[value] for found in [own, *self._named()] if value in found), None)
        told = titled.get(language) if isinstance(titled, dict) else getattr(titled, language, None)
        return str(told) if told else None

    def _named(self) -> list[Any]:
        regime, found = self.regime, self.found
        own: list[Any] = [found.fields, found.parts, found.documents] if found else []
        lists = list(regime.lists.values())
        return [OUTCOMES, *own, regime.purposes, regime.levels, regime.schemes, regime.classes, regime.terms, *lists]

"""The words that people have for what the journal names: fields, purposes, documents, states. No values, no I/O."""

from __future__ import annotations

from typing import Any

from regimes import Regime

# What names a person, a place, a thing by its id or a day is said as it is; so are codes, which the gateway titles.
AS_IT_IS = {"actor", "code", "responsible", "before_responsible", "department", "before_department", "signer", "number",
            "merged", "merged_number", "notice", "on", "unseen", "of", "filled", "decided_by", "voided"}  # fmt: skip
STATES = {
    "draft": ("draft", "草稿"),
    "pending": ("waiting for approval", "待审批"),
    "active": ("in use", "有效"),
    "suspended": ("suspended", "暂停使用"),
    "past": ("past", "已终止"),
    "archived": ("archived", "已归档"),
    "merged": ("merged", "已合并"),
    "rejected": ("it was not approved", "未获批准"),
    "withdrawn": ("it was withdrawn", "已撤回"),
    "customer": ("the customer", "客户"),
    "staff": ("staff", "员工"),
}
LANGUAGES = ("en", "zh")


class Words:
    """The words of a regime for what it names itself, in both languages."""

    def __init__(self, regime: Regime, class_: str) -> None:
        self.regime, self.found = regime, regime.classes.get(class_)

    def said(self, name: str, value: Any, language: str) -> Any:
        """One fact of a sentence, as people say it; what has no word is said as it is."""
        if isinstance(value, list):
            return ("、" if language == "zh" else ", ").join(str(self.said(name, one, language)) for one in value)
        if name in AS_IT_IS or not isinstance(value, str):
            return "–" if value is None else value
        return self._word(value, language) or value

    def _word(self, value: str, language: str) -> str | None:
        known = STATES.get(value)
        if known:
            return known[LANGUAGES.index(language)]
        titled = next((found[value] for found in self._named() if value in found), None)
        told = titled.get(language) if isinstance(titled, dict) else getattr(titled, language, None)
        return str(told) if told else None

    def _named(self) -> list[Any]:
        regime, found = self.regime, self.found
        own = [found.fields, found.parts, found.documents] if found else []
        lists = list(regime.lists.values())
        return [*own, regime.purposes, regime.levels, regime.schemes, regime.classes, regime.terms, *lists]

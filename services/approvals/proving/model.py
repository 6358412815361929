"""Which proofs are not there: of what approvals knows by itself, and of what records has said. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import regimes
from chassis.errors import Invalid
from regimes import lacks

Need = dict[str, Any]
# What only records can see: asked there, before the transaction.
SEEN_BY_RECORDS = ("verified", "filled", "read", "consent")
ABOUT, BY = "about", "by"


@dataclass(frozen=True)
class Fact:
    """Something that holds of a person or a record until a day: an entry, a document, a loan."""

    source: str
    holder: str
    as_: str
    sort: str
    name: str
    until: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it still does on this day."""
        return self.until is None or on <= self.until


@dataclass(frozen=True)
class Bearer:
    """Whom and what the proofs are asked of: who applies, for which records, with what he brings, when, what for."""

    person: str
    records: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...]
    on: date
    purpose: str | None = None

    @property
    def holders(self) -> list[str]:
        """Of whom facts are worth looking for."""
        return [self.person, *self.records]

    @property
    def brought(self) -> list[str]:
        """The ids that the proofs he brings were named by."""
        return [str(one["id"]) for one in self.evidence if one.get("id")]


def elsewhere(needs: Iterable[Need]) -> list[Need]:
    """Those of the needs that records has to be asked about."""
    return [need for need in needs if any(sort in need for sort in SEEN_BY_RECORDS)]


def lacking(needs: Iterable[Need], bearer: Bearer, known: Collection[Fact], regime: regimes.Regime) -> list[str]:
    """The proofs, of those that approvals sees itself, that are not there: "entry training"."""
    living = [fact for fact in known if fact.holds(bearer.on)]
    missing = []
    for need in needs:
        sort = next((sort for sort in SORTS if sort in need), None)
        if sort and not SORTS[sort](need, bearer, living, regime):
            missing.append(f"{sort} {' or '.join(_many(need[sort]))}")
        elif not sort and need not in elsewhere([need]):
            missing.append(named(need))
    return missing


def named(need: Need) -> str:
    """A need in words, as refusals name it."""
    return " ".join(str(part) for part in next(iter(need.items()), ("nothing",)))


def refuse(lacking: Iterable[str], regime: regimes.Regime) -> None:
    """Refuse with the names of what is missing, as the regime calls them."""
    if missing := list(dict.fromkeys(lacking)):
        lines = [{"pointer": "/evidence", "code": "needs.missing", **lacks.told(one, regime)} for one in missing]
        raise Invalid("needs.missing", "see errors for what is still needed", {"errors": lines})


def _entry(need: Need, bearer: Bearer, known: list[Fact], regime: regimes.Regime) -> bool:
    """A valid entry: by or about whom the need names; else the one that was brought, or one about each record."""
    theirs = [fact for fact in known if fact.sort == "entry" and _is(regime, fact.name, need["entry"])]
    if "by" in need:
        wanted = ABOUT if regime.classes[need["entry"]].about == "person" else BY
        return any(fact.holder == bearer.person and fact.as_ == wanted for fact in theirs)
    brought = {one.get("id") for one in bearer.evidence if one.get("entry")}
    if any(fact.source in brought and fact.holder in bearer.holders for fact in theirs):
        return True
    return bool(bearer.records) and set(bearer.records) <= {fact.holder for fact in theirs}


def _document(need: Need, bearer: Bearer, known: list[Fact], regime: regimes.Regime) -> bool:
    """A document on file of every record; or one that was named, on file if its id was."""
    wanted, filed = _many(need["document"]), [fact for fact in known if fact.sort == "document"]
    for one in bearer.evidence:
        on_file = any(fact.source == one.get("id") and fact.name in wanted for fact in filed)
        # Of a letter that nobody filed its name is enough: whoever decides has it before him.
        if one.get("document") in wanted and (on_file or not one.get("id")):
            return True
    having = {fact.holder for fact in filed if fact.name in wanted}
    return bool(bearer.records) and set(bearer.records) <= having


def _basis(need: Need, bearer: Bearer, known: list[Fact], regime: regimes.Regime) -> bool:
    """A legal basis that was named."""
    return any(one.get("basis") in _many(need["basis"]) for one in bearer.evidence)


def _without(need: Need, bearer: Bearer, known: list[Fact], regime: regimes.Regime) -> bool:
    """Nothing of the kind stands open."""
    return not any(fact.name == need["without"] for fact in known if fact.holder in bearer.records)


SORTS: dict[str, Callable[[Need, Bearer, list[Fact], regimes.Regime], bool]] = {
    "entry": _entry,
    "document": _document,
    "basis": _basis,
    "without": _without,
}


def _is(regime: regimes.Regime, name: str, wanted: str) -> bool:
    found = regime.classes.get(name)
    return name == wanted or bool(found and found.is_a((wanted,)))


def _many(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]

"""Whoever signs an entry has read it: a register is refused where one of its signers has no right to look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from regimes.conditions import holds
from regimes.model import Field, RecordClass, Right, Who
from regimes.naming import Problem
from regimes.rights import reaches

if TYPE_CHECKING:
    from regimes.regime import Regime

# Who brings a form signs as the one who entered it, unless a field of the form names him.
BRINGERS = ("applicant", "escort", "host")
ENTERING = ("create", "import")
ANYBODY = ("member", "employee")
REMEDY = "whoever signs has read it: name him in a right that may view"


def problems(regime: Regime) -> Iterator[Problem]:
    """Every signer who cannot read what he signs, with the field that he would sign unseen."""
    for name, entry in regime.classes.items():
        if entry.kind == "register":
            for place, signer in enumerate(entry.signed_by):
                unread = next((one for one in _alternatives(signer) if _unread(regime, entry, one)), None)
                if unread:
                    told = f"{_said(unread)} cannot read {_unread(regime, entry, unread)} of {name}; {REMEDY}"
                    yield f"classes.{name}.signed_by.{place}", f"{told} {name}, up to the level of its fields"


def _unread(regime: Regime, entry: RecordClass, signer: Who) -> str | None:
    """The first field that no right opens to this signer while the entry still waits for signatures."""
    mine = [right for right in regime.rights.values() if _is_mine(regime, entry, right, signer)]
    fields = entry.fields.values()
    shut = [part.name for part in entry.parts.values() if part.read and not _named(regime, entry, part.read, signer)]
    return next(
        (
            one.path
            for one in fields
            if one.part in shut or not any(_opens(regime, entry, right, one) for right in mine)
        ),
        None,
    )


def _named(regime: Regime, entry: RecordClass, readers: Iterable[Who], signer: Who) -> bool:
    return any(covers(regime, entry, reader, signer) for reader in readers)


def _is_mine(regime: Regime, entry: RecordClass, right: Right, signer: Who) -> bool:
    unsigned = {"record": {"class": entry.name, "state": "draft"}, "setting": regime.setting}
    of_it = "view" in right.may and entry.is_a(right.of) and holds(right.when, unsigned)
    return of_it and covers(regime, entry, right.who, signer)


def _opens(regime: Regime, entry: RecordClass, right: Right, one: Field) -> bool:
    purposes = right.purposes or entry.collect.purposes or regime.purposes
    told = any(one.part in regime.parts_for(purpose, entry.name) for purpose in purposes)
    return told and (not right.parts or one.part in right.parts) and reaches(regime, right, one)


def covers(regime: Regime, entry: RecordClass, named: Who, signer: Who) -> bool:
    """Whether everybody who may sign so is among those named; who entered it is whoever may enter it."""
    if regime.roles.get(signer.get("role", "")) and regime.roles[signer["role"]].reads == "none":
        return False
    if any(_same(regime, one, signer) for one in _alternatives(named)):
        return True
    person = signer.get("person")
    if person in BRINGERS and person not in {one.name for one in entry.fields.values() if one.facet}:
        return covers(regime, entry, named, {"person": "creator"})
    return person == "creator" and all(covers(regime, entry, named, one) for one in _entering(regime, entry))


def _same(regime: Regime, named: Who, signer: Who) -> bool:
    if named == signer or named == {"role": "employee"}:
        return True
    inside = signer.get("in") not in (None, *regime.bodies)
    return inside and (named == {"role": signer["role"]} or _of_department(named, signer))


def _of_department(named: Who, signer: Who) -> bool:
    return named.get("role") in ANYBODY and named.get("in") == signer["in"]


def _entering(regime: Regime, entry: RecordClass) -> Iterable[Who]:
    """Everybody who may make such an entry."""
    found = [right.who for right in regime.rights.values() if {*right.may} & {*ENTERING} and entry.is_a(right.of)]
    return [one for who in found for one in _alternatives(who)] or [{"person": "nobody"}]


def _alternatives(who: Who) -> list[Who]:
    return list(who.get("any_of", [who]))


def _said(who: Who) -> str:
    word = f"{who.get('role') or who.get('person') or who}"
    return f"{word} in {who['in']}" if "in" in who else word

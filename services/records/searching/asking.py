"""A search as it was asked for: what the tokens answer, what stands in clear, and who may ask by which field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden
from regimes import Regime
from regimes.envelopes import completed
from regimes.model import RecordClass, Right
from regimes.rights import is_one, lifted, reaches, reads_nothing
from regimes.rules import about
from regimes.values import Problem, validate
from services.records.classifying.presenting import filtered, named_schemes, words_of
from services.records.creating import class_named
from services.records.grants import Grant
from services.records.reading import asked
from services.records.refusals import refuse_strange_purpose
from services.records.searching.model import Condition, conditions, each

PLAIN = ("state", "department", "number", "about", "responsible")


@dataclass(frozen=True)
class Asked:
    """One search, read and understood; nothing has been looked at yet."""

    found: RecordClass
    purpose: str
    conditions: list[Condition]
    plain: dict[str, Any]
    shown: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, args: Mapping[str, Any], regime: Regime) -> Asked:
        """Refuses what the class does not have, or what cannot be searched so."""
        found = class_named(regime, args["class_"])
        refuse_strange_purpose(args["purpose"], regime)
        plain = {name: value for name, value in args["where"].items() if _is_plain(found, regime, name, value)}
        rest = {name: value for name, value in args["where"].items() if name not in plain}
        told, wrong = each(plain, lambda name, value: _clear(found, regime, name, value))
        shown = [one.path for one in asked(found, args["fields_"])] if args.get("fields_") else []
        read = conditions(found, rest, regime, wrong)
        return cls(found, args["purpose"], read, {**told, "class_": found.name}, shown)

    @property
    def searched(self) -> list[str]:
        """Every field whose value decides what is found."""
        return sorted({*(one.path for one in self.conditions), *(self.plain.keys() & self.found.fields.keys())})

    @property
    def paths(self) -> list[str]:
        """Every field that is opened: what is searched by, and what is to be shown."""
        return [*dict.fromkeys([*(self.shown or self.searched), *self.searched])]

    def fits(self, values: Mapping[str, Any]) -> bool:
        """Whether the opened values are what was asked for."""
        told = ((one, values[one.path]["value"]) for one in self.conditions)
        return all(value is not None and one.fits(value) for one, value in told)


def _is_plain(found: RecordClass, regime: Regime, name: str, value: Any) -> bool:
    return name in PLAIN or name in named_schemes(regime) or name in found.facets and not isinstance(value, dict)


def _clear(found: RecordClass, regime: Regime, name: str, value: Any) -> Any:
    """A condition on what stands in clear; a facet is read like the field itself."""
    if isinstance(value, dict):
        raise Problem("search.way", f"{name} is asked for by its value")
    if name in found.facets:
        return validate(found.fields[name], value, regime)
    if (known := words_of(regime, name)) and str(value) not in known:
        raise Problem("search.way", f"one of {', '.join(known)}")
    return filtered(regime, name, str(value))


def refuse_unreadable(
    asked_for: Asked, caller: Actor, regime: Regime, grants: Iterable[Grant], owns: Callable[[], bool]
) -> None:
    """Refuse to search by a field that the caller could read of no record: a hit alone would tell him its value.

    `owns` says whether he answers for a record of the class; it is asked only where that would make the difference.
    """
    shut = _shut(asked_for, caller, regime, grants, None)
    if shut and _shut(asked_for, caller, regime, (), caller.person) != shut and owns():
        shut = _shut(asked_for, caller, regime, grants, caller.person)
    if shut:
        errors = [{"pointer": f"/where/{path}", "code": "search.not_yours"} for path in shut]
        case = {"class": asked_for.found.name, "department": caller.department, "state": "active"}
        told = f"for {asked_for.purpose} you may read {', '.join(shut)} of no record, so it cannot be searched by"
        raise Forbidden("search.not_yours", told, {**lifted(regime, caller, ("view",), case), "errors": errors})


def _shut(asked_for: Asked, caller: Actor, regime: Regime, grants: Iterable[Grant], own: str | None) -> list[str]:
    found, purpose = asked_for.found, asked_for.purpose
    rights, open_ = could(found, purpose, caller, regime, own), regime.parts_for(purpose, found.name)
    granted = [] if reads_nothing(regime, caller) else [*grants]
    return [path for path in asked_for.searched if not _may(regime, found, path, open_, rights, granted)]


def _may(
    regime: Regime, found: RecordClass, path: str, parts: Collection[str], rights: list[Right], grants: list[Grant]
) -> bool:
    entry = found.fields[path]
    if entry.part not in parts:
        return False
    righted = any((not r.parts or entry.part in r.parts) and reaches(regime, r, entry) for r in rights)
    return righted or any(grant.covers(path) for grant in grants)


def could(found: RecordClass, purpose: str, caller: Actor, regime: Regime, own: str | None) -> list[Right]:
    """The rights that might let the caller read some record of the class, were it of his department, or his own."""
    if reads_nothing(regime, caller):
        return []
    mine = {"class": found.name, "department": caller.department, "responsible": own, "creator": own}
    envelope, collected = completed(regime, mine), found.collect.purposes
    return [
        right
        for right in regime.rights.values()
        if "view" in right.may
        and about(regime, right.of, found.name)
        and purpose in (right.purposes or collected or regime.purposes)
        and is_one(right.who, caller, envelope)
    ]

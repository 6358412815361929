"""What is known about the fields of a record beside their values, and checking one against a source. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from chassis.errors import Conflict, Forbidden, Invalid
from regimes import Regime
from regimes.model import RecordClass
from services.records.verifying import events
from services.records.verifying.scoring import Figures
from services.records.verifying.words import METHODS


@dataclass(frozen=True)
class PartVersion:
    """One version of a part, without what it holds: which fields it set; the newest also tells which have a value."""

    part: str
    version: int
    changed: list[str]
    filled: tuple[str, ...]
    by: str | None
    at: datetime
    change: str | None = None


@dataclass(frozen=True)
class Verification:
    """One field checked once."""

    id: str
    record: str
    field: str
    part_version: int
    method: str | None
    source: str
    result: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Checked:
    """What somebody says he checked: the field, how, against what, and what came of it."""

    id: str
    field: str
    result: str
    source: str
    method: str | None = None
    reasoned: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known about a record's fields beside their values."""

    found: RecordClass
    versions: tuple[PartVersion, ...]
    verifications: tuple[Verification, ...]
    stated_at: datetime | None = None  # the last time the whole record was confirmed as a business fact

    @cached_property
    def supplied(self) -> dict[str, PartVersion]:
        """The version that last set each field: who supplied it, and when."""
        ordered = sorted(self.versions, key=lambda one: one.version)
        return {path: one for one in ordered for path in one.changed}

    @cached_property
    def filled(self) -> frozenset[str]:
        """The fields that have a value."""
        newest = {one.part: one for one in sorted(self.versions, key=lambda one: one.version)}
        return frozenset(path for one in newest.values() for path in one.filled if path in self.found.fields)

    @cached_property
    def latest(self) -> dict[str, Verification]:
        """The last look at each field, whether the field changed since or not."""
        return {one.field: one for one in sorted(self.verifications, key=lambda one: one.id)}

    @cached_property
    def live(self) -> dict[str, Verification]:
        """The last look at each field that still is what was looked at: a change makes it stale."""
        return {path: one for path, one in self.latest.items() if not self.changed_since(one)}

    def changed_since(self, seen: Verification) -> bool:
        """Whether the field was set again after this look at it."""
        now = self.supplied.get(seen.field)
        return now is None or now.version > seen.part_version or seen.field not in self.filled

    @cached_property
    def verified(self) -> frozenset[str]:
        """The fields that were confirmed and are as they were then."""
        return frozenset(path for path, one in self.live.items() if one.result == "confirmed")

    @cached_property
    def to_verify(self) -> frozenset[str]:
        """Core fields, and those that the class wants verified as soon as they have a value."""
        asked = {path for path, entry in self.found.fields.items() if entry.verify}
        return frozenset({*self.found.core, *(asked & self.filled)})

    @property
    def missing(self) -> list[str]:
        """Core fields without a value."""
        return sorted(set(self.found.core) - self.filled)

    @property
    def unchecked(self) -> list[str]:
        """Fields with a value that have to be verified and that nobody has looked at as they are now."""
        looked = {path for path, one in self.live.items() if one.result != "wrong"}
        return sorted((self.to_verify & self.filled) - looked)

    @property
    def confirmed_at(self) -> datetime:
        """The last time somebody confirmed or supplied anything."""
        supplied = [one.at for one in self.versions]
        confirmed = [one.at for one in self.live.values() if one.result == "confirmed"]
        return max([*supplied, *confirmed, *([self.stated_at] if self.stated_at else [])])

    def figures(self, now: datetime, stale_after: int) -> Figures:
        """The record as figures."""
        core, fields = set(self.found.core), self.found.fields
        counts = (len(core), len(core & self.filled), len(fields), len(self.filled))
        checked = (len(self.to_verify), len(self.verified & self.to_verify))
        return Figures(1, *counts, *checked).aged(max(0, (now - self.confirmed_at).days), stale_after)

    def check(self, said: Checked, record: Any, by: str, at: datetime, regime: Regime) -> Verification:
        """One field checked, or why this does not count as a check."""
        record.refuse_gone()
        self._refuse_form(said)
        supplier = self.supplied[said.field]
        if regime.kept_apart("supply", "verify") and supplier.by == by:
            raise Forbidden("verification.own", f"{said.field} is verified by another person than who supplied it")
        told = (said.field, supplier.version, said.method, said.source, said.result)
        return Verification(said.id, record.id, *told, by, at)

    def _refuse_form(self, said: Checked) -> None:
        if said.field not in self.found.fields:
            raise Invalid("field.unknown", f"{self.found.name} has no such field", _at(said, "field.unknown"))
        if said.field not in self.filled:
            raise Conflict("verification.nothing", f"{said.field} has no value that could be checked")
        if said.result == "not_possible":
            if not said.reasoned:
                raise Invalid("verification.reason", "say why it is not possible", _at(said, "verification.reason"))
            return
        wanted = self.found.fields[said.field].verify
        if said.method is None or wanted and said.method != wanted:
            told = f"{said.field} is verified by {wanted}" if wanted else "name the method by which it was checked"
            raise Invalid("verification.method", told, _at(said, "verification.method"))

    def told(self, verification: Verification, record: Any) -> events.Verified:
        """The fact, after it was added to these."""
        supplier, one = self.supplied[verification.field], verification
        checked = {"field": one.field, "method": one.method, "source": one.source, "result": one.result}
        told: dict[str, Any] = {"verification": one.id, **checked, "supplied_by": supplier.by}
        return events.Verified(**record.told(), **told, verified=sorted(self.verified))

    def having(self, verification: Verification) -> Facts:
        """These facts and one look more."""
        return Facts(self.found, self.versions, (*self.verifications, verification), self.stated_at)


def methods_of(found: RecordClass) -> tuple[str, ...]:
    """How fields of the class may be checked."""
    return tuple(dict.fromkeys([*METHODS, *(entry.verify for entry in found.fields.values() if entry.verify)]))


def state_of(facts: Facts, path: str) -> str:
    """What a field is: empty, unverified, verified, wrong, corrected, stale, or not possible to verify."""
    if path not in facts.filled:
        return "empty"
    if path in facts.live:
        return {"confirmed": "verified"}.get(facts.live[path].result, facts.live[path].result)
    if path not in facts.latest:
        return "unverified"
    return "corrected" if facts.latest[path].result == "wrong" else "stale"


def facts_of(found: RecordClass, versions: Iterable[PartVersion], looks: Iterable[Verification], stated: Any) -> Facts:
    """The facts of one record."""
    return Facts(found, tuple(versions), tuple(looks), stated)


def _at(said: Checked, code: str) -> dict[str, Any]:
    return {"errors": [{"pointer": f"/fields/{said.field}", "code": code}]}

"""The governed read: what was loaded is decided field by field, journalled, and only then opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from regimes import Regime
from regimes.model import Field, RecordClass, Right
from regimes.rights import case_of, lift_for, reaches, reads_nothing
from services.records import events
from services.records.grants import Grant
from services.records.model import Record
from vault.envelope import OpenedPart, PartContext, open_part

Unwrap = Callable[[Iterable[str]], dict[str, bytes]]


@dataclass(frozen=True)
class StoredPart:
    """A part as it lies in the database: still sealed."""

    id: str
    name: str
    level: str
    key: str
    version: int
    sealed: bytes

    def open(self, record: str, dek: bytes) -> OpenedPart:
        """Open it; each field by itself afterwards."""
        return open_part(dek, PartContext(record, self.id, self.version), self.sealed)


@dataclass(frozen=True)
class Verdict:
    """What one field is for this caller: clear, masked or withheld, and why."""

    field: Field
    state: str
    code: str | None = None
    lifted_by: str | None = None
    right: str | None = None
    grant: str | None = None


@dataclass
class Seen:
    """One record as loaded for one caller: enough to decide, nothing opened."""

    record: Record
    parts: dict[str, StoredPart]
    grants: list[Grant] = field(default_factory=list)

    def decide(self, caller: Actor, fields: list[str] | None, purpose: str, regime: Regime, now: datetime) -> Reading:
        """Decide every field asked for; refuses a purpose that does not exist and a caller who may see nothing."""
        self.record.refuse_gone(caller, regime)
        if purpose not in regime.purposes:
            raise Invalid("purpose.unknown", "name one of the purposes of the regime", {"purposes": [*regime.purposes]})
        found, envelope = regime.classes[self.record.class_], self.record.envelope()
        rights = regime.right(caller, "view", envelope, purpose)
        held = [] if reads_nothing(regime, caller) else self.grants
        live = [grant for grant in held if grant.allows(caller.person, self.record.id, "view", purpose, now)]
        case = _Case(self.record, regime, purpose, rights, live, caller, envelope)
        if not rights and not live:
            raise Forbidden("right.missing", "no standing right and no live grant", {"request_kind": case.lift})
        verdicts = [case.verdict(entry) for entry in asked(found, fields)]
        return Reading(self, purpose, verdicts, regime)

    def at(self, rows: list[Any], as_of: datetime) -> Seen:
        """The same record as it stood at an instant."""
        then = {row.name: row for row in rows if row.at <= as_of}
        parts = {n: StoredPart(r.id, r.name, r.level, r.key, r.version, r.sealed) for n, r in then.items()}
        return Seen(self.record, parts, self.grants)


@dataclass(frozen=True)
class _Case:
    record: Record
    regime: Regime
    purpose: str
    rights: list[Right]
    grants: list[Grant]
    caller: Actor
    envelope: dict[str, Any]

    @cached_property
    def lift(self) -> str | None:
        """The request that could show more; nobody asks where all is clear."""
        return lift_for(self.regime, "view", self.envelope, case_of(self.regime, self.caller, self.envelope))

    @cached_property
    def collected(self) -> frozenset[str]:
        """The parts that this purpose may read."""
        return self.regime.parts_for(self.purpose, self.record.class_)

    def verdict(self, entry: Field) -> Verdict:
        blocked = self._consent(entry)
        if blocked:
            return Verdict(entry, "withheld", blocked, "consent")
        allowing = next((right for right in self.rights if self._covers(right, entry)), None)
        if allowing:
            return Verdict(entry, "clear", right=allowing.name)
        granting = next((grant for grant in self.grants if grant.covers(entry.path)), None)
        if granting:
            return Verdict(entry, "clear", grant=granting.id)
        code = "grant.scope" if self.grants else "right.missing"
        shown = "withheld" if entry.mask in ("all", "none") or not self.rights else "masked"
        return Verdict(entry, shown, code, self.lift)

    def _consent(self, entry: Field) -> str | None:
        purpose = self.regime.purposes[self.purpose]
        if entry.part not in self.collected:
            return "purpose.scope"
        known = self.record.purposes.get(self.purpose)
        if purpose.basis == "contract" and known is None:
            return "purpose.not_collected"
        if purpose.basis != "consent" or known == "given":
            return None
        return "consent.withdrawn" if self.purpose in self.record.purposes else "consent.missing"

    def _covers(self, right: Right, entry: Field) -> bool:
        return (not right.parts or entry.part in right.parts) and reaches(self.regime, right, entry)


@dataclass
class Reading:
    """A decided read. `entry` goes to the journal first; `open` needs the ticket of that entry."""

    seen: Seen
    purpose: str
    verdicts: list[Verdict]
    regime: Regime

    @property
    def protected(self) -> bool:
        """Whether anything above the lowest level will be shown in clear."""
        lowest = min(level.rank for level in self.regime.levels.values())
        return any(self.regime.levels[v.field.level].rank > lowest for v in self._clear)

    @property
    def waits(self) -> bool:
        """Whether the ledger must have taken the entry before anything is shown."""
        return any(self.regime.levels[v.field.level].ledger == "waits" for v in self._clear)

    @property
    def wants_grant(self) -> bool:
        """Whether a grant could show more of what was asked for."""
        return any(v.code in ("right.missing", "grant.scope") for v in self.verdicts)

    @property
    def spends(self) -> list[str]:
        """The grants that hold once and are used up by this read."""
        once = {grant.id for grant in self.seen.grants if grant.once}
        return sorted({v.grant for v in self._clear if v.grant in once and v.grant})

    @property
    def entry(self) -> events.Read:
        """What the journal keeps of this read."""
        named = {state: [v.field.path for v in self.verdicts if v.state == state] for state in _STATES}
        return events.Read(
            self.seen.record.id,
            self.purpose,
            **named,
            by_right=sorted({v.right for v in self._clear if v.right}),
            by_grant=sorted({v.grant for v in self._clear if v.grant}),
            record_version=self.seen.record.version,
        )

    def open(self, unwrap: Unwrap) -> dict[str, Any]:
        """The answer: every field with its state, its value or mask, or the reason why not."""
        names = {v.field.part for v in self.verdicts if v.state != "withheld" and self._stored(v)}
        shown = [self.seen.parts[name] for name in names]
        deks = unwrap({part.key for part in shown}) if shown else {}
        opened = {part.name: part.open(self.seen.record.id, deks[part.key]) for part in shown}
        filled = {path for part in opened.values() for path in part.fields}
        return {v.field.path: self._shown(v, opened.get(v.field.part), filled) for v in self.verdicts}

    @cached_property
    def _clear(self) -> list[Verdict]:
        return [v for v in self.verdicts if v.state == "clear"]

    def _stored(self, verdict: Verdict) -> bool:
        return verdict.field.part in self.seen.parts

    def _shown(self, verdict: Verdict, part: OpenedPart | None, filled: set[str]) -> dict[str, Any]:
        path, state = verdict.field.path, verdict.state
        if state == "clear":
            return {"state": state, "value": part.value(path).decode() if part and path in filled else None}
        reason = {"code": verdict.code, "request_kind": verdict.lifted_by}
        if state == "masked" and part and path in part.masked:
            return {"state": state, "value": part.mask(path).decode(), "reason": reason}
        return {"state": state, "reason": reason}


_STATES = ("clear", "masked", "withheld")


def asked(found: RecordClass, fields: list[str] | None) -> list[Field]:
    """The fields asked for, or all; an unknown name is refused by name."""
    if not fields:
        return list(found.fields.values())
    strange = sorted(set(fields) - found.fields.keys())
    if strange:
        errors = [{"pointer": f"/fields/{name}", "code": "field.unknown"} for name in strange]
        raise Invalid("field.unknown", f"{found.name} has no such field", {"errors": errors})
    return [found.fields[name] for name in fields]

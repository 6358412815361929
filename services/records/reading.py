"""The governed read: what was loaded is decided field by field, journalled, and only then opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from regimes import Regime
from regimes.envelopes import completed
from regimes.model import Field, RecordClass, Right
from regimes.rights import case_of, is_one, lift_for, reaches, reads_nothing
from regimes.tables import rows_of
from services.records import events
from services.records.classifying import levels
from services.records.consents import lawful
from services.records.consents.events import UseRefused
from services.records.grants import FOREIGN, NEARLY, Grant, sorted_out
from services.records.model import Record
from services.records.refusals import refuse_strange_purpose
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
    also: str | None = None


@dataclass
class Seen:
    """One record as loaded for one caller: enough to decide, nothing opened."""

    record: Record
    parts: dict[str, StoredPart]
    grants: list[Grant] = field(default_factory=list)
    head: Record | None = None  # how it stood at an earlier instant: shown, but nothing is decided by it

    def decide(
        self, caller: Actor, fields: Sequence[str | Field] | None, purpose: str, regime: Regime, now: datetime,
        rights: list[Right] | None = None, place: str | None = None,
    ) -> Reading:  # fmt: skip
        """Decide every field asked for; refuses a purpose that does not exist and a caller who may see nothing.

        `rights` are those that count, where they are not simply the standing ones; `place` is where the caller reads.
        """
        self.record.refuse_gone(caller, regime)
        refuse_strange_purpose(purpose, regime)
        found, envelope = regime.classes[self.record.class_], self.record.envelope()
        rights = regime.right(caller, "view", envelope, purpose) if rights is None else rights
        rights = [right for right in rights if right.place in (None, place)]
        held = [] if reads_nothing(regime, caller) else self.grants
        live, near = sorted_out(held, caller.person, self.record.id, purpose, place, now)
        case = _Case(self.record, regime, purpose, rights, live, caller, envelope, near)
        if not rights and not live:
            raise Forbidden(near or FOREIGN, "no standing right and no live grant", {"request_kind": case.lift})
        verdicts = [case.verdict(levels.protected(entry, case.demanded, regime)) for entry in asked(found, fields)]
        return Reading(self, purpose, verdicts, regime, place)

    def at(self, rows: list[Any], as_of: datetime, told: Mapping[str, Any]) -> Seen:
        """The same record as it stood at an instant; `told` is what was said of it last by then.

        Who may see it is decided by what it is today.
        """
        then = {row.name: row for row in rows if row.at <= as_of}
        parts = {n: StoredPart(r.id, r.name, r.level, r.key, r.version, r.sealed) for n, r in then.items()}
        return Seen(self.record, parts, self.grants, self.record.as_told(told))


@dataclass(frozen=True)
class _Case:
    record: Record
    regime: Regime
    purpose: str
    rights: list[Right]
    grants: list[Grant]
    caller: Actor
    envelope: dict[str, Any]
    near: str | None = None  # why the grants there are do not hold
    asked: dict[str, str | None] = field(default_factory=dict)  # part -> why it may not be used for the purpose

    @cached_property
    def lift(self) -> str | None:
        """The request that could show more; nobody asks where all is clear."""
        return lift_for(self.regime, "view", self.envelope, case_of(self.regime, self.caller, self.envelope))

    @cached_property
    def demanded(self) -> str | None:
        """The level that the record's classification demands of every field of it."""
        return levels.classified(self.record, self.regime)

    def verdict(self, entry: Field) -> Verdict:
        blocked = self._unlawful(entry.part)
        if blocked:
            return Verdict(entry, "withheld", blocked, also=self._also(entry))
        allowing = next((right for right in self.rights if self._covers(right, entry)), None)
        if allowing:
            return Verdict(entry, "clear", right=allowing.name)
        granting = next((grant for grant in self.grants if grant.covers(entry.path)), None)
        if granting:
            return Verdict(entry, "clear", grant=granting.id)
        code = "grant.scope" if self.grants else self.near or "right.missing"
        shown = "withheld" if entry.mask in ("all", "none") or not self.rights else "masked"
        return Verdict(entry, shown, code, self.lift)

    def _unlawful(self, part: str) -> str | None:
        if part not in self.asked:
            self.asked[part] = lawful.unlawful(self.record, self.regime, self.purpose, part)
        return self.asked[part]

    def _also(self, entry: Field) -> str | None:
        """What would be missing besides, were the use lawful: no right reaches the field, and no grant."""
        reached = any(self._covers(right, entry) for right in self.rights)
        return None if reached or any(grant.covers(entry.path) for grant in self.grants) else "right.missing"

    def _covers(self, right: Right, entry: Field) -> bool:
        return entry.part not in self.others and covers(right, entry, self.regime)

    @cached_property
    def others(self) -> set[str]:
        """Parts that are read by others only, whatever right somebody holds to the record."""
        return kept_from(self.caller, self.regime.classes[self.record.class_], self.envelope, self.regime)


def covers(right: Right, entry: Field, regime: Regime) -> bool:
    """Whether a right to the record is one to this field: its part, and up to its level."""
    return (not right.parts or entry.part in right.parts) and reaches(regime, right, entry)


def kept_from(caller: Actor, found: RecordClass, envelope: dict[str, Any], regime: Regime) -> set[str]:
    """Parts of the record that the class names other readers for than the caller."""
    narrow = {name: part for name, part in found.parts.items() if part.read}
    whole = completed(regime, envelope) if narrow else {}
    return {name for name, part in narrow.items() if not any(is_one(who, caller, whole) for who in part.read)}


def reaching(record: Record, entry: Field, caller: Actor, regime: Regime) -> list[Right]:
    """The standing rights that show the caller this field of the record in clear, for their purposes, wherever."""
    envelope = record.envelope()
    rights = [right for right in regime.right(caller, "view", envelope) if right.place is None]
    if not rights or entry.part in kept_from(caller, regime.classes[record.class_], envelope, regime):
        return []
    protected = levels.in_record(entry, record, regime)
    return [right for right in rights if covers(right, protected, regime)]


@dataclass
class Reading:
    """A decided read. `entry` goes to the journal first; `open` needs the ticket of that entry."""

    seen: Seen
    purpose: str
    verdicts: list[Verdict]
    regime: Regime
    place: str | None = None

    @property
    def protected(self) -> bool:
        """Whether anything above the lowest level will be shown in clear."""
        lowest = min(level.rank for level in self.regime.levels.values())
        return any(self.regime.levels[v.field.level].rank > lowest for v in self._clear)

    @property
    def refused(self) -> UseRefused | None:
        """The fact that the record may not be used for this purpose at all, if so: somebody has to answer for it."""
        told = self.seen.record.told()
        return UseRefused(**told, used_for=self.purpose, code=self.fallen) if self.fallen else None

    @cached_property
    def fallen(self) -> str | None:
        """Why the record may not be used for this purpose at all; None where it may."""
        return lawful.fallen(self.seen.record, self.regime, self.purpose)

    def refuse_fallen(self) -> None:
        """Refuse a read of what the caller could see, were it not for the purpose: nothing is left of it to show."""
        if self.fallen and any(v.code == self.fallen and not v.also for v in self.verdicts):
            told = {"purpose": self.purpose, "request_kind": None}  # no request gives a consent
            raise Forbidden(self.fallen, f"the record may not be used for {self.purpose}", told)

    @property
    def waits(self) -> bool:
        """Whether the ledger must have taken the entry before anything is shown."""
        return any(self.regime.levels[v.field.level].ledger == "waits" for v in self._clear)

    @property
    def wants_grant(self) -> bool:
        """Whether a grant could show more of what was asked for, or that only the purpose is in its way."""
        return any(v.also or v.code in (FOREIGN, *NEARLY) for v in self.verdicts)

    @property
    def clear_parts(self) -> set[str]:
        """The parts that something is shown of in clear."""
        return {v.field.part for v in self._clear}

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
            place=self.place,
        )

    def open(self, unwrap: Unwrap) -> dict[str, Any]:
        """The answer: every field with its state, its value or mask, or the reason why not."""
        shown = self.shown
        deks = unwrap({part.key for part in shown}) if shown else {}
        opened = {part.name: part.open(self.seen.record.id, deks[part.key]) for part in shown}
        filled = {path for part in opened.values() for path in part.fields}
        return {v.field.path: self._shown(v, opened.get(v.field.part), filled) for v in self.verdicts}

    @property
    def shown(self) -> list[StoredPart]:
        """The parts that something is shown of, clear or masked."""
        names = {v.field.part for v in self.verdicts if v.state != "withheld" and self._stored(v)}
        return [self.seen.parts[name] for name in sorted(names)]

    @cached_property
    def _clear(self) -> list[Verdict]:
        return [v for v in self.verdicts if v.state == "clear"]

    def _stored(self, verdict: Verdict) -> bool:
        return verdict.field.part in self.seen.parts

    def _shown(self, verdict: Verdict, part: OpenedPart | None, filled: set[str]) -> dict[str, Any]:
        path, state = verdict.field.path, verdict.state
        if state == "clear":
            value = part.value(path).decode() if part and path in filled else None
            rows = {"rows": rows_of(value)} if value and verdict.field.type == "table" else {}
            return {"state": state, "value": value, **rows}
        reason = {"code": verdict.code, "request_kind": verdict.lifted_by}
        if verdict.also:
            reason["also"] = verdict.also
        if state == "masked" and part and path in part.masked:
            return {"state": state, "value": part.mask(path).decode(), "reason": reason}
        return {"state": state, "reason": reason}


_STATES = ("clear", "masked", "withheld")


def asked(found: RecordClass, fields: Sequence[str | Field] | None) -> list[Field]:
    """The fields asked for, or all; an unknown name is refused by name. What is given whole is taken as it is."""
    if not fields:
        return list(found.fields.values())
    whole = [one for one in fields if isinstance(one, Field)]
    return whole or _named(found, [str(one) for one in fields])


def _named(found: RecordClass, fields: list[str]) -> list[Field]:
    strange = sorted(set(fields) - found.fields.keys())
    if strange:
        errors = [{"pointer": f"/fields/{name}", "code": "field.unknown"} for name in strange]
        raise Invalid("field.unknown", f"{found.name} has no such field", {"errors": errors})
    return [found.fields[name] for name in fields]

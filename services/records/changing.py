"""A change on its way: proposed and sealed, decided elsewhere, then made a new version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import Conflict, Forbidden, Invalid
from chassis.ids import new_id
from regimes import Regime
from regimes.model import RecordClass
from services.records import sealing
from services.records.classifying import levels
from services.records.consents import lawful
from services.records.documents import checklist
from services.records.model import Change, Record
from services.records.parties import model as identity
from services.records.reading import StoredPart
from services.records.sealing import REASON, PartToStore, Values
from vault.envelope import OpenedPart, PartContext, open_part
from vault.keystore import Key, Sealer

# The stricter way to begin wins when one change touches parts that begin differently.
STRICTNESS = ("staff", "reported", "evidence", "customer", "never")
STARTED_BY = {"customer": "customer"}
BUSY = "request.in_flight"
CORRECTION = "correction"  # of a slip: what was entered is not what was handed in; decided by a request of its own


@dataclass
class Proposal:
    """A checked change, not yet sealed: what is set, what is taken away, how it has to begin."""

    record: Record
    found: RecordClass
    regime: Regime
    values: Values
    cleared: list[str]
    mode: str
    kind: str = "change"

    @classmethod
    def of(cls, record: Record, args: Mapping[str, Any], regime: Regime) -> Proposal:
        """Check fields and values; an empty value takes a field away, but never a core one."""
        found = regime.classes[record.class_]
        given = args["fields_"]
        values = sealing.check(found, given, regime, whole=False, known=record.facets)
        cleared = sorted(set(given) - set(values))
        lawful.may_take_in(record, regime, values)
        _refuse_core(found, cleared)
        if args.get("correction"):
            return cls(record, found, regime, values, cleared, CORRECTION, "correct_original")
        mode = max((found.parts[path.split(".")[0]].change for path in given), key=STRICTNESS.index)
        wanted = STARTED_BY.get(mode)
        if wanted and args["requested_by"] != wanted:
            told = "only the customer starts a change of this part; bring the customer's request"
            raise Forbidden("change.customer_only", told, {"request_kind": "change"})
        if mode == "reported" and args["requested_by"] == "staff":
            told = "nobody edits this part by himself: report it, and who keeps the record enters it"
            raise Forbidden("change.reported_only", told, {"request_kind": "change"})
        return cls(record, found, regime, values, cleared, mode)

    @property
    def paths(self) -> list[str]:
        """Every field it sets or takes away."""
        return sorted([*self.values, *self.cleared])

    @property
    def parts(self) -> list[str]:
        """The parts it touches."""
        return sorted({path.split(".")[0] for path in self.paths})

    @property
    def never(self) -> list[str]:
        """Fields whose originals stay as they are; a slip in them is put right under a rule of its own (Q-300)."""
        if self.kind != "change":
            return []
        return [path for path in self.paths if self.found.parts[path.split(".")[0]].change == "never"]

    def change(self, args: Mapping[str, Any], by: str, sealer: PartSealer) -> Change:
        """The change with its values sealed under the keys of the parts they belong to."""
        change = new_id()
        sealed = {part: self._sealed(change, part, args["reason"], sealer) for part in self.parts}
        told = (self.record.version, self.mode, self.paths, args["requested_by"], by, args.get("evidence", []))
        return Change(change, self.record.id, *told, sealed=sealed, kind=self.kind)

    def _sealed(self, change: str, part: str, reason: str, sealer: PartSealer) -> bytes:
        mine = {path: self.values.get(path, "") for path in self.paths if path.split(".")[0] == part}
        values = {path: value.encode() for path, value in mine.items()} | {REASON: reason.encode()}
        shown = sealing.masks(self.found, {path: value for path, value in mine.items() if value}, self.regime)
        return sealer.seal(part, context(self.record.id, change, part), values, shown)


@dataclass(frozen=True)
class PartSealer:
    """Seals under the keys of a record's parts; nothing comes back, so it needs no ticket."""

    sealer: Sealer
    keys: dict[str, str]

    def seal(self, part: str, context: PartContext, values: dict[str, bytes], masks: dict[str, bytes]) -> bytes:
        """One part's values and their masks, sealed."""
        return self.sealer.seal(self.keys[part], context, values, masks).packed


def context(record: str, change: str, part: str) -> PartContext:
    """Where a proposed change of one part lies sealed."""
    return PartContext(record, f"change:{change}:{part}", 0)


def _refuse_core(found: RecordClass, cleared: list[str]) -> None:
    errors = [
        {"pointer": f"/fields/{path}", "code": "field.missing", "detail": "a core field is never left empty"}
        for path in cleared
        if path in found.core
    ]
    if errors:
        raise Invalid("record.invalid", f"{len(errors)} core fields would be empty", {"errors": errors})


@dataclass(frozen=True)
class Applied:
    """What a decided change makes of a record: new part versions and what follows from them."""

    version: int  # of the record that it was made of
    parts: list[PartToStore]
    values: Values
    level: str
    complete: bool
    facets: dict[str, str]
    filing: Values  # what its filing unit is made of, touched or not
    identity: Values  # by what its customer is told, likewise
    wanted: dict[str, str]  # what its checklist wants from now on

    def refuse_moved_on(self, record: Record) -> None:
        """Refuse where the record has another version by now: what was made says nothing of it, and is made anew."""
        if record.version != self.version:
            raise Conflict(BUSY, f"the record is at version {record.version} by now", {"version": record.version})

    @property
    def names(self) -> set[str]:
        """The parts it touches."""
        return {part.name for part in self.parts}

    @property
    def filled(self) -> list[str]:
        """The fields that it gave a value, not those it took one from."""
        return [path for part in self.parts for path in part.changed if path in self.values]


def apply(
    change: Change, record: Record, stored: dict[str, StoredPart], deks: dict[str, bytes], regime: Regime
) -> Applied:
    """Open the parts it touches, set what it sets, seal the next version of each; the others are left alone."""
    found = regime.classes[record.class_]
    touched, values = [], Values()
    for part in sorted(change.sealed):
        old = stored[part]
        opened = old.open(record.id, deks[part])
        now = {path: opened.value(path).decode() for path in opened.fields if path in found.fields}
        wanted = open_part(deks[part], context(record.id, change.id, part), change.sealed[part])
        now |= {path: wanted.value(path).decode() for path in wanted.fields if path != REASON}
        kept = {path: value for path, value in now.items() if value != ""}
        values |= kept
        touched.append(_next(old, record, found, kept, wanted.value(REASON).decode(), deks[part], change, regime))
    others = [part.open(record.id, deks[part.name]) for part in stored.values() if part.name not in change.sealed]
    paths = [*values, *(path for part in others for path in part.fields if path in found.fields)]
    facets = {**{k: v for k, v in record.facets.items() if k.split(".")[0] not in change.sealed}}
    facets |= sealing.facets_of(found, values)
    complete = sealing.complete(found, paths, facets)
    told = (levels.risen(record, sealing.level_of(found, paths, regime), regime), complete, facets)
    deciding = _values_of(checklist.reads(found), values, others)
    listed = checklist.wanted(found, checklist.case(record, regime, deciding))
    filing = _values_of(found.one_per.fields if found.one_per else (), values, others)
    return Applied(
        record.version, touched, values, *told, filing, _values_of(identity.paths(found), values, others), listed
    )


def _next(old: StoredPart, record: Record, found: RecordClass, values: Values, reason: str, dek: bytes, change: Change,
          regime: Regime) -> PartToStore:  # fmt: skip
    context = PartContext(record.id, old.id, old.version + 1)
    sealed = sealing.seal(dek, context, found, values, reason, regime)
    changed = [path for path in change.fields if path.split(".")[0] == old.name]
    return PartToStore(old.id, old.name, old.level, old.key, old.version + 1, changed, sealed)


def _values_of(paths: Iterable[str], values: Values, others: list[OpenedPart]) -> Values:
    """The values of these fields as they are now, touched or not."""
    paths = list(paths)
    kept = {path: part.value(path).decode() for part in others for path in paths if path in part.fields}
    return kept | {path: values[path] for path in paths if path in values}


def empty_part(record: Record, found: RecordClass, name: str, key: Key, regime: Regime) -> PartToStore:
    """A part that a record did not have yet, so that a change can be sealed under its key."""
    part = new_id()
    sealed = sealing.seal(key.dek, PartContext(record.id, part, 1), found, {}, "", regime)
    return PartToStore(part, name, found.parts[name].level, key.id, 1, [], sealed)

"""A new record: what must be given, by whom, for what; then sealed part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from chassis.ids import new_id
from regimes import Regime
from regimes.model import RecordClass
from regimes.rights import lifted
from services.records import numbering, sealing
from services.records.classifying import levels
from services.records.consents import asking, lawful
from services.records.consents.collecting import Collection
from services.records.consents.model import Consent
from services.records.consents.notices import Notices
from services.records.documents import checklist
from services.records.model import Record
from services.records.parties.model import Marks, marks
from services.records.registers.belonging import belong, purposes_of
from services.records.sealing import PartToStore, Values
from services.records.searching.indexing import Indexed, indexed
from vault.envelope import PartContext
from vault.keystore import Key
from vault.tokens import Blind, SearchIndex


class Entered(NamedTuple):
    """What is said of a new record beside its contents: whose it is, and what its customer answered to whom."""

    record: Record
    marks: Marks
    consents: list[Consent]
    collection: Collection


Granted = Callable[[Record, list[str]], dict[str, Any] | None]  # a live grant for such a record, as it was signed


def none_granted(record: Record, purposes: list[str]) -> None:
    """Where standing rights alone count."""


@dataclass(frozen=True)
class Draft:
    """A checked but not yet stored record. Refuses before anything is made."""

    record: Record
    found: RecordClass
    values: Values
    consents: list[Consent]
    collection: Collection
    regime: Regime
    grant: dict[str, Any] | None = None  # what it stands on where no right does

    @classmethod
    def of(cls, args: Mapping[str, Any], caller: Actor, regime: Regime, import_id: str | None = None,
           granted: Granted = none_granted, parent: Record | None = None,
           notices: Notices | None = None, whole: bool = True) -> Draft:  # fmt: skip
        """Check class, right, purposes, consents, fields and where they come from, in this order.

        Not `whole`, core fields may still be missing: it stays a draft until they are there.
        """
        found = class_named(regime, args["class_"])
        record = _empty(found, args, caller, regime, import_id)
        belong(record, found, args, parent)
        if import_id and found.signed_by:
            raise Forbidden("entry.unsigned", f"each {found.name} is signed by its people; it is not imported")
        grant = _allowed(record, args, caller, regime, granted)
        _answered_for(record, grant)
        consents = asking.answers(found, regime, args.get("consents", []), notices or Notices.of(regime))
        answered = {one.purpose: one.state for one in consents}
        purposes = _named(args)
        asking.covered(found, regime, purposes, args["fields_"])
        asking.consented(found, regime, purposes, answered, asked=import_id is None)
        values = sealing.check(found, args["fields_"], regime, whole)
        record.level = levels.of_record(record, sealing.level_of(found, values, regime), regime)
        due = checklist.is_due(found, record, regime, values)
        record.complete = sealing.complete(found, values, values) and not due
        record.facets = sealing.facets_of(found, values)
        numbering.check(found, record.facets)
        named = purposes_of(found, regime, purposes, parent)
        record.purposes = named | answered
        lawful.may_take_in(record, regime, values)
        collection = Collection.of(record, regime, caller, args.get("collection") or {}, values, consents)
        record.origin = collection.origin
        record.state = record.state if whole else "draft"
        return cls(record, found, values, consents, collection, regime, grant)

    @property
    def granted(self) -> str | None:
        """The grant that it is entered under."""
        return str(self.grant["id"]) if self.grant else None

    @property
    def collected_on(self) -> str | None:
        """The civil day on which its data was taken in, where somebody said so."""
        at = self.collection.collected_at
        return at.astimezone(ZoneInfo(self.regime.timezone)).date().isoformat() if at else None

    @cached_property
    def parts(self) -> dict[str, Values]:
        """The values by part; a key of its own for each."""
        return sealing.by_part(self.values)

    def entered(self, blind: Blind) -> Entered:
        """With the marks by which its customer is told; none where it is about whom something else is about."""
        return Entered(self.record, marks(self.found, self.values, blind), self.consents, self.collection)

    def indexed(self, blind: Blind, index: SearchIndex | None = None) -> Indexed:
        """What it is found by, and its figures; `index` where the newest generation was looked up before."""
        return indexed(self.record.id, self.found, self.parts, self.values, blind, index)

    def seal(self, keys: list[Key], reason: str = "") -> list[PartToStore]:
        """Seal every part under a key of its own."""
        own = zip(self.parts.items(), keys, strict=True)
        return [self._sealed(name, values, key, reason) for (name, values), key in own]

    def _sealed(self, name: str, values: Values, key: Key, reason: str) -> PartToStore:
        part = new_id()
        context = PartContext(self.record.id, part, 1)
        sealed = sealing.seal(key.dek, context, self.found, values, reason, self.regime)
        level = self.found.parts[name].level
        return PartToStore(part, name, level, key.id, 1, sorted(values), sealed)


def may_create(found: RecordClass, args: Mapping[str, Any], caller: Actor, regime: Regime, granted: Granted) -> Any:
    """Refuse whoever may enter no such record, before anything is opened for him; the grant, where no right does."""
    return _allowed(_empty(found, args, caller, regime, None), args, caller, regime, granted)


def _allowed(record: Record, args: Mapping[str, Any], caller: Actor, regime: Regime, granted: Granted) -> Any:
    """The grant that entering this record stands on; None where a right does."""
    if regime.right(caller, "import" if record.import_id else "create", record.envelope()):
        return None
    grant = granted(record, _named(args))
    if grant is None:
        told = lifted(regime, caller, ("create",), record.envelope())
        raise Forbidden("right.missing", f"no right to create {record.class_}", told)
    return grant


def _answered_for(record: Record, grant: Mapping[str, Any] | None) -> None:
    """What somebody else asked for is his and his department's to answer for, whoever enters it."""
    applicant = (grant or {}).get("applicant")
    if applicant:
        record.responsible = applicant["person"]
        record.department = applicant["department"] or record.department


def owner(found: RecordClass, caller: Actor, wanted: str | None = None) -> str:
    """The department a new record belongs to: the caller's if it collects the class, else the class's own.

    One that does not collect it is refused, and no grant lifts that.
    """
    by = found.collect.by
    usual = caller.department if not by or caller.department in by else found.department
    if wanted and by and wanted not in by:
        raise Forbidden("right.missing", f"{found.name} is collected by {', '.join(by)} only")
    return wanted or usual or found.department or ""


def class_named(regime: Regime, name: str) -> RecordClass:
    """The class of that name, or which there are."""
    if name not in regime.classes:
        known = {"pointer": "/class", "code": "class.unknown", "detail": f"one of {', '.join(regime.classes)}"}
        raise Invalid("class.unknown", "the regime has no such class", {"errors": [known]})
    return regime.classes[name]


def _named(args: Mapping[str, Any]) -> list[str]:
    """What it is collected for: purposes named, and those the customer consented to."""
    agreed = (one for one in args.get("consents", []) if one.get("answer") != "refused")
    return [*args.get("purposes", []), *(one["purpose"] for one in agreed)]


def _empty(found: RecordClass, args: Mapping[str, Any], caller: Actor, regime: Regime, import_id: str | None) -> Record:
    person = str(caller.person)
    if args.get("responsible", person) != person:
        known = {"pointer": "/responsible", "code": "responsible.not_yours", "detail": "leave it out"}
        raise Invalid("responsible.not_yours", "a new record is its creator's to answer for", {"errors": [known]})
    department = owner(found, caller, args.get("department"))
    return Record(
        id=new_id(),
        subject=new_id(),
        class_=found.name,
        department=department,
        responsible=person,
        creator=person,
        state="pending",
        level="",
        version=1,
        complete=False,
        regime=regime.digest,
        import_id=import_id,
    )

"""A new record: what must be given, by whom, for what; then sealed part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from chassis.ids import new_id
from regimes import Regime
from regimes.model import RecordClass
from services.records import sealing
from services.records.model import Consent, Record
from services.records.sealing import PartToStore, Values
from vault.envelope import PartContext
from vault.keystore import Key

EXPLICIT = ("simple", "express", "own")  # how explicit a consent is, in rising order
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
    regime: Regime
    grant: dict[str, Any] | None = None  # what it stands on where no right does

    @classmethod
    def of(cls, args: Mapping[str, Any], caller: Actor, regime: Regime, import_id: str | None = None,
           granted: Granted = none_granted) -> Draft:  # fmt: skip
        """Check class, right, purposes, consents and fields, in this order."""
        found = class_named(regime, args["class_"])
        record = _empty(found, args, caller, regime, import_id)
        grant = None
        if not regime.right(caller, "import" if import_id else "create", record.envelope()):
            grant = granted(record, _named(args))
            if grant is None:
                raise Forbidden("right.missing", f"no right to create {found.name}", {"request_kind": "create"})
        consents = [new_consent(found, regime, given) for given in args.get("consents", [])]
        purposes = _named(args)
        _covered(found, regime, purposes, args["fields_"])
        _consented(found, regime, purposes, {consent.purpose for consent in consents}, asked=import_id is None)
        values = sealing.check(found, args["fields_"], regime)
        record.level = sealing.level_of(found, values, regime)
        record.complete = sealing.complete(found, values)
        record.facets = sealing.facets_of(found, values)
        record.purposes = {purpose: "named" for purpose in purposes} | {one.purpose: "given" for one in consents}
        return cls(record, found, values, consents, regime, grant)

    @property
    def parts(self) -> dict[str, Values]:
        """The values by part; a key of its own for each."""
        return sealing.by_part(self.values)

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
    return [*args.get("purposes", []), *(given["purpose"] for given in args.get("consents", []))]


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


def new_consent(found: RecordClass, regime: Regime, given: Mapping[str, Any]) -> Consent:
    """A consent to a purpose of the class, told by the notice in force, as explicit as the purpose asks for."""
    purpose, notice = given["purpose"], regime.notices.get(found.collect.notice or "", {})
    if purpose not in found.collect.purposes:
        raise Invalid("purpose.unknown", f"{found.name} is not collected for {purpose}", {"purpose": purpose})
    if given["notice"] != notice.get("version"):
        raise Invalid("consent.without_notice", f"the notice in force is version {notice.get('version')}")
    known_channel(found, regime, given["channel"])
    wanted = regime.purposes[purpose].consent or EXPLICIT[0]
    if EXPLICIT.index(given["kind"]) < EXPLICIT.index(wanted):
        raise Forbidden("consent.missing", f"{purpose} needs a consent that is {wanted}", {"purpose": purpose})
    return Consent(new_id(), purpose, "given", given["kind"], given["notice"], given["channel"])


def known_channel(found: RecordClass, regime: Regime, channel: str) -> None:
    """A consent comes and goes through a channel of the notice; free text would be a customer's words in the clear."""
    channels = regime.notices.get(found.collect.notice or "", {}).get("channels", ())
    if channel not in channels:
        told = {"pointer": "/channel", "code": "channel.unknown", "detail": f"one of {', '.join(channels)}"}
        raise Invalid("channel.unknown", "the notice knows no such channel", {"errors": [told]})


def _covered(found: RecordClass, regime: Regime, purposes: list[str], fields: Mapping[str, Any]) -> None:
    """Only for purposes the class is collected for, and only the parts they cover (Q-009 ff.)."""
    if not purposes:
        raise Invalid("purpose.missing", "name at least one purpose that the data is collected for")
    strange = [purpose for purpose in purposes if purpose not in found.collect.purposes]
    if strange:
        raise Invalid("purpose.unknown", f"{found.name} is not collected for {strange[0]}", {"purpose": strange[0]})
    covered = frozenset().union(*(regime.parts_for(purpose, found.name) for purpose in purposes))
    outside = sorted(path for path in fields if path in found.fields and path.split(".")[0] not in covered)
    if outside:
        errors = [{"pointer": f"/fields/{path}", "code": "purpose.scope"} for path in outside]
        raise Invalid("purpose.scope", "no purpose named covers these fields", {"errors": errors})


def _consented(found: RecordClass, regime: Regime, purposes: list[str], given: set[str], asked: bool) -> None:
    """The customer's consent for every purpose that stands on it; `asked` = the customer was there to be asked."""
    for purpose in purposes:
        if regime.purposes[purpose].basis == "consent" and purpose not in given:
            raise Forbidden("consent.missing", f"no consent of the customer to {purpose}", {"purpose": purpose})
    if asked and found.collect.consent and not given:
        raise Forbidden("consent.missing", f"{found.name} is not collected without the customer's consent")

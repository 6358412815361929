"""A new entry, and what follows when everybody has signed one: number, validity, what failed, what it fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.errors import Conflict
from services.records import numbering, permits
from services.records.creating import Draft
from services.records.model import Record
from services.records.references import refuse_strange_department, refuse_strangers
from services.records.refusals import unknown
from services.records.registers.belonging import parent_of, subject_of, visible
from services.records.registers.filling import Filling, opened
from services.records.registers.model import CHECK, Entry, Signature, digest, register_named
from services.records.sealing import PartToStore, Values
from services.records.verifying import needs


@dataclass(frozen=True)
class Acceptance:
    """What an entry leads to once everybody has signed; made before the transaction that may need it."""

    service: Any
    entry: Entry
    values: Values
    filling: Filling | None

    @classmethod
    def of(cls, service: Any, entry: Entry, values: Values, evidence: list[str]) -> Acceptance:
        """Check what the entry proposes as far as it can be checked now."""
        return cls(service, entry, values, Filling.of(service, entry, values, evidence))

    def take(self, work: Any, entry: Entry) -> None:
        """Make the entry valid, with all that follows, in one transaction."""
        regime = self.service.regime()
        today = self.service.store.clock.today(regime.timezone)
        needs.refuse_unmet(needs.proofs_of(work, entry.record, regime, []), "active")
        entry.record.state = "pending"
        work.emit(numbering.activate(work, regime, entry.record, today), entry.accept(regime, today))
        failed = entry.failures(self.values, today, regime)
        if failed:
            work.emit(failed)
        if self.filling:
            self.filling.propose(work, entry)


@dataclass(frozen=True)
class Adding:
    """A checked but not yet stored entry."""

    service: Any
    draft: Draft
    sealed: list[PartToStore]
    entry: Entry
    acceptance: Acceptance | None

    @classmethod
    def of(cls, service: Any, args: dict[str, Any], granted: Any, **checks: Any) -> Adding:
        """Check register, what it is about, right and fields, in this order; nothing is made before."""
        regime = service.regime()
        found = register_named(regime, args["class_"])
        parent = parent_of(service, found, args.get("about"))
        draft = Draft.of(args, service.caller, regime, granted=granted, parent=parent, **checks)
        permits.on_file(service, parent or draft.record, args["evidence"])
        refuse_strangers(service, found, draft.values)
        refuse_strange_department(service, args.get("department"))
        draft.record.state = "draft"
        entry = Entry(draft.record, found)
        acceptance = Acceptance.of(service, entry, draft.values, args["evidence"]) if entry.signed else None
        return cls(service, draft, draft.seal(service.keys.create(len(draft.parts))), entry, acceptance)

    def keep(self, work: Any) -> Record:
        """Store it; one that nobody has to sign is valid at once."""
        work.add_draft(self.draft, self.sealed, self.service.keys.blind)
        work.emit(self.draft.record.created())
        if self.acceptance:
            self.acceptance.take(work, self.entry)
            work.save(self.draft.record)
        return self.draft.record


@dataclass(frozen=True)
class Signing:
    """One person about to sign an entry as he read it."""

    service: Any
    entry_id: str
    version: int
    acceptance: Acceptance | None

    @classmethod
    def of(cls, service: Any, args: dict[str, Any]) -> Signing:
        """Open the entry beforehand where the last signature leads to something that needs its values."""
        record, regime = service.store.record(args["entry"]), service.regime()
        found = regime.classes[record.class_]
        entry = Entry(record, found, service.store.holding_signatures(record.id))
        mine = found.kind == "register" and entry.next_is(service.caller, regime)
        if found.kind != "register" or not (mine or visible(service, regime, record)):
            raise unknown(record.id)
        permits.on_file(service, subject_of(service, record, found), args["evidence"])
        if not (mine and entry.left == 1 and record.state == "draft"):
            return cls(service, record.id, args["version"], None)
        wanted = entry.found.fills or any(one.type == CHECK for one in entry.found.fields.values())
        values = opened(service, record, "form") if wanted else {}
        return cls(service, record.id, args["version"], Acceptance.of(service, entry, values, args["evidence"]))

    def sign(self, work: Any, id: str) -> Record:
        """Keep the signature; with the last one the entry is valid."""
        record, regime = work.record(self.entry_id), self.service.regime()
        entry = Entry(record, regime.classes[record.class_], work.signatures(record.id))
        of = digest(record.id, work.sealed_parts(record.id))
        person, place = str(self.service.caller.person), len(entry.signatures)
        signature = Signature(id, place, person, self.version, of, work.now)
        signed = entry.sign(signature, self.service.caller, regime)
        needs.refuse_unread(needs.proofs_of(work, record, regime, []))
        work.emit(signed)
        work.add_signature(record.id, signature)
        if entry.signed:
            self._accepted().take(work, entry)
            work.save(record)
        return record

    def _accepted(self) -> Acceptance:
        if self.acceptance is None:
            raise Conflict("request.in_flight", "another signature has just been given; repeat yours")
        return self.acceptance


def edited(work: Any, record: Record, regime: Any) -> None:
    """A change took effect: on an entry it voids the signatures, which were given to another text."""
    found = regime.classes[record.class_]
    reopened = Entry(record, found, work.signatures(record.id)).reopen() if found.signed_by else None
    if reopened:
        work.void_signatures(record.id)
        work.emit(reopened)

"""Forms whose values become a record's: a new record's first values, or a change that the ordinary request decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.errors import Forbidden, Invalid
from regimes import Regime
from regimes.rights import applicant
from services.records import events as told
from services.records import permits
from services.records.changing import PartSealer, Proposal
from services.records.creating import Draft, class_named, may_create
from services.records.documents.placing import Proof
from services.records.entrypoints import DONE, WAITING
from services.records.model import Record
from services.records.refusals import broken, unknown
from services.records.registers import events
from services.records.registers.belonging import parent_of, visible
from services.records.registers.model import Entry
from services.records.sealing import PartToStore, Values
from services.records.verifying import validity


def opened(service: Any, record: Record, work: str) -> Values:
    """An entry's values, opened by the suite to carry on with it: journalled first, shown to nobody."""
    seen = service.store.see(record.id, None)
    ticket = service.store.record_event(told.OpenedForWork(record.id, work, record.id))
    deks = service.keys.unwrap([part.key for part in seen.parts.values()], ticket)
    parts = [part.open(record.id, deks[part.key]) for part in seen.parts.values()]
    found = service.regime().classes[record.class_].fields
    return {path: part.value(path).decode() for part in parts for path in part.fields if path in found}


@dataclass(frozen=True)
class Filling:
    """A form about a record that proposes its values as a change of it."""

    proposal: Proposal
    made: list[PartToStore]
    sealer: PartSealer
    evidence: list[Proof]

    @classmethod
    def of(cls, service: Any, entry: Entry, values: Values, evidence: list[str]) -> Filling | None:
        """Check the change as if somebody had asked for it by hand; None where the form proposes none."""
        if entry.found.fills is None or entry.found.about is None or not values:
            return None
        target = service.store.record(entry.record.about)
        if not service.regime().classes[target.class_].is_a((entry.found.fills,)):
            return None
        proposal = Proposal.of(target, {"fields_": values, "requested_by": "customer"}, service.regime())
        proofs = permits.proved(service, proposal, evidence)
        _decided(service, proposal, entry.found.name)
        return cls(proposal, *permits.change_keys(service, proposal), proofs)

    def propose(self, work: Any, entry: Entry) -> None:
        """Put the change before whoever decides it, with the form's number as its source."""
        record = work.record(self.proposal.record.id)
        record.expect(self.proposal.record.version)
        reason = f"{entry.found.name} {entry.record.number or entry.record.id}"
        args = {"reason": reason, "requested_by": self.proposal.mode, "evidence": self.evidence}
        change = self.proposal.change(args, entry.record.creator, self.sealer)
        change.source = entry.source
        work.propose(record, change, self.made, self.proposal.never)
        work.add_filling(entry.record.id, record.id, change.id)
        work.emit(events.FormUsed(**entry.told(), filled=record.id, change=change.id))


def _decided(service: Any, proposal: Proposal, form: str) -> None:
    """Who may not change the record himself may still propose it, where somebody else decides."""
    envelope, regime = proposal.record.envelope(), service.regime()
    if regime.right(service.caller, "change", envelope):
        return
    asked = {"change": proposal.mode, "from": form}
    if not regime.rule("change", {"record": envelope, "applicant": applicant(service.caller), "request": asked}).chain:
        raise Forbidden("right.missing", "no standing right to change, and nobody decides it", {"request_kind": None})


@dataclass(frozen=True)
class Form:
    """The form that a new record's values come from; without one nothing happens."""

    entry: Entry | None = None

    def used(self, work: Any, record: Record) -> None:
        """It is used up by the record it fills; of two who use it at once one does."""
        if self.entry is None:
            return
        work.add_filling(self.entry.record.id, record.id)
        work.emit(events.FormUsed(**self.entry.told(), filled=record.id, change=None))


def drafted(service: Any, args: dict[str, Any], **checks: Any) -> tuple[Draft, Form]:
    """A checked new record, with the values of the form that it names (regimes.md 2, gap 6)."""
    regime, source = service.regime(), args.get("source")
    found = class_named(regime, args["class_"])
    if found.kind == "register":
        known = {
            "pointer": "/class",
            "code": "class.register",
            "detail": f"make the entry at /v1/registers/{found.name}",
        }
        raise Invalid("class.register", "entries of a register are made and signed in it", {"errors": [known]})
    checks |= {"granted": permits.granted(service, source), "parent": parent_of(service, found, args.get("about"))}
    if source is None:
        return Draft.of(args, service.caller, regime, **checks), Form()
    granted = may_create(found, args, service.caller, regime, checks["granted"])
    entry = _form(service, source, found.name, regime, handed=granted is not None)
    values = {path: v for path, v in opened(service, entry.record, "form").items() if path in found.fields}
    joined = {**args, "fields_": _joined(args["fields_"], values)}
    if entry.written_by_customer:
        joined["collection"] = {"method": "form", **args.get("collection", {}), "origin": "customer"}
    draft = Draft.of(joined, service.caller, regime, whole=not entry.written_by_customer, **checks)
    draft.record.source = entry.source
    return draft, Form(entry)


def entered(work: Any, draft: Draft, form: Form, today: date) -> dict[str, str]:
    """What becomes of a new record: it waits for its approval, unless the grant that it stands on is that approval.

    What a customer wrote himself is a draft, under a grant too: a clerk completes it and puts it forward.
    """
    form.used(work, draft.record)
    if draft.record.state == "draft":
        return DONE
    if draft.grant is None:
        return WAITING
    validity.approved(work, draft.record, draft.regime, today)
    work.save(draft.record)
    return DONE


def _form(service: Any, entry_id: str, fills: str, regime: Regime, handed: bool) -> Entry:
    """The form; to who may not see it, and was not granted to enter what forms say, it is not there."""
    record = service.store.record(entry_id)
    if not (handed or visible(service, regime, record)):
        raise unknown(entry_id)
    form = regime.classes[record.class_]
    if form.kind != "register" or form.fills is None or fills != form.fills:
        wrong = {"pointer": "/source", "code": "source.wrong_form", "detail": f"name a form that fills {fills}"}
        raise Invalid("source.wrong_form", "this is no form of such records", {"errors": [wrong]})
    entry = Entry(record, form, service.store.holding_signatures(entry_id))
    entry.usable(service.store.clock.today(regime.timezone))
    return entry


def _joined(given: dict[str, Any], values: Values) -> dict[str, Any]:
    """The form's values and what it does not have; a value of the form is changed on a form, not on the way."""
    both = sorted(given.keys() & values.keys())
    if both:
        said = "the form says it already; leave it out, or fill in a new form"
        errors = [{"pointer": f"/fields/{path}", "code": "field.from_form", "detail": said} for path in both]
        raise broken(errors)
    return {**given, **values}

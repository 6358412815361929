"""A new record on its way in: checked, told of its likely doubles, sealed, kept in one piece of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chassis.errors import Conflict
from chassis.ids import new_id
from services.records import presenting, reasons
from services.records.creating import Draft
from services.records.documents.coming import Coming
from services.records.merging import events, likeness
from services.records.merging.likeness import Alike, Lookalikes
from services.records.reasons import Reason
from services.records.references import refuse_strange_department, refuse_strangers
from services.records.registers.filling import Form, drafted, entered
from services.records.sealing import PartToStore, tokens_of
from services.records.warned import warned


@dataclass(frozen=True)
class Entering:
    """A checked new record of one caller's; prepared outside any transaction."""

    service: Any
    draft: Draft
    form: Form
    sealed: list[PartToStore]
    accepted: dict[str, Any] | None
    why: list[Reason]
    coming: Coming
    met: list[Alike] = field(default_factory=list)  # those that it was found to be like

    @classmethod
    def of(cls, service: Any, args: dict[str, Any]) -> Entering:
        """Check everything that can be checked, then make keys and seal."""
        coming = Coming.of(service, args.get("documents", ()))
        args = {**args, "consents": coming.evidence(args.get("consents", ()))}
        draft, form = drafted(service, args, notices=service.store.notices(service.regime()))
        refuse_strangers(service, draft.found, draft.values)
        refuse_strange_department(service, args.get("department"))
        keys, accepted = service.keys.create(len(draft.parts)), args.get("duplicates")
        why = [reasons.sealed_with(keys[0], draft.record.id, accepted["reason"])] if accepted and keys else []
        return cls(service, draft, form, draft.seal(keys), accepted, why, coming)

    @contextmanager
    def noticed(self) -> Iterator[None]:
        """A refusal for the sake of other records leaves an entry on each of them, after the work that it undid."""
        try:
            yield
        except Conflict:
            for one in self.met:
                self.service.store.record_event(one.met())
            raise

    def keep(self, work: Any) -> dict[str, Any]:
        """Keep it; refused beside likely doubles that nobody said anything about."""
        record = self.draft.record
        work.emit(record.created(self.draft.granted, self.draft.collected_on))
        self._add(work)
        today = self.service.store.clock.today(self.draft.regime.timezone)
        outcome = entered(work, self.draft, self.form, today)
        self._beside(work)
        told = presenting.written(record, {**outcome, "warnings": warned(self.draft.found, self.draft.values)})
        begun = self.coming.begin(self.service, work, record.id)
        return {**told, "documents": begun} if begun else told

    def _add(self, work: Any) -> None:
        try:
            work.add_draft(self.draft, self.sealed, self.service.keys.blind)
        except Conflict:
            self.met.extend(work.holders)
            raise

    def _beside(self, work: Any) -> None:
        draft, blind = self.draft, self.service.keys.blind
        exact, name = tokens_of(draft.found, draft.values, blind), likeness.token_of(draft.found, draft.values, blind)
        alike = Lookalikes.of(work.lookalikes(draft.record, exact, name), self.service.caller, draft.regime)
        self.met.extend(alike.found)
        alike.refuse(self.accepted)
        if alike:
            id, of = self.why[0].id if self.why else new_id(), [one.record.id for one in alike.seen]
            work.add_likeness({"id": id, "record": draft.record.id, "of": of, "unseen": alike.unseen})
            work.add_reasons(self.why)
            work.emit(events.LikenessAccepted(**draft.record.told(), likeness=id, of=of, unseen=alike.unseen))
            for one in self.met:
                work.emit(one.met())

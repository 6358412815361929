"""What waits at its owner opens its request: approvals hears of it and decides about its id."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import on_event, on_events
from services.approvals import opening
from services.approvals.proving.asking import unseen
from services.approvals.proving.hearing import ProofHearing
from services.approvals.rulebook import Rulebook
from services.approvals.settling import begin, go_on
from services.approvals.store import ApprovalWork

Args = dict[str, Any]


class Hearing(ProofHearing):
    """Entrypoints for the events of other services."""

    store: Any
    records: Any

    @on_events("records", "records.created")
    def open_creation(self, events: list[Args]) -> None:
        """Pending records ask for their reviews."""
        pending = {event["id"]: found for event in events if (found := opening.creation(event))}
        if not pending:
            return
        rulebook = self.store.rulebook()
        lacks = {id: self._lacking_of(one, rulebook) for id, one in pending.items()}
        with self.store.begin() as work:
            for event in work.fresh(events):
                if event["id"] in pending:
                    _begin(work, pending[event["id"]], rulebook, lacks[event["id"]])

    @on_event("records", "records.change_proposed")
    def open_change(self, event: Args) -> None:
        """A proposed change asks for its decision."""
        self._open(opening.change(event))

    @on_event("records", "records.change_lapsed")
    def close_change(self, event: Args) -> None:
        """An approved change did not take effect: its request says so; of others it was approvals that said it."""
        with self.store.begin() as work:
            request = work.about("change", event["data"]["change"])
            if request.state == "approved":
                work.emit(request.overtaken(event["data"]["why"]))
                work.save(request)

    @on_event("records", "records.downgrade_proposed")
    def open_downgrade(self, event: Args) -> None:
        """A lower classification asks for its approval."""
        self._open(opening.downgrade(event))

    @on_event("records", "records.move_proposed")
    def open_move(self, event: Args) -> None:
        """The end of a relation, or its revival, asks for its decision."""
        self._open(opening.move(event))

    @on_event("records", "records.merge_proposed")
    def open_merge(self, event: Args) -> None:
        """A merge asks for its decision."""
        self._open(opening.merge(event))

    @on_event("records", "records.erasure_asked")
    def open_erasure(self, event: Args) -> None:
        """What a customer wants erased asks for its decision."""
        self._open(opening.erasure(event))

    @on_event("records", "records.import_finished")
    def open_release(self, event: Args) -> None:
        """An imported batch asks for its release."""
        self._open(opening.release(event))

    @on_event("records", "records.import_withdrawn")
    def close_release(self, event: Args) -> None:
        """A batch that was taken back awaits nobody; heard before its request is there, this is heard again."""
        batch, rulebook = event["data"], self.store.rulebook()
        if not batch.get("asked"):
            return
        with self.store.begin() as work:
            request = work.about("import", batch["import_id"])
            if request.state == "pending":
                request.lapse(work.now)
                go_on(work, request, rulebook)

    @on_event("records", "records.withdrawal_asked")
    def open_withdrawal(self, event: Args) -> None:
        """A released import that somebody wants back asks those who release."""
        self._open(opening.withdrawal(event))

    @on_event("records", "records.withdrawal_lapsed")
    def close_withdrawal(self, event: Args) -> None:
        """An approved withdrawal does not come about: its request says so."""
        with self.store.begin() as work:
            request = work.about("withdrawal", event["data"]["import_id"])
            if request.state == "approved":
                work.emit(request.overtaken(event["data"]["why"]))
                work.save(request)

    @on_event("retention", "retention.approval_asked")
    def open_destruction(self, event: Args) -> None:
        """A destruction list asks for its approval."""
        self._open(opening.destruction(event))

    def _open(self, pending: opening.Pending | None) -> None:
        if pending is None:
            return
        rulebook = self.store.rulebook()
        lacks = self._lacking_of(pending, rulebook)
        with self.store.begin() as work:
            _begin(work, pending, rulebook, lacks)

    def _lacking_of(self, pending: opening.Pending, rulebook: Rulebook) -> list[str]:
        """What records does not see of its proofs; asked before the transaction."""
        bearer = pending.bearer(rulebook, self.store.clock.now())
        return unseen(self.records, pending.needs(rulebook), bearer)


def _begin(work: ApprovalWork, pending: opening.Pending, rulebook: Rulebook, lacks: list[str]) -> None:
    begin(work, *pending.open(rulebook, work.prover(rulebook, lacks), work.now), rulebook)

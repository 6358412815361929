"""What waits at its owner opens its request: approvals hears of it and decides about its id."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import on_event
from services.approvals import opening
from services.approvals.proving.asking import unseen
from services.approvals.proving.hearing import ProofHearing
from services.approvals.settling import begin

Args = dict[str, Any]


class Hearing(ProofHearing):
    """Entrypoints for the events of other services."""

    store: Any
    records: Any

    @on_event("records", "records.created")
    def open_creation(self, event: Args) -> None:
        """A pending record asks for its review."""
        self._open(opening.creation(event))

    @on_event("records", "records.change_proposed")
    def open_change(self, event: Args) -> None:
        """A proposed change asks for its decision."""
        self._open(opening.change(event))

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

    @on_event("retention", "retention.approval_asked")
    def open_destruction(self, event: Args) -> None:
        """A destruction list asks for its approval."""
        self._open(opening.destruction(event))

    def _open(self, pending: opening.Pending | None) -> None:
        if pending is None:
            return
        rulebook = self.store.rulebook()
        bearer = pending.bearer(rulebook, self.store.clock.now())
        lacks = unseen(self.records, pending.needs(rulebook), bearer)
        with self.store.begin() as work:
            begin(work, *pending.open(rulebook, work.prover(rulebook, lacks), work.now), rulebook)

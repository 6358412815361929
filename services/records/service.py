"""Entrypoints of records. Reads go: look, decide, journal, open. Writes go: check, seal, one transaction, emit."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import on_event, rpc
from chassis.published import load
from services.records import describing, listing, permits, presenting, schemas
from services.records.access import Access
from services.records.assigning.service import Assigning
from services.records.chronicle import Chronicle
from services.records.classifying.service import Classifying
from services.records.closing.moving import Moving
from services.records.consents.service import Consents
from services.records.documents.service import Documents
from services.records.entering import Entering
from services.records.entrypoints import DONE
from services.records.erasing.service import Erasing
from services.records.exporting.service import Exports
from services.records.happening import Happening
from services.records.importing.service import Imports
from services.records.internal.service import Internal
from services.records.merging.service import Merging
from services.records.parties.service import Parties
from services.records.proposals.service import Proposals
from services.records.proposing import Proposing
from services.records.registers.service import Registers
from services.records.searching.service import Searching
from services.records.settling import Settling
from services.records.verifying.quality import Quality
from services.records.verifying.service import Verifying
from services.records.views.service import Views


class RecordsService(
    Assigning,
    Classifying,
    Verifying,
    Quality,
    Consents,
    Documents,
    Erasing,
    Exports,
    Imports,
    Internal,
    Merging,
    Parties,
    Proposals,
    Registers,
    Searching,
    Views,
):
    """What is known about customers. The only service that opens and destroys."""

    name = "records"

    # ------------------------------------------------------------------ reading

    @rpc
    def read(self, args: dict[str, Any]) -> dict[str, Any]:
        """Fields of one record for a purpose: each clear, masked or withheld, with the reason (promise 1).

        A purpose that it does not stand for (any more) is refused where the caller could see something but for that.
        """
        args = load(schemas.ReadArgs, args)
        access = Access(self, self.regime(), args.get("place"))
        reading = access.reading(args["record"], args["purpose"], args.get("fields_"), args.get("as_of"))
        access.refuse_fallen(reading)
        return presenting.record(reading, access.show(reading))

    @rpc
    def versions(self, args: dict[str, Any]) -> dict[str, Any]:
        """Who set what, when and why, before and after, as far as the caller may read it; a page."""
        args = load(schemas.VersionsArgs, args)
        return Chronicle(self, args["record"], args["purpose"]).page(args.get("after"), args["limit"])

    @rpc
    def explain(self, args: dict[str, Any]) -> dict[str, Any]:
        """Why can or cannot I; opens nothing."""
        args = load(schemas.ExplainArgs, args)
        reading = Access(self, self.regime(), args.get("place")).reading(
            args["record"], args["purpose"], args.get("fields_")
        )
        return {"fields": {v.field.path: presenting.verdict(v) for v in reading.verdicts}}

    @rpc
    def timeline(self, args: dict[str, Any]) -> dict[str, Any]:
        """The record's life in sentences, a page at a time; no values."""
        args = load(schemas.TimelineArgs, args)
        record = self.store.record(args["record"])
        permits.may(self, "view", record)
        return presenting.life(self.store, record, self.regime(), args)

    @rpc
    def list(self, args: dict[str, Any]) -> dict[str, Any]:
        """Records by class, state, number and facet, newest first; only what the caller may look at."""
        args = load(schemas.ListArgs, args)
        return listing.page(self, self.regime(), args)

    @rpc
    def classes(self, args: dict[str, Any]) -> dict[str, Any]:
        """The classes of the regime in force, with their fields."""
        return describing.classes(self.regime())

    # ------------------------------------------------------------------ writing

    @rpc
    def create(self, args: dict[str, Any]) -> dict[str, Any]:
        """A new record; it becomes valid when somebody else approves it."""
        entering = Entering.of(self, load(schemas.CreateArgs, args))
        with entering.noticed(), self.store.begin() as work:
            return work.answer(entering.keep(work))

    @rpc
    def change(self, args: dict[str, Any]) -> dict[str, Any]:
        """Propose a change; approvals decides as the regime says, at once where nobody has to."""
        proposing = Proposing.of(self, load(schemas.ChangeArgs, args))
        with self.store.begin() as work:
            return work.answer(proposing.propose(work))

    @rpc
    def record_event(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note a business fact that the class declares: duties and schedules count from it."""
        happening = Happening.of(self, load(schemas.RecordEventArgs, args))
        with self.store.begin() as work:
            return work.answer(presenting.written(happening.note(work), DONE))

    @rpc
    def transition(self, args: dict[str, Any]) -> dict[str, Any]:
        """Suspend, archive, end or revive a record; what somebody has to decide waits."""
        moving = Moving.of(self, load(schemas.TransitionArgs, args))
        with self.store.begin() as work:
            return work.answer(moving.go(work))

    # ------------------------------------------------------------------ what others decided

    @on_event("approvals", "approvals.request_settled")
    def settle(self, event: dict[str, Any]) -> None:
        """Execute once what was decided about a record, a change or an import, or let it go."""
        Settling(self).settle(event)

    @on_event("approvals", "approvals.grant_issued")
    def keep_grant(self, event: dict[str, Any]) -> None:
        """Keep a signed grant; its signature is checked when it is used."""
        with self.store.begin() as work:
            work.keep_grant(event["data"]["grant"])

    @on_event("approvals", "approvals.grant_revoked")
    def drop_grant(self, event: dict[str, Any]) -> None:
        """From this commit on the grant reads nothing."""
        with self.store.begin() as work:
            work.revoke_grant(event["data"]["grant"])

    @on_event("approvals", "approvals.regime_published")
    def take_regime(self, event: dict[str, Any]) -> None:
        """Another regime is in force."""
        self.regime(event["data"]["digest"])

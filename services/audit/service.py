"""The audit service's entrypoints."""

from __future__ import annotations

from typing import Any

import regimes
from chassis.call import CallingActor
from chassis.entrypoints import every, on_event, rpc
from chassis.failpoints import failpoint
from chassis.ids import new_id
from chassis.published import load
from chassis.texts import InForce
from services.audit import schemas
from services.audit.events import LogRead
from services.audit.ledger.intake import Acknowledger, on_journal
from services.audit.store import AuditStore
from services.audit.supervision.offences import Offence, staff_of
from services.audit.supervision.policy import own_unless_supervisor, require_decider, require_supervisor


class AuditService:
    """What happened, provably; and who must answer for it."""

    name = "audit"

    store = AuditStore()
    caller = CallingActor()
    regime = InForce("regime", "approvals", regimes.parse)
    organisation = InForce("organisation", "approvals", staff_of)
    acknowledge = Acknowledger()

    @on_journal
    def sequence(self, batch: dict[str, Any]) -> None:
        """Take a source's journal into the tree, and tell the source how far it is."""
        with self.store.begin() as work:
            number = work.sequence(batch["source"], batch["entries"], batch.get("sender"))
        failpoint("ledger.sequenced")
        self.acknowledge(batch["source"], number)

    @every(60)
    def sign(self) -> None:
        """Sign a checkpoint where there is something new."""
        with self.store.begin() as work:
            work.sign()

    @rpc
    def entries(self, args: dict[str, Any]) -> dict[str, Any]:
        """Entries of the log, newest first. Reading it is an entry too."""
        args = load(schemas.EntriesArgs, args)
        require_supervisor(self.regime(), self.caller)
        found = self.store.entries(args)
        self.store.record_event(LogRead.of(args, found["items"]))
        return found

    @rpc
    def entry(self, args: dict[str, Any]) -> dict[str, Any]:
        """One entry of the log. Reading it is an entry too."""
        args = load(schemas.EntryArgs, args)
        require_supervisor(self.regime(), self.caller)
        found = self.store.entry(str(args["entry"]))
        self.store.record_event(LogRead.of(args, [found]))
        return found

    @rpc
    def checkpoint(self, args: dict[str, Any]) -> dict[str, Any]:
        """The last signed state of the log: anybody with a token may keep it and hold us to it."""
        return self.store.checkpoint()

    @rpc
    def inclusion(self, args: dict[str, Any]) -> dict[str, Any]:
        """The proof that an entry is in the log."""
        args = load(schemas.InclusionArgs, args)
        require_supervisor(self.regime(), self.caller)
        return self.store.inclusion(str(args["entry"]), args["size"])

    @rpc
    def consistency(self, args: dict[str, Any]) -> dict[str, Any]:
        """The proof that the log only grew between two sizes; hashes only, so for anybody with a token."""
        args = load(schemas.ConsistencyArgs, args)
        return self.store.consistency(args["from_"], args["to"])

    @rpc
    def begin_bundle(self, args: dict[str, Any]) -> dict[str, Any]:
        """Ask for evidence of a range of the log."""
        args = load(schemas.BeginBundleArgs, args)
        require_supervisor(self.regime(), self.caller)
        with self.store.begin() as work:
            return work.answer(work.begin_bundle(args["first"], args["last"]))

    @rpc
    def bundle_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        """A piece of the evidence."""
        args = load(schemas.BundleChunkArgs, args)
        require_supervisor(self.regime(), self.caller)
        return self.store.bundle_chunk(str(args["bundle"]), args["offset"], self.caller.person)

    @rpc
    def violations(self, args: dict[str, Any]) -> dict[str, Any]:
        """Violations, newest first: all of them for supervisors, their own for everybody else."""
        args = load(schemas.ViolationsArgs, args)
        return self.store.violations(own_unless_supervisor(self.regime(), self.caller, args))

    @rpc
    def decide_violation(self, args: dict[str, Any]) -> dict[str, Any]:
        """Confirm or dismiss a proposed violation; whom the tariff names decides, never the offender."""
        args, regime = load(schemas.DecideViolationArgs, args), self.regime()
        with self.store.begin() as work:
            violation = work.violation(str(args["violation"]))
            require_decider(regime, self.caller, violation.decided_by)
            work.emit(violation.decide(self.caller, args["decision"], args["reason"], work.now))
            work.save_violation(violation)
            return work.answer({"violation": violation.id, "state": violation.state, "version": violation.version})

    @on_event("retention", "retention.duty_overdue")
    def propose_violation(self, event: dict[str, Any]) -> None:
        """A duty was missed: propose what the regime calls it, dearer where the offender has offended before."""
        offence = Offence.of(event["data"], self.regime(), self.organisation())
        if offence is not None:
            self._propose([offence], event["record"])

    @on_event("records", "records.use_refused")
    def propose_for_refused_use(self, event: dict[str, Any]) -> None:
        """Somebody tried to use a record for what it does not stand for: one case a person, record and day (Q-024)."""
        if offences := Offence.of_use(event, self.regime(), self.organisation()):
            self._propose(offences, event["record"], once_a_day=True)

    def _propose(self, offences: list[Offence], record: str | None, once_a_day: bool = False) -> None:
        with self.store.begin() as work:
            for offence in offences:
                earlier = work.earlier(offence.offender, offence.tariff, offence.counted_since(work.now))
                violation = offence.proposed(new_id(), record, earlier, work.now)
                known = once_a_day and work.has_one_of_that_day(violation)
                if not known and work.keep_violation(violation):
                    work.emit(violation.proposed())

    @on_event("approvals", "approvals.regime_published")
    def take_regime(self, event: dict[str, Any]) -> None:
        """Another regime is in force: fetch it before the next call needs it."""
        self.regime(event["data"]["digest"])

    @on_event("approvals", "approvals.organisation_loaded")
    def take_organisation(self, event: dict[str, Any]) -> None:
        """Another organisation is in force."""
        self.organisation(event["data"]["digest"])

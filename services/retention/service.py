"""Retention's entrypoints."""

from __future__ import annotations

from functools import partial
from typing import Any

import regimes
from chassis.call import CallingActor
from chassis.entrypoints import every, on_event, rpc
from chassis.ids import new_id
from chassis.published import load
from chassis.rpc import Remote
from chassis.texts import InForce
from services.retention import schemas
from services.retention.authority import must_have, must_look, must_oversee, own_unless_overseer
from services.retention.custody.asking import borrow_grant, destroy_grant
from services.retention.custody.model import lend, made
from services.retention.disposal.execution import Execution
from services.retention.disposal.holds import Hold, place
from services.retention.disposal.listing import Lister
from services.retention.disposal.model import Decision
from services.retention.disposal.placing import carry, carry_all, must_be_there
from services.retention.disposal.verdicts import judge, shown
from services.retention.disposal.writing import cool_off_end, written
from services.retention.duties import rules
from services.retention.duties.hearing import Hearing
from services.retention.duties.rounds import walk_rounds
from services.retention.duties.sweeping import open_recurring, sweep_duties, wake_duties
from services.retention.duties.timing import staff_of
from services.retention.merging.hearing import MergeHearing
from services.retention.schemas import page
from services.retention.store import RetentionStore, once, onwards
from services.retention.telling.hearing import Telling

Args = dict[str, Any]


class RetentionService(Hearing, MergeHearing, Telling):
    """Duties, custody and disposal."""

    name = "retention"

    store = RetentionStore()
    caller = CallingActor()
    records = Remote("records")
    approvals = Remote("approvals")
    regime = InForce("regime", "approvals", regimes.parse)
    organisation = InForce("organisation", "approvals", staff_of)

    @rpc
    def duties(self, args: Args) -> Args:
        """Who must do what by when: all duties for overseers, their own for everybody else."""
        args = own_unless_overseer(self.regime(), self.caller, load(schemas.DutiesArgs, args))
        return page(schemas.DutyAnswer, self.store.duties(args, self.caller), args["limit"])

    @rpc
    def complete_duty(self, args: Args) -> Args:
        """Say that a duty is done, with its evidence."""
        args = load(schemas.CompleteDutyArgs, args)
        with self.store.begin() as work:
            duty = work.duty(args["duty"])
            missed = duty.missed_by(work.now)
            work.emit(*missed, duty.complete(self.caller, args["evidence"], work.now))
            work.save_duty(duty)
            return work.answer({"duty": duty.id, "state": duty.state, "on_time": duty.on_time})

    @rpc
    def confirm_duty(self, args: Args) -> Args:
        """Agree that a duty is done, as the regime wants of somebody else."""
        args = load(schemas.ConfirmDutyArgs, args)
        with self.store.begin() as work:
            duty = work.duty(args["duty"])
            work.emit(duty.agree(self.caller, work.now))
            work.save_duty(duty)
            return work.answer({"duty": duty.id, "state": duty.state, "on_time": duty.on_time})

    @every(5)
    def sweep(self) -> None:
        """Find what is overdue, tell who has to hear of it, open what recurs, bring holds to where they go."""
        sweep_duties(self.store)
        wake_duties(self.store, self.organisation())
        open_recurring(self.store, self.regime())
        walk_rounds(self.store, self.regime(), self.records)
        carry_all(self.store, self.records)

    @rpc
    def loans(self, args: Args) -> Args:
        """What is lent to whom until when: all loans for overseers, their own for everybody else."""
        args = own_unless_overseer(self.regime(), self.caller, load(schemas.LoansArgs, args))
        return page(schemas.LoanAnswer, self.store.loans(args), args["limit"])

    @rpc
    def lend(self, args: Args) -> Args:
        """Hand a record to the holder of a live borrow grant."""
        args, regime = load(schemas.LendArgs, args), self.regime()
        must_have(regime, self.caller, "lend")
        grant = borrow_grant(self.approvals, self.store, args)
        with self.store.begin() as work:
            loan = lend(new_id(), self.caller, grant, args["record"], args["items"], work.now)
            work.open_loan(loan)
            work.spend(grant, loan)
            work.emit(made(loan))
            for duty in rules.of_loan(regime, loan):
                work.open_duty(duty, loan.id)
            return work.answer(loan.state_of())

    @rpc
    def renew_loan(self, args: Args) -> Args:
        """Lend on under a fresh grant; the duty to return moves with it."""
        args = load(schemas.RenewLoanArgs, args)
        must_have(self.regime(), self.caller, "lend")
        grant = borrow_grant(self.approvals, self.store, {**args, **self.store.subject_of_loan(args["loan"])})
        with self.store.begin() as work:
            loan = work.loan(args["loan"])
            work.emit(loan.renew(grant, work.now))
            work.spend(grant, loan)
            work.save_loan(loan)
            work.postpone_return(loan, rules.due_day(self.regime(), loan.due_at))
            return work.answer(loan.state_of())

    @rpc
    def return_loan(self, args: Args) -> Args:
        """Sign for a return: the borrower hands back first, then the archivist counts and confirms."""
        args = load(schemas.ReturnLoanArgs, args)
        with self.store.begin() as work:
            loan = work.loan(args["loan"])
            if not loan.is_of(self.caller):
                must_have(self.regime(), self.caller, "lend")
            work.emit(*loan.sign_return(self.caller, args.get("items"), work.now))
            work.save_loan(loan)
            work.close_return(loan)
            return work.answer(loan.state_of())

    @rpc
    def confirm_return(self, args: Args) -> Args:
        """The archivist's signature alone: counted again, and back in its place."""
        args = load(schemas.ConfirmReturnArgs, args)
        must_have(self.regime(), self.caller, "lend")
        with self.store.begin() as work:
            loan = work.loan(args["loan"])
            work.emit(*loan.take_back(self.caller, args.get("items"), work.now))
            work.save_loan(loan)
            work.close_return(loan)
            return work.answer(loan.state_of())

    @rpc
    def schedules(self, args: Args) -> Args:
        """How long what is kept, counted from what, and what then."""
        return {"items": [shown(schedule) for schedule in self.regime().schedules.values()]}

    @rpc
    def verdict(self, args: Args) -> Args:
        """Keep or let go: the outcome, all reasons, flags and the earliest date."""
        args, regime = load(schemas.VerdictArgs, args), self.regime()
        envelope = self.records.envelope({"record": args["record"]})
        kept = self.store.certificate_of(args["record"]), self.store.home_of(args["record"])
        must_look(regime, self.caller, envelope, *kept)
        return judge(regime, envelope, self.store.holds_on(args["record"]), args.get("on") or self.store.today(regime))

    @rpc
    def holds(self, args: Args) -> Args:
        """What is kept from destruction, for which matter; for overseers."""
        args = load(schemas.HoldsArgs, args)
        must_oversee(self.regime(), self.caller)
        return page(schemas.HoldAnswer, self.store.holds(args), args["limit"])

    @rpc
    def place_hold(self, args: Args) -> Args:
        """Keep records from destruction; acknowledged once records has frozen them."""
        args = load(schemas.PlaceHoldArgs, args)
        must_have(self.regime(), self.caller, "hold")
        must_be_there(self.records, args["records"])
        with self.store.begin() as work:
            hold = Hold.of(new_id(), args, str(self.caller.person), work.now)
            work.emit(place(hold))
            work.add_hold(hold)
            work.answer({"hold": hold.id, "state": hold.state})
        return {"hold": hold.id, "state": carry(onwards(self.store), self.records, hold.id)}

    @rpc
    def release_hold(self, args: Args) -> Args:
        """Lift a hold; another person than who placed it does."""
        args = load(schemas.ReleaseHoldArgs, args)
        must_have(self.regime(), self.caller, "release")
        with self.store.begin() as work:
            hold = work.hold(args["hold"])
            work.emit(hold.release(self.caller, args["reason"]))
            work.save_hold(hold)
            work.answer({"hold": hold.id, "state": hold.state})
        return {"hold": hold.id, "state": carry(onwards(self.store), self.records, hold.id)}

    @rpc
    def disposals(self, args: Args) -> Args:
        """Destruction lists: all for overseers, those that they wrote for everybody else."""
        args = own_unless_overseer(self.regime(), self.caller, load(schemas.DisposalsArgs, args))
        return page(schemas.DisposalLine, self.store.disposals(args), args["limit"])

    @rpc
    def disposal(self, args: Args) -> Args:
        """One destruction list with its items, for whoever has its id: also those who decide about it."""
        found = self.store.find_disposal(load(schemas.DisposalArgs, args)["disposal"])
        return schemas.dumped(schemas.DisposalAnswer, found)

    @rpc
    def begin_disposal(self, args: Args) -> Args:
        """List records for destruction: due, not held, not lent, on no other list."""
        args, regime = load(schemas.BeginDisposalArgs, args), self.regime()
        once(self.store)
        may = partial(must_have, regime, self.caller, "dispose")
        envelopes = Lister(regime, self.records, self.store, self.store.today(regime), may).of(args)
        with self.store.begin() as work:
            disposal = written(new_id(), envelopes, args["reason"], regime, self.caller, work.now)
            work.emit(disposal.begun())
            work.add_disposal(disposal)
            return work.answer(disposal.state_of())

    @rpc
    def ask_approval(self, args: Args) -> Args:
        """Put a list before those who decide."""
        args = load(schemas.AskApprovalArgs, args)
        with self.store.begin() as work:
            disposal = work.disposal(args["disposal"])
            work.emit(disposal.ask(self.caller))
            work.save_disposal(disposal)
            return work.answer(disposal.state_of())

    @on_event("approvals", "approvals.request_decided")
    def on_request_decided(self, event: Args) -> None:
        """Remember who decided about a list."""
        data = event["data"]
        if data["kind"] == "destroy" and data["decision"] == "approve":
            with self.store.begin() as work:
                work.note_approvers(data, event["at"])

    @on_event("approvals", "approvals.request_settled")
    def on_request_settled(self, event: Args) -> None:
        """Take over what was decided about a list."""
        data, regime = event["data"], self.regime()
        if data["kind"] == "destroy":
            with self.store.begin() as work:
                if disposal := work.awaiting(data["subject"]):
                    work.emit(disposal.settle(Decision.of(data), cool_off_end(regime, work.now), work.now))
                    work.save_disposal(disposal)

    @rpc
    def abort_disposal(self, args: Args) -> Args:
        """Give a list up before execution."""
        args = load(schemas.AbortDisposalArgs, args)
        with self.store.begin() as work:
            disposal = work.disposal(args["disposal"])
            work.emit(disposal.abort(self.caller))
            work.save_disposal(disposal)
            return work.answer(disposal.state_of())

    @rpc
    def witness(self, args: Args) -> Args:
        """Sign as a witness for the list as it stands."""
        args = load(schemas.WitnessArgs, args)
        must_have(self.regime(), self.caller, "witness")
        with self.store.begin() as work:
            disposal = work.disposal(args["disposal"])
            work.emit(disposal.attest(self.caller, args.get("hash"), work.now))
            work.save_disposal(disposal)
            return work.answer(disposal.state_of())

    @rpc
    def execute(self, args: Args) -> Args:
        """Destroy what is approved and witnessed, or go on where an interrupted execution stopped."""
        args = load(schemas.ExecuteArgs, args)
        must_have(self.regime(), self.caller, "execute")
        grant = destroy_grant(self.approvals, self.store, args["disposal"])
        with self.store.begin() as work:
            disposal = work.disposal(args["disposal"])
            if started := disposal.start(self.caller, new_id(), work.now):
                work.emit(started)
                work.save_disposal(disposal)
        return Execution(self.store, self.records, grant).run(disposal)

    @rpc
    def certificate(self, args: Args) -> Args:
        """The certificate of a destruction, as it was signed."""
        return self.store.certificate(load(schemas.CertificateArgs, args)["certificate"])

    @on_event("approvals", "approvals.regime_published")
    def take_regime(self, event: Args) -> None:
        """Another regime is in force: fetch it before the next call needs it."""
        self.regime(event["data"]["digest"])

"""Approvals: entrypoints only. Who is who, who asks for what, who decides, and what was granted."""

from __future__ import annotations

from typing import Any

from chassis.call import CallingActor
from chassis.entrypoints import rpc
from chassis.errors import NotFound, Refused
from chassis.published import load
from chassis.rpc import Remote
from services.approvals import answers, opening, schemas
from services.approvals.grants import sees_all
from services.approvals.hearing import Hearing
from services.approvals.people.model import speaks_for
from services.approvals.people.service import People
from services.approvals.proving.asking import unseen
from services.approvals.publishing import checked, must_administer
from services.approvals.rulebook import Rulebook
from services.approvals.settling import begin, go_on, opened, put_into_effect
from services.approvals.store import ApprovalStore

Args = dict[str, Any]


class ApprovalsService(Hearing, People):
    """Who may do what."""

    name = "approvals"

    store = ApprovalStore()
    caller = CallingActor()
    records = Remote("records")

    # requests

    @rpc
    def raise_request(self, args: Args) -> Args:
        """Ask for permission; the answer names the chain that decides it."""
        args = load(schemas.RaiseRequestArgs, args)
        # Asked before the transaction: no call leaves while one is open.
        envelopes = [self.records.envelope({"record": str(record)}) for record in dict.fromkeys(args["records"])]
        rulebook = self.store.rulebook()
        about = opening.bearer(args, self.caller, rulebook, self.store.clock.now())
        lacks = unseen(self.records, opening.needs_of(args, self.caller, envelopes, rulebook), about)
        with self.store.begin() as work:
            prove = work.prover(rulebook, lacks)
            request, raised = opening.asked(args, self.caller, envelopes, rulebook, prove, work.now)
            begin(work, request, raised, rulebook)
            return work.answer(answers.state_of(request))

    @rpc
    def decide(self, args: Args) -> Args:
        """Record the caller's decision on a request, and settle it if that is enough."""
        args = load(schemas.DecideArgs, args)
        rulebook, approves = self.store.rulebook(), args["decision"] == "approve"
        lacks = self._lacking(args["request"], rulebook) if approves else []
        with self.store.begin() as work:
            request = work.request(args["request"])
            stands_in = rulebook.acting(self.caller.person, work.now)
            decided = request.decide(self.caller, args["decision"], args["reason"], stands_in, work.now)
            if approves:  # what was proved when it was raised may have ended meanwhile
                work.prover(rulebook, lacks)(request.ruled.needs, opening.bearer_of(request, rulebook, work.now))
            work.emit(decided)
            go_on(work, request, rulebook)
            return work.answer(answers.state_of(request))

    def _lacking(self, request_id: str, rulebook: Rulebook) -> list[str]:
        request = self.store.request(request_id)
        about = opening.bearer_of(request, rulebook, self.store.clock.now())
        return unseen(self.records, request.ruled.needs, about)

    @rpc
    def open(self, args: Args) -> Args:
        """Open an approved request, so that its grant counts from now, or refuse to."""
        args = load(schemas.OpenArgs, args)
        rulebook = self.store.rulebook()
        with self.store.begin() as work:
            request, verdict = work.request(args["request"]), args["verdict"]
            stands_in = rulebook.acting(self.caller.person, work.now)
            work.emit(request.open_grant(self.caller, verdict, args["reason"], stands_in, work.now))
            opened(work, request, rulebook)
            return work.answer(answers.state_of(request))

    @rpc
    def withdraw(self, args: Args) -> Args:
        """Take a request of one's own back."""
        args = load(schemas.WithdrawArgs, args)
        rulebook = self.store.rulebook()
        with self.store.begin() as work:
            request = work.request(args["request"])
            request.withdraw(self.caller, work.now)
            go_on(work, request, rulebook)
            return work.answer(answers.state_of(request))

    @rpc
    def request(self, args: Args) -> Args:
        """One request, for those it concerns."""
        request = self.store.request(load(schemas.RequestArgs, args)["request"])
        acting = self.store.rulebook().acting(self.caller.person, self.store.clock.now())
        concerned = request.concerns(self.caller.person, acting)
        if not concerned and not sees_all(self.caller):
            raise NotFound("request.unknown", f"no request {request.id}")
        return answers.request_answer(request, concerned)

    @rpc
    def requests(self, args: Args) -> Args:
        """Requests that concern the caller, or those that wait for him; newest first."""
        args = load(schemas.RequestsArgs, args)
        filters: Args = {name: args[name] for name in ("state", "kind") if name in args}
        acting = self.store.rulebook().acting(self.caller.person, self.store.clock.now())
        awaited = speaks_for(self.caller, acting) if "awaiting" in args else []
        of = None if awaited or sees_all(self.caller) else self.caller.person
        found = self.store.requests(filters, awaited, of, args.get("after"), args["limit"])
        page = answers.page([answers.state_of(one) for one in found], args["limit"], "request")
        mine = [one for one in found if not awaited or one.awaits(self.caller.person, acting)]
        shown = [answers.request_answer(one, one.concerns(self.caller.person, acting)) for one in mine]
        return {**page, "items": shown}

    @rpc(internal=True)
    def deciding(self, args: Args) -> Args:
        """The requests about some pending things whose open step is a person's, by what they are about."""
        args = load(schemas.DecidingArgs, args)
        acting = self.store.rulebook().acting(args["person"], self.store.clock.now())
        found = self.store.requests_about(args["about"], args["subjects"])
        return {"requests": {str(one.subject.id): one.id for one in found if one.awaits(args["person"], acting)}}

    # grants

    @rpc
    def grants(self, args: Args) -> Args:
        """Grants of the caller; of anybody for those who watch over rights."""
        args = load(schemas.GrantsArgs, args)
        now, records = self.store.clock.now(), [str(args["record"])] if "record" in args else []
        person = args.get("person") if sees_all(self.caller) else self.caller.person
        live_at = now if args["state"] == "live" else None
        found = self.store.grants(
            {"person": person} if person else {}, records, live_at, args.get("after"), args["limit"]
        )
        return answers.page([answers.grant_answer(one, one.state(now)) for one in found], args["limit"], "id")

    @rpc(internal=True)
    def grants_for(self, args: Args) -> Args:
        """The live signed grants of a person that touch these records."""
        args = load(schemas.GrantsForArgs, args)
        wanted = set(args["records"])
        found = self.store.grants({"person": args["person"]}, wanted, self.store.clock.now())
        unopened = self.store.unopened(args["person"], wanted) if wanted else False
        return {"grants": [one.signed() for one in found], "unopened": unopened}

    @rpc(internal=True)
    def live_grant(self, args: Args) -> Args:
        """The signed grant of this id, while it is live and if it touches this record."""
        args = load(schemas.LiveGrantArgs, args)
        found = self.store.grants({"id": args["grant"]}, [args["record"]], self.store.clock.now())
        return {"grant": found[0].signed() if found else None}

    @rpc
    def execute(self, args: Args) -> Args:
        """Put an approved right into effect: whoever asked for it has it from now on."""
        args = load(schemas.ExecuteArgs, args)
        rulebook = self.store.rulebook()
        with self.store.begin() as work:
            under = work.grant(args["grant"]).execute(self.caller, work.now)
            work.end_grant(under)
            right = put_into_effect(work, under, work.request(under.request), rulebook)
            return work.answer({"grant": right.id, "person": right.person, "state": "live"})

    @rpc
    def revoke(self, args: Args) -> Args:
        """End a grant now."""
        args = load(schemas.RevokeArgs, args)
        with self.store.begin() as work:
            ended, revoked = work.grant(args["grant"]).revoke(self.caller, args["reason"], work.now)
            work.end_grant(ended)
            work.emit(revoked)
            return work.answer({"grant": ended.id, "state": "revoked"})

    # regimes

    @rpc(internal=True)
    def publish_regime(self, args: Args) -> Args:
        """Put another regime in force; refused when its own examples fail or one person could finish a chain alone."""
        must_administer(self.caller)
        regime, published = checked(load(schemas.PublishRegimeArgs, args)["text"], self.store.staff())
        with self.store.begin() as work:
            if work.keep_text("regime", regime.digest, regime.text):
                work.emit(published)
            return work.answer({"digest": regime.digest, "name": regime.name})

    @rpc(internal=True)
    def regime(self, args: Args) -> Args:
        """A regime's canonical text: the one in force (by its name, too), or that of a digest."""
        args = load(schemas.RegimeArgs, args)
        asked = args.get("digest") or args.get("regime")
        return self._text("regime", self.store.rulebook(asked).regime.digest if "regime" in args else asked)

    @rpc(internal=True)
    def organisation(self, args: Args) -> Args:
        """The organisation file's canonical text: the one in force, or that of a digest."""
        return self._text("organisation", load(schemas.RegimeArgs, args).get("digest"))

    def _text(self, kind: str, digest: str | None) -> Args:
        found = self.store.text(kind, None if digest == "current" else digest)
        if found is None and digest not in (None, "current"):
            unknown = "regime.unknown" if kind == "regime" else "organisation.unknown"
            raise NotFound(unknown, f"no {kind} of that digest was ever in force")
        return answers.text_answer(found)

    @rpc
    def regimes(self, args: Args) -> Args:
        """Every regime that was put in force, newest first."""
        return {"items": [answers.text_answer(one) for one in self.store.texts("regime")]}

    @rpc
    def simulate(self, args: Args) -> Args:
        """Who would decide this? Nothing is raised."""
        args = load(schemas.SimulateArgs, args)
        envelope = self.records.envelope({"record": str(args["record"])}) if "record" in args else None
        rulebook = self.store.rulebook(args["regime"])
        try:
            return answers.ruled_answer(opening.simulated(args, self.caller, envelope, rulebook))
        except Refused as refusal:
            return {"rules": [], "chain": [], "needs": [], "grant": None, "refusal": refusal.code}

"""Approvals: entrypoints only. Who is who, who asks for what, who decides, and what was granted."""

from __future__ import annotations

from typing import Any

from chassis.call import CallingActor
from chassis.entrypoints import on_event, rpc
from chassis.errors import Forbidden, NotFound, Refused
from chassis.published import load
from chassis.rpc import Remote
from services.approvals import answers, opening, schemas
from services.approvals.grants import sees_all
from services.approvals.people import passwords, signing_in
from services.approvals.people.model import speaks_for
from services.approvals.people.organisation import canonical_text, digest_of, staff_of
from services.approvals.publishing import checked, must_administer
from services.approvals.settling import begin, go_on
from services.approvals.store import ApprovalStore

Args = dict[str, Any]


class ApprovalsService:
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
        with self.store.begin() as work:
            request, raised = opening.asked(args, self.caller, envelopes, rulebook, work.now)
            begin(work, request, raised, rulebook)
            return work.answer(answers.state_of(request))

    @rpc
    def decide(self, args: Args) -> Args:
        """Record the caller's decision on a request, and settle it if that is enough."""
        args = load(schemas.DecideArgs, args)
        rulebook = self.store.rulebook()
        with self.store.begin() as work:
            request = work.request(args["request"])
            stands_in = rulebook.acting(self.caller.person, work.now)
            work.emit(request.decide(self.caller, args["decision"], args["reason"], stands_in, work.now))
            go_on(work, request, rulebook)
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

    @on_event("records", "records.created")
    def open_creation(self, event: Args) -> None:
        """A pending record asks for its review."""
        self._open(opening.creation(event))

    @on_event("records", "records.change_proposed")
    def open_change(self, event: Args) -> None:
        """A proposed change asks for its decision."""
        self._open(opening.change(event))

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
        with self.store.begin() as work:
            begin(work, *pending.open(rulebook, work.now), rulebook)

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
        wanted = {*args["records"], *([args["record"]] if "record" in args else [])}
        found = self.store.grants({"person": args["person"]}, wanted, self.store.clock.now())
        return {"grants": [one.signed() for one in found]}

    @rpc
    def revoke(self, args: Args) -> Args:
        """End a grant now."""
        args = load(schemas.RevokeArgs, args)
        with self.store.begin() as work:
            ended, revoked = work.grant(args["grant"]).revoke(self.caller, args["reason"], work.now)
            work.end_grant(ended)
            work.emit(revoked)
            return work.answer({"grant": ended.id, "state": "revoked"})

    # people and sessions

    @rpc(internal=True)
    def identify(self, args: Args) -> Args:
        """Who a token means at this moment, or Forbidden session.ended."""
        args = load(schemas.IdentifyArgs, args)
        account = self.store.account(args["subject"])
        session = self.store.session(args["session"]) if args["session"] else None
        now = self.store.clock.now()
        person, factors = signing_in.identified(args["issuer"], account, session, now)
        return {
            **self.store.rulebook().identity(person, now),
            "account": args["subject"],
            "session": args["session"],
            "factors": factors,
        }

    @rpc(internal=True)
    def open_session(self, args: Args) -> Args:
        """Sign in with account and password; the gateway makes the token."""
        args = load(schemas.OpenSessionArgs, args)
        account = self.store.account(args["account"])
        # Checked before the transaction: it takes as long as many of them.
        proven = passwords.proven(account.hash if account else None, args["password"])
        return self._admit(account, proven)

    @rpc(internal=True)
    def admit(self, args: Args) -> Args:
        """Demo mode only: a session without a password, for `muniment token --as PERSON`."""
        if self.store.settings.mode != "demo":
            raise Forbidden("session.refused", "only a demo admits without a password")
        return self._admit(self.store.account(load(schemas.AccountArgs, args)["account"]), True)

    def _admit(self, account: Any, proven: bool) -> Args:
        lasts = signing_in.lasts(self.store.settings.mode)
        with self.store.begin() as work:
            session = signing_in.opened(account, proven, work.now, lasts)
            work.add_session(session)
            work.emit(session.opened())
        return signing_in.session_answer(session)

    @rpc
    def close_session(self, args: Args) -> Args:
        """Sign out."""
        args = load(schemas.SessionArgs, args)
        with self.store.begin() as work:
            session = work.session(args["session"])
            work.emit(session.close(self.caller.person, work.now))
            work.close_session(session)
            return work.answer({"session": session.id, "state": "closed"})

    @rpc
    def me(self, args: Args) -> Args:
        """Who the caller is, what he may do without asking, and what waits for him."""
        rulebook, now = self.store.rulebook(), self.store.clock.now()
        acting = rulebook.acting(self.caller.person, now)
        waiting = self.store.requests({"state": "pending"}, speaks_for(self.caller, acting))
        mine = self.store.requests({"state": "pending", "raised_by": self.caller.person})
        held = self.store.grants({"person": self.caller.person}, (), now)
        return {
            **rulebook.identity(str(self.caller.person), now),
            "account": self.caller.account,
            "rights": rulebook.rights_of(self.caller),
            "awaiting_me": [one.id for one in waiting if one.awaits(self.caller.person, acting)],
            "mine_pending": [one.id for one in mine],
            "grants": [one.id for one in held],
        }

    @rpc
    def people(self, args: Args) -> Args:
        """People at work, by name."""
        args = load(schemas.PeopleArgs, args)
        found = self.store.rulebook().people(args.get("department"), args.get("after") or "")[: args["limit"]]
        return answers.page([answers.person_answer(one) for one in found], args["limit"], "person")

    @rpc
    def departments(self, args: Args) -> Args:
        """Departments."""
        known = self.store.rulebook().staff.organisation.departments
        return {
            "items": [
                {"department": name, "en": one.get("en", ""), "zh": one.get("zh", "")} for name, one in known.items()
            ]
        }

    @rpc(internal=True)
    def load_organisation(self, args: Args) -> Args:
        """Put another organisation file in force; accounts follow the people in it, passwords are only ever added."""
        must_administer(self.caller)
        args = load(schemas.OrganisationArgs, args)
        text = canonical_text(args["text"])
        accounts = signing_in.accounts_of(staff_of(text), args["passwords"])
        with self.store.begin() as work:
            for account in accounts:
                work.keep_account(account)
            work.close_accounts_except([account.person for account in accounts])
            if work.keep_text("organisation", digest_of(text), text):
                work.emit(staff_of(text).loaded(digest_of(text)))
        return {"digest": digest_of(text), "people": len(accounts)}

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

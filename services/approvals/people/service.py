"""Entrypoints for people: who a token means, signing in and out, who is who."""

from __future__ import annotations

from typing import Any

from chassis.call import CallingActor
from chassis.entrypoints import rpc
from chassis.errors import Forbidden
from chassis.published import load
from services.approvals import answers, schemas
from services.approvals.people import passwords, signing_in
from services.approvals.people.model import speaks_for
from services.approvals.people.organisation import canonical_text, digest_of, staff_of
from services.approvals.publishing import must_administer
from services.approvals.store import ApprovalStore

Args = dict[str, Any]


class People:
    """Who is who."""

    store = ApprovalStore()
    caller = CallingActor()

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

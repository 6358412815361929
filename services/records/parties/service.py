"""Entrypoints of parties."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.published import load
from services.records.entrypoints import Entrypoints
from services.records.parties import schemas
from services.records.parties.knowing import Known, withdrawn


class Parties(Entrypoints):
    """One person or company with all its dossiers, consents and holds."""

    @rpc
    def party(self, args: dict[str, Any]) -> dict[str, Any]:
        """A page of one customer's dossiers with consents and holds, as far as the caller may know.

        The entry names each record of the page.
        """
        args = load(schemas.PartyArgs, args)
        known = Known.of(self, args["party"], args.get("after", ""), args["limit"])
        self.store.record_event(known.entry)
        return schemas.PartyAnswer().dump(known.told(self))

    @rpc
    def withdraw_party_consent(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note that the customer took a purpose back everywhere: from this commit on it opens nothing."""
        args = load(schemas.WithdrawPartyConsentArgs, args)
        known = Known.of(self, args.pop("party"))
        own = known.own(self)
        with self.store.begin() as work:
            records = withdrawn(self, work, known, own, **args)
            return work.answer({"party": known.party, "purpose": args["purpose"], "records": records})

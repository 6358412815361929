"""A change as somebody asks for it: who may, with what proof, and then put before whoever decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.records import permits, presenting
from services.records.changing import PartSealer, Proposal
from services.records.consents.collecting import may_fill
from services.records.entrypoints import WAITING
from services.records.references import refuse_strangers
from services.records.sealing import PartToStore
from services.records.warned import warned

LEARNED = "learned"  # that something is not as it stands here: by when it is to be entered counts from that day


@dataclass(frozen=True)
class Proposing:
    """A checked change of one caller's; prepared outside any transaction."""

    service: Any
    args: dict[str, Any]
    proposal: Proposal
    made: list[PartToStore]
    sealer: PartSealer

    @classmethod
    def of(cls, service: Any, args: dict[str, Any]) -> Proposing:
        """Check right, fields, who began it and the proofs, in this order; nothing is made before."""
        seen, regime = service.store.record(args["record"]), service.regime()
        permits.may(service, "change", seen)
        if args["known_since"]:
            permits.declared(regime.classes[seen.class_], LEARNED)
        proposal = Proposal.of(seen, args, regime)
        may_fill(seen, regime, service.caller, proposal.paths)
        refuse_strangers(service, proposal.found, proposal.values)
        args = {**args, "evidence": permits.proved(service, proposal, args["evidence"])}
        return cls(service, args, proposal, *permits.change_keys(service, proposal))

    def propose(self, work: Any) -> dict[str, Any]:
        """Keep it sealed until it is decided; refused where the record has moved on."""
        record = work.record(self.proposal.record.id)
        record.expect(self.args["version"])
        change = self.proposal.change(self.args, str(self.service.caller.person), self.sealer)
        work.propose(record, change, self.made, self.proposal.never)
        if self.args["known_since"]:
            work.note(record, LEARNED, self.args["known_since"], self.proposal.regime)
        odd = warned(self.proposal.found, self.proposal.values, whole=False)
        return presenting.written(record, {**WAITING, "change": change.id, "warnings": odd})

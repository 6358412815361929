"""A business fact about to be noted: who notes it, by which proofs, on which day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regimes import Regime
from services.records import permits
from services.records.model import Record
from services.records.verifying import needs


@dataclass(frozen=True)
class Happening:
    """One fact that one caller notes; its proofs are on file."""

    service: Any
    args: dict[str, Any]
    regime: Regime
    evidence: list[str]

    @classmethod
    def of(cls, service: Any, args: dict[str, Any]) -> Happening:
        """Check who notes it and the proofs, in this order; nothing is kept before."""
        record, regime = service.store.record(args["record"]), service.regime()
        permits.may_record(service, record, args["event"], regime)
        return cls(service, args, regime, permits.on_file(service, record, args["evidence"]))

    def note(self, work: Any) -> Record:
        """Keep it with all that follows, in one transaction."""
        record, event, on = work.record(self.args["record"]), self.args["event"], self.args["on"]
        permits.may_record(self.service, record, event, self.regime)
        record.expect(self.args.get("version", record.version))
        needs.refuse_unproved(needs.proofs_of(work, record, self.regime, self.evidence), event)
        work.note(record, event, on, self.regime)
        return record

"""Asking that parts of a record be erased: who may, with what proof, and then put before whoever decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.ids import new_id
from regimes.envelopes import completed
from regimes.rights import applicant
from services.records import permits, proofs, reasons
from services.records.erasing import model
from services.records.erasing.model import Erasure
from services.records.model import Record
from services.records.reasons import Reason

MAY = ("change", "consent", "receive")  # who takes in what customers want


@dataclass(frozen=True)
class Asking:
    """One erasure that one caller asks for; prepared outside any transaction."""

    service: Any
    args: dict[str, Any]
    why: list[Reason]

    @classmethod
    def of(cls, service: Any, args: dict[str, Any]) -> Asking:
        """Check right, parts, rule and proofs."""
        record: Record = service.store.record(args["record"])
        permits.may_one_of(service, MAY, record)
        found = service.regime().classes[record.class_]
        model.refuse(record, args["parts"], found)
        args = {**args, "evidence": permits.on_file(service, record, args["evidence"])}
        _proved(service, record, args)
        return cls(service, args, _sealed(service, record, args))

    def ask(self, work: Any) -> dict[str, Any]:
        """Keep it until it is decided."""
        record = work.record(self.args["record"])
        record.expect(self.args["version"])
        id, by = self.why[0].id if self.why else new_id(), str(self.service.caller.person)
        parts = sorted(set(self.args["parts"]))
        told = (record.version, self.args["requested_by"], self.args["evidence"], by)
        erasure = Erasure(id, record.id, parts, *told)
        work.emit(erasure.ask(record))
        work.add_erasure(erasure)
        work.add_reasons(self.why)
        return {"erasure": id, "record": record.id, "outcome": "waiting"}


def _sealed(service: Any, record: Record, args: dict[str, Any]) -> list[Reason]:
    """Why, under the key of a part that stays: the reason must outlive what is erased."""
    return reasons.seal(service, record, args["reason"], without=args["parts"])


def _proved(service: Any, record: Record, args: dict[str, Any]) -> None:
    """Refuse at once where the regime lets nobody decide about it, or wants a proof that was not named."""
    caller, regime = applicant(service.caller), service.regime()
    case = {"record": completed(regime, record.envelope()), "applicant": caller, "request": {"kind": "erase"}}
    proofs.refuse_missing(regime.rule("erase", case).needs, args["evidence"])

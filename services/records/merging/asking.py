"""Asking for a merge: who may, whether it can be, and then put before whoever decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.ids import new_id
from regimes.envelopes import completed
from regimes.rights import applicant
from services.records import permits, reasons, waiting
from services.records.merging import model
from services.records.merging.executing import both, filled
from services.records.merging.model import Merge
from services.records.model import Record
from services.records.reasons import Reason

MAY = ("change", "receive")  # who writes a record, or keeps it, may ask that it become one with another


@dataclass(frozen=True)
class Asking:
    """One merge that one caller wants; prepared outside any transaction."""

    service: Any
    args: dict[str, Any]
    why: list[Reason]
    versions: tuple[int, int]

    @classmethod
    def of(cls, service: Any, args: dict[str, Any]) -> Asking:
        """Check right, rule and fields; of what is filled the seals' directories tell."""
        stays, goes = (service.store.see(args[name], None) for name in ("survivor", "merged"))
        for seen in (stays, goes):
            permits.may_one_of(service, MAY, seen.record)
            _ruled(service, seen.record)
        found = service.regime().classes[stays.record.class_]
        model.refuse(stays.record, goes.record, found, ())
        model.refuse_fields(args["fields_"], found, filled(stays), filled(goes))
        why = reasons.seal(service, stays.record, args["reason"])
        return cls(service, args, why, (stays.record.version, goes.record.version))

    def propose(self, work: Any) -> dict[str, Any]:
        """Keep it until it is decided; refused where one of the two moved on, is held, or is another customer's."""
        stays, goes = both(work, self.args["survivor"], self.args["merged"])
        stays.expect(self.versions[0])
        goes.expect(self.versions[1])
        found = self.service.regime().classes[stays.class_]
        model.refuse(stays, goes, found, {*work.holds(stays.id), *work.holds(goes.id)})
        model.refuse_strangers(work.proofs(stays.id), work.proofs(goes.id))
        waiting.refuse_beside("merge", work.merge_in_the_way(stays.id, goes.id))
        id, by = self.why[0].id if self.why else new_id(), str(self.service.caller.person)
        merge = Merge(id, stays.id, goes.id, *self.versions, self.args["fields_"], by)
        work.emit(merge.propose(stays, goes))
        work.add_merge(merge)
        work.add_reasons(self.why)
        return {"merge": merge.id, "survivor": stays.id, "merged": goes.id, "outcome": "waiting"}


def _ruled(service: Any, record: Record) -> None:
    """Refuse at once where the regime lets nobody decide about it."""
    caller, regime = applicant(service.caller), service.regime()
    case = {"record": completed(regime, record.envelope()), "applicant": caller, "request": {"kind": "merge"}}
    regime.rule("merge", case)

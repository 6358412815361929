"""Entrypoints of assignments."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.ids import new_id
from chassis.published import load
from services.records import reasons
from services.records.assigning import model, schemas
from services.records.entrypoints import Entrypoints


class Assigning(Entrypoints):
    """A record belongs to exactly one department and one person at any time."""

    @rpc
    def assign(self, args: dict[str, Any]) -> dict[str, Any]:
        """Let another department or person answer for a record; who did before stays in its history."""
        args, regime, people = load(schemas.AssignArgs, args), self.regime(), self.organisation()
        why = reasons.seal(self, self.store.record(args["record"]), args["reason"])
        with self.store.begin() as work:
            record = work.record(args["record"])
            model.refuse_others(record, self.caller, regime)
            record.expect(args["version"])
            to = (args.get("department", record.department), args.get("responsible", str(record.responsible)))
            model.refuse_wrong(*to, regime.classes[record.class_], people)
            return work.answer(_assigned(work, record, to, why))


def _assigned(work: Any, record: Any, to: tuple[str, str], why: list[Any]) -> dict[str, Any]:
    before = {"before_department": record.department, "before_responsible": record.responsible}
    work.emit(record.assign(*to))
    work.save(record)
    work.add_reasons(why)
    work.add_assignment(why[0].id if why else new_id(), record, before)
    return dict(schemas.AssignAnswer().dump({**vars(record), "outcome": "done"}))

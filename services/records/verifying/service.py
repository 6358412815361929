"""Entrypoints of verification."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.ids import new_id
from chassis.published import load
from services.records import permits, reasons, schemas
from services.records.entrypoints import Entrypoints
from services.records.verifying import presenting, validity
from services.records.verifying.model import Checked
from services.records.verifying.needs import Proofs


class Verifying(Entrypoints):
    """Fields checked against a source: by whom, how, when, with what result; a change of the field makes it stale."""

    @rpc
    def verify(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note what was checked; a record that waited for it becomes valid."""
        args, regime = load(schemas.VerifyArgs, args), self.regime()
        names = list(dict.fromkeys(args["fields_"]))
        why = reasons.seal(self, self.store.record(args["record"]), args.get("reason"), len(names))
        ids = [one.id for one in why] or [new_id() for _ in names]
        with self.store.begin() as work:
            record = work.record(args["record"])
            permits.may_verify(self, record)
            record.expect(args.get("version", record.version))
            presenting.known_method(args.get("method"), regime.classes[record.class_])
            facts = work.facts(record, regime)
            for id, name in zip(ids, names, strict=True):
                said = Checked(id, name, args["result"], args["source"], args.get("method"), "reason" in args)
                seen = facts.check(said, record, str(self.caller.person), work.now, regime)
                facts = facts.having(seen)
                work.add_verification(seen)
                work.emit(facts.told(seen, record))
            work.add_reasons(why)
            validity.reconsider(work, record, regime, facts)
            return work.answer(presenting.written(record, ids))

    @rpc
    def verifications(self, args: dict[str, Any]) -> dict[str, Any]:
        """What was checked, and of each field to verify who supplied and who verified it."""
        args, record = load(schemas.VerificationsArgs, args), self.store.record(args["record"])
        permits.may(self, "view", record)
        return presenting.verifications(self, record, args)

    @rpc(internal=True)
    def unmet(self, args: dict[str, Any]) -> dict[str, Any]:
        """Which of these proofs records cannot see: verified, filled, read, entry, consent, document."""
        args, record = load(schemas.UnmetArgs, args), self.store.record(args["record"])
        told = (args["person"], self.store.clock.now(), tuple(args["evidence"]), args["purpose"])
        proofs = Proofs(self.store, record, self.regime(), *told)
        return {"unmet": proofs.unmet(tuple(args["needs"]))}

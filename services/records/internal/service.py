"""Entrypoints for the other services: envelopes, holds, destruction."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import every, rpc
from chassis.published import load
from regimes.envelopes import completed
from services.records.destroying import Destruction
from services.records.entrypoints import Entrypoints
from services.records.internal import schemas


class Internal(Entrypoints):
    """Answered to the suite alone."""

    @rpc(internal=True)
    def envelope(self, args: dict[str, Any]) -> dict[str, Any]:
        """What conditions outside records may read of a record."""
        record = self.store.record(load(schemas.EnvelopeArgs, args)["record"])
        gone = {"went_with": record.went_with} if record.went_with else {}
        return {**completed(self.regime(), record.envelope()), **gone}

    @rpc(internal=True)
    def due(self, args: dict[str, Any]) -> dict[str, Any]:
        """Envelopes of the records whose milestone was reached by a day, by id."""
        args, regime = load(schemas.DueArgs, args), self.regime()
        found = self.store.due([args["class_"]], args["milestone"], args["on_or_before"], args["after"], args["limit"])
        return {"records": [completed(regime, record.envelope()) for record in found]}

    @rpc(internal=True)
    def envelopes(self, args: dict[str, Any]) -> dict[str, Any]:
        """Envelopes of the records of a class, by id."""
        args, regime = load(schemas.EnvelopesArgs, args), self.regime()
        named = [name for name, found in regime.classes.items() if found.is_a((args["class_"],))]
        found = self.store.of_classes(named, args["after"], args["limit"])
        return {"records": [completed(regime, record.envelope()) for record in found]}

    @rpc(internal=True)
    def freeze(self, args: dict[str, Any]) -> dict[str, Any]:
        """Enforce a hold; answered only when it is committed. Repeating it changes nothing."""
        args = load(schemas.FreezeArgs, args)
        with self.store.begin() as work:
            for record in [work.record(record_id) for record_id in sorted(set(args["records"]))]:
                frozen = record.freeze(args["hold"])
                if work.freeze(args["hold"], record.id, args["part"]):
                    work.emit(frozen)
            return work.answer({"hold": args["hold"], "records": args["records"]})

    @rpc(internal=True)
    def unfreeze(self, args: dict[str, Any]) -> dict[str, Any]:
        """Lift a hold. Repeating it changes nothing."""
        args = load(schemas.UnfreezeArgs, args)
        with self.store.begin() as work:
            for record in [work.record(record_id) for record_id in sorted(set(args["records"]))]:
                if work.unfreeze(args["hold"], record.id):
                    work.emit(record.unfreeze(args["hold"]))
            return work.answer({"hold": args["hold"], "records": args["records"]})

    @rpc(internal=True)
    def destroy(self, args: dict[str, Any]) -> dict[str, Any]:
        """Destroy one item of an approved list: state, keys, rows. Repeating it after a crash finishes it."""
        args = load(schemas.DestroyArgs, args)
        destruction = Destruction(self, args["record"], args["disposal"], args["certificate"])
        destruction.begin(args["version"], args["grant"])
        return destruction.finish()

    @every(5)
    def finish_destructions(self) -> None:
        """Finish what a crash interrupted: past the point of no return there is no way back."""
        for record in self.store.stuck_destructions():
            Destruction(self, record.id, str(record.disposal), str(record.certificate)).finish()

    @every(10)
    def rewrap_keys(self) -> None:
        """Bring the data keys under the newest key-encryption key; stopped anywhere, it goes on from there."""
        self.keys.carry_on()

"""Entrypoints of erasure."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import every, rpc
from chassis.pages import paged
from chassis.published import load
from services.records import permits, reasons, schemas
from services.records.entrypoints import Entrypoints
from services.records.erasing import deciding, model
from services.records.erasing.asking import MAY, Asking


class Erasing(Entrypoints):
    """Parts of a record go once somebody has decided so; the whole of it goes by a destruction list."""

    @rpc
    def ask_erasure(self, args: dict[str, Any]) -> dict[str, Any]:
        """Ask that parts of a record be erased."""
        asking = Asking.of(self, load(schemas.AskErasureArgs, args))
        with self.store.begin() as work:
            return work.answer(asking.ask(work))

    @rpc
    def erasures(self, args: dict[str, Any]) -> dict[str, Any]:
        """What was asked to be erased, who decided, what was done when, and whether it was told (Q-203)."""
        args = load(schemas.ErasuresArgs, args)
        record = self.store.record(args["record"])
        permits.may_one_of(self, ("view", *MAY), record)
        page = paged(self.store.erasures_of(record.id, args.get("after"), args["limit"] + 1), args["limit"])
        shown = [row["id"] for row in page["items"]]
        why = reasons.opened(self, record, "erasures", shown) if shown else {}
        items = [{**row, "reason": why.get(row["id"])} for row in page["items"]]
        return dict(schemas.ErasuresAnswer().dump({**page, "items": items}))

    @rpc
    def answer_erasure(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note that whoever asked was told the outcome."""
        args = load(schemas.AnswerErasureArgs, args)
        with self.store.begin() as work:
            record, erasure = work.record(args["record"]), work.erasure(args["erasure"])
            permits.may_one_of(self, MAY, record)
            if erasure is None or erasure.record != record.id:
                raise model.unknown(args["erasure"])
            work.emit(erasure.answer(record, str(self.caller.person), args["through"], work.now))
            work.save_erasure(erasure)
            return work.answer({"erasure": erasure.id, "record": record.id, "outcome": erasure.state})

    @every(5)
    def finish_erasures(self) -> None:
        """Finish what was begun, crash or not: past the point of no return there is no way back."""
        for erasure in self.store.begun_erasures():
            deciding.finish(self, erasure)

"""Entrypoints of imports."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from chassis.entrypoints import every, rpc
from chassis.published import load, made
from services.records.creating import class_named
from services.records.entrypoints import Entrypoints
from services.records.importing import listing, recalling, schemas, telling, withdrawing
from services.records.importing import template as templates
from services.records.importing.intake import Intake
from services.records.importing.model import refuse_crowd
from services.records.importing.report_sheet import Made


class Imports(Entrypoints):
    """A file comes in pieces, is taken in row by row, and is released as one."""

    @rpc
    def begin_import(self, args: dict[str, Any]) -> dict[str, Any]:
        """A file is about to come; its pieces are sealed as they arrive."""
        args, regime = load(schemas.BeginImportArgs, args), self.regime()
        refuse_crowd(self.store.receiving_of(self.caller.person))  # before a key is made for nothing
        taken = Intake.of(args, class_named(regime, args["class_"]), self.caller, regime, self.keys)
        with self.store.begin() as work:
            Intake.keep(self, work, taken, args.get("mapping"))
            return work.answer({"upload": taken.id})

    @rpc
    def put_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        """A piece of the file; the same piece again changes nothing."""
        args = load(schemas.PutChunkArgs, args)
        raw = b64decode(args["bytes"])
        sealed = Intake.seal(self, Intake.stored(self, args["upload"]), args["offset"], raw)
        with self.store.begin() as work:
            taken = work.import_(args["upload"])
            if work.put_chunk(taken.id, args["offset"], sealed):
                taken.receive(args["offset"], len(raw), Intake.LARGEST)
                work.save_import(taken)
            return work.answer({"upload": taken.id})

    @rpc
    def start_import(self, args: dict[str, Any]) -> dict[str, Any]:
        """All pieces are there: run it, 200 rows a transaction."""
        args = load(schemas.StartImportArgs, args)
        with self.store.begin() as work:
            taken = work.import_(args["upload"])
            taken.start(args["size"], self.caller.person)
            work.save_import(taken)
            return work.answer(telling.status(taken))

    @rpc
    def import_status(self, args: dict[str, Any]) -> dict[str, Any]:
        """Progress and counts."""
        args = load(schemas.ImportStatusArgs, args)
        return telling.status(Intake.seen(self, args["upload"]))

    @rpc
    def import_report(self, args: dict[str, Any]) -> dict[str, Any]:
        """The next of the rows that were not taken, with reasons, as CSV."""
        args = load(schemas.ImportReportArgs, args)
        taken, after = Intake.seen(self, args["upload"]), args["after"]
        told = (taken, self.regime(), self.store.call.language)
        return telling.csv_piece(self.store.lines(taken.id, after), *told, after)

    @rpc
    def import_workbook(self, args: dict[str, Any]) -> dict[str, Any]:
        """The same as a workbook, its next bytes."""
        args = load(schemas.ImportWorkbookArgs, args)
        taken, made = Intake.seen(self, args["upload"]), Made.of(args["after"])
        told = (taken, self.regime(), self.store.call.language)
        return telling.sheet_piece(self.store.lines(taken.id, made.after), *told, made)

    @rpc
    def template(self, args: dict[str, Any]) -> dict[str, Any]:
        """The workbook to fill in for a class, in the clerk's language."""
        args, regime = load(schemas.TemplateArgs, args), self.regime()
        found = class_named(regime, args["class_"])
        raw = templates.template(found, regime, self.store.call.language)
        return {"file": b64encode(raw).decode(), "name": f"{found.name}.xlsx"}

    @rpc
    def withdraw_import(self, args: dict[str, Any]) -> dict[str, Any]:
        """Take it back as one: its records go, with their keys; of a released one after those who release agreed."""
        args = load(schemas.WithdrawImportArgs, args)
        return withdrawing.withdraw(self, Intake.stored(self, args["upload"]).id, args.get("reason"))

    @rpc
    def import_withdrawal(self, args: dict[str, Any]) -> dict[str, Any]:
        """Who takes it back and why, for its uploader and for whoever decides about it."""
        args = load(schemas.ImportWithdrawalArgs, args)
        told = recalling.told(self, Intake.seen(self, args["upload"]))
        return dict(made(schemas.ImportWithdrawalAnswer).dump(told))

    @rpc
    def imports(self, args: dict[str, Any]) -> dict[str, Any]:
        """The caller's own imports, and those of others that he could release; newest first."""
        args = load(schemas.ImportsArgs, args)
        return dict(made(schemas.ImportsAnswer).dump(listing.page(self, args)))

    @every(0.5)
    def run_imports(self) -> None:
        """Carry on with imports that run or are being released; whoever comes second stops at the first batch."""
        Intake.carry_on(self)

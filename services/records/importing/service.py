"""Entrypoints of imports."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from chassis.entrypoints import every, rpc
from chassis.published import load
from services.records.creating import class_named
from services.records.entrypoints import Entrypoints
from services.records.importing import schemas, telling, withdrawing
from services.records.importing import template as templates
from services.records.importing.intake import Intake


class Imports(Entrypoints):
    """A file comes in pieces, is taken in row by row, and is released as one."""

    @rpc
    def begin_import(self, args: dict[str, Any]) -> dict[str, Any]:
        """A file is about to come; its pieces are sealed as they arrive."""
        args, regime = load(schemas.BeginImportArgs, args), self.regime()
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
        return telling.status(Intake.stored(self, args["upload"]))

    @rpc
    def import_report(self, args: dict[str, Any]) -> dict[str, Any]:
        """The rows that were not taken, with reasons, as CSV."""
        args = load(schemas.ImportReportArgs, args)
        taken = Intake.stored(self, args["upload"])
        told = (self.store.lines(taken.id), self.regime(), taken.class_, self.store.call.language)
        return {"csv": telling.as_csv(*told)}

    @rpc
    def import_workbook(self, args: dict[str, Any]) -> dict[str, Any]:
        """The same as a workbook."""
        args = load(schemas.ImportWorkbookArgs, args)
        taken = Intake.stored(self, args["upload"])
        told = (self.store.lines(taken.id), self.regime(), taken.class_, self.store.call.language)
        return {"file": b64encode(telling.as_xlsx(*told)).decode(), "name": f"import-{taken.id}.xlsx"}

    @rpc
    def template(self, args: dict[str, Any]) -> dict[str, Any]:
        """The workbook to fill in for a class, in the clerk's language."""
        args, regime = load(schemas.TemplateArgs, args), self.regime()
        found = class_named(regime, args["class_"])
        raw = templates.template(found, regime, self.store.call.language)
        return {"file": b64encode(raw).decode(), "name": f"{found.name}.xlsx"}

    @rpc
    def withdraw_import(self, args: dict[str, Any]) -> dict[str, Any]:
        """Take it back as one before its release: its records go, with their keys."""
        args = load(schemas.WithdrawImportArgs, args)
        return withdrawing.withdraw(self, Intake.stored(self, args["upload"]).id)

    @every(0.5)
    def run_imports(self) -> None:
        """Carry on with imports that run or are being released; whoever comes second stops at the first batch."""
        Intake.carry_on(self)

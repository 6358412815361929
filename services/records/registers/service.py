"""Entrypoints of registers: entries and their signatures, contents lists, labels, files to take away."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.ids import new_id
from chassis.published import load
from services.records import listing, permits
from services.records.entrypoints import DONE, Entrypoints
from services.records.registers import presenting, schemas
from services.records.registers.adding import Adding, Signing
from services.records.registers.contents import Contents, label, labelled
from services.records.registers.model import Entry, register_named
from services.records.registers.showing import seen, shown
from services.records.registers.taking import taken_away


class Registers(Entrypoints):
    """Every form and list of the regimes: filled in, signed in order, kept, printed."""

    @rpc
    def entries(self, args: dict[str, Any]) -> dict[str, Any]:
        """A register's entries, newest first; only what the caller may look at."""
        args, regime = load(schemas.EntriesArgs, args), self.regime()
        register_named(regime, args["class_"])
        return listing.page(self, regime, args, schemas.EntryLine)

    @rpc
    def add_entry(self, args: dict[str, Any]) -> dict[str, Any]:
        """A new entry; valid at once where nobody has to sign it."""
        args = load(schemas.AddEntryArgs, args)
        adding = Adding.of(self, args, permits.granted(self))
        with self.store.begin() as work:
            record = adding.keep(work)
            return work.answer(presenting.written(record, adding.entry.left))

    @rpc
    def sign(self, args: dict[str, Any]) -> dict[str, Any]:
        """The caller's signature under an entry as it stands; with the last one it is valid."""
        args = load(schemas.SignArgs, args)
        signing = Signing.of(self, args)
        with self.store.begin() as work:
            record = signing.sign(work, new_id())
            left = Entry(record, self.regime().classes[record.class_], work.signatures(record.id)).left
            return work.answer(presenting.written(record, left))

    @rpc
    def entry(self, args: dict[str, Any]) -> dict[str, Any]:
        """One entry for a purpose, with its signatures and whether they fit what is stored (promise 1)."""
        return shown(self, load(schemas.EntryArgs, args))

    @rpc
    def register_file(self, args: dict[str, Any]) -> dict[str, Any]:
        """A register as a spreadsheet: each entry in it was journalled as a read before; needs the right to export."""
        return taken_away(self, load(schemas.RegisterFileArgs, args), new_id())

    @rpc
    def contents(self, args: dict[str, Any]) -> dict[str, Any]:
        """A page of what belongs to a record, in the order its class asks for; each place a read of its own."""
        args = load(schemas.ContentsArgs, args)
        record = seen(self, args["record"])
        contents = Contents(self, record, args["purpose"], args.get("fields_"))
        told = {"id": record.id, "number": record.number, "order": contents.found.order}
        return schemas.ContentsAnswer().dump({**told, **contents.page(args.get("after"), args["limit"])})

    @rpc
    def label(self, args: dict[str, Any]) -> dict[str, Any]:
        """What stands on the file's label now: a governed read of all that it says."""
        args = load(schemas.LabelArgs, args)
        record = self.store.record(args["record"])
        return {"id": record.id, "label": label(self, record, args["purpose"]), "version": record.version}

    @rpc
    def put_label(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note that the file is labelled; only the very text that the record says now counts."""
        args = load(schemas.PutLabelArgs, args)
        text = label(self, self.store.record(args["record"]), args["purpose"])
        with self.store.begin() as work:
            record = work.record(args["record"])
            permits.may(self, "event", record)
            work.emit(labelled(record, text, args["label"]))
            return work.answer({"id": record.id, "version": record.version, **DONE})

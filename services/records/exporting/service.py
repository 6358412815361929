"""Entrypoints of exports."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from chassis.entrypoints import every, rpc
from chassis.ids import new_id
from chassis.published import load
from services.records import listing
from services.records.access import refuse_behind
from services.records.creating import class_named
from services.records.entrypoints import Entrypoints
from services.records.exporting import allowing, events, handing, making, schemas
from services.records.exporting.model import KEPT, MEDIA, Export, chosen
from services.records.refusals import refuse_strange_purpose
from vault.envelope import open_field


class Exports(Entrypoints):
    """Records leave as a file: asked for, made in the background by governed reads, fetched once."""

    @rpc
    def begin_export(self, args: dict[str, Any]) -> dict[str, Any]:
        """Refused without a live grant to export, or a right; a grant that holds once is used up here."""
        args = load(schemas.BeginExportArgs, args)
        export, body = self._asked(args)
        with self.store.begin() as work:
            if body:
                work.use_grant(body)
            work.add_export(export)
            work.emit(export.begun())
            return work.answer({"export": export.id, "state": export.state})

    @rpc
    def export_status(self, args: dict[str, Any]) -> dict[str, Any]:
        """How far it is; with the password of a file that needs one, to whoever asked for it."""
        export = self._mine(load(schemas.ExportStatusArgs, args)["export"])
        told = {**export.asked, **vars(export), "fields_": export.asked["fields"], "password": self._password(export)}
        return dict(schemas.ExportStatusAnswer().dump(told))

    @rpc
    def export_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        """One piece of the file, journalled before it is opened; after the last there is nothing left to fetch."""
        args = load(schemas.ExportChunkArgs, args)
        export = self._mine(args["export"])
        raw = handing.piece(self, export, args["number"])
        format = export.asked["format"]
        told = {"pieces": export.pieces, "size": export.size, "media": MEDIA[format], "ending": format}
        return {"bytes": b64encode(raw).decode(), **told}

    @every(0.5)
    def run_exports(self) -> None:
        """Make the files that were asked for."""
        making.run(self)

    @every(30)
    def sweep_exports(self) -> None:
        """Let go of files that were fetched, or that nobody came for."""
        making.sweep(self)

    def _asked(self, args: dict[str, Any]) -> tuple[Export, dict[str, Any] | None]:
        regime, now = self.regime(), self.store.clock.now()
        found = class_named(regime, args["class_"])
        refuse_strange_purpose(args["purpose"], regime)
        fields = chosen(found, regime, args.get("fields_"), args["format"])
        listing.filters(regime, dict(args["where"]))  # refuses what it does not know
        body = allowing.granted(self, found, args.get("fields_") and fields, args["purpose"])
        fields = allowing.within(body, fields)
        said = "zh" if self.store.call.language.startswith("zh") else "en"
        asked = {"where": args["where"], "fields": fields, "purpose": args["purpose"], "format": args["format"]}
        asked |= {"language": said, "roles": sorted(self.caller.roles), "grant": body}
        grant, caller = str(body["id"]) if body else None, self.caller
        key, lock = (key.id for key in self.keys.create(2))
        made: dict[str, Any] = {"id": new_id(), "class_": found.name, "asked": asked, "by": str(caller.person)}
        made["grant"] = grant
        made |= {"department": caller.department, "key": key, "lock": lock, "at": now, "until": now + KEPT}
        return Export(**made), body

    def _mine(self, export_id: str) -> Export:
        export: Export = self.store.export(export_id)
        export.refuse_others(self.caller.person)
        return export

    def _password(self, export: Export) -> str | None:
        if export.password is None or self.store.clock.now() >= export.until:
            return None
        refuse_behind(self.store, self.regime())
        ticket = self.store.record_event(events.ExportUnlocked(export.id))
        dek = self.keys.unwrap([export.lock], ticket)[export.lock]
        return open_field(dek, making.place(export.id, -1), export.password, making.PASSWORD).decode()

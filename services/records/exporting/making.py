"""Making the file in the background: record by record, each read journalled before it is opened, then sealed."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import eventlet
from msoffcrypto.format.ooxml import OOXMLFile

from chassis.actor import Actor
from chassis.call import Call
from chassis.clock import rfc3339
from chassis.errors import Conflict, Forbidden, NotFound, Refused
from chassis.ids import new_id
from chassis.store import Bound
from regimes.model import RecordClass
from services.records import presenting
from services.records.exporting import allowing, sheets
from services.records.exporting.allowing import Allowed, ExportAccess
from services.records.exporting.model import PIECE, Export, locked, most
from services.records.importing.guarding import guarded, kept
from services.records.model import HIDDEN, Record
from services.records.reading import Reading
from vault.envelope import PartContext

PAGE = 200
CONTENT, PASSWORD = "content", "password"


def run(service: Any) -> None:
    """Make what waits to be made; one that was interrupted is made anew, and its reads are in the log twice."""
    for export in service.store.exports_in("running"):
        with service.store.database.exclusive(f"export {export.id}") as mine:
            if mine and service.store.export(export.id).state == "running":
                Making(service, export).run()


def sweep(service: Any) -> None:
    """Destroy keys, then pieces, of what was fetched or of which the time is over."""
    now = service.store.clock.now()
    for export in service.store.over_exports(now):
        service.keys.destroy([export.key, *([export.lock] if now >= export.until else [])])
        with service.store.begin() as work:
            export = work.export(export.id)
            work.drop_pieces(export.id)
            if export.state == "ready":
                export.expire()
            if now >= export.until:
                export.password = None
            work.save_export(export)


class Making:
    """One file being made by one worker, on behalf of whoever asked for it."""

    def __init__(self, service: Any, export: Export) -> None:
        self.service, self.export = service, export
        self.caller = Actor(export.by, department=export.department, roles=frozenset(export.asked["roles"]))
        self.acting = _acting(service, self.caller, export)
        self.found: RecordClass = service.regime().classes[export.class_]

    def run(self) -> None:
        """To its end, or to the reason why there is none; while the ledger lags, it waits and begins anew."""
        try:
            lines = list(self._lines())
        except (Conflict, Forbidden) as refusal:
            self._fail(refusal)
            return
        raw, level = self._file(lines)
        closed = self._locked(lines)
        password = secrets.token_urlsafe(16) if closed else None
        self._keep(_encrypted(raw, password) if password else raw, len(lines), level, password)

    def _lines(self) -> Iterator[sheets.Line]:
        allowed = self._allowed()
        access, records = ExportAccess(self.acting, allowed), self._records(allowed)
        if len(records) > most(self.export.asked["format"], self.export.asked["fields"]):
            raise Conflict("export.too_large", "too many records for one file; narrow it by facet or fields")
        for record in records:
            reading = self._reading(access, record)
            if reading:
                yield sheets.Line(record.number or "", record.about or "", access.show(reading))
            eventlet.sleep(0)

    def _reading(self, access: ExportAccess, record: Record) -> Reading | None:
        """The decided read; None where the record has gone meanwhile, or nothing of it may be read."""
        try:
            return access.reading(record.id, self.export.asked["purpose"], self.export.asked["fields"])
        except (Conflict, Forbidden, NotFound):
            return None

    def _allowed(self) -> Allowed:
        if self.export.grant and not self.service.store.grant_lives(self.export.grant):
            raise Forbidden("right.missing", "the grant was revoked meanwhile", {"request_kind": "export"})
        return allowing.of(self.export, self.export.asked.get("grant"), self.service, self.caller)

    def _records(self, allowed: Allowed) -> list[Record]:
        """The records that the file is to hold; one more than fits is enough to know that it does not."""
        where = presenting.filters(self.service.regime(), dict(self.export.asked["where"]))
        where["class_"] = self.export.class_
        limit, found = most(self.export.asked["format"], self.export.asked["fields"]), list[Record]()
        after: str | None = None
        while page := self.service.store.page(where, PAGE, after):
            after = page[-1].id
            found += [record for record in page if record.state not in HIDDEN and allowed.takes(record)]
            if len(found) > limit:
                break
            eventlet.sleep(0)
        return found

    def _file(self, lines: list[sheets.Line]) -> tuple[bytes, str]:
        asked, regime = self.export.asked, self.service.regime()
        guard = kept if asked["format"] == "xlsx" else guarded
        sheet = sheets.Sheet(self.found, regime, asked["fields"], asked["language"], guard)
        level = self._level(lines)
        at = rfc3339(self.service.store.clock.now())
        stamp = sheets.Stamp(level, self.export.by, asked["purpose"], at, self.export.id)
        told = stamp.told(self.found, regime, asked["language"], len(lines))
        if asked["format"] == "csv":
            return b"".join(sheets.as_csv(sheet, lines, told)), level
        return sheets.as_xlsx(sheet, lines, told), level

    def _clear(self, lines: list[sheets.Line]) -> set[str]:
        return {path for line in lines for path, one in line.shown.items() if one["state"] == "clear" and one["value"]}

    def _level(self, lines: list[sheets.Line]) -> str:
        """A file is as high as the highest value that stands in it."""
        levels = self.service.regime().levels
        lowest = min(levels, key=lambda name: levels[name].rank)
        names = [lowest, *(self.found.fields[path].level for path in self._clear(lines))]
        return max(names, key=lambda name: levels[name].rank)

    def _locked(self, lines: list[sheets.Line]) -> bool:
        return any(locked(self.found, self.service.regime(), path) for path in self._clear(lines))

    def _keep(self, raw: bytes, count: int, level: str, password: str | None) -> None:
        export, sealer = self.export, self.service.keys.sealer([self.export.key, self.export.lock])
        pieces = [
            sealer.seal(export.key, place(export.id, number), {CONTENT: raw[at : at + PIECE]}).packed
            for number, at in enumerate(range(0, len(raw), PIECE))
        ]
        if password:
            sealed = sealer.seal(export.lock, place(export.id, -1), {PASSWORD: password.encode()})
            export.password = sealed.packed
        with self.acting.store.begin() as work:
            work.emit(export.made(count, len(raw), len(pieces), level, work.now))
            work.add_pieces(export.id, pieces)
            work.save_export(export)

    def _fail(self, refusal: Refused) -> None:
        with self.acting.store.begin() as work:
            self.export.fail(refusal.code, refusal.detail)
            work.save_export(self.export)


def place(export: str, number: int) -> PartContext:
    """Where a sealed piece belongs; the password stands before the first."""
    return PartContext(export, "export", number + 1)


def _encrypted(raw: bytes, password: str) -> bytes:
    """The workbook as Excel and WPS encrypt one: it opens with its password and not otherwise."""
    room = io.BytesIO()
    OOXMLFile(io.BytesIO(raw)).encrypt(password, room)
    return room.getvalue()


def _acting(service: Any, caller: Actor, export: Export) -> Any:
    """The service as whoever asked for the file sees it: the log names him."""
    call = Call("records", "begin_export", new_id(), caller, language=export.asked["language"])
    store = Bound(service.store.store, call)
    return SimpleNamespace(store=store, keys=service.keys, approvals=service.approvals, caller=caller)

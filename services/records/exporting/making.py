"""Making the file in the background: governed reads first, then the file of what they showed, sealed piece by piece."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import eventlet
from msoffcrypto.format.ooxml import OOXMLFile

from chassis.actor import Actor
from chassis.call import Call
from chassis.errors import Conflict, Forbidden, Refused
from chassis.failpoints import failpoint
from chassis.ids import new_id
from chassis.store import Bound
from regimes.model import RecordClass
from services.records.events import OpenedForWork
from services.records.exporting import allowing, sheets
from services.records.exporting.allowing import Allowed
from services.records.exporting.lines import Lines
from services.records.exporting.model import PIECE, Export, leaves_encrypted
from services.records.importing.guarding import guarded, kept
from services.records.registers.naming import Naming
from vault.envelope import PartContext

CONTENT, PASSWORD = "content", "password"


def run(service: Any) -> None:
    """Make what waits to be made; one that was interrupted goes on where it was."""
    for export in service.store.exports_in("running"):
        with service.store.database.exclusive(f"export {export.id}") as mine:
            if mine and service.store.export(export.id).state == "running":
                Making(service, export).run()


def sweep(service: Any) -> None:
    """Destroy keys, then rows and pieces, of what was fetched or of which the time is over."""
    now = service.store.clock.now()
    for export in service.store.over_exports(now):
        service.keys.destroy([export.key, *([export.lock] if now >= export.until else [])])
        with service.store.begin() as work:
            export = work.export(export.id)
            work.drop_file(export.id)
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
        """To its end, or to the reason why there is none; while the ledger lags, it waits."""
        try:
            lines = Lines(self.acting, self.export, self._allowed())
            lines.read()
            lines.renew()
        except (Conflict, Forbidden) as refusal:
            self._fail(refusal)
            return
        self._make(lines)

    def _allowed(self) -> Allowed:
        refuse_revoked(self.service.store, self.export)
        return allowing.of(self.export, self.export.asked.get("grant"), self.service, self.caller)

    def _make(self, lines: Lines) -> None:
        """The file of all that was read, and the word that it is there."""
        held = self.acting.store.levels_in(self.export.id)
        count, level = self.acting.store.written_count(self.export.id), self._highest(held)
        closed = any(leaves_encrypted(one, self.service.regime()) for one in held)
        password = secrets.token_urlsafe(16) if closed else None
        size, pieces = self._keep(self._content(lines, count, level, password))
        self._end(count, size, pieces, level, password)

    def _highest(self, held: set[str]) -> str:
        """A file is as high as the highest value that stands in it."""
        levels = self.service.regime().levels
        lowest = min(levels, key=lambda name: levels[name].rank)
        return max([lowest, *held], key=lambda name: levels[name].rank)

    def _content(self, lines: Lines, count: int, level: str, password: str | None) -> Iterator[bytes]:
        asked, regime = self.export.asked, self.service.regime()
        guard = kept if asked["format"] == "xlsx" else guarded
        sheet = sheets.Sheet(self.found, regime, asked["fields"], asked["language"], guard)
        naming = Naming(self.service, regime)
        mark = naming.mark(self.export.by, asked["purpose"], self.export.id, asked["language"])
        stamp = sheets.Stamp(level, mark)
        told, rows = stamp.told(self.found, regime, asked["language"], count), self._rows(lines)
        if asked["format"] == "csv":
            return sheets.as_csv(sheet, rows, told)
        raw = sheets.as_xlsx(sheet, rows, told)
        return iter([encrypted(raw, password) if password else raw])

    def _rows(self, lines: Lines) -> Iterator[sheets.Line]:
        """What was read, opened once more to be put together."""
        ticket = self.acting.store.record_event(OpenedForWork(None, "export", self.export.id))
        dek = self.service.keys.unwrap([self.export.key], ticket)[self.export.key]
        return (sheets.Line(*row) for row in lines.rows(dek))

    def _keep(self, content: Iterable[bytes]) -> tuple[int, int]:
        """Seal the file piece by piece, never whole in the database's log; how large it is, in how many pieces."""
        size = number = 0
        with self.acting.store.begin() as work:
            work.drop_pieces(self.export.id)
        for number, piece in enumerate(in_pieces(content), 1):
            sealed = self._sealed(self.export.key, number - 1, {CONTENT: piece})
            with self.acting.store.begin() as work:
                work.add_export_piece(self.export.id, number - 1, sealed)
            failpoint("export.piece")
            size += len(piece)
            eventlet.sleep(0)
        return size, number

    def _end(self, count: int, size: int, pieces: int, level: str, password: str | None) -> None:
        sealed = self._sealed(self.export.lock, -1, {PASSWORD: password.encode()}) if password else None
        with self.acting.store.begin() as work:
            export = work.export(self.export.id)
            export.password = sealed
            work.emit(export.made(count, size, pieces, level, work.now))
            work.save_export(export)
        failpoint("export.made")

    def _sealed(self, key: str, number: int, values: dict[str, bytes]) -> bytes:
        sealer = self.service.keys.sealer([key])
        return bytes(sealer.seal(key, place(self.export.id, number), values).packed)

    def _fail(self, refusal: Refused) -> None:
        with self.acting.store.begin() as work:
            self.export.fail(refusal.code, refusal.detail)
            work.save_export(self.export)


def refuse_revoked(store: Any, export: Export) -> None:
    """Refuse what no grant stands behind any more."""
    if export.grant and not store.grant_lives(export.grant):
        raise Forbidden("right.missing", "the grant was revoked meanwhile", {"request_kind": "export"})


def place(export: str, number: int) -> PartContext:
    """Where a sealed piece belongs; the password stands before the first."""
    return PartContext(export, "export", number + 1)


def in_pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size; the last one may be shorter."""
    waiting = bytearray()
    for some in content:
        waiting += some
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def encrypted(raw: bytes, password: str) -> bytes:
    """The workbook as Excel and WPS encrypt one: it opens with its password and not otherwise."""
    room = io.BytesIO()
    OOXMLFile(io.BytesIO(raw)).encrypt(password, room)
    return room.getvalue()


def _acting(service: Any, caller: Actor, export: Export) -> Any:
    """The service as whoever asked for the file sees it: the log names him."""
    call = Call("records", "begin_export", new_id(), caller, language=export.asked["language"])
    store = Bound(service.store.store, call)
    return SimpleNamespace(store=store, keys=service.keys, approvals=service.approvals, caller=caller)

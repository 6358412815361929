"""An export and its rules: made once, fetched once, gone after that. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from regimes import Regime
from regimes.model import RecordClass
from services.records.exporting import events
from services.records.reading import Reading

DECIDED, WRITTEN, LEFT_OUT = "decided", "written", "left_out"  # what a line of the file is
SEALED = "sealed"  # a field that may not stand in an open file
KEPT = timedelta(hours=1)  # as long as a file waits to be fetched
PIECE = 256 * 1024
UNTYPED = ("signature", "document")
MOST = {"csv": 50_000, "xlsx": 10_000}
MOST_CELLS = 400_000  # of a workbook, which is made in memory: the disk must not hold plaintext
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass
class Export:
    """One file on its way out. States: running, ready (and running again if overtaken), fetched, expired, failed."""

    id: str
    class_: str
    asked: dict[str, Any]
    by: str
    department: str | None
    grant: str | None
    key: str
    lock: str
    at: datetime
    until: datetime
    state: str = "running"
    password: bytes | None = None
    count: int = 0
    size: int = 0
    pieces: int = 0
    problem: dict[str, Any] | None = None

    def begun(self) -> events.ExportBegun:
        """The fact that it was asked for."""
        return events.ExportBegun(*self._told(), fields=[*self.asked["fields"]], grant=self.grant)

    def made(self, count: int, size: int, pieces: int, level: str, now: datetime) -> events.Exported:
        """The file is there, to be fetched within the hour."""
        self._be("running")
        self.state, self.until = "ready", now + KEPT
        self.count, self.size, self.pieces = count, size, pieces
        known: dict[str, Any] = {"locked": self.password is not None, "department": self.department}
        return events.Exported(*self._told(), count=count, level=level, **known)

    def overtaken(self, records: list[str]) -> events.ExportOvertaken:
        """Something in the file may not leave any more: it is made anew without it."""
        self._be("ready")
        self.state, self.password = "running", None
        return events.ExportOvertaken(*self._told(), records=records)

    def fail(self, code: str, detail: str) -> None:
        """It cannot be made, or may not be handed out any more."""
        self._be("running", "ready")
        self.state, self.problem = "failed", {"code": code, "detail": detail}

    def refuse_unready(self, now: datetime) -> None:
        """Refuse to hand out what is not there yet, or not any more."""
        if self.state == "running":
            raise Conflict("export.running", "the file is still being made")
        if self.state == "failed":
            raise Conflict("export.failed", "the file could not be made; its status says why")
        if self.state != "ready" or now >= self.until:
            raise Conflict("export.gone", "the file was fetched, or nobody fetched it in time")

    def fetched(self) -> None:
        """The last piece has left."""
        self._be("ready")
        self.state = "fetched"

    def expire(self) -> None:
        """Nobody came for it in time."""
        self._be("ready")
        self.state = "expired"

    def refuse_others(self, person: str | None) -> None:
        """To all but whoever made it, it is not there."""
        if self.by != person:
            raise unknown(self.id)

    def _told(self) -> tuple[str, str, str, str]:
        return self.id, self.class_, self.asked["purpose"], self.by

    def _be(self, *states: str) -> None:
        if self.state not in states:
            raise Conflict("export.state", f"the export is {self.state}")


@dataclass(frozen=True)
class Line:
    """One record of a file, as its read was decided. States: decided, written, left_out (nothing of it may leave)."""

    place: int
    record: str
    state: str = DECIDED
    entry: str | None = None
    version: int = 0
    purposes: dict[str, str] = field(default_factory=dict)
    clear: dict[str, str] = field(default_factory=dict)  # field -> how high it is in this record
    parts: list[str] = field(default_factory=list)
    sealed: bytes | None = None

    @classmethod
    def of(cls, place: int, record: str, reading: Reading | None) -> Line:
        """What is to stand in this place; nothing where nothing of the record may be seen."""
        if reading is None:
            return cls(place, record, LEFT_OUT)
        state = DECIDED if any(verdict.state != "withheld" for verdict in reading.verdicts) else LEFT_OUT
        seen = reading.seen.record
        return cls(place, record, state, None, seen.version, seen.purposes, cleared(reading), parts_of(reading))

    def tells(self, reading: Reading) -> bool:
        """Whether this very read is the one that was journalled."""
        told = (reading.seen.record.version, cleared(reading), parts_of(reading))
        return told == (self.version, self.clear, self.parts)

    def holds(self, reading: Reading | None) -> bool:
        """Whether all that stands in the row may still leave."""
        if reading is None:
            return False
        return self.clear.items() <= cleared(reading).items() and set(self.parts) <= set(parts_of(reading))


def cleared(reading: Reading) -> dict[str, str]:
    """The fields that a read shows in clear, with the level that each has in this record."""
    return {verdict.field.path: verdict.field.level for verdict in reading.verdicts if verdict.state == "clear"}


def parts_of(reading: Reading) -> list[str]:
    """The parts that a read opens."""
    return sorted(part.name for part in reading.shown)


def unknown(export: str) -> NotFound:
    """What is not there and what is somebody else's answer alike."""
    return NotFound("export.unknown", f"no export {export}")


def most(format: str, fields: Collection[str]) -> int:
    """How many records one file may hold."""
    cells = MOST_CELLS // max(1, len(fields)) if format == "xlsx" else MOST[format]
    return min(MOST[format], cells)


def chosen(found: RecordClass, regime: Regime, wanted: list[str] | None, format: str) -> list[str]:
    """The fields of the file: those named, or all that fit. What leaves encrypted only is refused in a CSV by name."""
    strange = [path for path in wanted or () if path not in found.fields]
    if strange:
        errors = [{"pointer": f"/fields/{path}", "code": "field.unknown"} for path in strange]
        raise Invalid("field.unknown", f"{found.name} has no such field", {"errors": errors})
    paths = wanted or [path for path, entry in found.fields.items() if entry.type not in UNTYPED]
    closed = [path for path in paths if locked(found, regime, path)] if format == "csv" else []
    if closed and wanted:
        told = {"fields": closed, "errors": [{"pointer": f"/fields/{path}", "code": "export.level"} for path in closed]}
        raise Forbidden("export.level", "these fields leave in an encrypted workbook only: ask for xlsx", told)
    return [path for path in paths if path not in closed]


def locked(found: RecordClass, regime: Regime, path: str) -> bool:
    """Whether values of this field leave encrypted only."""
    return leaves_encrypted(found.fields[path].level, regime)


def leaves_encrypted(level: str, regime: Regime) -> bool:
    """Whether what is so high leaves encrypted only."""
    return regime.levels[level].export == "encrypted"

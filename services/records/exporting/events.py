"""What exports tell: which, for what, how many; the reads themselves are in the log one by one. Never contents."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import Event, event


@dataclass(frozen=True)
class ExportEvent(Event):
    """What every event of an export carries."""

    export: str
    class_: str
    purpose: str
    by: str


@event("records.export_begun")
@dataclass(frozen=True)
class ExportBegun(ExportEvent):
    """Somebody takes records out; `grant` is what it stands on where no right does."""

    fields: list[str]
    grant: str | None


@event("records.exported")
@dataclass(frozen=True)
class Exported(ExportEvent):
    """The file is made: so many records, as high as `level`; `locked` means that it opens with its password only."""

    count: int
    level: str
    locked: bool
    department: str | None = None  # whose records, where they are one department's


@event("records.export_overtaken")
@dataclass(frozen=True)
class ExportOvertaken(ExportEvent):
    """Before the file had left, something of these records might not leave any more: it is made anew without it."""

    records: list[str]


@event("records.export_fetched", published=False)
@dataclass(frozen=True)
class ExportFetched(Event):
    """A piece of the file leaves; with the last one the file is gone here."""

    export: str
    piece: int


@event("records.export_unlocked", published=False)
@dataclass(frozen=True)
class ExportUnlocked(Event):
    """Whoever made the export was shown its password."""

    export: str

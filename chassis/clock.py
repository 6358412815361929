"""The only source of time: UTC instants in microseconds, movable in demo mode only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


class Clock:
    """The machine's time plus, in demo mode, an offset that all processes read from one file."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self.offset_file = offset_file
        self._seen: tuple[tuple[int, int], timedelta] = ((0, 0), timedelta())

    def now(self) -> datetime:
        """This instant, aware, in UTC."""
        return datetime.now(UTC) + self._offset()

    def today(self, zone: str) -> date:
        """The civil date in a zone."""
        return self.now().astimezone(ZoneInfo(zone)).date()

    def advance(self, by: timedelta) -> datetime:
        """Move every process's clock forward; kept over restarts. Demo mode only."""
        if self.offset_file is None:
            raise RuntimeError("this clock cannot be moved")
        moved = self._offset() + by
        fresh = self.offset_file.with_suffix(".new")
        fresh.write_text(str(moved.total_seconds()))
        fresh.replace(self.offset_file)
        return self.now()

    def _offset(self) -> timedelta:
        if self.offset_file is None:
            return timedelta()
        try:
            found = self.offset_file.stat()
        except FileNotFoundError:
            return timedelta()
        # Two moves within one tick of the file system differ by their file.
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._seen[0]:
            self._seen = (stamp, timedelta(seconds=float(self.offset_file.read_text())))
        return self._seen[1]


class FixedClock(Clock):
    """A clock for tests: stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Move it forward."""
        self.at += by
        return self.at


def rfc3339(at: datetime) -> str:
    """An instant as the wire and the ledger carry it: UTC, microseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """Read what `rfc3339` wrote."""
    return datetime.fromisoformat(text)

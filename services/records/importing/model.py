"""An import as its rules see it: received, run in batches, waiting for its release."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.errors import Conflict, Invalid
from services.records import events

# While an import is in one of these its records go; then it is what stands beside.
LEAVING = {"failing": "failed", "rejecting": "rejected", "withdrawing": "withdrawn"}
WITHDRAWABLE = ("receiving", "running", "waiting")


@dataclass
class Import:
    """One file on its way in.

    States: receiving, running, failed, checked (after a dry run), waiting, releasing, released; and where its records
    go again: failing, rejecting, withdrawing, then failed, rejected, withdrawn.
    """

    id: str
    class_: str
    state: str
    dry_run: bool
    key: str
    settings: dict[str, Any]
    by: str
    department: str
    found: dict[str, Any] = field(default_factory=dict)
    size: int = 0
    next_row: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    problem: dict[str, Any] | None = None
    at: datetime | None = None

    def receive(self, offset: int, size: int, largest: int) -> None:
        """A new piece arrived; they come one after another, without gaps and without overlaps."""
        self._be("receiving")
        if offset != self.size:
            raise Conflict("import.offset", f"the next piece begins at {self.size}", {"offset": self.size})
        self.size += size
        if self.size > largest:
            raise Invalid("import.too_large", "the file is larger than an import may be; split it")

    def start(self, size: int, by: str | None) -> None:
        """All of it is here."""
        self._be("receiving")
        if by != self.by:
            raise Conflict("import.not_yours", "an import is started by who began it")
        if size != self.size:
            raise Invalid("import.incomplete", f"{self.size} of {size} bytes have arrived")
        self.state = "running"

    def count(self, next_row: int, accepted: int, rejected: int, duplicates: int) -> None:
        """A batch is done."""
        self._be("running")
        self.next_row = next_row
        self.accepted += accepted
        self.rejected += rejected
        self.duplicates += duplicates

    def fail(self, code: str, detail: str) -> None:
        """The file cannot be read to its end; what was taken of it goes again."""
        self.problem = {"code": code, "detail": detail}
        self._leave("failing")

    def finish(self) -> events.ImportFinished:
        """Every row has its outcome."""
        self._be("running")
        self.state = "checked" if self.dry_run else "waiting" if self.accepted else "released"
        counts = (self.accepted, self.rejected, self.duplicates)
        return events.ImportFinished(self.id, self.class_, self.department, self.by, self.dry_run, *counts)

    def settle(self, outcome: str) -> None:
        """Approvals has decided about the batch."""
        self._be("waiting")
        if outcome == "approved":
            self.state = "releasing"
        else:
            self._leave("rejecting")

    def released(self) -> None:
        """All of its records are valid."""
        self._be("releasing")
        self.state = "released"

    def withdraw(self, held: int) -> events.ImportWithdrawn:
        """Take it back as one, before its release; a hold on any of its records comes first."""
        if self.state not in WITHDRAWABLE or self.dry_run:
            raise Conflict("import.state", f"the import is {self.state}")
        if held:
            raise Conflict("hold.active", "a hold is in force on records of this import; a hold always wins")
        asked = self.state == "waiting"
        self._leave("withdrawing")
        return events.ImportWithdrawn(self.id, self.class_, self.department, self.by, self.accepted, asked)

    def left(self) -> None:
        """None of its records is there any more."""
        self.state = LEAVING[self.state]

    def _leave(self, state: str) -> None:
        self.state = state if self.accepted and not self.dry_run else LEAVING[state]

    def _be(self, state: str) -> None:
        if self.state != state:
            raise Conflict("import.state", f"the import is {self.state}")

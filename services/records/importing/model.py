"""An import as its rules see it: received, run in batches, waiting for its release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.errors import Conflict, Invalid
from services.records import events
from services.records.importing import events as recalls

# While an import is in one of these its records go; then it is what stands beside.
LEAVING = {"failing": "failed", "rejecting": "rejected", "withdrawing": "withdrawn", "retracting": "withdrawn"}
RETRACTING = "retracting"  # the same after its release: only what nobody has relied on goes
NO_REASON = {"errors": [{"pointer": "/reason", "code": "reason.empty", "detail": "say in a few words why"}]}
WITHDRAWABLE = ("receiving", "running", "waiting")
AT_ONCE = 5  # files of one person that may be on their way in; each is kept until it is here whole, or for a day


@dataclass
class Import:
    """One file on its way in.

    States: receiving, running, failed, checked (after a dry run), waiting, releasing, released; and where its records
    go again: failing, rejecting, withdrawing, then failed, rejected, withdrawn. A released one that somebody wants back
    is recalling until that is decided, and retracting while its records go.
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
    withdrawal: dict[str, Any] | None = None  # who takes it back, when and, sealed, why; what has gone and what stayed

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

    def withdraw(self, held: int, note: dict[str, Any] | None = None) -> events.ImportWithdrawn:
        """Take it back as one, before its release; a hold on any of its records comes first."""
        if self.state not in WITHDRAWABLE or (self.dry_run and self.state != "receiving"):
            raise Conflict("import.state", f"the import is {self.state}")
        self._not_held(held)
        asked = self.state == "waiting"
        self.withdrawal = note
        self._leave("withdrawing")
        return events.ImportWithdrawn(self.id, self.class_, self.department, self.by, self.accepted, asked)

    def left(self) -> None:
        """None of its records is there any more."""
        self.state = LEAVING[self.state]

    def recall(self, note: dict[str, Any] | None, going: int, staying: int, held: int) -> recalls.WithdrawalAsked:
        """Ask to take it back after its release; whoever releases decides.

        A record that somebody has relied on since stays, and does not keep the others: what he did rests on it, while
        a file that was wrong as a whole could never be taken back again once one line of it had been corrected. How
        many would stay is told when it is asked for, so that whoever decides knows what he approves.
        """
        self._be("released")
        self._not_held(held)
        if not note:
            raise Invalid("reason.empty", "a reason is needed to take back what was released", NO_REASON)
        if not going:
            raise Conflict("import.relied_on", "every record of this import has been relied on", {"stayed": staying})
        self.state, self.withdrawal = "recalling", note
        who = (self.id, self.class_, self.department, str(note["by"]), self.by)
        return recalls.WithdrawalAsked(*who, going, staying)

    def settle_recall(
        self, outcome: str, decided_by: list[str], held: int, going: int
    ) -> recalls.WithdrawalLapsed | None:
        """Approvals has decided; what was approved lapses where a hold came meanwhile, or nothing is left to go."""
        self._be("recalling")
        self.withdrawal = {**(self.withdrawal or {}), "decided_by": decided_by}
        why = "hold.active" if held else None if going else "import.relied_on"
        self.state = RETRACTING if outcome == "approved" and not why else "released"
        if outcome != "approved" or not why:
            return None
        return recalls.WithdrawalLapsed(self.id, self.class_, self.department, why)

    def recalled(self, gone: int, stayed: int) -> recalls.ImportRecalled:
        """What could go has gone; what was relied on while it went has stayed, be it all."""
        self._be(RETRACTING)
        self.state = "withdrawn" if gone else "released"
        self.withdrawal = {**(self.withdrawal or {}), "gone": gone, "stayed": stayed}
        by = str(self.withdrawal.get("by"))
        return recalls.ImportRecalled(self.id, self.class_, self.department, by, gone, stayed)

    def _not_held(self, held: int) -> None:
        if held:
            raise Conflict("hold.active", "a hold is in force on records of this import; a hold always wins")

    def _leave(self, state: str) -> None:
        self.state = state if self.accepted and not self.dry_run else LEAVING[state]

    def _be(self, state: str) -> None:
        if self.state != state:
            raise Conflict("import.state", f"the import is {self.state}")


def refuse_crowd(under_way: Sequence[str]) -> None:
    """Nobody has more files on their way in than the service has room for; which they are is told."""
    if len(under_way) >= AT_ONCE:
        line = {"pointer": "/file", "code": "import.too_many", "detail": f"at most {AT_ONCE} at once"}
        told = {"imports": [*under_way], "errors": [line]}
        raise Conflict("import.too_many", f"{AT_ONCE} of your imports are still being received", told)

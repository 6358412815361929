"""A change that waits for its decision. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.errors import Conflict


@dataclass
class Change:
    """A change that waits for its decision."""

    id: str
    record: str
    version: int
    mode: str
    fields: list[str]
    requested_by: str
    proposed_by: str
    evidence: list[str]
    sealed: dict[str, bytes]
    state: str = "pending"
    source: dict[str, str | None] | None = None  # the form that proposes it: entry, class, number
    decided_by: list[str] | None = None
    kind: str = "change"

    def settle(self, outcome: str) -> None:
        """Take approvals' word once; a change already settled is left as it is."""
        if self.state != "pending":
            raise Conflict("change.settled", f"change {self.id} is {self.state}")
        self.state = outcome

"""A change that waits for its decision. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from chassis.errors import Conflict
from regimes.model import RecordClass


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
    evidence: list[dict[str, str | None]]  # kinds of documents, each with the one on file
    sealed: dict[str, bytes]
    state: str = "pending"
    source: dict[str, str | None] | None = None  # the form that proposes it: entry, class, number
    decided_by: list[str] | None = None
    kind: str = "change"
    at: datetime | None = None

    @property
    def parts(self) -> list[str]:
        """The parts it touches."""
        return sorted({path.split(".")[0] for path in self.fields})

    @property
    def proofs(self) -> list[str]:
        """The kinds of documents that prove it."""
        return [str(one["document"]) for one in self.evidence]

    def refuse_overtaken(self, touched: Collection[str], found: RecordClass) -> None:
        """Refuse what cannot take effect any more: of the fields and parts `touched` since, it needs one as it was."""
        known = [found.fields[path] for path in self.fields if path in found.fields]
        deciding = {path for field in known for one in field.when for path in one}  # whether a record has the field
        spelling = {field.region for field in known if field.region}  # by what it is read
        if {*self.fields, *self.parts, *deciding, *spelling} & set(touched):
            raise Conflict("record.stale", "what this change is about has changed since it was proposed")

    def settle(self, outcome: str) -> None:
        """Take approvals' word once; a change already settled is left as it is."""
        if self.state != "pending":
            raise Conflict("change.settled", f"change {self.id} is {self.state}")
        self.state = outcome

"""What must be there before something may happen: the proofs that records itself can see. The others stay unmet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from chassis.errors import Invalid
from regimes import Regime
from regimes.dates import period
from regimes.model import Needs
from services.records.model import Record
from services.records.verifying.model import Facts

Need = dict[str, Any]


@dataclass(frozen=True)
class Proofs:
    """One record, one person, and the way to look: a piece of work, or the store."""

    look: Any
    record: Record
    regime: Regime
    person: str | None
    now: datetime
    evidence: tuple[str, ...] = ()

    def unmet(self, needs: Needs) -> list[str]:
        """Each proof that is not there, as "verified contact.mobile"."""
        return [lack for need in needs for lack in self._unmet(need)]

    @cached_property
    def facts(self) -> Facts:
        """What is known of the record's fields; looked up only where a need asks for it."""
        facts: Facts = self.look.facts(self.record, self.regime)
        return facts

    def _unmet(self, need: Need) -> list[str]:
        sort = next((sort for sort in SORTS if sort in need), None)
        # A proof that nobody here can see is none: what is not shown does not count.
        return SORTS[sort](self, need) if sort else [" ".join(map(str, next(iter(need.items()), ("nothing",))))]

    def filled(self, need: Need) -> list[str]:
        """Fields that have a value; `core` all core fields."""
        if need["filled"] == "core":
            return [] if self.record.complete else [f"filled {path}" for path in self.facts.missing]
        return [f"filled {path}" for path in _many(need["filled"]) if path not in self.facts.filled]

    def verified(self, need: Need) -> list[str]:
        """Fields that were confirmed and have not changed since."""
        return [f"verified {path}" for path in _many(need["verified"]) if path not in self.facts.verified]

    def read(self, need: Need) -> list[str]:
        """A journalled read of a record of the class, by the person who acts."""
        named = [name for name, found in self.regime.classes.items() if found.is_a((need["read"],))]
        span = period(need.get("within", "P1D"))
        since = self.now - timedelta(days=span.days + 30 * span.months + span.workdays, seconds=span.seconds)
        return [] if self.look.was_read(self.person, named, since, self.now) else [f"read {need['read']}"]

    def entry(self, need: Need) -> list[str]:
        """A valid entry of a register: about this record, or by or about the person who acts."""
        named = [name for name, found in self.regime.classes.items() if found.is_a((need["entry"],))]
        seen = self.look.has_entry(named, self.record.id, self.person, self.now.date())
        return [] if seen else [f"entry {need['entry']}"]

    def consent(self, need: Need) -> list[str]:
        """The customer's consent to some purpose, in force."""
        return [] if "given" in self.record.purposes.values() else [f"consent {need['consent']}"]

    def document(self, need: Need) -> list[str]:
        """A document of the record, or one that is named as the proof."""
        wanted = _many(need["document"])
        if set(wanted) & set(self.evidence) or any(map(self.look.file_of(self.record.id).held, wanted)):
            return []
        return [f"document {' or '.join(wanted)}"]


SORTS: dict[str, Callable[[Proofs, Need], list[str]]] = {
    "filled": Proofs.filled,
    "verified": Proofs.verified,
    "read": Proofs.read,
    "entry": Proofs.entry,
    "consent": Proofs.consent,
    "document": Proofs.document,
}


def of_state(record: Record, state: str, regime: Regime) -> Needs:
    """What the class wants before a record of it enters a state."""
    known = regime.classes[record.class_].states.get(state)
    return known.needs if known else ()


def refuse_unmet(proofs: Proofs, state: str) -> str:
    """Refuse a state whose proofs are not there, naming them; the state that the record is in so far."""
    lacking = proofs.unmet(of_state(proofs.record, state, proofs.regime))
    if lacking:
        raise Invalid(
            "needs.missing", f"still needed: {', '.join(lacking)}", {"errors": [_line(one) for one in lacking]}
        )
    return proofs.record.state


def _line(lack: str) -> dict[str, str]:
    sort, _, name = lack.partition(" ")
    pointer = f"/fields/{name}" if sort in ("filled", "verified") else "/evidence"
    return {"pointer": pointer, "code": "needs.missing", "detail": lack}


def _many(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [value]

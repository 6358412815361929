"""What must be there before something may happen: the proofs that records itself can see. The others stay unmet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from chassis.errors import Invalid
from regimes import Regime, lacks
from regimes.dates import period
from regimes.model import Needs
from services.records.consents.lawful import explicit_enough, needed_for
from services.records.model import Record
from services.records.verifying.model import Facts

Need = dict[str, Any]
CORE: Need = {"filled": "core"}


@dataclass(frozen=True)
class Proofs:
    """One record, one person, and the way to look: a piece of work, or the store."""

    look: Any
    record: Record
    regime: Regime
    person: str | None
    now: datetime
    evidence: tuple[str, ...] = ()
    purpose: str | None = None  # what it is wanted for, where whoever asks has said so

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
        """A journalled read by the person who acts: of the dossier at hand, where it is of the class, else of any."""
        named = [name for name, found in self.regime.classes.items() if found.is_a((need["read"],))]
        span = period(need.get("within", "P1D"))
        since = self.now - timedelta(days=span.days + 30 * span.months + span.workdays, seconds=span.seconds)
        seen = self.look.was_read(self.person, named, since, self.now, self._at_hand(need["read"]))
        return [] if seen else [f"read {need['read']}"]

    def _at_hand(self, wanted: str) -> str | None:
        """The record itself, or what it is about, where that is what has to be read."""
        mine = self.regime.all_classes[self.record.class_].is_a((wanted,))
        return self.record.id if mine else self._about(wanted)

    def _about(self, wanted: str) -> str | None:
        """What the record is about, where that is one of this class."""
        known = self.regime.all_classes
        about = known.get(known[self.record.class_].about or "")
        return self.record.about if about and about.is_a((wanted,)) else None

    def entry(self, need: Need) -> list[str]:
        """A valid entry of a register: about this record, or by or about the person who acts.

        A form about an entry of that register looks at this very one.
        """
        named = [name for name, found in self.regime.classes.items() if found.is_a((need["entry"],))]
        seen = self.look.has_entry(named, self.record.id, self.person, self.now.date(), self._about(need["entry"]))
        return [] if seen else [f"entry {need['entry']}"]

    def consent(self, need: Need) -> list[str]:
        """The customer's consent in force: as explicit as needed, to the purpose at hand or one the class lives by."""
        fit = needed_for(self.regime.classes[self.record.class_], self.regime, self.purpose)
        agreed = [name for name in fit if self.record.purposes.get(name) == "given"]
        kinds = self.look.kinds_given(self.record.id, agreed) if agreed else ()
        seen = any(explicit_enough(kind, need["consent"]) for kind in kinds)
        return [] if seen else [f"consent {need['consent']}"]

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


def proofs_of(work: Any, record: Record, regime: Regime, evidence: list[str]) -> Proofs:
    """What a piece of work sees of the proofs that its caller brings."""
    return Proofs(work, record, regime, work.caller.person, work.now, tuple(evidence))


def of_state(record: Record, state: str, regime: Regime) -> Needs:
    """What the class wants before a record of it enters a state; a draft is put forward with all its core fields."""
    known = regime.classes[record.class_].states.get(state)
    wanted = known.needs if known else ()
    return (*wanted, CORE) if state == "pending" else wanted


def refuse_unproved(proofs: Proofs, event: str) -> None:
    """Refuse a business fact whose proofs are not there, naming them."""
    _refuse(proofs, proofs.regime.classes[proofs.record.class_].event_needs.get(event, ()))


def refuse_unread(proofs: Proofs) -> None:
    """Refuse whoever signs an entry and has not read what its class wants everybody to have read who does."""
    _refuse(proofs, tuple(need for need in of_state(proofs.record, "active", proofs.regime) if "read" in need))


def refuse_unmet(proofs: Proofs, state: str) -> str:
    """Refuse a state whose proofs are not there, naming them; the state that the record is in so far."""
    _refuse(proofs, of_state(proofs.record, state, proofs.regime))
    return proofs.record.state


def _refuse(proofs: Proofs, wanted: Needs) -> None:
    lacking = proofs.unmet(wanted)
    if lacking:
        lines = [_line(proofs, lack) for lack in lacking]
        raise Invalid("needs.missing", "see errors for what is still needed", {"errors": lines})


def _line(proofs: Proofs, lack: str) -> dict[str, Any]:
    """What is missing, by the name that people know it by."""
    sort, _, name = lack.partition(" ")
    pointer = f"/fields/{name}" if sort in ("filled", "verified") else "/evidence"
    named = lacks.told(lack, proofs.regime, proofs.regime.classes[proofs.record.class_])
    return {"pointer": pointer, "code": "needs.missing", **named}


def _many(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [value]

"""What a caller may know of a party, and taking a consent back from all of it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.errors import Forbidden, Invalid, NotFound
from chassis.ids import new_id
from regimes import Regime
from services.records import events
from services.records.consents.asking import known_channel
from services.records.documents import coming
from services.records.model import HIDDEN, Record

KNOWING = ("view", "event", "change", "consent")  # who may do one of these knows of the record anyway


@dataclass(frozen=True)
class Known:
    """A party, and those of its records that the caller may know of; without any there is no such party for him."""

    party: str
    names: list[str]
    records: list[Record]
    readable: list[str]  # whose consents and holds he may see
    candidates: list[str]

    @classmethod
    def of(cls, service: Any, subject: str) -> Known:
        """What the caller may know."""
        store, regime = service.store, service.regime()
        party, names = store.party(subject)
        known = [one for one in _records(store, names) if knows(service, regime, one)]
        if not known:
            raise NotFound("party.unknown", f"no party {subject}")
        readable = [one.id for one in known if regime.right(service.caller, "view", one.envelope())]
        likely = store.party_candidates([one.id for one in known], names)
        seen = [other for other in likely if any(knows(service, regime, one) for one in _of(store, other))]
        return cls(party, names, known, readable, seen)

    @property
    def entry(self) -> events.Listed:
        """What the journal keeps of it."""
        return events.Listed([one.id for one in self.records], None)

    def told(self, store: Any) -> dict[str, Any]:
        """All of it, as it is shown."""
        consents, holds = store.consents_of(self.readable), store.party_holds(self.readable)
        shown = {"id": self.party, "records": self.records, "candidates": self.candidates}
        return {**shown, "consents": consents, "holds": holds}

    def may_withdraw(self, service: Any) -> None:
        """Refuse whoever may note consents of none of the party's records; whoever may of one, may for the customer."""
        regime = service.regime()
        if not any(regime.right(service.caller, "consent", one.envelope()) for one in self.records):
            raise Forbidden("right.missing", "no standing right to consent", {"request_kind": "consent"})


def knows(service: Any, regime: Regime, record: Record) -> bool:
    """Whether the caller may know that there is this record."""
    envelope = record.envelope()
    return record.state not in HIDDEN and any(regime.right(service.caller, one, envelope) for one in KNOWING)


def withdrawn(service: Any, work: Any, known: Known, purpose: str, channel: str, **evidence: Any) -> list[str]:
    """End every consent to the purpose that is in force with the party; an older one that comes in later ends too."""
    regime, names = service.regime(), work.lock_party(known.party)
    if purpose not in regime.purposes:
        raise Invalid("purpose.unknown", "name one of the purposes of the regime", {"purposes": [*regime.purposes]})
    coming.refuse_strange(work, work.records_of_party(names), evidence.get("document"))
    work.withdraw_everywhere(names, purpose)
    ended = []
    for record in [work.record(record_id) for record_id in work.records_of_party(names)]:
        if record.state in HIDDEN or record.purposes.get(purpose) != "given":
            continue
        old = work.in_force(record.id, purpose)
        if old is None or old.state != "given":
            continue  # what belongs to another record follows that one
        known_channel(regime.classes[record.class_], regime, channel)
        work.take_answers(record, [old.ended(new_id(), channel, **evidence)])
        work.save(record)
        work.spread(record, regime)
        ended.append(record.id)
    return sorted({one.id for one in known.records} & set(ended))


def _records(store: Any, names: list[str]) -> list[Record]:
    found: list[Record] = store.records_of(names)
    return found


def _of(store: Any, party: str) -> list[Record]:
    return _records(store, store.party(party)[1])

"""What a caller may know of a party, and taking a consent back from all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chassis.errors import Forbidden, Invalid, NotFound
from chassis.ids import new_id
from chassis.pages import LONGEST, cut
from regimes import Regime
from services.records import events
from services.records.consents.asking import known_channel
from services.records.consents.model import Consent
from services.records.documents import coming
from services.records.merging.likeness import readable
from services.records.model import HIDDEN, Record
from services.records.parties.model import PROOF, paths
from services.records.refusals import refuse_strange_purpose

KNOWING = ("view", "event", "change", "consent")  # who may do one of these knows of the record anyway


@dataclass(frozen=True)
class Known:
    """A party, and those of its records that the caller may know of; without any there is no such party for him.

    A dossier that nobody has approved is none of them: whoever enters one would be of any customer's whose code he
    guesses.
    """

    party: str
    names: list[str]
    records: list[Record]
    next: str | None = None  # the last of them, where there are more

    @classmethod
    def of(cls, service: Any, subject: str, after: str = "", limit: int | None = None) -> Known:
        """What the caller may know: all its records, or so many behind one."""
        party, names = service.store.party(subject)
        known = _known(service, names, after, limit and limit + 1)
        if not known and not (after and _known(service, names, many=1)):
            raise NotFound("party.unknown", f"no party {subject}")
        shown, last = cut(known, limit or len(known))
        return cls(party, names, shown, last.id if last else None)

    @property
    def entry(self) -> events.Listed:
        """What the journal keeps of it."""
        return events.Listed([one.id for one in self.records], None)

    def told(self, service: Any) -> dict[str, Any]:
        """It as it is shown: consents and holds of those records that he may see."""
        store, readable = service.store, [one.id for one in self.records if _viewed(service, one)]
        shown = {"id": self.party, "records": self._heads(service), "candidates": self._candidates(service)}
        consents, holds = store.consents_standing(readable), store.party_holds(readable)
        return {**shown, "consents": consents, "holds": holds, "next": self.next}

    def _heads(self, service: Any) -> list[dict[str, Any]]:
        """Each with how its purposes stand, which is an answer of the customer's like those in his consents."""
        above = service.store.records_among(self.names, {one.about for one in self.records if one.about})
        shut = {one.id: one for one in (*self.records, *above) if not _viewed(service, one)}
        told = [one.id for one in self.records if not _follows(service, one, shut)]
        return [{**vars(one), "purposes": one.purposes if one.id in told else {}} for one in self.records]

    def _candidates(self, service: Any) -> list[str]:
        told = [one.id for one in self.records if _tells_likely(service, one)]
        likely = service.store.party_candidates(told, self.names)
        return [other for other in likely if _known(service, service.store.party(other)[1], many=1)]

    def own(self, service: Any) -> set[str]:
        """Those of which the caller may note consents; refused without any."""
        regime = service.regime()
        own = {one.id for one in self.records if regime.right(service.caller, "consent", one.envelope())}
        if not own:
            raise Forbidden("right.missing", "no standing right to consent", {"request_kind": None})
        return own


def knows(service: Any, regime: Regime, record: Record) -> bool:
    """Whether the caller may know that there is this record, and whose it is."""
    envelope = record.envelope()
    told = record.state not in HIDDEN and record.party is not None
    return told and any(regime.right(service.caller, one, envelope) for one in KNOWING)


def withdrawn(
    service: Any, work: Any, known: Known, own: set[str], purpose: str, channel: str, **evidence: Any
) -> list[str]:
    """End every consent to the purpose that is in force with the party; an older one that comes in later ends too.

    On records that are not the caller's `own` to note consents of, the customer's word has to be vouched for.
    """
    regime, names = service.regime(), work.lock_party(known.party)
    refuse_strange_purpose(purpose, regime)
    coming.refuse_strange(work, sorted(own), evidence.get("document"))
    given = _given(work, names, purpose)
    if not any(evidence.values()):
        _refuse_beyond(service, given)
    work.withdraw_everywhere(names, purpose)
    for record, old in given:
        known_channel(regime.classes[record.class_], regime, channel)
        work.take_answers(record, [old.ended(new_id(), channel, **evidence)])
        work.save(record)
        work.spread(record, regime)
    return sorted({one.id for one in known.records} & {record.id for record, _ in given})


def _given(work: Any, names: list[str], purpose: str) -> list[tuple[Record, Consent]]:
    """The party's records with the consent of their own that is in force; what belongs to one of them follows it."""
    records = [work.record(record_id) for record_id in work.records_of_party(names)]
    stand = [one for one in records if one.state not in HIDDEN and one.purposes.get(purpose) == "given"]
    answers = [(one, work.in_force(one.id, purpose)) for one in stand]
    return [(one, answer) for one, answer in answers if answer and answer.state == "given"]


def _refuse_beyond(service: Any, given: list[tuple[Record, Consent]]) -> None:
    # Asked of what is locked here: a dossier may have come since the party was looked up.
    regime = service.regime()
    if not all(regime.right(service.caller, "consent", record.envelope()) for record, _ in given):
        said = "it concerns records of others too: say how the customer took it back, or name the document"
        raise Invalid("needs.missing", said, {"errors": [{"pointer": "/how", "code": "needs.missing", "detail": said}]})


def _known(service: Any, names: Iterable[str], after: str = "", many: int | None = None) -> list[Record]:
    """The party's records that the caller may know of, or the first so many behind one; looked for step by step."""
    regime, more = service.regime(), True
    found: list[Record] = []
    while more and (many is None or len(found) < many):
        rows = service.store.records_of(names, after, LONGEST)
        found += [one for one in rows if knows(service, regime, one)]
        more, after = len(rows) == LONGEST, rows[-1].id if rows else after
    return found[:many]


def _viewed(service: Any, record: Record) -> bool:
    return bool(service.regime().right(service.caller, "view", record.envelope()))


def _follows(service: Any, record: Record, shut: dict[str, Record]) -> bool:
    """Whether a record stands by answers that are shut to the caller: its own, or those to what it belongs to."""
    above = None if service.regime().classes[record.class_].collect.purposes else record.about
    return record.id in shut or above in shut


def _tells_likely(service: Any, record: Record) -> bool:
    """Whether the caller could read there by what it is like another party's: the customer's name and phones."""
    regime = service.regime()
    found = regime.classes[record.class_]
    shared = [path for path in paths(found) if found.fields[path].type not in PROOF]
    return all(readable(record, path, service.caller, regime) for path in shared)

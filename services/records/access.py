"""The road to plaintext: look, decide, journal, open. There is no other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from chassis.errors import Forbidden, Invalid, Refused, Unavailable
from chassis.events import Event
from chassis.journal import Ticket
from regimes import Regime
from regimes.dates import period
from regimes.model import Field
from services.records import events
from services.records.history import History, Place
from services.records.lines import Line
from services.records.model import Record
from services.records.reading import Reading, Seen
from services.records.refusals import unknown

LEDGER_PATIENCE = 4.0  # seconds a read of the highest level waits for the ledger; less than the gateway waits for us
ASKING = 1.0  # seconds approvals has to say whether there is a grant


class Access:
    """One caller's access to one record, for one purpose."""

    def __init__(self, service: Any, regime: Regime, place: str | None = None) -> None:
        self.store, self.keys, self.approvals = service.store, service.keys, service.approvals
        self.caller, self.regime, self.place = service.caller, regime, place
        self.unopened = False  # whether a request of the caller's is approved and waits to be opened

    def reading(
        self, record: str, purpose: str, fields: Sequence[str | Field] | None, as_of: datetime | None = None
    ) -> Reading:
        """The decided read. Before refusing for want of a grant, approvals is asked once (read your own approval)."""
        seen = self._seen(record, as_of)
        refused: Forbidden | None = None
        try:
            reading = self._decide(seen, purpose, fields)
            if not (fields and reading.wants_grant):
                return reading
        except Forbidden as forbidden:
            refused = forbidden
        if not self._learn_grants(record) and refused:
            raise Forbidden("grant.not_open", "it waits for whoever opens it") if self.unopened else refused
        return self._decide(self._seen(record, as_of), purpose, fields)

    def show(self, reading: Reading) -> dict[str, Any]:
        """Journal the read, then open it; nothing protected leaves while the ledger does not follow."""
        ticket = self.journalled(reading, reading.entry)
        return reading.open(lambda keys: self.keys.unwrap(list(keys), ticket))

    def journalled(self, reading: Reading, entry: Event) -> Ticket:
        """The committed entry of a read: the only thing that keys are given for."""
        self._refuse_lagging(reading)
        self._spend(reading)
        self._tell_refused(reading)
        ticket: Ticket = self.store.record_event(entry)
        if reading.waits:
            self.store.lag.wait_for(ticket, LEDGER_PATIENCE)
        return ticket

    def refuse_fallen(self, reading: Reading) -> None:
        """Refuse a purpose that the record does not stand for; the attempt is told of all the same (Q-024)."""
        try:
            reading.refuse_fallen()
        except Forbidden:
            self._tell_refused(reading)
            raise

    def history(self, reading: Reading, lines: Collection[Line]) -> dict[Place, dict[str, Any]]:
        """These versions, as far as the read shows them: who set what, when and why, before and after."""
        rows = self.store.versions_before_and_now(lines)
        together = self.store.set_together(reading.seen.record.id, rows)
        history = History(reading, rows, [(line.id, line.number) for line in lines], together)
        ticket = self.journalled(reading, history.entry)
        return history.open(lambda keys: self.keys.unwrap(list(keys), ticket))

    def reading_of_merged(self, merged: Record, purpose: str) -> Reading | None:
        """The decided read of a record that was merged, by the rights that somebody has to it; none without one."""
        seen: Seen = self.store.see(merged.id, self.caller.person)
        seen.record = replace(seen.record, state=merged.state)
        try:
            return self._decide(seen, purpose, None)
        except Forbidden:
            return None

    def _decide(self, seen: Seen, purpose: str, fields: Sequence[str | Field] | None) -> Reading:
        return seen.decide(self.caller, fields, purpose, self.regime, self.store.clock.now(), place=self.place)

    def _seen(self, record: str, as_of: datetime | None) -> Seen:
        seen: Seen = self.store.see(record, self.caller.person)
        if as_of is None:
            return seen
        if as_of > self.store.clock.now():
            raise Invalid("as_of.in_future", "nobody knows how it will stand then")
        if seen.record.created_at and as_of < seen.record.created_at:
            raise unknown(record)
        return seen.at(self.store.part_versions(record), as_of, self.store.told_by(record, as_of))

    def _learn_grants(self, record: str) -> bool:
        try:
            answer = self.approvals.grants_for({"person": self.caller.person, "records": [record]}, deadline=ASKING)
        except Refused:
            return False
        for body in answer["grants"]:
            with self.store.begin(beside=True) as work:
                work.keep_grant(body)
        self.unopened = bool(answer.get("unopened"))
        return bool(answer["grants"])

    def _spend(self, reading: Reading) -> None:
        if reading.spends:
            with self.store.begin(beside=True) as work:
                for grant in reading.spends:
                    work.spend_grant(grant)

    def _tell_refused(self, reading: Reading) -> None:
        """Tell of an attempt at a use that the record does not stand for, so that somebody answers for it (Q-024)."""
        refused = reading.refused
        if refused:
            self.store.record_event(refused)

    def _refuse_lagging(self, reading: Reading) -> None:
        if reading.protected:
            refuse_behind(self.store, self.regime)


class ManyAccess(Access):
    """Access to one of many records of one answer: a grant that is not known by now is not asked for, one by one."""

    def _learn_grants(self, record: str) -> bool:
        return False


def refuse_behind(store: Any, regime: Regime) -> None:
    """Refuse to open anything that is protected while the ledger does not follow."""
    if store.lag.current() > _limit(regime.log.lag):
        raise Unavailable("audit.lagging", "the ledger does not follow; nothing protected is read meanwhile")


@lru_cache(maxsize=16)
def _limit(text: str) -> timedelta:
    """How far the ledger may be behind, as the regime says."""
    spoken = period(text)
    return timedelta(days=spoken.days, seconds=spoken.seconds)


def destruction_probe(record: str, certificate: str) -> events.DestructionProbed:
    """The entry under which a destroyed record's keys are asked for once more."""
    return events.DestructionProbed(record, certificate)

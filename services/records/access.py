"""The road to plaintext: look, decide, journal, open. There is no other."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from chassis.errors import Forbidden, Refused, Unavailable
from regimes import Regime
from regimes.dates import period
from services.records import events
from services.records.history import History
from services.records.model import unknown
from services.records.reading import Reading, Seen

LEDGER_PATIENCE = 4.0  # seconds a read of the highest level waits for the ledger; less than the gateway waits for us
ASKING = 1.0  # seconds approvals has to say whether there is a grant


class Access:
    """One caller's access to one record, for one purpose."""

    def __init__(self, service: Any, regime: Regime) -> None:
        self.store, self.keys, self.approvals = service.store, service.keys, service.approvals
        self.caller, self.regime = service.caller, regime

    def reading(self, record: str, purpose: str, fields: list[str] | None, as_of: datetime | None = None) -> Reading:
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
            raise refused
        return self._decide(self._seen(record, as_of), purpose, fields)

    def show(self, reading: Reading) -> dict[str, Any]:
        """Journal the read, then open it; nothing protected leaves while the ledger does not follow."""
        self._refuse_lagging(reading)
        self._spend(reading)
        ticket = self.store.record_event(reading.entry)
        if reading.waits:
            self.store.lag.wait_for(ticket, LEDGER_PATIENCE)
        return reading.open(lambda keys: self.keys.unwrap(list(keys), ticket))

    def history(self, record: str, purpose: str) -> list[dict[str, Any]]:
        """Every version of the fields the caller may read: who set what, when and why, before and after."""
        reading = self.reading(record, purpose, None)
        self._refuse_lagging(reading)
        self._spend(reading)
        history = History(reading, self.store.part_versions(record))
        ticket = self.store.record_event(history.entry)
        if reading.waits:
            self.store.lag.wait_for(ticket, LEDGER_PATIENCE)
        return history.open(lambda keys: self.keys.unwrap(list(keys), ticket))

    def _decide(self, seen: Seen, purpose: str, fields: list[str] | None) -> Reading:
        return seen.decide(self.caller, fields, purpose, self.regime, self.store.clock.now())

    def _seen(self, record: str, as_of: datetime | None) -> Seen:
        seen: Seen = self.store.see(record, self.caller.person)
        if as_of is None:
            return seen
        if seen.record.created_at and as_of < seen.record.created_at:
            raise unknown(record)
        return seen.at(self.store.part_versions(record), as_of)

    def _learn_grants(self, record: str) -> bool:
        try:
            answer = self.approvals.grants_for({"person": self.caller.person, "records": [record]}, deadline=ASKING)
        except Refused:
            return False
        for body in answer["grants"]:
            with self.store.begin() as work:
                work.keep_grant(body)
        return bool(answer["grants"])

    def _spend(self, reading: Reading) -> None:
        if reading.spends:
            with self.store.begin() as work:
                for grant in reading.spends:
                    work.spend_grant(grant)

    def _refuse_lagging(self, reading: Reading) -> None:
        if reading.protected and self.store.lag.current() > limit(self.regime.log.lag):
            raise Unavailable("audit.lagging", "the ledger does not follow; nothing protected is read meanwhile")


@lru_cache(maxsize=16)
def limit(text: str) -> timedelta:
    """How far the ledger may be behind, as the regime says."""
    spoken = period(text)
    return timedelta(days=spoken.days, seconds=spoken.seconds)


def destruction_probe(record: str, certificate: str) -> events.DestructionProbed:
    """The entry under which a destroyed record's keys are asked for once more."""
    return events.DestructionProbed(record, certificate)

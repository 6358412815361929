"""Indexing anew: under a new key of search, or what an earlier release left unindexed. Goes on where it stopped."""

from __future__ import annotations

from typing import Any

import eventlet

from chassis.errors import Conflict
from services.records import events
from services.records.model import HIDDEN
from services.records.reading import Seen
from services.records.searching.indexing import Indexed, indexed

AT_ONCE = 50


class Renewing:
    """The walk over what is behind; how far it has come is what is no longer behind."""

    def __init__(self, service: Any) -> None:
        self.store, self.keys, self.regime = service.store, service.keys, service.regime()

    def carry_on(self) -> int:
        """Index all that is behind; how many records it was. Killed anywhere, the next one goes on."""
        done, after = 0, ""
        while records := self.store.behind(self.keys.blind.search.generation, after, AT_ONCE):
            done, after = done + self._renew(records), records[-1]
            eventlet.sleep(0)
        return done

    def _renew(self, records: list[str]) -> int:
        seen = [one for one in self.store.see_many(records, None) if one.record.state not in HIDDEN and one.parts]
        made = [one for one in map(self._indexed, seen) if one]
        with self.store.begin() as work:
            # Locked in one order; whoever changed or destroyed a record meanwhile has indexed it, or taken it out.
            now = {id: work.record(id) for id in sorted(one.record for one in made)}
            known = {one.record.id: one.record.version for one in seen}
            same = [one for one in made if (now[one.record].version, now[one.record].state in HIDDEN) ==
                    (known[one.record], False)]  # fmt: skip
            work.renew_index(same)
        return len(same)

    def _indexed(self, seen: Seen) -> Indexed | None:
        ticket = self.store.record_event(events.OpenedForWork(seen.record.id, "index", seen.record.id))
        try:
            deks = self.keys.unwrap({part.key for part in seen.parts.values()}, ticket)
        except Conflict:
            return None  # destroyed meanwhile
        found = self.regime.classes[seen.record.class_]
        opened = [part.open(seen.record.id, deks[part.key]) for part in seen.parts.values()]
        values = {path: one.value(path).decode() for one in opened for path in one.fields if path in found.fields}
        return indexed(seen.record.id, found, seen.parts, values, self.keys.blind)

"""A search: candidates by blind tokens, each decided like a read, one entry for all, opened, and looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import eventlet

from chassis.errors import Conflict, Forbidden
from chassis.pages import cut
from regimes import Regime
from services.records import permits
from services.records.access import LEDGER_PATIENCE, refuse_behind
from services.records.grants import grant_of
from services.records.model import HIDDEN
from services.records.reading import Reading, Seen
from services.records.searching.asking import Asked, refuse_unreadable
from services.records.searching.events import Searched

# Candidates of one search, and with that the most that a page decides. No smaller bound to a page: where one ended a
# page, `next` would tell of records that the caller may not read. This one tells that thousands fit, and of nobody.
MOST = 2_000
AT_ONCE = 100


class Search:
    """One search of one caller."""

    def __init__(self, service: Any, regime: Regime) -> None:
        self.service, self.regime = service, regime
        self.store, self.keys, self.caller = service.store, service.keys, service.caller

    def page(self, asked: Asked, most: int, after: str | None) -> dict[str, Any]:
        """Up to `most` records that fit, newest first; one entry names all that were opened, before they are."""
        owns = partial(self.store.answers_for, asked.found.name, self.caller.person)
        refuse_unreadable(asked, self.caller, self.regime, [*self._grants(asked)], owns)
        left = [id for id in self.candidates(asked) if after is None or id < after]
        readings, last = cut(self._decided(asked, left, most + 1), most)
        opened = self._opened(asked, readings)
        items = [line(reading, values, asked) for reading, values in opened if asked.fits(values)]
        return {"items": items, "next": last.seen.record.id if last else None}

    def candidates(self, asked: Asked) -> list[str]:
        """Every record that may fit, newest first; refused where they are too many to be opened."""
        blind, told = self.keys.blind, [one for one in asked.conditions if one.how != "range"]
        while True:
            indexes = blind.searches(self.store.oldest_generation() or 0)
            ways = [one.tokens(asked.found.name, indexes) for one in told]
            found = self.store.found_by(ways, asked.plain, MOST + 1)
            if blind.search.generation == indexes[-1].generation:
                break  # else the key was renewed meanwhile: what was indexed anew since would be missed
        if len(found) > MOST:
            raise Conflict("search.too_broad", f"more than {MOST} records may fit; add a condition", {"most": MOST})
        return sorted(found, reverse=True)

    def _decided(self, asked: Asked, ids: list[str], most: int) -> list[Reading]:
        """The first that may be opened; what the caller may not read is passed over, to the end if need be."""
        decided = (self.decide(asked, seen) for seen in self._seen(ids))
        return [*islice((reading for reading in decided if reading), most)]

    def _seen(self, ids: list[str]) -> Iterator[Seen]:
        for at in range(0, len(ids), AT_ONCE):
            yield from self.store.see_many(ids[at : at + AT_ONCE], self.caller.person)
            eventlet.sleep(0)

    def decide(self, asked: Asked, seen: Seen) -> Reading | None:
        """The read that a hit is; None where the caller could not read in clear all that is searched by."""
        if seen.record.state in HIDDEN:
            return None
        told = (asked.paths, asked.purpose, self.regime, self.store.clock.now())
        try:
            reading = seen.decide(self.caller, *told, rights=self._counting(seen))
        except Forbidden:
            return None
        clear = {verdict.field.path for verdict in reading.verdicts if verdict.state == "clear"}
        seen_at_all = bool(clear) or permits.visible(self.caller, self.regime, seen.record)
        if not (seen_at_all and clear.issuperset(asked.searched)):
            return None
        return reading if asked.paths else Reading(seen, asked.purpose, [], self.regime)  # its line alone

    def _counting(self, seen: Seen) -> list[Any] | None:
        """What is filed apart is found by whom it was granted to, whatever rights he has (Q-204)."""
        state = self.regime.classes[seen.record.class_].states.get(seen.record.state)
        return [] if state and state.apart else None

    def _opened(self, asked: Asked, readings: list[Reading]) -> list[tuple[Reading, dict[str, Any]]]:
        ticket = journalled(self.service, self.regime, readings, searched(asked, readings))
        return opened(self.keys, readings, ticket)

    def _grants(self, asked: Asked) -> Iterator[Any]:
        now, key = self.store.clock.now(), self.store.settings.key("grant.public")
        for body in self.store.grants_held(self.caller.person, now):
            grant = grant_of(body, key)
            if grant and grant.mode == "view" and not grant.once and grant.purpose in (None, asked.purpose):
                yield grant


def journalled(service: Any, regime: Regime, readings: list[Reading], entry: Any) -> Any:
    """The ticket of the one entry of many reads; refused while the ledger does not follow."""
    store = service.store
    if any(one.protected for one in readings):
        refuse_behind(store, regime)
    ticket = store.record_event(entry)
    if any(one.waits for one in readings):
        store.lag.wait_for(ticket, LEDGER_PATIENCE)
    return ticket


def opened(keys: Any, readings: list[Reading], ticket: Any) -> list[tuple[Reading, dict[str, Any]]]:
    """What each read shows; all keys in one query. A record destroyed since it was seen is left out."""
    wanted = {part.key for one in readings for part in one.shown}
    try:
        deks = keys.unwrap(wanted, ticket) if wanted else {}
    except Conflict:
        return [pair for one in readings for pair in _alone(keys, one, ticket)]
    return [(one, one.open(lambda names: {name: deks[name] for name in names})) for one in readings]


def _alone(keys: Any, reading: Reading, ticket: Any) -> Iterator[tuple[Reading, dict[str, Any]]]:
    try:
        yield reading, reading.open(lambda names: keys.unwrap(list(names), ticket))
    except Conflict:
        return


def searched(asked: Asked, readings: Iterable[Reading]) -> Searched:
    """The one entry of a search."""
    readings = list(readings)
    ids = [one.seen.record.id for one in readings]
    return Searched(asked.found.name, asked.purpose, asked.searched, ids, **summed(readings))


def summed(readings: list[Reading]) -> dict[str, list[str]]:
    """What many reads show in clear and masked, by which rights and grants."""
    entries = [one.entry for one in readings]
    names = ("clear", "masked", "by_right", "by_grant")
    return {name: sorted({one for entry in entries for one in getattr(entry, name)}) for name in names}


def line(reading: Reading, values: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """One record that fits, as far as the caller may see it."""
    seen = reading.seen.record
    head = {name: getattr(seen, name) for name in ("id", "number", "state", "department", "responsible", "version")}
    wanted = asked.shown or asked.searched
    return {**head, "class": seen.class_, "fields": {path: values[path] for path in wanted}}

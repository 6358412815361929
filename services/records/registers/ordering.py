"""The order of a contents list: by page or by day, which are opened of every place; of each, nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import eventlet

from chassis.errors import Conflict, Forbidden
from regimes.model import RecordClass
from services.records.model import Record
from services.records.reading import Reading
from services.records.registers.events import ContentsOrdered
from services.records.searching.finding import journalled, opened, summed

AT_ONCE = 100
DATES = ("date", "date_time")
Item = TypeVar("Item")


class Order:
    """How one caller, for one purpose, sees in which order things stand."""

    def __init__(self, service: Any, order: str, purpose: str) -> None:
        self.service, self.regime, self.order, self.purpose = service, service.regime(), order, purpose

    def of(self, record: Record, children: list[Record]) -> list[Record]:
        """What belongs to the record, in its order; what the caller may not read the page or day of comes last."""
        told = {child.id: child.facets.get(self._path(child)) or self._created(child) for child in children}
        sealed = [child for child in children if self._path(child) and not told[child.id]]
        told |= self._opened(record, sealed)
        return ordered(children, self.order, lambda child: told[child.id], lambda child: told[child.id])

    def _path(self, child: Record) -> str:
        found = self.regime.classes[child.class_]
        return page_of(found) if self.order == "by_page" else day_of(found)

    def _created(self, child: Record) -> str | None:
        return None if self.order == "by_page" or self._path(child) else created(child)

    def _opened(self, record: Record, children: list[Record]) -> dict[str, str | None]:
        readings = [*self._decided({child.id: self._path(child) for child in children})]
        if not readings:
            return {}
        ids = [one.seen.record.id for one in readings]
        entry = ContentsOrdered(record.id, self.purpose, ids, **summed(readings))
        shown = opened(self.service.keys, readings, journalled(self.service, self.regime, readings, entry))
        return {one.seen.record.id: value["value"] for one, values in shown for value in values.values()}

    def _decided(self, paths: dict[str, str]) -> Iterator[Reading]:
        """The reads of what gives them their place, where the caller may read it in clear."""
        ids, store, caller = [*paths], self.service.store, self.service.caller
        for at in range(0, len(ids), AT_ONCE):
            for seen in store.see_many(ids[at : at + AT_ONCE], caller.person):
                wanted = [paths[seen.record.id]]
                try:
                    reading = seen.decide(caller, wanted, self.purpose, self.regime, store.clock.now())
                except (Forbidden, Conflict):  # not his to see, or gone meanwhile
                    continue
                if reading.clear_parts:
                    yield reading
            eventlet.sleep(0)


def ordered(items: Iterable[Item], order: str, page: Callable[[Item], str | None],
            day: Callable[[Item], str | None]) -> list[Item]:  # fmt: skip
    """Items by page, or by day; what has neither comes last, in the order in which it came in."""
    if order == "by_page":
        return sorted(items, key=lambda item: _number(page(item)))
    newest = order == "newest_first"
    dated = [(day(item), item) for item in items]
    known = sorted((pair for pair in dated if pair[0]), key=lambda pair: str(pair[0]), reverse=newest)
    return [item for _, item in known] + [item for found, item in dated if not found]


def _number(page: str | None) -> tuple[int, float]:
    try:
        return (0, float(page or ""))
    except ValueError:
        return (1, 0.0)


def page_of(found: RecordClass) -> str:
    """The field that says on which page of a volume it stands."""
    return next((path for path, one in found.fields.items() if one.name == "page"), "")


def day_of(found: RecordClass) -> str:
    """The first field that says a day."""
    return next((path for path, one in found.fields.items() if one.type in DATES), "")


def created(child: Record) -> str | None:
    """When it came in."""
    return child.created_at.isoformat() if child.created_at else None

"""The contents list of a file in its order, and the text of its label: both shown by governed reads only."""

from __future__ import annotations

import re
from typing import Any

from chassis.errors import Conflict, Forbidden, Invalid
from chassis.pages import cut
from regimes.model import RecordClass
from services.records.access import Access, ManyAccess
from services.records.model import Record
from services.records.registers import events
from services.records.registers.belonging import visible
from services.records.registers.ordering import Order, created, day_of, page_of

NAMED = re.compile(r"\{([\w.]+)\}")


def _behind(places: list[tuple[int, Record]], after: str | None) -> int:
    """Where a page begins: behind what stood last on the one before, or, where that is gone, behind its place."""
    place, _, last = (after or "0.").partition(".")
    return next((at for at, child in places if child.id == last), int(place))


class Contents:
    """What belongs to one record, as far as the caller may see it."""

    def __init__(self, service: Any, record: Record, purpose: str, fields: list[str] | None) -> None:
        self.service, self.record, self.purpose, self.fields = service, record, purpose, fields
        self.regime = service.regime()
        self.found: RecordClass = self.regime.classes[record.class_]

    def page(self, after: str | None, limit: int) -> dict[str, Any]:
        """Each place with its page or day and its fields; every one is a read of its own in the journal."""
        wanted = [self.found.contains] if self.found.contains else None
        children = self.service.store.children(self.record.id, wanted)
        known = [child for child in children if visible(self.service, self.regime, child)]
        places = [*enumerate(Order(self.service, self.found.order, self.purpose).of(self.record, known), 1)]
        shown, last = cut(places[_behind(places, after) :], limit)
        items = [{**self._line(child), "place": place} for place, child in shown]
        return {"items": items, "next": f"{last[0]}.{last[1].id}" if last else None}

    def _line(self, child: Record) -> dict[str, Any]:
        found = self.regime.classes[child.class_]
        shown = self._shown(child, found)
        clear = {path: one["value"] for path, one in shown.items() if one["state"] == "clear"}
        told = {"id": child.id, "class_": child.class_, "number": child.number, "state": child.state}
        page, day = page_of(found), day_of(found)
        when = clear.get(day) or (created(child) if not day else None)
        return {**told, "page": clear.get(page), "date": when, "fields_": shown}

    def _shown(self, child: Record, found: RecordClass) -> dict[str, Any]:
        access = ManyAccess(self.service, self.regime)
        wanted = [path for path in self.fields or found.fields if path in found.fields]
        try:
            reading = access.reading(child.id, self.purpose, wanted)
            return access.show(reading)
        except (Forbidden, Conflict) as refused:  # not his to see, or gone meanwhile
            return {path: {"state": "withheld", "reason": {"code": refused.code}} for path in wanted}


def label(service: Any, record: Record, purpose: str) -> str:
    """The label as the record says it now; nobody gets it who may not read all that stands on it."""
    regime = service.regime()
    template = regime.classes[record.class_].label
    access = Access(service, regime)
    reading = access.reading(record.id, purpose, NAMED.findall(template or ""))  # refused first, whatever its class
    if template is None:
        raise Invalid("label.none", f"files of {record.class_} have no label", {"errors": [{"pointer": "/record"}]})
    hidden = next((one for one in reading.verdicts if one.state != "clear"), None)
    if hidden:
        told = {"request_kind": hidden.lifted_by, "field": hidden.field.path}
        raise Forbidden(str(hidden.code), "the label says more than you may read", told)
    shown = {path: one["value"] or "" for path, one in access.show(reading).items()}
    return NAMED.sub(lambda place: shown[place[1]], template)


def labelled(record: Record, text: str, written: str) -> events.Labelled:
    """The fact that a file carries its label; another text than the record's is refused (Q-080)."""
    record.refuse_gone()
    if " ".join(written.split()) != " ".join(text.split()):
        raise Conflict("label.differs", "the label does not say what the record says now; print it anew")
    return events.Labelled(**record.told())

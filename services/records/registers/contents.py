"""The contents list of a file in its order, and the text of its label: both shown by governed reads only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from chassis.errors import Conflict, Forbidden, Invalid
from regimes.model import RecordClass
from services.records.access import Access, ManyAccess
from services.records.model import Record
from services.records.registers import events
from services.records.registers.belonging import visible

MOST = 500
NAMED = re.compile(r"\{([\w.]+)\}")
DATES = ("date", "date_time")
Item = TypeVar("Item")


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


class Contents:
    """What belongs to one record, as far as the caller may see it."""

    def __init__(self, service: Any, record: Record, purpose: str, fields: list[str] | None) -> None:
        self.service, self.record, self.purpose, self.fields = service, record, purpose, fields
        self.regime = service.regime()
        self.found: RecordClass = self.regime.classes[record.class_]

    def items(self) -> list[dict[str, Any]]:
        """Each place with its page or day and its fields; every one is a read of its own in the journal."""
        wanted = [self.found.contains] if self.found.contains else None
        children = self.service.store.children(self.record.id, wanted, MOST)
        lines = [self._line(child) for child in children if visible(self.service, self.regime, child)]
        in_order = ordered(lines, self.found.order, lambda line: line["page"], lambda line: line["date"])
        return [{**line, "place": place} for place, line in enumerate(in_order, 1)]

    def _line(self, child: Record) -> dict[str, Any]:
        found = self.regime.classes[child.class_]
        shown = self._shown(child, found)
        clear = {path: one["value"] for path, one in shown.items() if one["state"] == "clear"}
        told = {"id": child.id, "class_": child.class_, "number": child.number, "state": child.state}
        page = next((path for path, one in found.fields.items() if one.name == "page"), "")
        day = next((path for path, one in found.fields.items() if one.type in DATES), "")
        when = clear.get(day) or (child.created_at.isoformat() if child.created_at and not day else None)
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

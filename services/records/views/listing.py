"""A list or screen: each record decided like a read, one entry for all of them, then opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chassis.errors import Conflict, Forbidden
from regimes.model import Right
from services.records.model import Record
from services.records.reading import Reading, Seen
from services.records.searching.counting import is_apart
from services.records.searching.finding import journalled, opened, summed
from services.records.views import model
from services.records.views.events import ViewRead
from services.records.views.walking import Walk

EXAMINED = 2_000  # records looked at for one page: it tells how many there are, of none whose it is
AT_ONCE = 50
WORDS = {"class": "class_"}


@dataclass(frozen=True)
class Line:
    """One record of a list: its head and the fields as its reader gets them."""

    record: Record
    split: str | None
    shown: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A page of a list, and where it goes on."""

    lines: list[Line]
    next: str | None


class Listing:
    """One run of one list."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.view, self.regime = walk, walk.view, walk.regime
        self.store, self.caller = walk.store, walk.caller

    def page(self, most: int, after: str | None, split: str | None = None, mark: str | None = None) -> Page:
        """Up to `most` records; the entry that names all that are opened is committed before they are."""
        cases: dict[str, model.Case] = {}
        readings: list[Reading] = []
        last = None
        for looked, (seen, case, answer) in enumerate(self._seen(after)):
            if looked == EXAMINED:
                break
            fits = split in (None, self._split(seen.record))
            reading = self._decided(seen, answer) if fits else None
            if reading and len(readings) == most:  # only what he may see makes the list go on
                last = readings[-1].seen.record.id
                break
            last = seen.record.id
            if reading:
                readings.append(reading)
                cases[last] = case
        else:
            last = None
        ticket = journalled(self.walk.service, self.regime, readings, self._entry(readings, mark))
        shown = opened(self.walk.service.keys, readings, ticket)
        lines = [self._line(one, values) for one, values in shown if self._holds(one, values, cases)]
        return Page(lines, last)

    def _seen(self, after: str | None) -> Iterator[tuple[Seen, model.Case, str]]:
        walked = self.walk.records(after)
        while some := list(islice(walked, AT_ONCE)):
            told = {record.id: (case, answer) for record, case, answer in some}
            for seen in self.store.see_many([*told], self.caller.person):
                yield seen, *told[seen.record.id]

    def _decided(self, seen: Seen, answer: str) -> Reading | None:
        """The read that a line is; None where the caller may not have the record in this view, or not what it asks."""
        record, found = seen.record, self.regime.classes[seen.record.class_]
        asked = self.walk.sealed(record) if answer == "open" else set()
        wanted = [*dict.fromkeys([*(name for name in self.view.fields if name in found.fields), *sorted(asked)])]
        own = model.rights(self.regime, self.view, self.caller, record)
        if not own:
            return None
        standing = self.regime.right(self.caller, "view", record.envelope(), self.view.purpose)
        counting = [] if is_apart(self.regime, record) else [*standing, *own]
        if counting and not wanted:
            return Reading(seen, self.view.purpose, [], self.regime)  # its envelope alone
        return self._lawful(seen, wanted, asked, counting)

    def _lawful(self, seen: Seen, wanted: list[str], asked: set[str], counting: list[Right]) -> Reading | None:
        told = (wanted, self.view.purpose, self.regime, self.store.clock.now())
        try:
            reading = seen.decide(self.caller, *told, rights=counting)
        except (Forbidden, Conflict):
            return None  # not his to see, or gone meanwhile
        clear = {verdict.field.path for verdict in reading.verdicts if verdict.state == "clear"}
        return None if reading.refused or not asked <= clear else reading

    def _entry(self, readings: list[Reading], mark: str | None) -> ViewRead:
        ids = [one.seen.record.id for one in readings]
        head = (self.view.name, model.digest(self.view), self.view.purpose, ids)
        told: dict[str, Any] = summed(readings)
        return ViewRead(*head, **told, mark=mark)

    def _holds(self, reading: Reading, values: dict[str, Any], cases: dict[str, model.Case]) -> bool:
        """Whether the record fits now that it is open."""
        record = reading.seen.record
        clear = {path: one["value"] for path, one in values.items() if one["state"] == "clear" and one["value"]}
        known = cases[record.id]["record"]
        case = model.case(self.regime, record, known, {**record.facets, **clear}, self.walk.today)
        return model.possible(self.view.when, case, set()) == "yes"

    def _line(self, reading: Reading, values: dict[str, Any]) -> Line:
        record = reading.seen.record
        shown = {name: values.get(name) or self._word(record, name) for name in self.view.fields}
        return Line(record, self._split(record), shown)

    def _word(self, record: Record, name: str) -> dict[str, Any]:
        """What stands in the record's envelope, such as record.number or a scheme."""
        return {"state": "clear", "value": self._enveloped(record, name.removeprefix("record."))}

    def _split(self, record: Record) -> str | None:
        return self._enveloped(record, self.view.split_by) if self.view.split_by else None

    def _enveloped(self, record: Record, name: str) -> str | None:
        if "." in name:
            return record.facets.get(name)
        if name in self.regime.schemes:
            return record.schemes.get(name) or self.regime.schemes[name].unset
        value = getattr(record, WORDS.get(name, name), None)
        return None if value is None else str(value)


def filled(line: Line) -> set[str]:
    """The fields of which a value stands in clear."""
    return {name for name, one in line.shown.items() if one["state"] == "clear" and one["value"]}

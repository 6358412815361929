"""The records of a view, newest first: whose view it is, what is filed apart, and what is known without opening."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import eventlet

from regimes import Regime
from regimes.model import RecordClass, View
from services.records.model import Record
from services.records.searching.model import index_name
from services.records.views import model
from services.records.views.beforehand import beforehand

AT_ONCE = 200
NARROW = 5_000  # records that the index may name; more are walked like all
UNREADY = ("draft", "pending")


class Walk:
    """One view walked for one caller."""

    def __init__(self, service: Any, regime: Regime, view: View) -> None:
        self.service, self.store, self.caller = service, service.store, service.caller
        self.regime, self.view = regime, view
        self.today = self.store.clock.today(regime.timezone)

    def records(self, after: str | None) -> Iterator[tuple[Record, model.Case, str]]:
        """Every record that may be in the view, with its case and whether that is certain (yes) or open."""
        for some in self._portions(after):
            besides = self.store.known_besides([one.id for one in some], self.words)
            for record in some:
                case = model.case(self.regime, record, self._facts(record, besides), record.facets, self.today)
                answer = model.possible(self.view.when, case, self.sealed(record))
                if answer != "no" and self.shown(record):
                    yield record, case, answer

    def _portions(self, after: str | None) -> Iterator[list[Record]]:
        """Those that the tables do not leave out; one look at them takes in so many records, and others have a turn."""
        classes, told, more = [found.name for found in self.classes], self.told, True
        while more:
            edge = self.store.edge(after) if told and self.among is None else None
            more = edge is not None
            while some := self.store.walk(classes, after, AT_ONCE, self.among, told, edge):
                yield some
                after = some[-1].id
                eventlet.sleep(0)
            after = edge
            eventlet.sleep(0)

    def briefs(self, at_once: int) -> Iterator[list[Any]]:
        """Every record of its classes as an analysis looks at it, a page of rows at a time."""
        classes, after = [found.name for found in self.classes], None
        while some := self.store.briefs(classes, after, at_once, self.among):
            yield some
            after = some[-1].id
            eventlet.sleep(0)

    @cached_property
    def classes(self) -> list[RecordClass]:
        """The classes it is derived from."""
        return model.classes_of(self.regime, self.view)

    @cached_property
    def told(self) -> dict[str, Any]:
        """What the tables are asked beforehand."""
        return beforehand(self.regime, self.view.when, self.today)

    @cached_property
    def words(self) -> set[str]:
        """What it asks of a record beside its envelope."""
        return {path.removeprefix("record.") for path in model.paths(self.view.when) if path.startswith("record.")}

    @cached_property
    def among(self) -> list[str] | None:
        """The only records that can fit, where the index names them; None where all have to be walked."""
        found: list[str] = []
        for one in self.classes:
            asked = model.narrowed(one, self.view.when, self.today)
            known = self._named(one, asked) if asked else None
            if known is None:
                return None
            found += known
        return found

    def _named(self, found: RecordClass, asked: list[tuple[str, str, list[str]]]) -> list[str] | None:
        blind = self.service.keys.blind
        indexes = blind.searches(self.store.oldest_generation() or 0)
        ways = [
            [index.tokens(index_name(found.name, path), kind, [text]) for index in indexes for text in texts]
            for path, kind, texts in asked
        ]
        known: list[str] = self.store.found_by(ways, {"class_": found.name}, NARROW + 1)
        return known if len(known) <= NARROW else None

    def _facts(self, record: Record, besides: dict[str, dict[str, Any]]) -> dict[str, Any]:
        created = record.created_at.date().isoformat() if record.created_at else None
        return {"created": created, **besides.get(record.id, {})}

    def sealed(self, record: Record) -> set[str]:
        """The fields that conditions name and only opening the record tells."""
        found = self.regime.classes[record.class_]
        return model.fields(found, self.view.when) - {*found.facets}

    def shown(self, record: Record) -> bool:
        """Drafts are in no view that does not ask for them; what is filed apart waits for a grant (Q-204)."""
        return record.state not in UNREADY or "state" in self.words

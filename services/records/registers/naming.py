"""What sheets and entries say of people, records, moments and codes, as people call them: never an id with a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chassis.errors import Refused
from regimes.model import Field, Titled
from regimes.tables import rows_of
from services.records import states
from services.records.importing import tabling
from services.records.registers.belonging import PERSON, ROOM, visible
from services.records.registers.model import CHECK
from services.records.workbook import Mark

OUTCOMES = {"passed": Titled("passed", "Passed", "合格"), "failed": Titled("failed", "Failed", "不合格")}
PEOPLE = ("responsible", "creator")
TITLED = {"department": "departments", "level": "levels", "class": "classes"}


class Naming:
    """One caller's names: of people by the organisation, of records by their number as far as he may know of them."""

    def __init__(self, service: Any, regime: Any) -> None:
        self.service, self.regime, self.known = service, regime, dict[str, str]()
        organisation = service.organisation()
        self.people = organisation.people
        places = organisation.departments
        self.departments = {name: Titled(name, one["en"], one["zh"]) for name, one in places.items()}
        self.levels, self.classes = regime.levels, regime.classes
        self.zone = ZoneInfo(regime.timezone)

    def person(self, person: str) -> dict[str, str]:
        """The name of somebody with the account beside it, in both languages."""
        found = self.people.get(person)
        names = {"en": found.en, "zh": found.zh} if found else {"en": "", "zh": ""}
        return {said: f"{name} ({person})" if name else person for said, name in names.items()}

    def about(self, kind: str | None, about: str | None) -> dict[str, str]:
        """What an entry is about: somebody by name, a room as it is, a record by its number."""
        if about is None:
            return {"en": "", "zh": ""}
        if kind == PERSON:
            return self.person(about)
        name = about if kind == ROOM else self._number(about)
        return {"en": name, "zh": name}

    def moment(self, at: datetime | None) -> str:
        """A moment as the clocks of the regime's place show it."""
        return at.astimezone(self.zone).isoformat(" ", "minutes") if at else ""

    def purpose(self, purpose: str) -> dict[str, str]:
        """What something is for, with the code beside it."""
        found = self.regime.purposes.get(purpose)
        names = {"en": found.en, "zh": found.zh} if found else {"en": "", "zh": ""}
        return {said: f"{name} ({purpose})" if name else purpose for said, name in names.items()}

    def mark(self, person: str | None, purpose: str, number: str, said: str) -> Mark:
        """What stands on a file that somebody takes away now."""
        now = self.service.store.clock.now()
        return Mark(self.person(str(person))[said], self.purpose(purpose)[said], self.moment(now), number)

    def value(self, entry: Field, value: str | None, said: str) -> str:
        """What stands in a field: somebody by name, a code by its word, a table line by line."""
        if not value:
            return ""
        if entry.type == "table":
            return "\n".join(tabling.written(entry, row) for row in rows_of(value))
        if entry.type == "person":
            return self.person(value)[said]
        known = OUTCOMES if entry.type == CHECK else self.regime.lists.get(str(entry.list), {})
        return _said(known.get(value), value, said)

    def enveloped(self, word: str, value: str | None, said: str) -> str:
        """What a record's head says under a word: of people, places, its state, its level or a scheme."""
        if not value:
            return ""
        if word in PEOPLE:
            return self.person(value)[said]
        if word == "state":
            return states.word(value, said)
        scheme = self.regime.schemes.get(word)
        known = scheme.values if scheme else getattr(self, TITLED.get(word, ""), {})
        return _said(known.get(value), value, said)

    def _number(self, record: str) -> str:
        if record not in self.known:
            self.known[record] = self._asked(record) or record
        return self.known[record]

    def _asked(self, record: str) -> str | None:
        try:
            found = self.service.store.record(record)
        except Refused:  # destroyed meanwhile
            return None
        return found.number if visible(self.service, self.regime, found) else None


def _said(known: Any, value: str, said: str) -> str:
    return str(getattr(known, said, "") or value)

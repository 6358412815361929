"""What entries say of people, records and moments, as people call them: never an id where a name is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chassis.errors import Refused
from services.records.registers.belonging import PERSON, ROOM, visible


class Naming:
    """One caller's names: of people by the organisation, of records by their number as far as he may know of them."""

    def __init__(self, service: Any, regime: Any) -> None:
        self.service, self.regime, self.known = service, regime, dict[str, str]()
        self.people = service.organisation().people
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

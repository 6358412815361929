"""Records under a regime with a form of every sort: registers, units, volumes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import regimes
from tests.service.given_records import Suite

FORMS = regimes.load("forms", Path(__file__).parent / "regimes")


class Forms(Suite):
    """The service under that regime."""

    def service(self, person: str | None, method: str, args: Any, key: str | None = None, language: str = "en") -> Any:
        """The service as one call sees it."""
        service = super().service(person, method, args, key, language)
        service.regime = lambda: FORMS
        return service

    def adds(self, register: str, fields: dict[str, Any], person: str = "zheng", **other: Any) -> dict[str, Any]:
        """A new entry."""
        return dict(self.calls(person, "add_entry", {"class": register, "fields": fields, **other}))

    def signs(self, person: str, entry: dict[str, Any], **other: Any) -> dict[str, Any]:
        """A signature under an entry as somebody has it before him."""
        args = {"entry": entry["id"], "version": entry["version"], **other}
        return dict(self.calls(person, "sign", args))

    def shows(self, person: str, entry: dict[str, Any], purpose: str = "archive_use") -> dict[str, Any]:
        """An entry as somebody gets it."""
        return dict(self.calls(person, "entry", {"class": entry["class"], "entry": entry["id"], "purpose": purpose}))

    def opens(self, class_: str, fields: dict[str, Any], person: str = "zheng", **other: Any) -> str:
        """A record that is valid; its id."""
        made = self.calls(person, "create", {"class": class_, "fields": fields, **other})["id"]
        self.settles("record", made)
        return str(made)

    def head(self, record: str) -> Any:
        """A record as it stands."""
        return self.store.record(record)

    def edits(self, record: str, fields: dict[str, Any], person: str = "zheng", **other: Any) -> str:
        """A change that nobody has to decide, decided; its id."""
        told = {"version": self.head(record).version, "reason": "as agreed", "requested_by": "staff"}
        change = str(self.calls(person, "change", {"record": record, "fields": fields, **told, **other})["change"])
        self.settles("change", change)
        return change

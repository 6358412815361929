"""From a row to a checked draft, by the same rules as manual entry; what all rows share is made ready once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from chassis.actor import Actor
from chassis.errors import Invalid, Refused
from regimes import Regime
from regimes.model import RecordClass
from services.records import sealing
from services.records.consents.notices import Notices
from services.records.creating import Draft
from services.records.importing import tabling
from services.records.importing.model import Import
from services.records.importing.problems import Problem
from services.records.importing.rows import Row
from services.records.importing.template import ABOUT
from services.records.merging import likeness
from services.records.model import Record
from services.records.references import asks_records, refuse_strangers
from services.records.registers.belonging import parent_of
from vault.tokens import Blind

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REMEMBERED = 1000  # records that rows belong to, looked up once


@dataclass(frozen=True)
class Checked:
    """What is told of a row that obeys every rule: the blind marks of its customer, and into how many parts it goes."""

    number: int
    parts: int
    tokens: dict[str, bytes]
    unit: bytes | None
    alike: bytes | None

    @property
    def marks(self) -> set[bytes]:
        """Everything by which another row or record is the same."""
        return {*self.tokens.values(), *([self.unit] if self.unit else [])}


class Checker:
    """The rules of one class, for the rows of one file."""

    def __init__(self, store: Any, taken: Import, caller: Actor, regime: Regime, blind: Blind, known: Any) -> None:
        self.regime, self.caller, self.import_id, self.blind = regime, caller, taken.id, blind
        self.found: RecordClass = regime.classes[taken.class_]
        self.clerk = SimpleNamespace(store=store, regime=lambda: regime, caller=caller, organisation=known)
        self.notices, self.parents = Notices.of(regime), dict[str, Record]()
        self.tables = {path: entry for path, entry in self.found.fields.items() if entry.type == "table"}
        self.asked: dict[str, Any] = {"class_": self.found.name, "department": taken.department}
        self.asked |= {"purposes": purposes(self.found, regime), "collection": taken.settings.get("collection")}

    @property
    def looks_up(self) -> bool:
        """Whether it has to ask the database about a row."""
        return bool(self.found.about) or asks_records(self.found)

    def check(self, row: Row) -> Draft | list[dict[str, Any]]:
        """The row as a draft, or every reason against it."""
        if row.problems:
            return [_told(problem) for problem in row.problems]
        try:
            return self._draft(dict(row.fields))
        except Refused as refusal:
            plain = [{"code": refusal.code, "detail": refusal.detail}]
            return refusal.facts.get("errors") or plain

    def marked(self, number: int, draft: Draft) -> Checked:
        """What may be told of a draft before it is sealed."""
        told = (self.found, draft.values, self.blind)
        tokens, unit = sealing.tokens_of(*told), sealing.unit_of(*told)
        return Checked(number, len(draft.parts), tokens, unit, likeness.token_of(*told))

    def _draft(self, fields: dict[str, Any]) -> Draft:
        about = fields.pop(ABOUT, None)
        parent = self._parent(about) if about and self.found.about else None
        named = {"about": parent.id if parent else about} if about else {}
        for path, entry in self.tables.items():
            if path in fields:
                fields[path] = tabling.rows(fields[path], entry)
        asked = {**self.asked, **named, "fields_": fields}
        draft = Draft.of(asked, self.caller, self.regime, self.import_id, parent=parent, notices=self.notices)
        refuse_strangers(self.clerk, self.found, draft.values)
        return draft

    def _parent(self, about: str) -> Record | None:
        """The record that a row belongs to, by its id or number; None where the class is about a person or a room."""
        if about not in self.parents:
            parent = parent_of(self.clerk, self.found, about if ID.fullmatch(about) else self._numbered(about))
            if parent is None:
                return None
            if len(self.parents) >= REMEMBERED:
                self.parents.clear()
            self.parents[about] = parent
        return self.parents[about]

    def _numbered(self, number: str) -> str:
        found = self.clerk.store.page({"number": number}, 10, None)
        fits = [one.id for one in found if self.regime.classes[one.class_].is_a((str(self.found.about),))]
        if len(fits) == 1 or self.found.about in ("person", "room"):
            return fits[0] if fits else number
        told = {"pointer": "/about", "code": "record.unknown", "detail": "no record of this number"}
        raise Invalid("record.unknown", "no record of this number", {"errors": [told]})


def purposes(found: RecordClass, regime: Regime) -> list[str]:
    """What imported data is taken in for: every purpose of the class that does not need the customer's own consent."""
    return [purpose for purpose in found.collect.purposes if regime.purposes[purpose].basis != "consent"]


def labels(found: RecordClass) -> Mapping[str, list[str]]:
    """Each field's titles, by which a column is recognised."""
    about = {ABOUT: ["about", "belongs to", "所属档案", "所属对象"]} if found.about else {}
    return {**about, **{path: [entry.en, entry.zh] for path, entry in found.fields.items()}}


def kinds(found: RecordClass) -> dict[str, str]:
    """The type of each field: what is text stays as it was written."""
    return {path: entry.type for path, entry in found.fields.items()}


def words(found: RecordClass, regime: Regime) -> dict[str, dict[str, str]]:
    """The words of each code field: title in either language -> code."""
    listed = {path: entry.list for path, entry in found.fields.items() if entry.list in regime.lists}
    return {
        path: {title: code for code, value in regime.lists[str(name)].items() for title in (value.en, value.zh)}
        for path, name in listed.items()
    }


def _told(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "field": problem.field, "detail": problem.reason("en"), "zh": problem.reason("zh")}

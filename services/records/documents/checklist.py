"""What a record's file must hold by the class's list: needed, asked for, there, faulty or missing. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from regimes import Regime
from regimes.conditions import holds
from regimes.envelopes import completed
from regimes.model import Document as Listed
from regimes.model import RecordClass
from services.records.documents.model import HELD, Document
from services.records.model import Record

NEEDED, ASKED, OPTIONAL, NOT = "needed", "asked", "optional", "not_needed"
PRESENT, FAULTY, MISSING, UNANSWERED, NOT_APPLICABLE = "present", "faulty", "missing", "unanswered", "not_applicable"
DUE = (NEEDED, ASKED)
SETTLED = (PRESENT, NOT_APPLICABLE)


@dataclass(frozen=True)
class File:
    """What is known of a record's papers: documents, answers about items, faults by document (None: of the kind)."""

    documents: list[Document] = field(default_factory=list)
    answers: dict[str, bool] = field(default_factory=dict)
    faults: list[tuple[str, str | None, list[str]]] = field(default_factory=list)

    def held(self, kind: str) -> list[Document]:
        """The documents of a kind that count."""
        return [one for one in self.documents if one.kind == kind and one.state in HELD]

    def noted(self, kind: str, document: str | None) -> set[str]:
        """What a checker found of a document, or of a kind that was not there."""
        return {fault for of, on, found in self.faults if (of, on) == (kind, document) for fault in found}


@dataclass(frozen=True)
class Item:
    """One line of the checklist; `gaps` says what is not as it should be."""

    listed: Listed
    wanted: str
    state: str
    gaps: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to be done about it."""
        return self.wanted not in DUE or self.state in SETTLED


def case(record: Record, regime: Regime, values: Mapping[str, str]) -> dict[str, Any]:
    """What conditions of a checklist may read: the record's own fields too, because it is decided inside records."""
    return {**values, "record": completed(regime, record.envelope()), "setting": regime.setting}


def reads(found: RecordClass) -> set[str]:
    """The fields that decide what is needed."""
    conditions = [when for one in found.documents.values() for when in (one.needed, one.ask)]
    named = {path for when in conditions for alternative in when or () for path in _paths(alternative)}
    return named & found.fields.keys()


def wanted(found: RecordClass, known: dict[str, Any]) -> dict[str, str]:
    """For each document of the class's list whether it is needed, asked for, optional or not needed here."""
    return {name: _wanted(one, known) for name, one in found.documents.items()}


def is_due(found: RecordClass, record: Record, regime: Regime, values: Mapping[str, str]) -> bool:
    """Whether a record with these values needs any document to be complete."""
    if all(one.optional for one in found.documents.values()):
        return False  # thousands of rows of an import come by here
    return any(said in DUE for said in wanted(found, case(record, regime, values)).values())


def items(found: RecordClass, said: Mapping[str, str], file: File) -> list[Item]:
    """The checklist, line by line, in the order of the class's list."""
    return [_item(one, said.get(name, OPTIONAL), file, found) for name, one in found.documents.items()]


def is_done(lines: Iterable[Item]) -> bool:
    """Whether all that is due is there, or said not to apply."""
    return all(line.is_settled for line in lines)


def _paths(alternative: Mapping[str, Any]) -> set[str]:
    tests = [test for test in alternative.values() if isinstance(test, dict)]
    compared = [next(iter(test.values())) if "field" not in test else test for test in tests]
    return {*alternative, *(one["field"] for one in compared if isinstance(one, dict) and "field" in one)}


def _wanted(one: Listed, known: dict[str, Any]) -> str:
    if one.optional:
        return OPTIONAL
    if one.needed is not None and holds(one.needed, known):
        return NEEDED
    if one.ask is not None and holds(one.ask, known):
        return ASKED
    return NEEDED if one.needed is None and one.ask is None else NOT


def _item(one: Listed, said: str, file: File, found: RecordClass) -> Item:
    held = file.held(one.name)
    if not held:
        return _absent(one, said, file)
    gaps = {document.id: _gaps(one, document, found) for document in held}
    noted = set().union(*(file.noted(one.name, document.id) for document in held))
    # One that is as it should be is enough; what a checker noted stands until that document counts no longer.
    left = noted | (set() if not all(gaps.values()) else gaps[held[-1].id])
    return Item(one, said, FAULTY if left else PRESENT, tuple(sorted(left)), tuple(gaps))


def _absent(one: Listed, said: str, file: File) -> Item:
    noted = tuple(sorted(file.noted(one.name, None)))
    if said not in DUE:
        return Item(one, said, NOT)
    applies = file.answers.get(one.name)
    if said == NEEDED or applies:
        return Item(one, said, MISSING, noted or ("missing",))
    return Item(one, said, UNANSWERED if applies is None else NOT_APPLICABLE)


def _gaps(one: Listed, document: Document, found: RecordClass) -> set[str]:
    gaps = {f"no_{who}_signature" for who in one.signed_by if who not in document.signed_by}
    if one.form == "original" and document.form != "original":
        gaps.add("wrong_form")
    if document.sides < one.sides:
        gaps.add("missing_sides")
    if "paper" in found.carriers and not document.paper:
        gaps.add("no_paper")
    return gaps

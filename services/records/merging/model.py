"""Two records of one customer becoming one: refused, kept until decided, done once. No I/O, no clock.

There is no way back: a merge that was wrong is put right by a new record and new entries, never by undoing history.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import Conflict, Forbidden, Invalid
from regimes.model import RecordClass
from services.records.merging import events
from services.records.model import Record

STAYS = ("active", "suspended")
GOES = ("draft", "pending", "active", "suspended", "past")
Proofs = Mapping[str, Collection[bytes]]  # kind -> blind tokens


@dataclass
class Merge:
    """One merge that somebody asked for."""

    id: str
    survivor: str
    merged: str
    survivor_version: int
    merged_version: int
    fields: list[str]
    by: str
    state: str = "pending"
    decided_by: list[str] | None = None

    def propose(self, stays: Record, goes: Record) -> events.MergeProposed:
        """The fact that it waits."""
        told: dict[str, Any] = {"fields": self.fields, "by": self.by, "other": goes.envelope()}
        return events.MergeProposed(**stays.told(), merge=self.id, merged=goes.id, **told)

    def done(self, stays: Record, goes: Record, decided_by: list[str]) -> events.Merged:
        """The fact that it was done."""
        self._settle("merged", decided_by)
        told: dict[str, Any] = {"fields": self.fields, "merged_number": goes.number}
        return events.Merged(**stays.told(), merge=self.id, merged=goes.id, **told)

    def lapse(self, stays: Record, why: str, decided_by: list[str]) -> events.MergeLapsed:
        """The fact that it will not be done."""
        self._settle("lapsed", decided_by)
        return events.MergeLapsed(**stays.told(), merge=self.id, merged=self.merged, why=why)

    def _settle(self, outcome: str, decided_by: list[str]) -> None:
        if self.state != "pending":
            raise Conflict("merge.settled", f"merge {self.id} is {self.state}")
        self.state, self.decided_by = outcome, decided_by


def refuse(stays: Record, goes: Record, found: RecordClass, holds: Collection[str]) -> None:
    """Refuse two records that can never be one, or not now; a hold on either always wins."""
    if stays.id == goes.id:
        raise _wrong("merged", "merge.itself", "name two records")
    if stays.class_ != goes.class_ or found.kind != "dossier":
        raise _wrong("merged", "merge.other_class", "two records of one class of dossiers are merged")
    for record, states in ((stays, STAYS), (goes, GOES)):
        record.refuse_gone()
        if record.state not in states:
            raise Conflict("record.state", f"a record that is {record.state} is not merged", {"record": record.id})
    if holds:
        raise Conflict("hold.active", "a hold is in force; a hold always wins", {"holds": sorted(holds)})


def refuse_strangers(one: Proofs, other: Proofs) -> None:
    """Refuse two customers: where both have a code of one kind and it is not the same, they are not one."""
    kinds = sorted(kind for kind in one.keys() & other.keys() if set(one[kind]).isdisjoint(other[kind]))
    if kinds:
        told = f"their {', '.join(kinds)} prove two customers; correct the wrong one first"
        raise Conflict("merge.contradicted", told, {"kinds": kinds})


def refuse_fields(fields: list[str], found: RecordClass, here: Collection[str], there: Collection[str]) -> None:
    """Refuse what cannot come over: what is not there, what the survivor has already, and originals."""
    wrong = []
    for path in fields:
        if path not in found.fields:
            wrong.append((path, "field.unknown", "the class has no such field"))
        elif path not in there:
            wrong.append((path, "merge.nothing_there", "the record that goes has no value there"))
        elif path in here:
            wrong.append((path, "merge.present", "the record that stays has a value there; change it by a change"))
    if wrong:
        errors = [{"pointer": f"/fields/{path}", "code": code, "detail": said} for path, code, said in wrong]
        raise Invalid("merge.fields", f"{len(errors)} fields cannot come over", {"errors": errors})
    stay = [path for path in fields if found.parts[path.split(".")[0]].change == "never"]
    if stay:
        raise Forbidden("rule.refused", f"originals stay as they are: {', '.join(stay)}", {"fields": stay})


def _wrong(pointer: str, code: str, said: str) -> Invalid:
    return Invalid(code, said, {"errors": [{"pointer": f"/{pointer}", "code": code, "detail": said}]})

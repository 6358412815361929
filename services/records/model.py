"""The record and its rules: each method refuses, then changes, then returns the event. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid
from regimes import Regime
from services.records import events, remaining
from services.records.proposed import Change as Change  # a record's rules are about it
from services.records.refusals import unknown

# What may follow what (Q-201 ff.); destruction has a road of its own.
TRANSITIONS = {
    "active": {"suspended", "past"},
    "suspended": {"active", "past"},
    "past": {"archived", "active"},
    "archived": {"past"},
}
GONE = ("destroying", "destroyed")
MERGED = "merged"  # another record stands for it; there is no way back from it but into destruction
HIDDEN = (*GONE, MERGED)  # what no list names
UNAPPROVED = ("draft", "pending")  # so far it is what one person says
DEAD = "cannot_revive"  # the fact by which a class says that a relation is over for good
EARLIEST = date(1900, 1, 1)  # an older date is a slip of the hand, and would let a record be destroyed at once


@dataclass
class Record:
    """One customer file as its rules see it; its values are elsewhere, sealed."""

    id: str
    subject: str
    class_: str
    department: str
    responsible: str | None
    creator: str
    state: str
    level: str
    version: int
    complete: bool
    regime: str
    number: str | None = None
    facets: dict[str, str] = field(default_factory=dict)
    milestones: dict[str, str] = field(default_factory=dict)
    purposes: dict[str, str] = field(default_factory=dict)
    import_id: str | None = None
    disposal: str | None = None
    certificate: str | None = None
    created_at: datetime | None = None
    schemes: dict[str, str] = field(default_factory=dict)
    raised: str | None = None
    about: str | None = None  # the record, person or room that it belongs to
    source: dict[str, str | None] | None = None  # the form that its values came from: entry, class, number
    valid_until: date | None = None
    origin: str | None = None  # who its data came from first: customer, staff, provider, public
    numbered_by: str | None = None  # digest of the regime under whose scheme its number was given
    merged_into: str | None = None  # the record that stands for it
    stub: dict[str, str] | None = None  # the values that stay of it; None before its destruction has looked

    @property
    def party(self) -> str | None:
        """Whose it is. Of a dossier nobody says so before its approval: by that answer a value could be guessed at."""
        return self.subject if self.about or self.state not in UNAPPROVED else None

    def envelope(self) -> dict[str, Any]:
        """What conditions outside records may read of a record (regimes.md 2, gap 1); each scheme under its name."""
        return {
            **self.schemes,
            "schemes": self.schemes,
            "id": self.id,
            "class": self.class_,
            "state": self.state,
            "level": self.level,
            "department": self.department,
            "responsible": self.responsible,
            "creator": self.creator,
            "complete": self.complete,
            "version": self.version,
            "number": self.number,
            "milestones": self.milestones,
            **({"subject": self.about} if self.about else {}),  # whom an entry about a person is about
        }

    def as_told(self, told: Mapping[str, Any]) -> Record:
        """Its head as one of its events said it; it had no number before it was valid."""
        names = ("state", "level", "department", "responsible", "schemes")
        then = replace(self, version=told["record_version"], **{name: told[name] for name in names})
        return replace(then, number=None, numbered_by=None) if then.state in ("draft", "pending") else then

    def created(self, grant: str | None = None, collected_on: str | None = None) -> events.Created:
        """The fact that it exists, the grant that it was entered under, and when its data was taken in."""
        return events.Created(**self.told(), grant=grant, collected_on=collected_on)

    def imported(self) -> events.Imported:
        """The fact that it came in with a file; its batch is released as one."""
        return events.Imported(**self.told(), import_id=str(self.import_id))

    def activate(self, number: str | None) -> events.Activated:
        """Make a pending record valid; its number is given now, so that drafts leave no gaps (H21)."""
        if self.state != "pending":
            raise Conflict("record.state", f"a record that is {self.state} cannot be activated")
        self.state, self.number = "active", number
        self.version += 1
        return events.Activated(**self.told(), number=number)

    def reject(self) -> events.Rejected:
        """Turn a pending record back into a draft."""
        if self.state != "pending":
            raise Conflict("record.state", f"a record that is {self.state} cannot be rejected")
        self.state = "draft"
        self.version += 1
        return events.Rejected(**self.told())

    def resubmit(self) -> events.Created:
        """Put a rejected draft before its reviewers again."""
        self.refuse_gone()
        if self.state != "draft":
            raise Conflict("record.state", f"a record that is {self.state} is no draft")
        self.state = "pending"
        self.version += 1
        return self.created()

    def expect(self, version: int) -> None:
        """Refuse a change that was made on an older version."""
        self.refuse_gone()
        if version != self.version:
            raise Conflict("record.stale", f"the record is at version {self.version}", {"version": self.version})

    def refuse_gone(self, caller: Actor | None = None, regime: Regime | None = None) -> None:
        """Of what is gone only who could have read it learns the certificate and what stays, or what stands for it."""
        if self.state not in HIDDEN:
            return
        rights = regime.right(caller, "view", {**self.envelope(), "state": self._seen_as}) if caller and regime else []
        if caller and not rights:
            raise unknown(self.id)
        if self.state == MERGED:
            told = {"record": self.id, "survivor": self.merged_into}
            raise Conflict("record.merged", "this record was merged; another one stands for it", told)
        if self.went_with:
            raise Conflict("record.withdrawn", "this record was withdrawn with its import", {"import": self.went_with})
        told = {"certificate": self.certificate, **remaining.told(self.stub, rights)}
        raise Conflict("record.destroyed", "this record was destroyed", told)

    def propose(self, change: Change, never: list[str]) -> events.ChangeProposed:
        """Take in a change that somebody else has to decide."""
        self.refuse_unchangeable()
        if never:
            raise Forbidden("rule.refused", f"originals stay as they are: {', '.join(never)}", {"fields": never})
        proposal: dict[str, Any] = {"mode": change.mode, "fields": change.fields, "evidence": change.proofs}
        if change.kind != "change":
            proposal |= {"kind": change.kind}
        if change.source:
            proposal |= {"by": change.proposed_by, "form": change.source["class"]}
        return events.ChangeProposed(**self.told(), change=change.id, **proposal)

    def change(
        self, change: Change, level: str, complete: bool, facets: dict[str, str], tell: Sequence[dict[str, Any]] = ()
    ) -> events.Changed:
        """Let a change take effect: a new version, never an edit of the old one; `tell` names who has to be told."""
        self.refuse_unchangeable()
        self.version += 1
        self.level, self.complete, self.facets = level, complete, facets
        told: dict[str, Any] = {"fields": change.fields, "tell": [*tell], "by": change.proposed_by}
        return events.Changed(**self.told(), change=change.id, **told)

    def lapse(self, change: Change, why: str) -> events.ChangeLapsed:
        """Say that a proposed change will not take effect."""
        return events.ChangeLapsed(**self.told(), change=change.id, why=why, by=change.proposed_by)

    def happen(self, happened: str, on: date, today: date) -> events.EventRecorded:
        """Record a business fact of a record in use; a fact of the future is a plan, not a fact."""
        self.refuse_gone()
        if self.state in ("draft", "pending"):
            raise Conflict("record.state", f"nothing happens to a record that is {self.state}")
        if on < EARLIEST:
            raise Invalid("event.too_early", f"the date of what happened lies before {EARLIEST}")
        if on > today:
            raise Invalid("event.in_future", "the date of what happened lies in the future")
        self.milestones = {**self.milestones, happened: max(self.milestones.get(happened, ""), on.isoformat())}
        self.version += 1
        return events.EventRecorded(**self.told(), happened=happened, on=on.isoformat())

    def may_move(self, to: str, frozen: bool) -> None:
        """Refuse a state that does not follow on this one, and what is held or over for good."""
        self.refuse_gone()
        if to not in TRANSITIONS.get(self.state, set()):
            raise Conflict("record.state", f"a record that is {self.state} cannot become {to}")
        if frozen and to == "archived":
            raise Conflict("hold.active", "a held record stays where it is")
        if to == "active" and DEAD in self.milestones:
            raise Conflict("record.cannot_revive", "it was noted that this relation cannot revive")

    def move(self, to: str, frozen: bool, move: str | None = None) -> events.StateChanged:
        """Suspend, end, archive or revive; `move` is the decision that it follows."""
        self.may_move(to, frozen)
        before, self.state = self.state, to
        self.version += 1
        return events.StateChanged(**self.told(), before=before, move=move)

    def assign(self, department: str, responsible: str) -> events.Assigned:
        """Give it to another department or person: each record has exactly one of either (Q-008)."""
        self.refuse_gone()
        if (department, responsible) == (self.department, self.responsible):
            raise Conflict("assignment.same", "it is assigned so already")
        before: dict[str, Any] = {"before_department": self.department, "before_responsible": self.responsible}
        self.department, self.responsible = department, responsible
        self.version += 1
        return events.Assigned(**self.told(), **before)

    def merge(self, survivor: Record, version: int) -> events.StateChanged:
        """Let another record stand for this one from now on; its clock is the survivor's."""
        self.expect(version)
        before, self.state = self.state, MERGED
        self.merged_into, self.milestones = survivor.id, survivor.milestones
        self.version += 1
        return events.StateChanged(**self.told(), before=before)

    def freeze(self, hold: str) -> events.Frozen:
        """Enforce a hold; it comes too late only once destruction has begun."""
        if self.state in GONE:
            self.refuse_gone()
        return events.Frozen(**self.told(), hold=hold)

    def unfreeze(self, hold: str) -> events.Unfrozen:
        """Lift a hold here."""
        return events.Unfrozen(**self.told(), hold=hold)

    def begin_destruction(self, version: int, disposal: str, certificate: str, holds: list[str]) -> events.Destroying:
        """The point of no return: held or changed records do not pass it."""
        if self.state in GONE:
            self.refuse_gone()
        if holds:
            raise Conflict("hold.active", "a hold is in force; a hold always wins", {"holds": holds})
        if version != self.version:
            raise Conflict("record.changed_since_plan", "the record changed after the list was approved")
        self.state, self.disposal, self.certificate = "destroying", disposal, certificate
        return events.Destroying(**self.told(), disposal=disposal, certificate=certificate)

    def keep(self, stub: dict[str, str]) -> None:
        """Let these values stay of a record that is being destroyed; what was kept first counts."""
        self.stub = stub if self.stub is None else self.stub

    def finish_destruction(self, disposal: str, fingerprints: dict[str, str]) -> events.Destroyed:
        """The keys are gone: what remains is its head and the stub."""
        self.state = "destroyed"
        self.version += 1
        self.facets, self.purposes = {}, {}
        told: dict[str, Any] = {"disposal": disposal, "certificate": self.certificate}
        return events.Destroyed(**self.told(), **told, key_fingerprints=fingerprints)

    def leave(self, released: bool = False) -> None:
        """Go with the file it came in, and from here on nobody reads it; what is valid goes so only by a decision."""
        if self.state not in ("pending", *(["active"] if released else [])) or self.import_id is None:
            raise Conflict("record.state", f"a record that is {self.state} does not go with its import")
        self.state = "destroying"

    def left(self, fingerprints: dict[str, str]) -> list[events.RecordEvent]:
        """Its keys are gone: what remains is its head, with its number, which nobody gets again (H21)."""
        self.state = "destroyed"
        self.version += 1
        self.facets, self.purposes = {}, {}
        gone = events.Withdrawn(**self.told(), import_id=str(self.import_id), key_fingerprints=fingerprints)
        return [gone, *([gone.void(self.number)] if self.number else [])]

    @property
    def went_with(self) -> str | None:
        """The import with which it went: no list took it, so no certificate tells of it."""
        return self.import_id if self.state in GONE and self.disposal is None else None

    @property
    def _seen_as(self) -> str:
        """The state by which it is told who may know what became of it."""
        return "active" if self.state == MERGED else self.state

    def refuse_unchangeable(self) -> None:
        """Refuse to change a record that is closed or gone."""
        self.refuse_gone()
        if self.state not in ("draft", "pending", "active", "suspended"):
            raise Conflict("record.state", f"a record that is {self.state} is not changed")

    def told(self) -> dict[str, Any]:
        """The envelope as every event of the record carries it."""
        return {
            "record": self.id,
            "class_": self.class_,
            "state": self.state,
            "level": self.level,
            "department": self.department,
            "responsible": self.responsible,
            "creator": self.creator,
            "record_version": self.version,
            "schemes": self.schemes,
        }

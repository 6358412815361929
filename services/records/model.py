"""The record and its rules: each method refuses, then changes, then returns the event. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from regimes import Regime
from services.records import events

# What may follow what (Q-201 ff.); destruction has a road of its own.
TRANSITIONS = {
    "active": {"suspended", "past"},
    "suspended": {"active", "past"},
    "past": {"archived", "active"},
    "archived": {"past"},
}
GONE = ("destroying", "destroyed")
EARLIEST = date(1900, 1, 1)  # an older date is a slip of the hand, and would let a record be destroyed at once


@dataclass
class Consent:
    """One answer of a customer about one purpose; never edited, only followed by another."""

    id: str
    purpose: str
    state: str  # given | withdrawn
    kind: str
    notice: str
    channel: str
    receipt: str | None = None  # the receipt that a withdrawal ends


@dataclass
class Change:
    """A change that waits for its decision."""

    id: str
    record: str
    version: int
    mode: str
    fields: list[str]
    requested_by: str
    proposed_by: str
    evidence: list[str]
    sealed: dict[str, bytes]
    state: str = "pending"

    def settle(self, outcome: str) -> None:
        """Take approvals' word once; a change already settled is left as it is."""
        if self.state != "pending":
            raise Conflict("change.settled", f"change {self.id} is {self.state}")
        self.state = outcome


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

    def envelope(self) -> dict[str, Any]:
        """What conditions outside records may read of a record (regimes.md 2, gap 1)."""
        return {
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
        }

    def created(self) -> events.Created:
        """The fact that it exists."""
        return events.Created(**self._envelope())

    def imported(self) -> events.Imported:
        """The fact that it came in with a file; its batch is released as one."""
        return events.Imported(**self._envelope(), import_id=str(self.import_id))

    def activate(self, number: str | None) -> events.Activated:
        """Make a pending record valid; its number is given now, so that drafts leave no gaps (H21)."""
        if self.state != "pending":
            raise Conflict("record.state", f"a record that is {self.state} cannot be activated")
        self.state, self.number = "active", number
        self.version += 1
        return events.Activated(**self._envelope(), number=number)

    def reject(self) -> events.Rejected:
        """Turn a pending record back into a draft."""
        if self.state != "pending":
            raise Conflict("record.state", f"a record that is {self.state} cannot be rejected")
        self.state = "draft"
        self.version += 1
        return events.Rejected(**self._envelope())

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
        """A destroyed record answers only where its certificate is, and only to whoever could have read it."""
        if self.state not in GONE:
            return
        if caller and regime and not regime.right(caller, "view", self.envelope()):
            raise unknown(self.id)
        raise Conflict("record.destroyed", "this record was destroyed", {"certificate": self.certificate})

    def propose(self, change: Change, never: list[str]) -> events.ChangeProposed:
        """Take in a change that somebody else has to decide."""
        self._changeable()
        if never:
            raise Forbidden("rule.refused", f"originals stay as they are: {', '.join(never)}", {"fields": never})
        proposal: dict[str, Any] = {"mode": change.mode, "fields": change.fields, "evidence": change.evidence}
        return events.ChangeProposed(**self._envelope(), change=change.id, **proposal)

    def change(self, change: Change, level: str, complete: bool, facets: dict[str, str]) -> events.Changed:
        """Let a change take effect: a new version, never an edit of the old one."""
        self._changeable()
        if change.version != self.version:
            raise Conflict("record.stale", f"the change was proposed on version {change.version}")
        self.version += 1
        self.level, self.complete, self.facets = level, complete, facets
        return events.Changed(**self._envelope(), change=change.id, fields=change.fields)

    def lapse(self, change: Change, why: str) -> events.ChangeLapsed:
        """Say that a proposed change will not take effect."""
        return events.ChangeLapsed(**self._envelope(), change=change.id, why=why)

    def consent(self, consent: Consent) -> events.ConsentGiven:
        """Note the customer's agreement to one purpose."""
        self.refuse_gone()
        if not consent.notice:
            raise Invalid("consent.without_notice", "a consent names the version of the notice the customer was given")
        self.purposes = {**self.purposes, consent.purpose: "given"}
        given: dict[str, Any] = {"consent": consent.id, "consented": consent.purpose, "notice": consent.notice}
        return events.ConsentGiven(**self._envelope(), **given)

    def withdraw_consent(self, consent: Consent) -> events.ConsentWithdrawn:
        """Note that the customer took a consent back; it stops every use for that purpose."""
        self.refuse_gone()
        if self.purposes.get(consent.purpose) != "given":
            raise Conflict("consent.not_given", f"no consent for {consent.purpose} is in force")
        self.purposes = {**self.purposes, consent.purpose: "withdrawn"}
        return events.ConsentWithdrawn(**self._envelope(), consent=consent.id, consented=consent.purpose)

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
        return events.EventRecorded(**self._envelope(), happened=happened, on=on.isoformat())

    def move(self, to: str, frozen: bool) -> events.StateChanged:
        """Suspend, end, archive or revive."""
        self.refuse_gone()
        if to not in TRANSITIONS.get(self.state, set()):
            raise Conflict("record.state", f"a record that is {self.state} cannot become {to}")
        if frozen and to == "archived":
            raise Conflict("hold.active", "a held record stays where it is")
        before, self.state = self.state, to
        self.version += 1
        return events.StateChanged(**self._envelope(), before=before)

    def freeze(self, hold: str) -> events.Frozen:
        """Enforce a hold; it comes too late only once destruction has begun."""
        self.refuse_gone()
        return events.Frozen(**self._envelope(), hold=hold)

    def unfreeze(self, hold: str) -> events.Unfrozen:
        """Lift a hold here."""
        return events.Unfrozen(**self._envelope(), hold=hold)

    def begin_destruction(self, version: int, disposal: str, certificate: str, holds: list[str]) -> events.Destroying:
        """The point of no return: held or changed records do not pass it."""
        self.refuse_gone()
        if holds:
            raise Conflict("hold.active", "a hold is in force; a hold always wins", {"holds": holds})
        if version != self.version:
            raise Conflict("record.changed_since_plan", "the record changed after the list was approved")
        self.state, self.disposal, self.certificate = "destroying", disposal, certificate
        return events.Destroying(**self._envelope(), disposal=disposal, certificate=certificate)

    def finish_destruction(self, disposal: str, fingerprints: dict[str, str]) -> events.Destroyed:
        """The keys are gone: what remains is the stub."""
        self.state = "destroyed"
        self.version += 1
        self.facets, self.purposes = {}, {}
        told: dict[str, Any] = {"disposal": disposal, "certificate": self.certificate}
        return events.Destroyed(**self._envelope(), **told, key_fingerprints=fingerprints)

    def _changeable(self) -> None:
        self.refuse_gone()
        if self.state not in ("draft", "pending", "active", "suspended"):
            raise Conflict("record.state", f"a record that is {self.state} is not changed")

    def _envelope(self) -> dict[str, Any]:
        return {
            "record": self.id,
            "class_": self.class_,
            "state": self.state,
            "level": self.level,
            "department": self.department,
            "responsible": self.responsible,
            "creator": self.creator,
            "record_version": self.version,
        }


def unknown(record: str) -> NotFound:
    """What is not there, and what may not be known to be there, answer alike."""
    return NotFound("record.unknown", f"no record {record}")

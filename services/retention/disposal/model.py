"""A destruction list: who wrote, approved, witnessed and executed it, and how each item ended. No I/O."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.actor import Actor
from chassis.clock import rfc3339
from chassis.codec import canonical
from chassis.errors import Conflict, Forbidden
from services.retention.events import (
    ApprovalAsked,
    DisposalAborted,
    DisposalBegun,
    DisposalDecided,
    DisposalExecuted,
    DisposalItemSettled,
    DisposalStarted,
    DisposalWitnessed,
)

OVER = ("aborted", "executed", "partly_executed")


@dataclass
class Item:
    """One record on a list, in the version it had when it was listed."""

    record: str
    version: int
    state: str = "planned"
    reason: str | None = None
    evidence: dict[str, Any] | None = None
    settled_at: datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the item has come to its end."""
        return self.state in ("destroyed", "skipped")

    def proceed(self, disposal: str, held: bool, lent: bool, at: datetime) -> DisposalItemSettled | None:
        """Say before anything is touched that this item is next, unless a hold or a loan keeps it.

        What a crash left in destroying is taken up again: the records decide whether it had gone too far.
        """
        self._must_not_be_settled()
        if self.state == "planned" and (held or lent):
            return self.skip(disposal, "held" if held else "lent", at)
        self.state = "destroying"
        return None

    def skip(self, disposal: str, reason: str, at: datetime) -> DisposalItemSettled:
        """The record stays; a held one is never lost for want of a reason."""
        self._must_not_be_settled()
        self.state, self.reason, self.settled_at = "skipped", reason, at
        return DisposalItemSettled(disposal, self.record, "skipped", reason)

    def destroyed(self, disposal: str, evidence: dict[str, Any], at: datetime) -> DisposalItemSettled:
        """The record is gone, as shown by the evidence; without all of it the item is not settled."""
        self._must_not_be_settled()
        missing = unproven(evidence)
        if missing:
            raise Conflict("disposal.unproven", f"destruction of {self.record} is not proved: {', '.join(missing)}")
        self.state, self.evidence, self.settled_at = "destroyed", evidence, at
        return DisposalItemSettled(disposal, self.record, "destroyed", None)

    def _must_not_be_settled(self) -> None:
        if self.is_settled:
            raise Conflict("disposal.settled", f"{self.record} is {self.state} already")


@dataclass
class Disposal:
    """A list from its writing to its certificate; one person never holds two of its parts that are kept apart."""

    id: str
    class_: str
    author: str
    regime: str
    created_at: datetime
    items: list[Item]
    reason: str = ""
    state: str = "new"
    hash: str = ""
    envelope: dict[str, Any] = field(default_factory=dict)
    request: str | None = None
    grant: str | None = None
    approvals: list[dict[str, Any]] = field(default_factory=list)
    decided_at: datetime | None = None
    wait_until: datetime | None = None
    witness: str | None = None
    witnessed_at: datetime | None = None
    executor: str | None = None
    started_at: datetime | None = None
    certificate: str | None = None
    finished_at: datetime | None = None

    def begun(self) -> DisposalBegun:
        """Seal the list: from here its hash names exactly these records in these versions."""
        self.hash = list_hash(self)
        return DisposalBegun(self.id, self.author, self._records(), self.hash)

    def ask(self, actor: Actor) -> ApprovalAsked:
        """Put the list before those who decide; its author does."""
        self._must_be("new")
        if actor.person != self.author:
            raise Forbidden("disposal.not_yours", "the author of a list asks for its approval")
        self.state = "awaiting_approval"
        return ApprovalAsked(self.id, self.hash, self._records(), self.class_, self.envelope, self.author)

    def settle(self, decision: Decision, wait_until: datetime | None, at: datetime) -> DisposalDecided:
        """Take over what was decided; a rejected list is over."""
        self._must_be("awaiting_approval")
        if decision.outcome == "approved" and decision.list_hash != self.hash:
            raise Conflict("disposal.list_changed", "what was approved is another list")
        self.request, self.grant, self.decided_at = decision.request, decision.grant, at
        # Their steps follow with the news of each decision; who must not witness has to be known from now on.
        unheard = set(decision.decided_by) - self.approvers() if decision.outcome == "approved" else set()
        self.approvals += [{"person": person, "step": None, "at": rfc3339(at)} for person in sorted(unheard)]
        self.state = self._state_after(decision.outcome, wait_until)
        self.wait_until = wait_until if self.state == "waiting" else None
        return DisposalDecided(self.id, decision.request, decision.outcome, self.state)

    def note_approver(self, person: str, step: int, at: str) -> None:
        """Remember who decided; events come in any order, so a witness who turns out to be one is no witness."""
        approval = {"person": person, "step": step, "at": at}
        if self.is_over or approval in self.approvals:
            return
        known = [one for one in self.approvals if one["person"] != person or one["step"] is not None]
        self.approvals = sorted([*known, approval], key=lambda one: (one["step"] is None, one["step"], one["at"]))
        if self.witness == person:
            self.witness = self.witnessed_at = None

    def attest(self, actor: Actor, list_hash: str | None, at: datetime) -> DisposalWitnessed:
        """The witness signs for this list; nobody attests their own work."""
        self._must_be("approved", "waiting")
        if self.witness:
            raise Conflict("disposal.witnessed", "the list has its witness")
        if actor.person == self.author or actor.person in self.approvers():
            raise Forbidden("approvals.kept_apart", "author and approvers of a list do not witness it")
        if list_hash and list_hash != self.hash:
            raise Conflict("disposal.list_changed", "the hash is that of another list")
        self.witness, self.witnessed_at = actor.person, at
        return DisposalWitnessed(self.id, str(actor.person), self.hash)

    def start(self, actor: Actor, certificate: str, at: datetime) -> DisposalStarted | None:
        """Begin execution; the same call again after a crash goes on where it stopped."""
        self._must_be("approved", "waiting", "executing")
        if not self.witness:
            raise Conflict("disposal.unwitnessed", "a witness must sign before anything is destroyed")
        if actor.person == self.witness:
            raise Forbidden("approvals.kept_apart", "the witness does not execute")
        if self.state == "executing":
            return None
        if self.wait_until and at < self.wait_until:
            raise Conflict("disposal.waiting", "the cooling-off time is not over")
        self.state, self.executor, self.started_at, self.certificate = "executing", actor.person, at, certificate
        return DisposalStarted(self.id, str(actor.person), certificate)

    def finish(self, at: datetime) -> DisposalExecuted:
        """Close the list once every item has come to its end."""
        self._must_be("executing")
        if not all(item.is_settled for item in self.items):
            raise Conflict("disposal.unfinished", "an item of the list has not come to its end")
        destroyed = sum(item.state == "destroyed" for item in self.items)
        self.state = "executed" if destroyed == len(self.items) else "partly_executed"
        self.finished_at = at
        skipped = len(self.items) - destroyed
        return DisposalExecuted(self.id, str(self.certificate), self.state, destroyed, skipped)

    def abort(self, actor: Actor) -> DisposalAborted:
        """Give the list up; what is executing can no longer be stopped here, a hold still can."""
        self._must_be("new", "awaiting_approval", "approved", "waiting")
        if actor.person != self.author and actor.person not in self.approvers():
            raise Forbidden("disposal.not_yours", "author and approvers of a list may abort it")
        self.state = "aborted"
        return DisposalAborted(self.id, str(actor.person))

    @property
    def is_over(self) -> bool:
        """Whether nothing of the list is left to do."""
        return self.state in OVER

    def approvers(self) -> set[str]:
        """Everybody who decided about the list."""
        return {str(approval["person"]) for approval in self.approvals}

    def state_of(self) -> dict[str, Any]:
        """What an answer to a write says of it."""
        return {"disposal": self.id, "state": self.state, "hash": self.hash, "records": len(self.items)}

    def item(self, record: str) -> Item:
        """The item of one record."""
        return next(item for item in self.items if item.record == record)

    def _records(self) -> tuple[str, ...]:
        return tuple(item.record for item in self.items)

    def _must_be(self, *states: str) -> None:
        if self.state not in states:
            raise Conflict("disposal.state", f"list {self.id} is {self.state}")

    @staticmethod
    def _state_after(outcome: str, wait_until: datetime | None) -> str:
        if outcome != "approved":
            return "aborted"
        return "waiting" if wait_until else "approved"


@dataclass(frozen=True)
class Decision:
    """How the request for a list was settled, and by whom."""

    request: str
    outcome: str
    grant: str | None
    list_hash: str | None = None
    decided_by: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: dict[str, Any]) -> Decision:
        """What `approvals.request_settled` says."""
        people = tuple(data.get("decided_by", ()))
        return cls(data["request"], data["outcome"], data.get("grant"), data.get("list_hash"), people)


def list_hash(disposal: Disposal) -> str:
    """SHA-256 over the canonical list: what is approved, witnessed and certified is this and nothing else."""
    listed = {
        "disposal": disposal.id,
        "class": disposal.class_,
        "regime": disposal.regime,
        "records": [[item.record, item.version] for item in disposal.items],
    }
    return hashlib.sha256(canonical(listed)).hexdigest()


def unproven(evidence: dict[str, Any]) -> list[str]:
    """What the evidence of one destruction leaves open; empty when all is proved."""
    missing = [] if evidence.get("key_fingerprints") else ["key fingerprints"]
    copies = evidence.get("copies") or {}
    missing += [name for name, state in copies.items() if state not in ("destroyed", "deleted", "none", "kept")]
    kept = [name for name, state in copies.items() if state == "kept"]
    missing += [] if kept == (["stub"] if evidence.get("stub") else []) else ["what stays in the stub"]
    missing += [] if copies else ["copy classes"]
    return missing + ([] if (evidence.get("attempt") or {}).get("failed") is True else ["failed attempt to read"])

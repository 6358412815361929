"""A customer's answer about one purpose: never edited, only followed by another. No I/O, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis import codec
from chassis.clock import rfc3339
from chassis.errors import Conflict
from services.records.consents import events
from services.records.refusals import wrong

if TYPE_CHECKING:
    from services.records.model import Record

Told = events.ConsentGiven | events.ConsentRefused | events.ConsentWithdrawn


@dataclass(frozen=True)
class Consent:
    """One answer, and its receipt once it is sealed: who was told what when, how it was given, what came before."""

    id: str
    purpose: str
    state: str  # given | refused | withdrawn
    kind: str
    notice: str
    channel: str
    receipt: str | None = None  # the receipt that a withdrawal ends
    how: str | None = None
    document: str | None = None
    told_at: datetime | None = None
    answered_at: datetime | None = None
    regime: str | None = None
    ordinal: int | None = None
    previous: str | None = None
    seal: str | None = None

    def dated(self, now: datetime, at: str = "") -> Consent:
        """With both its times; refuses what was answered before it was told, and what lies ahead (acceptance 56).

        `at` = where it stands in what was sent.
        """
        answered = self.answered_at or now
        told = self.told_at or answered
        if told > answered:
            said = "the customer answered before the notice was given"
            raise wrong(f"{at}/told_at", "consent.before_notice", said)
        if answered > now:
            raise wrong(f"{at}/answered_at", "consent.in_future", "the customer's answer lies in the future")
        return replace(self, told_at=told, answered_at=answered)

    def sealed(self, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> Consent:
        """The receipt: linked to the one before it, so that neither can be changed unseen."""
        ordinal = (before["ordinal"] or 0) + 1 if before else 1
        linked = replace(self, ordinal=ordinal, previous=before["id"] if before else None)
        return replace(linked, seal=seal_of({**row, **vars(linked)}, before["seal"] if before else None))

    def take_effect(self, record: Record) -> Told:
        """Let the answer count from now on."""
        record.refuse_gone()
        if not self.notice:
            said = "a consent names the version of the notice the customer was given"
            raise wrong("/notice", "consent.without_notice", said)
        now = record.purposes.get(self.purpose)
        if self.state == "withdrawn" and now != "given":
            raise Conflict("consent.not_given", f"no consent for {self.purpose} is in force")
        if self.state == "refused" and now == "given":
            raise Conflict("consent.given", f"{self.purpose} is consented to; that consent is withdrawn, not refused")
        record.purposes = {**record.purposes, self.purpose: self.state}
        return self.told(record)

    def told(self, record: Record) -> Told:
        """The fact of it."""
        about: dict[str, Any] = {"consent": self.id, "consented": self.purpose, "seal": self.seal}
        if self.state == "withdrawn":
            return events.ConsentWithdrawn(**record.told(), **about)
        said = events.ConsentGiven if self.state == "given" else events.ConsentRefused
        return said(**record.told(), **about, notice=self.notice)

    def ended(self, id: str, channel: str, how: str | None = None, document: str | None = None) -> Consent:
        """The answer that takes this one back."""
        told = (self.kind, self.notice, channel, self.id, how, document)
        return Consent(id, self.purpose, "withdrawn", *told, regime=self.regime)


SEALED = ("id", "record", "purpose", "state", "kind", "notice", "channel", "receipt", "by", "at", "how", "document",
          "told_at", "answered_at", "regime", "ordinal", "previous")  # fmt: skip


def seal_of(row: Mapping[str, Any], before: str | None) -> str:
    """The seal over a receipt and over the seal of the one before it: anybody can make it again."""
    plain = {name: rfc3339(row[name]) if isinstance(row[name], datetime) else row[name] for name in SEALED}
    return hashlib.sha256(codec.canonical({**plain, "before": before})).hexdigest()


def broken(rows: Iterable[Mapping[str, Any]]) -> str | None:
    """The first receipt of a record's chain that is not as it was written, or does not follow the one before it."""
    before: Mapping[str, Any] | None = None
    for row in rows:
        last = (before["id"], before["seal"]) if before else (None, None)
        if row["seal"] is not None and (row["previous"] != last[0] or row["seal"] != seal_of(row, last[1])):
            return str(row["id"])
        before = row
    return None


def place_of(row: Mapping[str, Any]) -> str:
    """Where an answer stands among those of its record."""
    return f"{row['ordinal'] or 0}.{row['id']}"

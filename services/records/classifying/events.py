"""What classification tells the others: values of schemes and levels, which everybody's conditions may read."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import event
from services.records.events import RecordEvent


@event("records.scheme_set")
@dataclass(frozen=True)
class SchemeSet(RecordEvent):
    """A record counts as `value` in a scheme from now on; `until` ends its term of secrecy."""

    classification: str
    scheme: str
    before: str | None
    value: str
    until: str | None
    criteria: str | None


@event("records.classified")
@dataclass(frozen=True)
class Classified(RecordEvent):
    """The record's own level is another."""

    before: str


@event("records.scheme_suggested")
@dataclass(frozen=True)
class SchemeSuggested(RecordEvent):
    """What the criteria of a scheme come to for this version of the record; a person has to confirm it."""

    suggestion: str
    scheme: str
    value: str | None
    criteria: str


@event("records.downgrade_proposed")
@dataclass(frozen=True)
class DowngradeProposed(RecordEvent):
    """Somebody asks for a lower value or level; nothing is lower before it is approved."""

    downgrade: str
    scheme: str
    before: str
    value: str
    by: str


@event("records.downgrade_lapsed")
@dataclass(frozen=True)
class DowngradeLapsed(RecordEvent):
    """A lower value or level will not take effect: rejected, withdrawn, or the record moved on meanwhile."""

    downgrade: str
    scheme: str
    why: str

"""What duplicates and merges tell the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.events import Event, event
from services.records.events import RecordEvent


@event("records.likeness_accepted")
@dataclass(frozen=True)
class LikenessAccepted(RecordEvent):
    """A record was saved although others are likely the same customer's: `of` those, and `unseen` more."""

    likeness: str
    of: list[str]
    unseen: int


@event("records.likeness_met", published=False)
@dataclass(frozen=True)
class LikenessMet(Event):
    """Somebody was told that another record is likely of this one's customer: `fields` are the same in both.

    On each that matched, whether or not he was told which: so whoever guesses at values is found, in the ledger and not
    in the record's timeline, where he might read himself what he hit.
    """

    record: str
    fields: list[str]


@dataclass(frozen=True)
class MergeEvent(RecordEvent):
    """Two records of one customer; the envelope is that of the one which stays."""

    merge: str
    merged: str


@event("records.merge_proposed")
@dataclass(frozen=True)
class MergeProposed(MergeEvent):
    """Somebody wants `merged` to become part of this record; `other` is its envelope, so that both sides decide."""

    fields: list[str]
    by: str
    other: dict[str, Any]


@event("records.merged")
@dataclass(frozen=True)
class Merged(MergeEvent):
    """This record stands for `merged` from now on; `fields` came over. There is no way back."""

    fields: list[str]
    merged_number: str | None


@event("records.merge_lapsed")
@dataclass(frozen=True)
class MergeLapsed(MergeEvent):
    """They stay two: not approved, or no longer possible."""

    why: str

"""What duplicates and merges tell the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.events import event
from services.records.events import RecordEvent


@event("records.likeness_accepted")
@dataclass(frozen=True)
class LikenessAccepted(RecordEvent):
    """A record was saved although others are likely the same customer's: `of` those, and `unseen` more."""

    likeness: str
    of: list[str]
    unseen: int


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

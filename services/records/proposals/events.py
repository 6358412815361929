"""What is told of changes that wait."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import Event, event


@event("records.change_read", published=False)
@dataclass(frozen=True)
class ChangeRead(Event):
    """Somebody was shown what a change would make of a record; `request` is the one that it is his to decide."""

    record: str
    change: str
    purpose: str
    clear: list[str]
    masked: list[str]
    withheld: list[str]
    by_right: list[str]
    by_grant: list[str]
    request: str | None

"""What searching leaves in the journal: who looked for records by which fields, and every record that was opened."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import Event, event


@event("records.searched", published=False)
@dataclass(frozen=True)
class Searched(Event):
    """Somebody searched by the values of these fields; every record named was opened to see whether it fits."""

    class_: str
    purpose: str
    fields: list[str]
    records: list[str]
    clear: list[str]
    masked: list[str]
    by_right: list[str]
    by_grant: list[str]


@event("records.search_saved", published=False)
@dataclass(frozen=True)
class SearchSaved(Event):
    """Somebody keeps a search; what it looks for is sealed."""

    search: str
    class_: str
    department: str | None


@event("records.search_dropped", published=False)
@dataclass(frozen=True)
class SearchDropped(Event):
    """A kept search is gone, with the key that it was sealed under."""

    search: str


@event("records.searches_read", published=False)
@dataclass(frozen=True)
class SearchesRead(Event):
    """Somebody was shown what kept searches look for."""

    searches: list[str]


@event("records.counted", published=False)
@dataclass(frozen=True)
class Counted(Event):
    """Somebody was told how many records of a class there are, by what; nothing was opened."""

    class_: str
    by: str
    records: int

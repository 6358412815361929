"""What views leave in the journal: which one ran, as what, and every record that was opened for it."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.events import Event, event


@event("records.view_read", published=False)
@dataclass(frozen=True)
class ViewRead(Event):
    """Somebody was shown a list: the view as it was (`digest`), and every record that was opened for it."""

    view: str
    digest: str
    purpose: str
    records: list[str]
    clear: list[str]
    masked: list[str]
    by_right: list[str]
    by_grant: list[str]
    mark: str | None = None  # of the file that it left with


@event("records.view_counted", published=False)
@dataclass(frozen=True)
class ViewCounted(Event):
    """Somebody was shown an analysis: the view as it was, how many records went into it, and what it came to."""

    view: str
    digest: str
    purpose: str
    records: int
    result: str  # digest of the answer
    mark: str | None = None


@event("records.report_filed", published=False)
@dataclass(frozen=True)
class ReportFiled(Event):
    """An analysis was put on file: with its criteria, period and data date, sealed."""

    report: str
    view: str
    digest: str
    period: str | None
    result: str


@event("records.report_begun", published=False)
@dataclass(frozen=True)
class ReportBegun(Event):
    """An analysis that takes longer than a call may is being made, to be put on file."""

    report: str
    view: str
    digest: str
    period: str | None


@event("records.report_failed", published=False)
@dataclass(frozen=True)
class ReportFailed(Event):
    """An analysis that was to be put on file cannot be made any more."""

    report: str
    view: str
    code: str


@event("records.report_read", published=False)
@dataclass(frozen=True)
class ReportRead(Event):
    """Somebody was shown an analysis on file."""

    report: str
    view: str
    mark: str | None = None  # of the file that it left with

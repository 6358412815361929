"""Duties against happenings and the clock: what opens, what closes, what is overdue."""

from __future__ import annotations

from typing import Any

from regimes.people import Organisation
from services.retention.duties import rules
from services.retention.duties.store import PAGE
from services.retention.duties.timing import above


def take(store: Any, regime: Any, happening: rules.Happening) -> None:
    """Open and close what a happening opens and closes; most concern no duty and cost no transaction."""
    names = happening.names(regime)
    opened, closed = rules.opened_by(regime, happening, names), rules.closes(regime, names)
    if not opened and not closed:
        return
    with store.begin() as work:
        work.close_duties(closed, happening.record, None, happening.at)
        for duty in opened:
            work.open_duty(duty, happening.id)


def sweep_duties(store: Any) -> int:
    """Mark whatever is overdue, a page at a time; how many were found."""
    found, page = 0, PAGE
    while page == PAGE:
        with store.begin() as work:
            page = work.miss_duties()
        found += page
    return found


def wake_duties(store: Any, staff: Organisation) -> None:
    """Remind, tell those above, tell a miss again, a page at a time."""
    found = PAGE
    while found == PAGE:
        with store.begin() as work:
            found = work.wake_duties(lambda duty: above(duty, staff))


def open_recurring(store: Any, regime: Any) -> None:
    """Open the duties of this month, quarter or year; each is opened once, whichever replica comes first."""
    for key, duty in rules.recurring(regime, store.today(regime)):
        if not store.was_opened(key):
            with store.begin() as work:
                work.open_duty(duty, key)

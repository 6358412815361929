"""Duties against happenings and the clock: what opens, what closes, what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from regimes.people import Organisation
from services.retention.duties import rules
from services.retention.duties.fulfilling import IS_GONE
from services.retention.duties.model import Duty
from services.retention.duties.store import PAGE
from services.retention.duties.timing import above


def take(store: Any, regime: Any, happening: rules.Happening, told: Sequence[tuple[str, Duty]] = ()) -> None:
    """Open and close what a happening opens and closes; most concern no duty and cost no transaction.

    `told` are duties of telling, each with the key that opens it once.
    """
    due = _due(regime, happening, told)
    if any(due):
        with store.begin() as work:
            _put(work, happening, *due)


def take_created(store: Any, regime: Any, events: list[dict[str, Any]]) -> None:
    """What many new records open and close, in one transaction if any does."""
    happenings = {event["id"]: rules.of_creation(event) for event in events}
    due = {id: [(one, *found) for one in each if any(found := _due(regime, one))] for id, each in happenings.items()}
    if any(due.values()):
        with store.begin() as work:
            for event in work.fresh(events):
                for one in due[event["id"]]:
                    _put(work, *one)


def _due(regime: Any, happening: rules.Happening, told: Sequence[tuple[str, Duty]] = ()) -> tuple[list[Any], list[Any]]:
    """The duties that it opens, each with the key that opens it once, and what it closes."""
    names = happening.names(regime)
    opened = [(happening.id, duty) for duty in rules.opened_by(regime, happening, names)]
    return [*opened, *told], list(rules.closes(regime, names))


def _put(work: Any, happening: rules.Happening, opened: list[tuple[str, Duty]], closed: list[Any]) -> None:
    # Told of late, it may be about a record that another one stands for by now.
    home = work.home_of(happening.record)
    work.take_turns([*closed, *([IS_GONE] if opened else []), *(d.done_by for _, d in opened if d.done_by)], home)
    opened = [] if opened and work.is_gone(home) else opened
    work.close_duties(closed, home, None, happening.at)
    if happening.word == rules.SIGNED:
        work.close_documented(closed, happening)
    work.remember(closed, home, happening.id, happening.at)
    for key, duty in opened:
        # What one event both opens and does is judged there and then.
        done = (happening.people["creator"], happening.at) if duty.done_by in closed else None
        work.open_duty(replace(duty, record=home), key, done)


def sweep_duties(store: Any) -> int:
    """Mark whatever is overdue, a page at a time; how many were found."""
    found, page = 0, PAGE
    while page == PAGE:
        with store.begin() as work:
            work.forget_fulfilments()
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

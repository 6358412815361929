"""Verdicts on a part: every outcome, every reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from regimes.calendar import WorkCalendar
from regimes.dates import DateWords
from regimes.process import Schedule
from regimes.schedules import PartState, Verdict, verdict, whole

CALENDAR = WorkCalendar()
CONTRACTS = Schedule(
    "contracts", words=DateWords("record.ended", end_of="year", after="P10Y"), confirm="P3M", then="destroy"
)
PART = PartState("company.customer", "business", {"ended": "2026-05-20"}, "contracts")
DUE = date(2036, 12, 31)


def judged(
    schedule: Schedule | None = CONTRACTS, part: PartState = PART, holds: tuple[str, ...] = (), on: date = DUE
) -> Verdict:
    return verdict(part, schedule, holds, on, CALENDAR)


def test_eligible_from_the_due_day_and_not_a_day_before() -> None:
    assert judged().outcome == "eligible"
    early = judged(on=date(2036, 12, 30))
    assert (early.outcome, early.reasons, early.earliest) == ("not_eligible", ("period_not_elapsed",), DUE)


def test_a_hold_stops_disposal_while_the_clock_runs_on() -> None:
    held = judged(holds=("h1",))
    assert (held.outcome, held.reasons, held.earliest) == ("not_eligible", ("held",), DUE)
    assert judged(holds=("h1",), on=date(2030, 1, 1)).reasons == ("period_not_elapsed", "held")


def test_without_the_event_nothing_is_counted() -> None:
    waiting = judged(part=PartState("company.customer", "business"))
    assert (waiting.outcome, waiting.reasons, waiting.earliest) == ("not_eligible", ("awaiting_event",), None)


def test_permanent_unknown_and_broken() -> None:
    assert judged(replace(CONTRACTS, then="keep")).reasons == ("permanent",)
    assert judged(None).reasons == ("unknown_series",)
    assert judged(None, replace(PART, schedule=None)).reasons == ("no_series",)
    assert judged(part=replace(PART, events={"ended": "soon"})).reasons == ("series_not_computable",)
    assert judged(replace(CONTRACTS, words=DateWords("record.ended", after="P9999Y"))).outcome == "cannot_evaluate"


def test_review_is_due_even_under_a_hold() -> None:
    review = replace(CONTRACTS, then="review")
    assert judged(review).outcome == "review_due"
    assert judged(review, holds=("h1",)).outcome == "review_due"
    assert judged(review, on=date(2030, 1, 1)).outcome == "not_eligible"


def test_flags_never_decide() -> None:
    capped = judged(replace(CONTRACTS, at_most="P2Y"), on=date(2030, 1, 1))
    assert capped.flags == ("past_maximum", "max_before_min_conflict")
    assert capped.outcome == "not_eligible" and capped.ceiling == date(2028, 5, 20)
    assert judged(on=date(2037, 4, 1)).flags == ("confirmation_overdue",)


def test_a_record_is_as_far_as_its_slowest_part() -> None:
    early = judged(on=date(2036, 1, 1))
    both = whole([judged(), early])
    assert (both.outcome, both.reasons, both.earliest) == ("not_eligible", ("period_not_elapsed",), DUE)
    assert whole([judged(), judged()]).outcome == "eligible"
    assert whole([]).outcome == "cannot_evaluate"
    assert judged().as_dict()["earliest"] == "2036-12-31"

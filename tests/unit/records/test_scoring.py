"""Quality as figures: the same counts give the same index, and nothing good ever lowers it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regimes.calendar import WorkCalendar
from services.records.verifying.scoring import (
    Figures,
    accuracy,
    added,
    completeness,
    index,
    shown,
    stale_after,
    timeliness,
)

SHARES = (accuracy, completeness, timeliness, index)


@st.composite
def figures(draw: st.DrawFn) -> Figures:
    """What one record may come to: no more filled or verified than there is."""
    core, others = draw(st.integers(0, 20)), draw(st.integers(0, 40))
    core_filled = draw(st.integers(0, core))
    filled = core_filled + draw(st.integers(0, others))
    to_verify = draw(st.integers(0, core + others))
    counts = (1, core, core_filled, core + others, filled, to_verify, draw(st.integers(0, to_verify)))
    return Figures(*counts).aged(draw(st.integers(0, 5000)))


@pytest.mark.covers("Q-041")
@given(figures())
def test_every_share_lies_between_nothing_and_all_and_is_the_same_each_time(one):
    assert all(0.0 <= share(one) <= 1.0 and share(one) == share(replace(one)) for share in SHARES)


@pytest.mark.covers("Q-041")
@given(figures())
def test_verifying_filling_and_confirming_never_lower_the_index(one):
    """
    A department that does its work must never see its figure fall for it.
    """
    better = []
    if one.verified < one.to_verify:
        better.append(replace(one, verified=one.verified + 1))
    if one.core_filled < one.core:
        better.append(replace(one, core_filled=one.core_filled + 1, filled=min(one.fields, one.filled + 1)))
    if one.filled < one.fields:
        better.append(replace(one, filled=one.filled + 1))
    better.append(one.aged(max(0, one.age_days - 1)))

    assert all(index(other) >= index(one) for other in better)


@given(st.lists(figures(), max_size=6))
def test_a_departments_counts_are_the_sum_of_its_records(many):
    total = added(many)

    assert total.records == len(many)
    assert total.verified == sum(one.verified for one in many)
    assert total + Figures() == total == added(reversed(many))
    assert shown(total)["index"] == pytest.approx(100 * index(total), abs=0.06)


@pytest.mark.covers("Q-041")
def test_the_composite_is_accuracy_completeness_and_timeliness_alike():
    half = Figures(records=1, core=4, core_filled=4, fields=10, filled=4, to_verify=4, verified=2).aged(73)

    told = shown(half)

    assert (told["accuracy"], told["completeness"], told["timeliness"]) == (50.0, 85.0, 80.0)
    assert told["index"] == 71.7 and told["stale"] == 0
    assert shown(half.aged(366))["stale"] == 1


@pytest.mark.covers("Q-200")
@pytest.mark.parametrize("said, days", [({"fresh_for": "P1Y"}, 365), ({"fresh_for": "P90D"}, 90), ({}, 365)])
def test_after_how_long_a_record_is_stale_is_the_regimes_to_say(said, days):
    regime = SimpleNamespace(setting=said, calendar=WorkCalendar())

    assert stale_after(regime) == days
    assert timeliness(Figures(1).aged(days // 2), stale_after(regime)) == pytest.approx(0.5, abs=0.01)

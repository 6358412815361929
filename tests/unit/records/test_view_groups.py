"""Groups that are too small are left out, and no subtraction brings one back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.views.grouping import Group, amount, hide, share, told, whole

COUNTS = st.lists(st.integers(1, 30), max_size=8)


def groups(*counts):
    return [Group(f"g{n}", count, count * 10_000) for n, count in enumerate(counts)]


@pytest.mark.covers("Q-147", "Q-149")
@given(COUNTS, st.integers(1, 10))
def test_nobody_can_compute_a_group_that_is_left_out(counts, smallest):
    """The oracle is an attacker: he has the total, where it is told, and every group that is shown."""
    found = hide(groups(*counts), smallest)
    hidden = [group for group in found if group.hidden]
    assert all(group.records >= smallest for group in found if not group.hidden)
    total = whole(found, smallest)
    if hidden and total:
        left = total.records - sum(group.records for group in found if not group.hidden)
        assert left >= smallest and len(hidden) >= 2
    if not any(count < smallest for count in counts):
        assert not hidden and (total.records if total else None) == sum(counts)


@pytest.mark.parametrize(
    ("counts", "shown", "total"),
    [
        ((9, 8, 7), [9, 8, 7], 24),
        ((9, 8, 2), [9], 19),  # the 8 goes along with the 2
        ((9, 3, 3), [9], 15),  # two small ones together are enough
        ((9, 1, 1), [], 11),  # together still small: the 9 goes along
        ((3,), [], None),
        ((9, 2), [], 11),
        ((), [], 0),
    ],
)
def test_a_small_group_takes_the_next_one_along(counts, shown, total):
    found = hide(groups(*counts), 5)
    assert [group.records for group in found if not group.hidden] == shown
    assert (group.records if (group := whole(found, 5)) else None) == total


def test_what_is_hidden_says_so_and_nothing_else():
    found = hide(groups(9, 2), 5)
    answer = told(found[1], whole(found, 5), True, {"en": "B", "zh": "乙"})
    assert answer == {"value": "g1", "en": "B", "zh": "乙", "hidden": True, "records": None, "sum": None, "share": None}


def test_shares_are_of_the_sum_where_there_is_one_and_of_the_records_else():
    found = hide([Group("a", 6, 10_000), Group("b", 6, 30_000)], 5)
    total = whole(found, 5)
    by_value = {group.value: group for group in found}
    assert share(by_value["a"], total, True) == "0.2500" and share(by_value["a"], total, False) == "0.5000"
    assert share(by_value["a"], Group(None, 0, 0), True) is None
    assert amount(12_345_000) == "1234.50" and amount(1) == "0.0001"


@pytest.mark.covers("Q-147")
def test_a_sum_of_few_figures_is_hidden_however_many_records_are_beside():
    """Five customers of whom one has a figure: the sum would be his."""
    found = hide([Group("a", 9, 50_000, figured=1), Group("b", 9, 90_000, figured=9), Group("c", 9, 0)], 5)

    assert {group.value: group.hidden for group in found} == {"a": True, "b": True, "c": False}
    assert whole(found, 5).sum == 140_000, "of ten figures"


SHARED = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True), min_size=1, max_size=30)


@given(SHARED, st.integers(1, 6))
def test_groups_that_share_records_are_hidden_by_whom_they_have_in_common(bought, smallest):
    """The attacker has the total and every group that is shown; what is left must be of enough customers."""
    buyers = {one: {n for n, some in enumerate(bought) if one in some} for some in bought for one in some}
    made = [Group(name, len(some), 10_000 * len(some), len(some)) for name, some in buyers.items()]
    found = hide(made, smallest, shared=True)
    total = whole(found, smallest, records=len(bought))
    hidden = [buyers[group.value] for group in found if group.hidden]

    assert all(len(buyers[group.value]) >= smallest for group in found if not group.hidden)
    if hidden and total:
        assert len(set().union(*hidden)) >= smallest and len(hidden) >= 2
    assert total is None or total.records == len(bought)

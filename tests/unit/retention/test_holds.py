"""A hold always wins: whoever does what in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid
from services.retention.disposal.holds import place
from tests.unit.retention.given import NOON, PROOF, a_hold, a_person, an_executing_list


def an_active_hold():
    hold = a_hold()
    hold.arrive(NOON)
    return hold


def test_a_hold_that_names_nothing_is_refused():
    with pytest.raises(Invalid) as refusal:
        place(a_hold(records=()))

    assert refusal.value.code == "hold.empty"


def test_a_hold_is_told_once_however_often_it_arrives():
    hold = a_hold()

    assert hold.arrive(NOON).placed_by == "xu"
    assert hold.arrive(NOON) is None


def test_who_placed_a_hold_does_not_lift_it():
    hold = an_active_hold()

    with pytest.raises(Forbidden) as refusal:
        hold.release(a_person("xu"), "over")

    assert (refusal.value.code, hold.state) == ("approvals.kept_apart", "active")


def test_a_hold_stands_until_the_records_are_free():
    hold = an_active_hold()
    hold.release(a_person("ma"), "over")
    assert hold.stands

    released = hold.lift(NOON)

    assert (hold.stands, released.released_by) == (False, "ma")
    assert hold.lift(NOON) is None


def test_a_hold_still_on_its_way_is_not_released():
    with pytest.raises(Conflict) as refusal:
        a_hold().release(a_person("ma"), "over")

    assert refusal.value.code == "hold.state"


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_a_used_hold_is_never_deleted(steps):
    hold = a_hold()
    for step in (
        lambda: hold.arrive(NOON),
        lambda: hold.release(a_person("ma"), "over"),
        lambda: hold.lift(NOON),
    )[:steps]:
        step()

    with pytest.raises(Conflict) as refusal:
        hold.discard()

    assert refusal.value.code == "hold.used"


def test_a_hold_that_the_records_refused_never_stood():
    hold = a_hold()
    hold.refuse("record.unknown")

    hold.discard()

    assert not hold.stands


MOVES = st.lists(
    st.tuples(st.sampled_from(["place", "arrive", "release", "lift", "execute"]), st.integers(0, 2), st.integers(0, 1)),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(MOVES)
def test_a_hold_always_wins(moves):
    """
    In no interleaving of placing, releasing and executing is a record destroyed while a hold on it stands.
    """
    disposal, holds = an_executing_list(records=2), {}
    for move, number, record in moves:
        _apply(move, number, f"r-{record + 1}", disposal, holds)

    for item in disposal.items:
        if item.state == "skipped":
            assert item.reason == "held" and item.evidence is None


def _apply(move, number, record, disposal, holds):
    hold = holds.get(number)
    try:
        if move == "place" and hold is None:
            holds[number] = a_hold(id=str(number), records=(record,))
        elif move == "execute":
            _execute(disposal.item(record), disposal, holds.values())
        elif hold:
            step = {"arrive": hold.arrive, "lift": hold.lift}.get(move)
            step(NOON) if step else hold.release(a_person("ma"), "over")
    except Conflict:
        pass  # a wrong state is refused; the next move goes on


def _execute(item, disposal, holds):
    held = [hold for hold in holds if hold.stands and item.record in hold.records]
    outcome = item.proceed(disposal.id, held=bool(held), lent=False, at=NOON)
    if outcome is None:
        item.destroyed(disposal.id, PROOF, NOON)
        assert not any(hold.stands and item.record in hold.records for hold in holds)
    else:
        assert held and item.state == "skipped"

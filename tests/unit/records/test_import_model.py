"""An import's states: received in order, run, released or not, and never two of them at once."""

from __future__ import annotations

import pytest

from chassis.errors import Conflict, Invalid, Refused
from services.records.importing.model import Import

STATES = ("receiving", "running", "failed", "checked", "waiting", "releasing", "released", "rejected")


def an_import(**given):
    usual = {"id": "i-1", "class_": "trading.customer", "state": "receiving", "dry_run": False, "key": "k-1",
             "settings": {}, "by": "qian", "department": "finance"}  # fmt: skip
    return Import(**{**usual, **given})


ACTS = {
    "receiving": [lambda i: i.receive(0, 5, 100), lambda i: i.start(0, "qian")],
    "running": [lambda i: i.count(200, 198, 1, 1), lambda i: i.finish()],
    "waiting": [lambda i: i.settle("approved")],
    "releasing": [lambda i: i.released()],
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("wanted", ACTS)
def test_a_wrong_state_is_always_refused(wanted, state):
    for act in ACTS[wanted]:
        taken = an_import(state=state)
        before = vars(taken).copy()
        if state == wanted:
            act(taken)
            continue
        with pytest.raises(Conflict) as refusal:
            act(taken)
        assert refusal.value.code == "import.state" and vars(taken) == before


def test_pieces_join_without_gap_or_overlap_up_to_the_largest_size():
    taken = an_import()
    taken.receive(0, 60, 100)

    for offset in (0, 59, 61):
        with pytest.raises(Conflict) as refusal:
            taken.receive(offset, 1, 100)
        assert (refusal.value.code, refusal.value.facts) == ("import.offset", {"offset": 60})
    taken.receive(60, 40, 100)
    with pytest.raises(Invalid) as refusal:
        taken.receive(100, 1, 100)
    assert refusal.value.code == "import.too_large"


@pytest.mark.parametrize(("size", "by", "code"), [(5, "zheng", "import.not_yours"), (6, "qian", "import.incomplete")])
def test_it_is_started_whole_by_who_began_it(size, by, code):
    with pytest.raises(Refused) as refusal:
        an_import(size=5).start(size, by)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"accepted": 3}, "waiting"),
        ({"accepted": 0, "rejected": 3}, "released"),
        ({"accepted": 3, "dry_run": True}, "checked"),
    ],
)
def test_what_it_waits_for_follows_from_what_was_taken(given, state):
    taken = an_import(state="running", **given)

    told = taken.finish()

    assert taken.state == state
    assert (told.import_id, told.class_, told.department, told.by) == ("i-1", "trading.customer", "finance", "qian")
    assert (told.accepted, told.rejected, told.dry_run) == (taken.accepted, taken.rejected, taken.dry_run)


def test_counts_add_up_over_batches():
    taken = an_import(state="running")
    taken.count(201, 190, 8, 2)
    taken.count(301, 99, 0, 1)

    assert (taken.next_row, taken.accepted, taken.rejected, taken.duplicates) == (301, 289, 8, 3)


@pytest.mark.parametrize("outcome", ["approved", "rejected", "withdrawn", "lapsed"])
def test_a_batch_is_released_only_when_it_was_approved(outcome):
    taken = an_import(state="waiting")
    taken.settle(outcome)

    assert taken.state == ("releasing" if outcome == "approved" else "rejected")

"""What a duty lets people do, and what it does not."""

from __future__ import annotations

import pytest

from chassis.errors import Conflict, Forbidden, Invalid
from tests.unit.retention.given import DAY, NOON, a_duty, a_person


def test_a_duty_done_before_its_instant_is_on_time():
    duty = a_duty()

    closed = duty.complete(a_person("sun"), {}, NOON)

    assert (duty.state, closed.on_time, closed.closed_by) == ("closed", True, "sun")


def test_a_duty_done_at_its_instant_is_late():
    closed = a_duty().complete(a_person("sun"), {}, NOON + DAY)

    assert closed.on_time is False


def test_an_overdue_duty_names_owner_day_and_the_violation_proposed():
    duty = a_duty()

    overdue = duty.miss(NOON + DAY)

    assert (overdue.owner, overdue.due, overdue.violation) == ("sun", "2026-10-01", "late_check")


def test_a_duty_is_missed_once():
    duty = a_duty()
    duty.miss(NOON + DAY)

    with pytest.raises(Conflict) as refusal:
        duty.miss(NOON + DAY)

    assert refusal.value.code == "duty.state"


def test_a_duty_is_not_missed_before_its_instant():
    with pytest.raises(Conflict) as refusal:
        a_duty().miss(NOON)

    assert refusal.value.code == "duty.not_due"


def test_somebody_else_cannot_complete_a_duty():
    duty = a_duty()

    with pytest.raises(Forbidden) as refusal:
        duty.complete(a_person("zheng"), {}, NOON)

    assert (refusal.value.code, duty.state) == ("duty.not_yours", "open")


@pytest.mark.parametrize(
    ("role", "person", "mine"),
    [
        ("archivist", a_person("he", "archivist"), True),
        ("archivist", a_person("sun"), False),
        ("head:sales", a_person("liu", "head", department="sales"), True),
        ("head:sales", a_person("wu", "head", department="service"), False),
        (None, a_person("sun2"), False),
    ],
)
def test_a_duty_of_a_role_is_done_by_who_holds_it_there(role, person, mine):
    assert a_duty(owner=None, role=role).is_of(person) is mine


def test_a_duty_that_an_event_closes_is_not_closed_by_hand():
    """
    Else the borrower could tick off his own return.
    """
    with pytest.raises(Conflict) as refusal:
        a_duty(done_by="loan.returned").complete(a_person("sun"), {}, NOON)

    assert refusal.value.code == "duty.closes_itself"


def test_a_duty_without_its_evidence_stays_open_and_names_what_is_missing():
    duty = a_duty(needs=("photo",))

    with pytest.raises(Invalid) as refusal:
        duty.complete(a_person("sun"), {}, NOON)

    assert refusal.value.facts["errors"][0]["pointer"] == "/evidence/photo"
    assert duty.complete(a_person("sun"), {"photo": "doc-1"}, NOON).on_time


def test_a_closed_duty_is_closed_once():
    duty = a_duty()
    duty.fulfil(None, NOON)

    with pytest.raises(Conflict) as refusal:
        duty.complete(a_person("sun"), {}, NOON)

    assert refusal.value.code == "duty.closed"


def test_an_overdue_duty_can_still_be_done_and_is_late():
    duty = a_duty()
    duty.miss(NOON + DAY)

    assert duty.complete(a_person("sun"), {}, NOON + 2 * DAY).on_time is False


def test_a_postponed_duty_is_open_again():
    duty = a_duty()
    duty.miss(NOON + DAY)

    duty.postpone(NOON + 9 * DAY, "2026-10-09")

    assert (duty.state, duty.due) == ("open", "2026-10-09")


def test_a_closed_duty_is_not_postponed():
    duty = a_duty()
    duty.fulfil("sun", NOON)

    with pytest.raises(Conflict):
        duty.postpone(NOON + DAY, "2026-10-01")

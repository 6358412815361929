"""Lending is a grant: who may hand out what to whom, until when, and who signs for its return."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.errors import Conflict, Forbidden
from services.retention.custody.grants import read_grant
from services.retention.custody.model import lend
from tests.unit.retention.given import ARCHIVIST, DAY, NOON, SIGNER, a_grant, a_loan, a_person, a_signed_grant


def test_a_loan_is_due_the_minute_its_grant_ends():
    loan = lend("l-1", ARCHIVIST, a_grant(until=NOON + 3 * DAY), "r-1", 1, NOON)

    assert loan.due_at == NOON + 3 * DAY


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        ({"mode": "view"}, "right.missing"),
        ({"records": ("r-2",)}, "grant.scope"),
        ({"until": NOON}, "grant.expired"),
        ({"opens": NOON + DAY}, "grant.not_open"),
        ({"person": "he"}, "approvals.kept_apart"),
    ],
)
def test_nothing_is_lent_without_a_live_borrow_grant_of_another_person(grant, code):
    with pytest.raises(Forbidden) as refusal:
        lend("l-1", ARCHIVIST, a_grant(**grant), "r-1", 1, NOON)

    assert refusal.value.code == code


def test_a_grant_as_approvals_signed_it_is_read():
    assert read_grant(a_signed_grant(), SIGNER.public_key()) == a_grant()


def test_a_grant_changed_after_signing_is_refused():
    forged = {**a_signed_grant(), "person": "zheng"}

    with pytest.raises(Forbidden) as refusal:
        read_grant(forged, SIGNER.public_key())

    assert refusal.value.code == "grant.forged"


def test_overdue_is_a_matter_of_date_alone():
    """
    No job has to run for a loan to be overdue.
    """
    loan = a_loan()

    assert not loan.is_overdue(loan.due_at - timedelta(microseconds=1))
    assert loan.is_overdue(loan.due_at)


def test_a_return_needs_both_signatures():
    loan = a_loan()

    loan.give_back(a_person("sun"), 2, NOON + DAY)
    assert loan.state == "out"
    _, returned = loan.take_back(ARCHIVIST, 2, NOON + DAY)

    assert (loan.state, returned.on_time, returned.keeper) == ("returned", True, "he")


def test_the_borrower_cannot_sign_for_the_archivist():
    loan = a_loan()
    loan.give_back(a_person("sun", "archivist"), 2, NOON)

    with pytest.raises(Forbidden) as refusal:
        loan.take_back(a_person("sun", "archivist"), 2, NOON)

    assert (refusal.value.code, loan.state) == ("approvals.kept_apart", "out")


def test_the_archivist_does_not_sign_alone():
    with pytest.raises(Conflict) as refusal:
        a_loan().take_back(ARCHIVIST, 2, NOON)

    assert refusal.value.code == "custody.unsigned"


def test_only_the_borrower_hands_back():
    with pytest.raises(Forbidden) as refusal:
        a_loan().give_back(a_person("zheng"), 2, NOON)

    assert refusal.value.code == "custody.not_yours"


@pytest.mark.parametrize("items", [None, 1, 3])
def test_what_is_handed_back_is_counted(items):
    with pytest.raises(Conflict) as refusal:
        a_loan().give_back(a_person("sun"), items, NOON)

    assert refusal.value.code == "custody.not_counted"


def test_what_is_received_is_counted_again():
    loan = a_loan()
    loan.give_back(a_person("sun"), 2, NOON)

    with pytest.raises(Conflict) as refusal:
        loan.take_back(ARCHIVIST, 1, NOON)

    assert (refusal.value.code, loan.state) == ("custody.not_counted", "out")


def test_a_return_is_signed_once_by_each_side():
    loan = a_loan()
    loan.give_back(a_person("sun"), 2, NOON)

    with pytest.raises(Conflict) as refusal:
        loan.give_back(a_person("sun"), 2, NOON)

    assert refusal.value.code == "custody.signed"


def test_a_returned_loan_is_over():
    loan = a_loan()
    loan.give_back(a_person("sun"), 2, NOON)
    loan.take_back(ARCHIVIST, 2, NOON)

    with pytest.raises(Conflict) as refusal:
        loan.give_back(a_person("sun"), 2, NOON)

    assert refusal.value.code == "loan.state"


def test_what_came_back_late_is_late_however_late_the_archivist_counted():
    loan = a_loan()
    loan.give_back(a_person("sun"), 2, NOON + 6 * DAY)

    assert loan.take_back(ARCHIVIST, 2, NOON + 9 * DAY)[1].on_time


def test_a_renewal_needs_a_grant_of_its_own():
    loan = a_loan()

    with pytest.raises(Conflict) as refusal:
        loan.renew(a_grant(), NOON)

    assert refusal.value.code == "loan.grant_spent"


def test_a_renewal_needs_the_borrowers_grant():
    with pytest.raises(Forbidden) as refusal:
        a_loan().renew(a_grant(id="g-2", person="zheng"), NOON)

    assert refusal.value.code == "grant.scope"


def test_a_renewal_moves_the_due_minute():
    loan = a_loan()

    loan.renew(a_grant(id="g-2", until=NOON + 20 * DAY), NOON + DAY)

    assert (loan.due_at, loan.grant) == (NOON + 20 * DAY, "g-2")

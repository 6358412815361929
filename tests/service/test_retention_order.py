"""Duties whose opening and closing are heard of in the wrong order, or at the same time; on both databases."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import eventlet
import pytest
from sqlalchemy import select

from chassis.clock import rfc3339
from chassis.ids import new_id
from services.retention.tables import fulfilments
from tests.nodes.prepared import leave
from tests.service.given_retention import Suite

NAME = "answer_complaint"


@pytest.fixture
def suite(lent):
    """Retention on each database."""
    suite = Suite(lent("retention"))
    yield suite
    leave(suite.database)


def event(suite, complaint, later=0, **data):
    head = {"class": "complaint", "state": "active", "department": "service", "responsible": "zheng", "creator": "sun"}
    at = rfc3339(suite.clock.now() + timedelta(seconds=later))
    return {"id": new_id(), "at": at, "record": complaint, "data": {**head, **data}, "type": ""}


def opening(suite, complaint, later=0):
    told = event(suite, complaint, later)
    return lambda: suite.calls(None, "on_created", [told])


def closing(suite, complaint, later=1):
    told = event(suite, complaint, later, happened="handled", on="2026-11-20")
    return lambda: suite.calls(None, "on_event_recorded", told)


def duties(suite, complaint):
    return [one for one in suite.calls("he", "duties", {"record": complaint})["items"] if one["name"] == NAME]


def test_a_complaint_that_was_handled_before_anybody_heard_of_it_leaves_no_duty_open(suite):
    """
    Nothing relies on the order in which events come.
    """
    complaint = new_id()
    closing(suite, complaint)()
    opening(suite, complaint)()

    (duty,) = duties(suite, complaint)
    assert (duty["state"], duty["on_time"]) == ("closed", True)
    assert len(suite.told("retention.duty_opened")) == 1 == len(suite.told("retention.duty_closed"))


def test_in_the_right_order_it_closes_as_before(suite):
    complaint = new_id()
    opening(suite, complaint)()
    assert duties(suite, complaint)[0]["state"] == "open"
    closing(suite, complaint)()

    assert duties(suite, complaint)[0]["state"] == "closed"


def test_what_was_done_before_a_duty_was_opened_does_not_fulfil_it(suite):
    complaint = new_id()
    closing(suite, complaint, later=1)()
    opening(suite, complaint, later=60)()

    assert duties(suite, complaint)[0]["state"] == "open"


def test_another_complaints_end_fulfils_nothing(suite):
    complaint = new_id()
    closing(suite, new_id())()
    opening(suite, complaint)()

    assert duties(suite, complaint)[0]["state"] == "open"


def test_heard_at_the_same_time_a_duty_is_closed_whoever_comes_first(suite):
    complaints = [new_id() for _ in range(12)]
    heard = [make(suite, one) for one in complaints for make in (opening, closing)]

    for thread in [eventlet.spawn(partial(one)) for one in heard]:
        thread.wait()

    assert [duties(suite, one)[0]["state"] for one in complaints] == ["closed"] * 12


def test_what_fulfils_a_duty_is_remembered_for_a_while_only(suite):
    closing(suite, new_id())()
    suite.clock.advance(timedelta(days=34))
    suite.calls(None, "sweep")
    assert len(kept(suite)) == 1

    suite.clock.advance(timedelta(days=2))
    suite.calls(None, "sweep")
    assert kept(suite) == []


def kept(suite):
    with suite.database.read() as connection:
        return connection.execute(select(fulfilments)).all()

"""What waited for a decision and is not there any more awaits nobody."""

from __future__ import annotations

from chassis.errors import NotFound
from chassis.ids import new_id
from tests.service.test_approvals_requests import code_of, empty, suite  # noqa: F401

BATCH = {"class": "trading.customer", "department": "finance", "by": "qian"}
FINISHED = {**BATCH, "dry_run": False, "accepted": 30, "rejected": 0, "duplicates": 0}


def finished(suite, batch):  # noqa: F811
    suite.hears("open_release", {**FINISHED, "import_id": batch})


def withdrawn(suite, batch, asked=True):  # noqa: F811
    suite.hears("close_release", {**BATCH, "import_id": batch, "records": 30, "asked": asked})


def requests(suite, person="he"):  # noqa: F811
    return suite.calls(person, "requests", {"awaiting": "me", "limit": 50})["items"]


def test_the_release_of_an_import_that_was_taken_back_awaits_nobody(suite):  # noqa: F811
    batch, other = new_id(), new_id()
    finished(suite, batch)
    finished(suite, other)
    request = next(one["request"] for one in requests(suite) if one["subject"] == batch)

    withdrawn(suite, batch)

    assert [one["subject"] for one in requests(suite)] == [other]
    assert suite.calls("he", "request", {"request": request})["state"] == "lapsed"
    assert [one["outcome"] for one in suite.told("approvals.request_settled") if one["subject"] == batch] == ["lapsed"]
    assert code_of(suite.decides, "he", request) == "approvals.settled"


def test_a_decision_that_came_first_stands(suite):  # noqa: F811
    batch = new_id()
    finished(suite, batch)
    suite.decides("he", requests(suite)[0]["request"])

    withdrawn(suite, batch)

    assert [one["outcome"] for one in suite.told("approvals.request_settled")] == ["approved"]


def test_what_is_heard_in_the_wrong_order_is_heard_again(suite):  # noqa: F811
    """
    Nothing relies on order: a withdrawal that overtakes its import is tried again until the request is there.
    """
    batch = new_id()

    assert code_of(withdrawn, suite, batch) == NotFound("request.unknown").code
    withdrawn(suite, new_id(), asked=False)  # of a file that never came to its end nobody was asked
    finished(suite, batch)
    withdrawn(suite, batch)

    assert requests(suite) == []

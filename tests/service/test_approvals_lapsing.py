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


def changing(suite, **given):  # noqa: F811
    record = suite.records.add()
    head = {**suite.records.envelopes[record], "change": new_id(), "mode": "customer", "fields": ["contact.mobile"]}
    suite.hears("open_change", {**head, "evidence": ["customer_request"], **given}, record, "zheng")
    return head["change"], next(one for one in suite.told("approvals.request_raised") if one["record"] == record)


def test_whose_step_a_change_waits_for_is_told_to_records_and_nobody_else(suite):  # noqa: F811
    change, raised = changing(suite)
    first = suite.calls("zheng", "request", {"request": raised["request"]})["awaiting"]

    def theirs(person, subject=change):
        return suite.calls(None, "deciding", {"person": person, "about": "change", "subjects": [subject]})["requests"]

    assert all(theirs(person) == {change: raised["request"]} for person in first) and first
    assert theirs("zheng") == {} == theirs(first[0], new_id())
    while waiting := suite.calls("zheng", "request", {"request": raised["request"]})["awaiting"]:
        suite.decides(waiting[0], raised["request"])
    assert [theirs(person) for person in first] == [{}] * len(first)


def lapsed(suite, change, why="record.stale"):  # noqa: F811
    suite.hears("close_change", {"change": change, "why": why, "by": "zheng"})


def test_an_approved_change_that_was_overtaken_says_so_at_its_request(suite):  # noqa: F811
    """
    Nobody may believe that something took effect which did not.
    """
    change, raised = changing(suite)
    while waiting := suite.calls("zheng", "request", {"request": raised["request"]})["awaiting"]:
        suite.decides(waiting[0], raised["request"])

    for _ in range(2):
        lapsed(suite, change)

    now = suite.calls("zheng", "request", {"request": raised["request"]})
    assert (now["state"], now["refusal"]) == ("lapsed", "record.stale")
    [told] = suite.told("approvals.request_lapsed")
    assert (told["subject"], told["why"], told["raised_by"]) == (change, "record.stale", "zheng")
    assert len(suite.told("approvals.request_settled")) == 1, "what was decided is said once"


def test_a_rejected_change_stays_rejected_when_its_owner_lets_it_go(suite):  # noqa: F811
    change, raised = changing(suite)
    waiting = suite.calls("zheng", "request", {"request": raised["request"]})["awaiting"]
    suite.decides(waiting[0], raised["request"], "reject")

    lapsed(suite, change, "rejected")

    assert suite.calls("zheng", "request", {"request": raised["request"]})["state"] == "rejected"
    assert suite.told("approvals.request_lapsed") == []

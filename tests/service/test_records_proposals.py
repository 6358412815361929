"""What a change would make of a record, shown to who may read it there and to who has to decide it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.ids import new_id
from services.records import tables as t
from tests.service.given_records import FIELDS, code_of
from tests.service.test_records_writing import proposes

EMAIL, MOBILE, ADDRESS = "contact.email", "contact.mobile", "contact.address"
NEW = {MOBILE: "19900005678", ADDRESS: "澄州市青榆路13号"}


@pytest.fixture
def waiting(suite):
    """A record with a change that waits."""
    record = suite.active()
    return record, proposes(suite, record, 2, NEW)


def look(suite, person, record, change, **other):
    return suite.calls(person, "proposed_change", {"record": record, "change": change, "purpose": "service", **other})


def changes(suite, person, record, **other):
    return suite.calls(person, "changes", {"record": record, "purpose": "service", **other})


def to_decide(suite, person, change):
    suite.approvals.steps[person] = {change: new_id()}
    return suite.approvals.steps[person][change]


def test_whoever_may_read_the_field_sees_what_it_would_become_and_why(suite, waiting):
    told = look(suite, "zheng", *waiting)

    assert told["fields"][MOBILE] == {"state": "clear", "old": "+8619900001234", "new": "+8619900005678"}
    assert told["fields"][ADDRESS]["new"] == NEW[ADDRESS]
    assert [proof["document"] for proof in told["evidence"]] == ["customer_request", "evidence"]
    assert told["reason"] == "the customer's letter" and all(proof["id"] for proof in told["evidence"])
    assert (told["proposed_by"], told["requested_by"], told["base"]) == ("zheng", "customer", 2)


def test_who_has_to_decide_sees_the_fields_of_the_change_and_no_others(suite):
    """
    Nobody can answer for a change that he has not seen; it opens nothing else to him.
    """
    record = suite.creates()  # nobody looks a draft up
    change = proposes(suite, record, 1, NEW)
    assert code_of(look, suite, "xu", record, change) == "right.missing"
    request = to_decide(suite, "xu", change)

    told = look(suite, "xu", record, change)

    assert told["fields"][MOBILE]["new"] == "+8619900005678" and told["request"] == request
    assert told["reason"] == "the customer's letter"
    assert [one["change"] for one in changes(suite, "xu", record)["items"]] == [change]
    assert code_of(suite.reads, "xu", record, MOBILE) == "right.missing"
    [read, again] = suite.told("records.change_read")
    assert (read["clear"], read["request"], read["by_grant"]) == (sorted(NEW), request, [])


def test_who_may_not_read_a_field_sees_its_masks_and_not_the_reason(suite, waiting):
    told = look(suite, "sun", *waiting)

    assert told["fields"][MOBILE]["state"] == "masked" and told["reason"] is None
    assert told["fields"][MOBILE]["new"].endswith("5678") and "*" in told["fields"][MOBILE]["new"]
    assert told["fields"][ADDRESS]["state"] == "withheld"
    assert not {NEW[MOBILE], NEW[ADDRESS], FIELDS[ADDRESS], "+8619900005678"} & {*map(str, flat(told))}


def flat(told):
    yield from (value for one in told["fields"].values() for value in one.values())


def test_a_look_is_journalled_before_a_key_leaves_and_names_fields_without_values(suite, waiting):
    look(suite, "zheng", *waiting)

    [read] = suite.told("records.change_read")
    assert (read["record"], read["change"]) == waiting
    assert (read["clear"], read["masked"]) == (sorted(NEW), [])
    entry = next(one for one in suite.journal() if one["type"] == "records.change_read")
    assert entry["purpose"] == "service"
    assert suite.keys.unwrapped[-1][0] == entry["id"] and "13号" not in str(suite.journal())
    timeline = suite.calls("zheng", "timeline", {"record": waiting[0]})["items"]
    assert timeline[-1]["type"] == "records.change_read"


def test_while_the_ledger_does_not_follow_nothing_of_a_change_is_shown(suite, waiting):
    suite.lag.behind = timedelta(minutes=5)

    assert code_of(look, suite, "zheng", *waiting) == "audit.lagging"
    assert suite.told("records.change_read") == []


def test_what_was_decided_waits_no_longer_and_its_values_are_gone(suite, waiting):
    record, change = waiting
    other = proposes(suite, record, 2, {EMAIL: "new@example.com"})
    suite.settles("change", change)

    assert [one["change"] for one in changes(suite, "zheng", record)["items"]] == [other]
    told = look(suite, "zheng", record, change)
    assert told["state"] == "applied"
    assert told["fields"][MOBILE] == {"state": "withheld", "reason": {"code": "change.settled", "request_kind": None}}
    assert [row.sealed for row in suite.rows(t.changes) if row.id == change] == [{}]


def test_changes_come_newest_first_a_page_at_a_time(suite):
    record = suite.active()
    made = [proposes(suite, record, 2, {EMAIL: f"{n}@example.com"}) for n in range(3)]

    first = changes(suite, "zheng", record, limit=2)
    rest = changes(suite, "zheng", record, limit=2, after=first["next"])

    told = [one["change"] for page in (first, rest) for one in page["items"]]
    assert told == made[::-1] and rest["next"] is None


def test_while_approvals_is_away_nobody_sees_more_than_he_may_read(suite):
    record = suite.creates()
    change = proposes(suite, record, 1, NEW)
    to_decide(suite, "xu", change)
    suite.approvals.away = True

    assert code_of(look, suite, "xu", record, change) == "right.missing"
    assert look(suite, "zheng", record, change)["fields"][MOBILE]["state"] == "clear"


def test_a_change_of_another_record_is_not_there(suite, waiting):
    other = suite.creates(**{"contact.mobile": "19900003001"})

    assert code_of(look, suite, "zheng", other, waiting[1]) == "change.unknown"
    assert code_of(changes, suite, "xu", other) == "right.missing"
    assert changes(suite, "zheng", other) == {"items": [], "next": None}

"""Holds and destruction where they are enforced, on both databases, with a crash at every step."""

from __future__ import annotations

from functools import partial

import pytest

from chassis.errors import Conflict
from chassis.ids import new_id
from services.records import destroying
from services.records import tables as t
from tests.service.given_documents import proves
from tests.service.given_records import FIELDS, at_once, code_of

ASKED = {"requested_by": "customer", "evidence": ["customer_request"]}


class Died(Exception):
    """The process ended here."""


@pytest.fixture
def dies_at(monkeypatch):
    """End the process at a named place, as MUNIMENT_FAIL would."""

    def at(place):
        def failpoint(name):
            if name == place:
                raise Died(name)

        monkeypatch.setattr(destroying, "failpoint", failpoint)

    return at


def destroys(suite, record, version=2, certificate="c", disposal="d", **grant):
    body = suite.grant("he", record, known=False, **{"mode": "destroy", **grant})
    told = {"disposal": disposal.ljust(36, "-"), "certificate": certificate.ljust(36, "-"), "grant": body}
    return suite.calls(None, "destroy", {"record": record, "version": version, **told})


def hold(suite, *records):
    held = new_id()
    suite.calls(None, "freeze", {"hold": held, "records": [*records]})
    return held


def test_a_destroyed_record_is_read_by_no_route_and_its_certificate_is_named(suite):
    record = suite.active()
    version = suite.calls("zheng", "versions", {"record": record, "purpose": "service"})["items"][0]["version"]

    done = destroys(suite, record)

    assert version == 1 and done["state"] == "destroyed" and done["opened"] == "key.gone"
    assert set(done["fingerprints"]) == {"basic", "contact"} and done["copies"]["keys"] == "destroyed"
    one = {"record": record, "purpose": "service"}
    fields = {
        "fields": {"contact.mobile": "19900005678"},
        "reason": "late",
        "requested_by": "customer",
        "evidence": ["customer_request"],
    }
    for method, args in {
        "read": one,
        "versions": one,
        "explain": one,
        "timeline": {"record": record},
        "consents": {"record": record},
        "change": {"record": record, "version": 2, **fields},
        "transition": {"record": record, "version": 2, "to": "past", "reason": "late"},
        "record_event": {"record": record, "event": "ended", "date": "2026-01-01"},
        "give_consent": {"record": record, "purpose": "service", "notice": "2026-1", "channel": "counter"},
    }.items():
        with pytest.raises(Conflict) as refusal:
            suite.calls("zheng", method, args)
        assert (refusal.value.code, refusal.value.facts) == ("record.destroyed", {"certificate": "c".ljust(36, "-")})
    assert suite.calls("zheng", "list", {})["items"] == []


def test_nothing_sealed_or_blind_of_a_destroyed_record_is_left(suite):
    record, other = suite.active(), suite.active(**{"contact.mobile": "19900007777"})
    change = {"record": record, "version": 2, "fields": {"contact.mobile": "19900005678"}, "reason": "letter"}
    proves(suite, record, "customer_request")
    pending = suite.calls("zheng", "change", {**change, **ASKED})["change"]

    destroys(suite, record)

    for table in (t.tokens, t.facets, t.changes, t.units):
        assert record not in {row.record for row in suite.rows(table)}
    mine = {row.id for row in suite.rows(t.parts) if row.record == record}
    assert mine and not mine & {row.part for row in suite.rows(t.part_versions)}
    assert suite.reads("zheng", other, "contact.person")["contact.person"]["value"] == FIELDS["contact.person"]
    suite.settles("change", pending)
    assert suite.told("records.changed") == []


def test_destruction_needs_a_live_grant_to_destroy_this_very_record(suite):
    record, other = suite.active(), suite.active(**{"contact.mobile": "19900007777"})
    wrong = suite.grant("he", other, mode="destroy", known=False)
    told = {"record": record, "version": 2, "disposal": "d" * 36, "certificate": "c" * 36}

    assert code_of(destroys, suite, record, mode="view") == "right.missing"
    assert code_of(destroys, suite, record, until="2026-11-20T03:00:00.000000Z") == "right.missing"
    assert code_of(suite.calls, None, "destroy", {**told, "grant": wrong}) == "right.missing"
    forged = {**wrong, "records": [record]}
    assert code_of(suite.calls, None, "destroy", {**told, "grant": forged}) == "right.missing"
    assert {row.state for row in suite.rows(t.records)} == {"active"}


def test_a_hold_always_wins_and_so_does_a_change_after_the_plan(suite):
    record = suite.active()
    first, second = hold(suite, record), hold(suite, record)
    assert code_of(destroys, suite, record) == "hold.active"
    suite.calls(None, "unfreeze", {"hold": first, "records": [record]})
    assert code_of(destroys, suite, record) == "hold.active"
    suite.calls(None, "unfreeze", {"hold": second, "records": [record]})

    assert code_of(destroys, suite, record, version=1) == "record.changed_since_plan"
    assert destroys(suite, record)["state"] == "destroyed"
    assert code_of(hold, suite, record) == "record.destroyed"


def test_a_repeated_hold_and_release_change_nothing_and_tell_nothing_new(suite):
    records = [suite.active(**{"contact.mobile": f"1990000{number}"}) for number in (8001, 8002)]
    args = {"hold": new_id(), "records": records}

    for _ in range(2):
        assert suite.calls(None, "freeze", args) == args
    assert sorted(one["record"] for one in suite.told("records.frozen")) == sorted(records)
    for _ in range(2):
        suite.calls(None, "unfreeze", args)
    assert len(suite.told("records.unfrozen")) == 2 and suite.rows(t.freezes) == []


def test_of_a_hold_and_a_destruction_at_once_one_wins_whole(suite):
    records = [suite.active(**{"contact.mobile": f"1990000{number}"}) for number in range(9000, 9006)]
    calls = [call for one in records for call in (partial(hold, suite, one), partial(destroys, suite, one))]

    outcomes = at_once(calls)

    for held, destroyed in zip(outcomes[::2], outcomes[1::2], strict=True):
        assert (destroyed == "hold.active") != (held == "record.destroyed"), (held, destroyed)


@pytest.mark.parametrize("place", ["destruction.begun", "destruction.keys_gone"])
def test_past_the_point_of_no_return_no_route_reads_and_the_rest_is_made_up_for(suite, dies_at, place):
    """
    Between the two transactions the keys may or may not be gone; either way the record is, and the sweep finishes.
    """
    record = suite.active()
    dies_at(place)
    with pytest.raises(Died):
        destroys(suite, record)

    assert code_of(suite.reads, "zheng", record, "basic.name") == "record.destroyed"
    assert code_of(hold, suite, record) == "record.destroyed"
    assert suite.told("records.destroyed") == []
    dies_at("nowhere")
    suite.calls(None, "finish_destructions")
    again = destroys(suite, record)

    [told] = suite.told("records.destroyed")
    assert again["fingerprints"] == told["key_fingerprints"] and again["opened"] == "key.gone"
    assert len(suite.told("records.destroying")) == 1
    assert {row.state for row in suite.rows(t.records)} == {"destroyed"}


def test_the_same_item_again_is_finished_and_another_list_comes_too_late(suite):
    record = suite.active()
    first = destroys(suite, record)

    assert destroys(suite, record) == first
    assert code_of(destroys, suite, record, certificate="other") == "record.destroyed"
    assert len(suite.told("records.destroyed")) == 1


def test_two_who_destroy_at_once_destroy_once(suite):
    record = suite.active()

    done = at_once([partial(destroys, suite, record)] * 6)

    finished = [one for one in done if isinstance(one, dict)]
    assert finished and all(one == finished[0] for one in finished)
    assert len(suite.told("records.destroying")) == len(suite.told("records.destroyed")) == 1


def test_the_keys_are_asked_for_once_more_under_an_entry_of_its_own(suite):
    record = suite.active()

    destroys(suite, record)

    [probe] = [entry for entry in suite.journal() if entry["type"] == "records.destruction_probed"]
    assert suite.keys.unwrapped[-1][0] == probe["id"] and probe["record"] == record

"""Changes decided while others take effect: what is approved takes effect, but for what changed meanwhile."""

from __future__ import annotations

from functools import partial

import pytest

from services.records import tables as t
from tests.service.given_records import at_once
from tests.service.test_records_writing import proposes

EMAIL, MOBILE = "contact.email", "contact.mobile"


def states(suite):
    return sorted(row.state for row in suite.rows(t.changes))


def notes(suite, record, text="called back", version=None):
    """A staff note that takes effect while something else waits."""
    now = version or suite.store.record(record).version
    suite.settles("change", proposes(suite, record, now, {"other.remark": text}, requested_by="staff"))


@pytest.mark.covers("Q-127")
def test_an_approved_change_takes_effect_though_another_field_changed_while_it_waited(suite):
    """
    What somebody approved is never lost because somebody else wrote a note meanwhile.
    """
    record = suite.active()
    change = proposes(suite, record, 2, {EMAIL: "new@example.com"})
    notes(suite, record)

    suite.settles("change", change)

    now = suite.reads("zheng", record, EMAIL, MOBILE, "other.remark")
    assert (now[EMAIL]["value"], now["other.remark"]["value"]) == ("new@example.com", "called back")
    assert now[MOBILE]["value"] == "+8619900001234", "the rest of its part stays as it is now"
    assert suite.store.record(record).version == 4 and suite.told("records.change_lapsed") == []


@pytest.mark.covers("Q-127")
def test_two_changes_of_one_part_both_take_effect_where_they_change_different_fields(suite):
    record = suite.active()
    changes = [proposes(suite, record, 2, fields) for fields in ({EMAIL: "a@example.com"}, {MOBILE: "19900005678"})]

    for change in changes:
        suite.settles("change", change)

    now = suite.reads("zheng", record, EMAIL, MOBILE)
    assert (now[EMAIL]["value"], now[MOBILE]["value"]) == ("a@example.com", "+8619900005678")


def test_of_eight_changes_of_eight_fields_decided_at_once_all_take_effect(suite):
    record = suite.active()
    paths = ["person", "mobile", "phone", "email", "address", "city", "postcode", "position"]
    values = ["王五", "19900005678", "021-55501234", "a@example.com", "澄州市青榆路13号", "澄州", "200000", "经理"]
    given = zip(paths, values, strict=True)
    changes = [proposes(suite, record, 2, {f"contact.{path}": value}) for path, value in given]

    at_once([partial(suite.settles, "change", change) for change in changes])
    for change in changes:
        suite.settles("change", change)

    assert states(suite) == ["applied"] * 8 and suite.store.record(record).version == 10
    now = suite.reads("zheng", record, *(f"contact.{path}" for path in paths))
    assert all(one["value"] for one in now.values()) and now["contact.city"]["value"] == "澄州"


def test_a_change_of_a_field_that_changed_meanwhile_lapses_and_names_who_asked_for_it(suite):
    record = suite.active()
    early, late = (proposes(suite, record, 2, {EMAIL: f"{name}@example.com"}) for name in ("early", "late"))

    suite.settles("change", late)
    suite.settles("change", early)

    [lapsed] = suite.told("records.change_lapsed")
    assert (lapsed["why"], lapsed["by"], lapsed["change"]) == ("record.stale", "zheng", early)
    assert suite.reads("zheng", record, EMAIL)[EMAIL]["value"] == "late@example.com"


def test_a_change_lapses_where_the_field_it_is_read_by_changed(suite):
    """
    A number without a country code is another number once the customer's country is another one.
    """
    record = suite.active()
    change = proposes(suite, record, 2, {MOBILE: "19900005678"})
    country = proposes(suite, record, 2, {"basic.country": "DE"})
    suite.settles("change", country)

    suite.settles("change", change)

    assert [one["why"] for one in suite.told("records.change_lapsed")] == ["record.stale"]


def test_a_change_approved_after_the_file_was_closed_lapses_and_says_so(suite):
    record = suite.active()
    change = proposes(suite, record, 2, {EMAIL: "new@example.com"})
    suite.moves(record, "past")

    suite.settles("change", change)

    assert [one["why"] for one in suite.told("records.change_lapsed")] == ["record.state"]


def test_a_change_of_a_part_that_was_erased_meanwhile_lapses(suite):
    """
    Its values went with the key of the part; a part of that name that came later is another one.
    """
    record = suite.active()
    suite.settles("change", proposes(suite, record, 2, {"credit.payment": "on time"}, requested_by="evidence"))
    changes = [proposes(suite, record, 3, {"credit.limit": str(n)}, requested_by="evidence") for n in (100, 200)]
    with suite.database.write() as connection:
        row = next(row for row in suite.rows(t.parts) if row.name == "credit")
        connection.execute(t.part_versions.delete().where(t.part_versions.c.part == row.id))
        connection.execute(t.parts.delete().where(t.parts.c.id == row.id))
        connection.execute(t.records.update().values(version=4))
    suite.settles("change", changes[0])
    suite.settles("change", proposes(suite, record, 4, {"credit.payment": "late"}, requested_by="evidence"))

    suite.settles("change", changes[1])

    assert [one["why"] for one in suite.told("records.change_lapsed")] == ["record.stale"] * 2

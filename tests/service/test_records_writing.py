"""Creating, changing, deciding and moving records on both databases, and what two do at the same time."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from eventlet import GreenPool
from sqlalchemy import create_engine
from sqlalchemy.event import listen

from chassis.errors import Unavailable
from chassis.ids import new_id
from demo.data import credit_code
from services.records import tables as t
from services.records.consents.tables import consents
from tests.nodes.processes import free_port
from tests.service.given_documents import proves
from tests.service.given_records import CONSENT, FIELDS, at_once, code_of

WHOLE = {"class": "company.customer", "fields": FIELDS, "consents": [CONSENT]}


def a_card(suite, number, beside=None, **fields):
    """A trading partner, whose filing unit is its credit code, entered under a grant; the id of its card."""
    suite.grant("qian", mode="create", **{"class": "trading.customer"})
    given = {"basic.name": f"望杉{number}机电有限公司", "basic.credit_code": credit_code(number), **fields}
    consents = [{**CONSENT, "purpose": "trade"}]
    args = {"class": "trading.customer", "fields": given, "consents": consents}
    args |= {"duplicates": {"reason": "known", "of": [beside]}} if beside else {}
    return suite.calls("qian", "create", args)["id"]


def proposes(suite, record, version, fields, person="zheng", requested_by="customer", **other):
    proofs = {"evidence": ["customer_request", "evidence"]}
    args = {
        "record": record,
        "version": version,
        "fields": fields,
        "reason": "the customer's letter",
        **proofs,
        **other,
    }
    proves(suite, record, *args["evidence"])
    return suite.calls(person, "change", {**args, "requested_by": requested_by})["change"]


# -- creating


def test_a_new_record_waits_and_says_so_without_a_value(suite):
    made = suite.calls("zheng", "create", WHOLE)

    assert (made["state"], made["version"], made["outcome"]) == ("pending", 1, "waiting")
    [created] = suite.told("records.created")
    assert (created["record"], created["creator"], created["level"]) == (made["id"], "zheng", "highly_sensitive")
    assert [one["consented"] for one in suite.told("records.consent_given")] == ["service"]
    assert FIELDS["contact.mobile"] not in str(suite.journal()) + str(made)


NOT_CREATED = [
    ("zheng", {**WHOLE, "consents": []}, "purpose.missing"),
    ("zheng", {**WHOLE, "consents": [], "purposes": ["service"]}, "consent.missing"),
    ("zheng", {**WHOLE, "purposes": ["trade"]}, "purpose.unknown"),
    ("zheng", {**WHOLE, "consents": [{**CONSENT, "notice": "2019-1"}]}, "consent.without_notice"),
    ("zheng", {**WHOLE, "fields": {**FIELDS, "contact.mobile": "1990000"}}, "record.invalid"),
    ("zheng", {**WHOLE, "fields": {"basic.region": "澄州"}}, "record.invalid"),
    ("zheng", {**WHOLE, "class": "company.customers"}, "class.unknown"),
    ("zheng", {**WHOLE, "class": "customer"}, "class.unknown"),
    ("zheng", {**WHOLE, "department": "sales"}, "right.missing"),
    ("sun", {**WHOLE, "department": "service"}, "right.missing"),
    ("zheng", {**WHOLE, "colour": "red"}, "input.invalid"),
    ("zheng", {**WHOLE, "consents": [{"purpose": "service"}]}, "input.invalid"),
]


def test_what_may_not_be_created_leaves_nothing_behind(suite):
    for person, args, code in NOT_CREATED:
        assert code_of(suite.calls, person, "create", args, key=code) == code

    assert [suite.rows(table) for table in (t.records, t.parts, t.tokens, consents, t.units)] == [[]] * 5
    assert {entry["type"] for entry in suite.journal()} == {"records.refused"}
    assert [entry["code"] for entry in suite.told("records.refused")] == [code for *_, code in NOT_CREATED]


def test_every_wrong_field_is_named_with_its_remedy_and_none_with_its_value(suite):
    wrong = {**FIELDS, "contact.mobile": "1990000", "contact.email": "nobody", "basic.shoe": "42", "contact.person": ""}
    with pytest.raises(Exception) as refusal:
        suite.calls("zheng", "create", {**WHOLE, "fields": wrong})

    errors = {error["pointer"]: error for error in refusal.value.facts["errors"]}
    named = {"contact.mobile", "contact.email", "basic.shoe", "contact.person"}
    assert {f"/fields/{path}" for path in named} <= {*errors}
    assert "1990000" not in str(errors) and all(error["detail"] for error in errors.values())


def test_one_key_makes_one_record_however_often_and_at_once_it_is_sent(suite):
    answers = at_once([partial(suite.calls, "zheng", "create", WHOLE, key="k-1")] * 8)
    again = suite.calls("zheng", "create", WHOLE, key="k-1")

    made = [answer for answer in answers if answer != "request.in_flight"]
    assert len(suite.rows(t.records)) == 1 and len(suite.told("records.created")) == 1
    assert all(answer == again for answer in made) and made
    other = {**WHOLE, "fields": {**FIELDS, "contact.person": "王小明"}}
    assert code_of(suite.calls, "zheng", "create", other, key="k-1") == "idempotency.other_request"


def test_of_32_who_open_the_same_file_at_once_one_does(suite):
    answers = at_once([partial(a_card, suite, 70_000_001)] * 32)

    assert sorted(answers, key=len)[:31] == ["record.exists"] * 31
    assert len(suite.rows(t.records)) == 1 == len(suite.rows(t.units))


def test_a_second_spelling_of_a_code_is_the_same_file(suite):
    a_card(suite, 70_000_001)

    spelt = {"basic.credit_code": f" {credit_code(70_000_001).lower()} "}
    assert code_of(a_card, suite, 70_000_001, **spelt) == "record.exists"


# -- activation and numbers


def test_a_record_is_valid_once_others_approved_it_and_rejected_ones_are_drafts(suite):
    approved, rejected = suite.creates(), suite.creates(**{"contact.mobile": "19900001299"})

    suite.settles("record", approved)
    suite.settles("record", rejected, "rejected")

    assert [one["number"] for one in suite.told("records.activated")] == ["KH-2026-000001"]
    states = {row.id: (row.state, row.number, row.version) for row in suite.rows(t.records)}
    assert states == {approved: ("active", "KH-2026-000001", 2), rejected: ("draft", None, 2)}


def test_a_decision_heard_twice_or_about_others_changes_nothing(suite):
    record, message = suite.creates(), new_id()
    for _ in range(2):
        suite.settles("record", record, id=message)
    suite.settles("record", record)
    suite.hears("settle", {"kind": "view", "about": "record", "subject": record, "outcome": "approved"})
    suite.hears("settle", {"kind": "destroy", "about": "disposal", "subject": new_id(), "outcome": "approved"})
    suite.hears("settle", {"kind": "create", "about": "class", "subject": None, "outcome": "approved"})

    assert len(suite.told("records.activated")) == 1


def test_numbers_have_no_gaps_and_no_twins_under_32_activations_at_once(suite):
    records = [suite.creates(**{"contact.mobile": f"1990000{number}"}) for number in range(2000, 2032)]

    missed = [out for out in at_once([partial(suite.settles, "record", record) for record in records]) if out]
    waiting = [row.id for row in suite.rows(t.records) if row.state == "pending"]
    for record in waiting:
        suite.settles("record", record)

    numbers = sorted(one["number"] for one in suite.told("records.activated"))
    assert numbers == [f"KH-2026-{number:06d}" for number in range(1, 33)]
    assert len(missed) == len(waiting), "a busy series is tried again by whoever delivers the decision"


def test_the_year_of_a_number_is_the_civil_year_of_the_regime(suite):
    record = suite.creates()
    suite.clock.at = suite.clock.at.replace(month=12, day=31, hour=17)  # one o'clock of New Year's morning there

    suite.settles("record", record)

    assert suite.told("records.activated")[0]["number"] == "KH-2027-000001"


# -- changing


def test_an_approved_change_is_a_new_version_and_history_shows_old_new_who_and_why(suite):
    record = suite.active()
    fields = {"contact.mobile": "19900005678", "contact.email": ""}

    change = proposes(suite, record, 2, fields, evidence=["customer_request"])
    [proposed] = suite.told("records.change_proposed")
    assert (proposed["mode"], proposed["fields"]) == ("customer", sorted(fields))
    assert suite.reads("zheng", record, "contact.mobile")["contact.mobile"]["value"].endswith("1234")
    suite.settles("change", change)

    now = suite.reads("zheng", record, "contact.mobile", "contact.email", "contact.person")
    assert (now["contact.mobile"]["value"], now["contact.email"]["value"]) == ("+8619900005678", None)
    assert now["contact.person"]["value"] == FIELDS["contact.person"]
    version = suite.calls("zheng", "versions", {"record": record, "purpose": "service"})["items"][-1]
    assert (version["by"], version["reason"], version["version"]) == ("zheng", "the customer's letter", 3)
    assert version["fields"]["contact.mobile"] == {"old": "+8619900001234", "new": "+8619900005678"}
    assert version["fields"]["contact.email"] == {"old": FIELDS["contact.email"], "new": None}
    assert [row.sealed for row in suite.rows(t.changes)] == [{}], "what waited sealed is gone"
    sun = suite.calls("sun", "versions", {"record": record, "purpose": "service"})["items"]
    assert "199000" not in str(sun), "history shows no more than a read"


def test_of_two_changes_with_one_etag_one_takes_effect(suite):
    record = suite.active()
    changes = [proposes(suite, record, 2, {"contact.mobile": f"1990000567{n}"}) for n in range(2)]

    at_once([partial(suite.settles, "change", change) for change in changes])
    for change in changes:
        suite.settles("change", change)

    assert sorted(row.state for row in suite.rows(t.changes)) == ["applied", "lapsed"]
    assert len(suite.told("records.changed")) == 1
    assert [one["why"] for one in suite.told("records.change_lapsed")] == ["record.stale"]
    assert code_of(proposes, suite, record, 2, {"contact.mobile": "19900005670"}) == "record.stale"


def test_a_rejected_change_leaves_everything_as_it_was(suite):
    record = suite.active()
    change = proposes(suite, record, 2, {"contact.mobile": "19900005678"})

    suite.settles("change", change, "rejected")

    assert suite.reads("zheng", record, "contact.mobile")["contact.mobile"]["value"] == "+8619900001234"
    assert [one["why"] for one in suite.told("records.change_lapsed")] == ["rejected"]
    assert suite.rows(t.records)[0].version == 2


def test_a_part_the_record_did_not_have_comes_with_a_change(suite):
    record = suite.active()

    suite.settles("change", proposes(suite, record, 2, {"credit.payment": "on time"}, requested_by="evidence"))

    assert suite.reads("zheng", record, "credit.payment")["credit.payment"]["value"] == "on time"


NOT_CHANGED = [
    ("zheng", {"contact.mobile": "19900005678"}, "staff", "change.customer_only"),
    ("zheng", {"contact.person": ""}, "customer", "record.invalid"),
    ("zheng", {"contact.mobile": "123"}, "customer", "record.invalid"),
    ("sun", {"contact.mobile": "19900005678"}, "customer", "right.missing"),
    ("zheng", {}, "customer", "input.invalid"),
]


def test_what_may_not_be_changed_is_refused_before_anybody_decides(suite):
    record = suite.active()

    for person, fields, requested_by, code in NOT_CHANGED:
        assert code_of(proposes, suite, record, 2, fields, person, requested_by) == code
    assert suite.rows(t.changes) == []


def test_a_changed_code_moves_the_record_to_another_file(suite):
    """
    Otherwise the old code would stay taken and the new one could be filed twice.
    """
    first, second = a_card(suite, 70_000_001), a_card(suite, 70_000_002)
    for record in (first, second):
        suite.settles("record", record)

    def to(record, number, version=2):
        fields = {"basic.credit_code": credit_code(number)}
        suite.settles("change", proposes(suite, record, version, fields, "qian", "reported"))

    to(first, 70_000_002)
    to(first, 70_000_003)
    to(second, 70_000_001)

    assert [one["why"] for one in suite.told("records.change_lapsed")] == ["record.exists"]
    assert {row.record for row in suite.rows(t.units)} == {first, second} and len(suite.rows(t.units)) == 2
    assert code_of(a_card, suite, 70_000_003) == "record.exists"
    assert a_card(suite, 70_000_002, **{"basic.name": "另一家公司"})


# -- states, facts, timeline


def test_states_follow_their_order_and_a_hold_keeps_a_record_from_the_archive(suite):
    record = suite.active()

    def moves(version, to):
        return suite.calls("he", "transition", {"record": record, "version": version, "to": to, "reason": "as agreed"})

    assert code_of(moves, 2, "archived") == "record.state"
    assert code_of(moves, 1, "past") == "record.stale"
    suite.settles("move", moves(2, "past")["move"])
    assert suite.store.record(record).version == 3
    suite.calls(None, "freeze", {"hold": new_id(), "records": [record]})
    assert code_of(moves, 3, "archived") == "hold.active"
    suite.settles("move", moves(3, "active")["move"])
    assert suite.store.record(record).state == "active"
    assert [one["before"] for one in suite.told("records.state_changed")] == ["active", "past"]


def test_a_declared_fact_sets_its_milestone_and_due_finds_it(suite):
    records = [suite.active(**{"contact.mobile": f"1990000{number}"}) for number in (3001, 3002)]
    for record, on in zip(records, ("2026-05-05", "2026-06-06"), strict=True):
        suite.calls("he", "record_event", {"record": record, "event": "ended", "date": on})
    suite.calls("he", "record_event", {"record": records[0], "event": "ended", "date": "2026-05-01"})
    ask = {"class": "company.customer", "milestone": "ended", "on_or_before": "2026-05-31", "after": None}

    [due] = suite.calls(None, "due", ask)["records"]

    assert (due["id"], due["milestones"]) == (records[0], {"ended": "2026-05-05"})
    later = {**ask, "on_or_before": "2026-12-31", "limit": 1}
    pages = [suite.calls(None, "due", {**later, "after": after})["records"][0]["id"] for after in (None, records[0])]
    assert pages == records
    tomorrow = suite.clock.today("Asia/Shanghai") + timedelta(days=1)
    told = {"record": records[0], "event": "ended", "date": tomorrow.isoformat()}
    assert code_of(suite.calls, "he", "record_event", told) == "event.in_future"
    assert code_of(suite.calls, "sun", "record_event", {**told, "date": "2026-01-01"}) == "right.missing"
    assert code_of(suite.calls, "he", "record_event", {**told, "event": "confirmed"}) == "event.unknown"
    assert date.fromisoformat("2026-05-05") in {row.on for row in suite.rows(t.milestones)}


def test_the_timeline_tells_a_life_in_two_languages_without_a_value(suite):
    record = suite.active()
    suite.reads("sun", record, "contact.mobile")
    code_of(proposes, suite, record, 1, {"contact.mobile": "19900005678"})

    lines = suite.calls("zheng", "timeline", {"record": record})["items"]

    kinds = [line["type"] for line in lines if line["type"] != "records.document_added"]
    taken_in = ["records.created", "records.consent_given", "records.collected"]
    assert kinds == [*taken_in, "records.activated", "records.read", "records.refused"]
    assert (
        lines[4]["en"] == "sun read it for Customer service" and lines[3]["zh"] == "档案经批准生效，编号 KH-2026-000001"
    )
    assert not any(value in str(lines) for value in FIELDS.values())


# -- a grant to create


def test_a_grant_to_create_lets_its_person_enter_one_record_of_its_class(suite):
    wanted = {**WHOLE, "department": "service"}
    grant = suite.grant("sun", mode="create", once=True, purpose="service", known=False)

    made = suite.calls("sun", "create", wanted)

    assert (made["state"], made["outcome"]) == ("active", "done"), "the grant is its approval"
    assert suite.told("records.created")[-1]["grant"] == grant["id"]
    assert code_of(suite.calls, "sun", "create", wanted) == "grant.used", "it holds once"
    [head] = [row for row in suite.rows(t.grants) if row.id == grant["id"]]
    assert head.used and not head.revoked


OTHER_GRANTS = [
    {"class": "trading.customer"},
    {"mode": "view"},
    {"purpose": "marketing"},
    {"until": "2026-11-20T03:59:00.000000Z"},
    {"person": "he"},
]


def test_a_grant_for_anything_else_lets_nobody_create(suite):
    for terms in OTHER_GRANTS:
        suite.grant(**{"person": "sun", "mode": "create", "once": True, **terms})

    assert code_of(suite.calls, "sun", "create", {**WHOLE, "department": "service"}) == "right.missing"


def test_a_grant_that_holds_once_is_used_once_by_32_at_once(suite):
    suite.grant("sun", mode="create", once=True)
    wanted = {**WHOLE, "department": "service"}

    answers = at_once([partial(suite.calls, "sun", "create", wanted)] * 32)

    assert sum(isinstance(answer, dict) for answer in answers) == 1 == len(suite.rows(t.records))
    refused = {answer for answer in answers if isinstance(answer, str)}
    assert refused <= {"right.missing", "grant.used", "request.in_flight"}


def test_a_refused_creation_uses_no_grant_up_and_a_revoked_one_creates_nothing(suite):
    grant = suite.grant("sun", mode="create", once=True)
    bad = {**WHOLE, "department": "service", "fields": {**FIELDS, "contact.mobile": "1"}}
    assert code_of(suite.calls, "sun", "create", bad) == "record.invalid"
    suite.hears("drop_grant", {"grant": grant["id"]})

    assert code_of(suite.calls, "sun", "create", {**WHOLE, "department": "service"}) == "right.missing"


def test_without_the_keystore_a_new_record_is_refused_as_the_database_is_away(suite, monkeypatch):
    """
    Whoever hears that the service failed looks for a bug; this only has to be tried again.
    """
    away = create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing")
    monkeypatch.setattr(suite.keys.keys, "_engine", away)

    with pytest.raises(Unavailable) as refusal:
        suite.creates()

    assert refusal.value.code == "database.unavailable" and suite.journal() == []


def test_new_records_of_the_same_moment_get_their_keys_from_one_insert(suite):
    """
    Each part has a key of its own, whoever else makes some meanwhile.
    """
    seen = []
    listen(suite.keystore.autocommit, "before_cursor_execute", lambda *told: seen.append(told[2]))

    made = [*GreenPool().imap(suite.keys.create, (1, 3, 0, 2))]

    assert [len(keys) for keys in made] == [1, 3, 0, 2]
    assert len({key.id for keys in made for key in keys}) == 6
    assert sum("INSERT" in statement for statement in seen) == 1

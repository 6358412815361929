"""One customer whatever dossiers there are, on both databases: made once, followed, and forgotten when gone."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from chassis.clock import rfc3339
from demo.data import credit_code, resident_id
from services.records import tables as t
from services.records.consents.tables import withdrawals
from services.records.parties.tables import identities
from tests.service.given_documents import proves
from tests.service.given_records import CONSENT, FIELDS, at_once, code_of
from tests.service.test_records_consents import CARE, LI, STAY, guest, house, says, seen, told  # noqa: F401  (a fixture)
from tests.service.test_records_destroying import destroys, hold
from tests.service.test_records_import import imports

CODE = credit_code(90_000_001)
COMPANY = {"basic.credit_code": CODE}
LI_ID, SISTERS_ID = resident_id(1, "19900307"), resident_id(2, "19950307")
EVERYWHERE = {"purpose": "care", "channel": "counter"}


def party_of(suite, record):
    return suite.store.record(record).subject


def shown(suite, person, party):
    return suite.calls(person, "party", {"party": party})


def changed(suite, record, fields, person="zheng"):
    """A change that was asked for by the customer and decided."""
    version = suite.store.record(record).version
    asked = {"record": record, "version": version, "fields": fields, "reason": "his letter", "requested_by": "customer"}
    proves(suite, record, "customer_request", "evidence")
    change = suite.calls(person, "change", {**asked, "evidence": ["customer_request", "evidence"]})["change"]
    suite.settles("change", change)


@pytest.mark.covers("Q-059", "Q-194")
def test_one_customer_entered_again_is_the_same_party_and_another_is_not(suite):
    first = suite.active(**COMPANY)
    again = suite.active(**{**COMPANY, "basic.name": "星澜贸易（新）有限公司", "contact.mobile": "19900005678"})
    by_name_and_phone = suite.active()
    another = suite.active(**{"basic.name": "望杉机电有限公司"})

    assert party_of(suite, first) == party_of(suite, again) == party_of(suite, by_name_and_phone)
    assert party_of(suite, another) != party_of(suite, first)
    assert {row.id for row in suite.rows(t.subjects)} == {party_of(suite, first), party_of(suite, another)}
    assert CODE not in str(suite.rows(identities)) and FIELDS["contact.mobile"] not in str(suite.rows(identities))


@pytest.mark.covers("Q-194")
def test_a_file_and_a_form_meet_in_one_party(suite):
    first = suite.active(**COMPANY)
    rows = "\n".join(
        ["客户名称,统一社会信用代码", f"星澜贸易有限公司,{CODE}", f"望杉机电有限公司,{credit_code(90_000_002)}", ""]
    )

    imports(suite, rows.encode())

    cards = [row for row in suite.rows(t.records) if row.class_ == "trading.customer"]
    assert sorted(row.subject == party_of(suite, first) for row in cards) == [False, True]


def test_of_many_who_enter_the_same_customer_at_once_all_meet_in_one_party(suite):
    """
    However the entries are interleaved; and customers whose marks cross are told apart without a deadlock.
    """
    same = [partial(suite.creates, "zheng", **COMPANY)] * 12
    others = [
        partial(suite.creates, "zheng", **{"basic.credit_code": credit_code(90_000_100 + n)}) for n in range(4)
    ] * 2

    made = at_once([call for pair in zip(same[:8], others, strict=True) for call in pair] + same[8:])

    records = {row.id: row for row in suite.rows(t.records)}
    assert len(records) == 20 == len(set(made))
    parties = {row.subject for row in records.values()}
    assert len(parties) == 5 and {row.id for row in suite.rows(t.subjects)} == parties


def test_a_party_is_shown_as_far_as_the_caller_may_know(suite):
    served = suite.active(**COMPANY)
    suite.enters("sun", {"class": "company.customer", "fields": {**FIELDS, **COMPANY}, "consents": [CONSENT]})
    party, held = party_of(suite, served), hold(suite, served)

    mine, theirs = shown(suite, "zheng", party), shown(suite, "qian", party)

    assert (mine["id"], [one["id"] for one in mine["records"]]) == (party, [served])
    assert [(one["record"], one["state"]) for one in mine["consents"]] == [(served, "given")]
    assert mine["holds"] == [{"hold": held, "record": served, "part": ""}]
    assert [one["id"] for one in theirs["records"]] == [served], "a draft is its department's"
    assert suite.told("records.listed")[-1]["records"] == [served]
    assert suite.calls("zheng", "read", {"record": served, "purpose": "service"})["party"] == party
    draft = suite.creates(**{"basic.name": "望杉机电有限公司"})
    for person, of in (("qian", party_of(suite, draft)), ("zheng", served)):
        assert code_of(shown, suite, person, of) == "party.unknown"


def test_a_likely_match_is_a_candidate_and_no_more(house):  # noqa: F811
    """
    The same name and phone, but each proves to be somebody else: two sisters, one telephone.
    """
    li = guest(house, fields={**LI, "basic.id_number": LI_ID})
    sister = guest(house, fields={**LI, "basic.id_number": SISTERS_ID})

    assert party_of(house, li) != party_of(house, sister)
    assert shown(house, "zheng", party_of(house, sister))["candidates"] == [party_of(house, li)]


def test_a_new_phone_keeps_the_customer_and_a_corrected_code_finds_the_right_one(suite):
    first, second = suite.active(**COMPANY), suite.active(**{"basic.name": "望杉机电有限公司"})
    before = party_of(suite, second)

    changed(suite, second, {"contact.mobile": "19900005678"})
    assert party_of(suite, second) == before
    changed(suite, second, {"basic.credit_code": CODE})

    assert party_of(suite, second) == party_of(suite, first) != before
    changed(suite, second, {"basic.credit_code": credit_code(90_000_003)})
    assert party_of(suite, second) not in (party_of(suite, first), before), "it proves to be nobody known"
    again = suite.active(**{"basic.name": "望杉机电有限公司", "contact.mobile": "19900005678"})
    assert party_of(suite, again) == party_of(suite, second)


@pytest.mark.covers("Q-203")
def test_a_destroyed_record_takes_its_marks_along_and_leaves_those_of_others(suite):
    first, second = suite.active(**COMPANY), suite.active()
    party = party_of(suite, first)

    destroys(suite, first)
    left = suite.rows(identities)
    assert [row.kind for row in left] == ["phone_and_name"] and left[0].subject == party
    assert party_of(suite, suite.active(**COMPANY)) == party_of(suite, second) == party
    destroys(suite, second, certificate="e", disposal="f")
    assert code_of(shown, suite, "zheng", second) == "party.unknown"


def merged(suite, one, into):
    with suite.database.write() as connection:
        connection.execute(update(t.subjects).where(t.subjects.c.id == one).values(merged_into=into))


def test_merged_names_are_one_party_by_either_and_whoever_comes_next_is_of_the_one_that_stays(suite):
    first, second = suite.active(**COMPANY), suite.active(**{"basic.name": "望杉机电有限公司"})
    alias, stays = party_of(suite, first), party_of(suite, second)
    merged(suite, alias, stays)

    for name in (alias, stays):
        known = shown(suite, "zheng", name)
        assert (known["id"], {one["id"] for one in known["records"]}) == (stays, {first, second})
    assert party_of(suite, suite.active(**COMPANY)) == stays


# -- withdrawing everywhere


@pytest.mark.covers("Q-013")
def test_taken_back_everywhere_is_taken_back_in_every_dossier_of_the_party(house):  # noqa: F811
    first, second, other = (guest(house, STAY, CARE, fields={**LI, **more}) for more in
                            ({}, {"contact.city": "澄州"}, {"basic.name": "王晓"}))  # fmt: skip
    merged(house, party_of(house, other), party_of(house, first))
    party = party_of(house, first)

    done = house.calls("zheng", "withdraw_party_consent", {"party": party, **EVERYWHERE, "how": "written"})

    assert (done["party"], done["records"]) == (party, sorted([first, second, other]))
    for record in (first, second, other):
        assert seen(house, record, "care") == ["consent.withdrawn"] and seen(house, record, "stay") == ["clear"]
        last = told(house, record)["items"][-1]
        assert (last["state"], last["how"], last["receipt"]) == (
            "withdrawn",
            "written",
            told(house, record)["items"][1]["id"],
        )
    assert len(house.told("records.consent_withdrawn")) == 3
    again = house.calls("zheng", "withdraw_party_consent", {"party": party, **EVERYWHERE})
    assert again["records"] == [] and len(house.rows(withdrawals)) == 2


@pytest.mark.covers("Q-013")
def test_an_older_consent_that_comes_in_later_does_not_revive_what_was_taken_back(house):  # noqa: F811
    """
    A paper of last week, entered after the withdrawal; only what the customer says anew counts.
    """
    record, hour = guest(house, STAY, CARE), timedelta(hours=1)
    house.calls("zheng", "withdraw_party_consent", {"party": party_of(house, record), **EVERYWHERE})
    house.clock.advance(hour)
    paper = {**CARE, "answered_at": rfc3339(house.clock.now() - 2 * hour)}

    late = guest(house, STAY, paper)
    says(house, record, paper)

    for one in (record, late):
        assert seen(house, one, "care") == ["consent.withdrawn"]
        assert [line["state"] for line in told(house, one)["items"]][-2:] == ["given", "withdrawn"]
    says(house, late, CARE)
    assert seen(house, late, "care") == ["clear"]


def test_a_withdrawal_and_a_new_dossier_at_the_same_time_leave_no_old_consent_behind(house):  # noqa: F811
    record, hour = guest(house, STAY, CARE), timedelta(hours=1)
    house.clock.advance(hour)
    paper = {**CARE, "answered_at": rfc3339(house.clock.now() - hour)}
    everywhere = partial(
        house.calls, "zheng", "withdraw_party_consent", {"party": party_of(house, record), **EVERYWHERE}
    )

    came = at_once([partial(guest, house, STAY, paper, settled=False) for _ in range(4)] + [everywhere]
                   + [partial(guest, house, STAY, paper, settled=False) for _ in range(4)])  # fmt: skip
    assert isinstance(came[4], dict), came[4]

    rows = [row for row in house.rows(t.records) if row.class_ == "house.guest"]
    assert len(rows) == 9 and {row.purposes["care"] for row in rows} == {"withdrawn"}


def test_only_who_may_note_a_consent_takes_one_back_for_the_customer(house):  # noqa: F811
    party = party_of(house, guest(house, STAY, CARE))

    assert code_of(house.calls, "sun", "withdraw_party_consent", {"party": party, **EVERYWHERE}) == "right.missing"
    for wrong, code in (({"purpose": "pleasure"}, "purpose.unknown"), ({"channel": "gossip"}, "channel.unknown")):
        asked = {"party": party, **EVERYWHERE, **wrong}
        assert code_of(house.calls, "zheng", "withdraw_party_consent", asked) == code

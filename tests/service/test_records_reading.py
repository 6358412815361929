"""Who reads what of a record, on both databases: right, grant, consent and purpose, and the entry of each read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.errors import Invalid
from chassis.ids import new_id
from services.records import tables as t
from tests.service.given_records import CONSENT, FIELDS, code_of

MOBILE = "+8619900001234"


def states(fields):
    return {path: one["state"] for path, one in fields.items()}


def reason(one):
    return one["reason"]["code"], one["reason"]["request_kind"]


def test_a_clerk_of_the_department_reads_up_to_the_sensitive_level(suite):
    record = suite.active()

    seen = suite.reads("wu", record, *FIELDS)

    assert seen["contact.mobile"] == {"state": "clear", "value": MOBILE}
    assert seen["basic.name"] == {"state": "clear", "value": FIELDS["basic.name"]}
    assert (seen["contact.address"]["state"], *reason(seen["contact.address"])) == ("withheld", "right.missing", "view")
    assert suite.reads("zheng", record, "contact.address")["contact.address"]["state"] == "clear", "who answers for it"


def test_others_see_the_general_level_and_masks_with_the_reason(suite):
    record = suite.active()

    seen = suite.reads("sun", record, *FIELDS)

    assert seen["basic.name"]["value"] == FIELDS["basic.name"]
    assert (seen["contact.mobile"]["state"], seen["contact.mobile"]["value"]) == ("masked", "****1234")
    assert reason(seen["contact.mobile"]) == ("right.missing", "view")
    assert not any(FIELDS[path] in str(seen) for path in ("contact.mobile", "contact.email", "contact.address"))


def test_a_grant_opens_its_fields_for_its_person_and_purpose_until_its_end(suite):
    record = suite.active()
    suite.grant("sun", record, fields=["contact.mobile"], purpose="service")

    assert suite.reads("sun", record, "contact.mobile")["contact.mobile"]["value"] == MOBILE
    email = suite.reads("sun", record, "contact.email")["contact.email"]
    assert (email["state"], *reason(email)) == ("masked", "grant.scope", "view")
    assert states(suite.reads("he", record, "contact.mobile", purpose="archive_use"))["contact.mobile"] == "clear"
    suite.clock.advance(timedelta(days=1))
    assert states(suite.reads("sun", record, "contact.mobile"))["contact.mobile"] == "masked"


def test_a_grant_that_has_not_arrived_yet_is_asked_for_once_before_refusing(suite):
    record = suite.active()
    suite.grant("sun", record, known=False)

    assert states(suite.reads("sun", record, "contact.mobile"))["contact.mobile"] == "clear"
    assert suite.approvals.asked == 1
    assert states(suite.reads("sun", record, "contact.mobile"))["contact.mobile"] == "clear"
    assert suite.approvals.asked == 1


def test_a_grant_that_has_not_arrived_yet_is_asked_for_where_a_consent_is_missing_as_well(suite):
    """
    Else it hung on how fast the news is whether the reader hears of the consent alone, or of a right besides.
    """
    record = suite.active()
    suite.grant("sun", record, known=False, purpose="marketing")

    assert code_of(suite.reads, "sun", record, "contact.mobile", purpose="marketing") == "consent.missing"
    assert suite.approvals.asked == 1


def test_without_approvals_standing_rights_go_on(suite):
    record = suite.active()
    suite.approvals.away = True

    assert states(suite.reads("zheng", record, "contact.mobile"))["contact.mobile"] == "clear"
    assert states(suite.reads("sun", record, "contact.mobile"))["contact.mobile"] == "masked"


def test_a_revoked_grant_opens_nothing_in_whatever_order_the_news_comes(suite):
    """
    Nothing relies on order: the revocation of a grant may be heard before the grant.
    """
    record = suite.active()
    early = suite.grant("sun", record, known=False)
    suite.approvals.grants.clear()
    suite.hears("drop_grant", {"grant": early["id"]})
    suite.hears("keep_grant", {"grant": early})
    late = suite.grant("sun", record)
    suite.approvals.grants.clear()

    assert states(suite.reads("sun", record, "contact.mobile"))["contact.mobile"] == "clear"
    suite.hears("drop_grant", {"grant": late["id"]})

    assert states(suite.reads("sun", record, "contact.mobile"))["contact.mobile"] == "masked"


def test_a_grant_that_somebody_changed_opens_nothing(suite):
    record = suite.active()
    suite.grant("sun", record, fields=["contact.mobile"])
    forged = {**suite.approvals.grants.pop(), "id": new_id(), "fields": ["contact.email"]}
    suite.hears("keep_grant", {"grant": forged})

    assert states(suite.reads("sun", record, "contact.email"))["contact.email"] == "masked"


def test_a_withdrawn_consent_stops_reading_at_once_and_keeps_its_receipt(suite):
    record = suite.active()
    [given] = suite.calls("zheng", "consents", {"record": record})["items"]

    receipt = suite.calls("zheng", "withdraw_consent", {"record": record, "consent": given["id"]})

    assert code_of(suite.reads, "zheng", record, "contact.mobile") == "consent.withdrawn"
    mobile = suite.reads("sun", record, "contact.mobile")["contact.mobile"]
    assert (mobile["state"], *reason(mobile)) == ("withheld", "consent.withdrawn", None)
    assert mobile["reason"]["also"] == "right.missing", "who could not see it either way is told both"
    answers = suite.calls("zheng", "consents", {"record": record})["items"]
    assert [(one["state"], one["receipt"]) for one in answers] == [("given", None), ("withdrawn", given["id"])]
    assert answers[0] == given and answers[1]["id"] == receipt["consent"]
    suite.calls("zheng", "give_consent", {"record": record, **CONSENT})
    assert states(suite.reads("zheng", record, "contact.mobile"))["contact.mobile"] == "clear"


def test_a_consent_is_as_explicit_as_its_purpose_asks_and_names_the_notice_in_force(suite):
    record = suite.active()
    ads = {**CONSENT, "record": record, "purpose": "marketing"}

    assert code_of(suite.calls, "zheng", "give_consent", ads) == "consent.missing"
    assert code_of(suite.calls, "zheng", "give_consent", {**ads, "kind": "express", "notice": "1999-1"}) == (
        "consent.without_notice"
    )
    assert code_of(suite.calls, "zheng", "give_consent", {**ads, "purpose": "trade"}) == "purpose.unknown"
    suite.calls("zheng", "give_consent", {**ads, "kind": "express"})
    read = suite.reads("zheng", record, "contact.mobile", purpose="marketing")
    assert states(read)["contact.mobile"] == "clear"


def test_a_masked_read_opens_no_value_and_needs_a_ticket_as_well(suite):
    """
    Masks are sealed too, so even they are opened after the entry only; every key that left has its entry.
    """
    record = suite.active()
    suite.reads("sun", record, "contact.mobile")
    suite.reads("zheng", record, "contact.mobile")

    reads = {entry["id"]: entry for entry in suite.journal() if entry["type"] == "records.read"}
    assert [entry for entry, _ in suite.keys.unwrapped] == list(reads)
    assert [entry["data"]["clear"] for entry in reads.values()] == [[], ["contact.mobile"]]
    assert [entry["data"]["masked"] for entry in reads.values()] == [["contact.mobile"], []]
    assert all(len(keys) == 1 for _, keys in suite.keys.unwrapped), "only the part that was asked for"


def test_nothing_is_opened_for_a_read_that_shows_nothing(suite):
    record = suite.active()

    seen = suite.reads("sun", record, "contact.mobile", purpose="marketing")

    assert states(seen) == {"contact.mobile": "withheld"} and suite.keys.unwrapped == []


def test_an_entry_that_cannot_be_committed_opens_nothing(suite):
    record = suite.active()

    def broken(row):
        raise Invalid("journal.broken", "the disk is full")

    suite.store.journal.commit = broken

    assert code_of(suite.reads, "zheng", record, "contact.mobile") == "journal.broken"
    assert suite.keys.unwrapped == []


def test_protected_reads_stop_while_the_ledger_does_not_follow_and_masked_ones_go_on(suite):
    record = suite.active()
    suite.lag.behind = timedelta(seconds=61)

    assert code_of(suite.reads, "zheng", record, "contact.mobile") == "audit.lagging"
    assert states(suite.reads("sun", record, "contact.mobile", "basic.name")) == {
        "contact.mobile": "masked",
        "basic.name": "clear",
    }
    suite.lag.behind = timedelta(seconds=59)
    assert states(suite.reads("zheng", record, "contact.mobile"))["contact.mobile"] == "clear"


def test_the_highest_level_waits_for_the_ledger_and_is_not_shown_before(suite):
    record = suite.active()
    suite.grant("sun", record, fields=["contact.address"])
    suite.reads("sun", record, "contact.address")
    assert [entry for entry, _ in suite.keys.unwrapped] == suite.lag.waited

    suite.lag.behind = timedelta(seconds=1)
    assert code_of(suite.reads, "sun", record, "contact.address") == "audit.lagging"
    assert len(suite.keys.unwrapped) == 1


def test_explain_says_what_a_read_would_show_and_opens_nothing(suite):
    record = suite.active()

    told = suite.calls("sun", "explain", {"record": record, "purpose": "service"})["fields"]

    assert (told["contact.mobile"]["state"], told["contact.mobile"]["request_kind"]) == ("masked", "view")
    assert told["basic.name"]["right"] == "look_up"
    assert suite.keys.unwrapped == [] and suite.told("records.read") == []


def test_how_a_record_stood_then_can_be_read(suite):
    record = suite.active()
    before = suite.clock.now()
    suite.clock.advance(timedelta(days=1))
    changed = {"interaction.visits": "came by on Monday"}
    proposed = suite.calls("zheng", "change", {"record": record, "version": 2, "fields": changed, "reason": "a visit",
                                               "requested_by": "staff"})  # fmt: skip
    suite.settles("change", proposed["change"])

    now = suite.reads("zheng", record, "interaction.visits", "basic.name")
    then = suite.reads("zheng", record, "interaction.visits", "basic.name", as_of=before.isoformat())

    assert now["interaction.visits"]["value"] == "came by on Monday"
    assert then["interaction.visits"] == {"state": "clear", "value": None}
    assert then["basic.name"]["value"] == FIELDS["basic.name"]


def test_what_is_not_there_or_misnamed_is_refused_by_name(suite):
    record = suite.active()

    assert code_of(suite.reads, "zheng", new_id()) == "record.unknown"
    assert code_of(suite.reads, "zheng", record, purpose="pleasure") == "purpose.unknown"
    assert code_of(suite.reads, "zheng", record, "contact.shoe_size") == "field.unknown"
    assert code_of(suite.calls, "zheng", "read", {"record": record}) == "input.invalid"
    assert code_of(suite.calls, "zheng", "read", ["no", "mapping"]) == "input.invalid"


def test_archived_records_are_asked_for_even_by_those_with_a_right(suite):
    record = suite.active()
    for state in ("past", "archived"):
        suite.moves(record, state, "he")
    assert suite.store.record(record).state == "archived"

    assert code_of(suite.reads, "zheng", record, "basic.name") == "right.missing"
    suite.grant("zheng", record)
    assert states(suite.reads("zheng", record, "basic.name"))["basic.name"] == "clear"


def test_a_list_names_what_the_caller_may_look_at_and_its_entry_names_every_one(suite):
    first, second = suite.active(), suite.active(**{"basic.region": "青榆", "contact.mobile": "19900001235"})

    both = suite.calls("sun", "list", {"class": "company.customer"})
    one = suite.calls("sun", "list", {"class": "company.customer", "basic.region": "青榆", "limit": 1})

    assert [line["id"] for line in both["items"]] == [second, first] and both["next"] is None
    assert [line["id"] for line in one["items"]] == [second]
    assert [entry["records"] for entry in suite.told("records.listed")] == [[second, first], [second]]
    assert code_of(suite.calls, "sun", "list", {"contact.mobile": "19900001234"}) == "query.unknown"
    paged = suite.calls("sun", "list", {"limit": 1})
    assert [line["id"] for line in suite.calls("sun", "list", {"limit": 1, "after": paged["next"]})["items"]] == [first]


@pytest.mark.parametrize("where", [{"state": "alive"}, {"class": "company.costumer"}])
def test_a_list_is_not_narrowed_to_a_word_that_does_not_exist(suite, where):
    """
    An empty page would look as if there were no such records.
    """
    with pytest.raises(Invalid) as refused:
        suite.calls("sun", "list", where)

    [error] = refused.value.facts["errors"]
    assert (error["pointer"], error["code"]) == (f"/{[*where][0]}", "query.no_such_word")
    assert error["detail"].startswith("one of ")


def test_no_value_is_in_journal_or_tables_beside_the_facets(suite):
    """
    Canary values: what is protected is found in no row of the database but sealed.
    """
    record = suite.active()
    suite.reads("zheng", record)
    tables = [table for table in t.metadata.sorted_tables if table.name != "facets"]
    everything = str([suite.rows(table) for table in tables]) + str(suite.journal())

    for path in ("contact.person", "contact.mobile", "contact.email", "contact.address", "basic.name"):
        assert FIELDS[path] not in everything

"""What somebody tried to learn of records that he may not read, on both databases: by pages, doubles, counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.errors import Conflict
from demo.data import resident_id
from services.records import listing
from services.records.searching import finding
from tests.service.given_documents import hands_in
from tests.service.given_records import CONSENT, FIELDS, PEOPLE, REGIME, code_of
from tests.service.test_records_destroying import destroys
from tests.service.test_records_searching import asked
from tests.service.test_records_views import SALES, view

ID, OTHER_ID = resident_id(1, "19900307"), resident_id(2, "19950307")
LI = {"basic.kind": "individual", "basic.id_number": ID}
ANOTHER = {"reason": "another one"}
STRANGER = {"basic.name": "王晓", "basic.kind": "individual", "contact.person": "王晓", "contact.mobile": "19900008888"}


@pytest.fixture(autouse=True)
def head_of_sales(monkeypatch):
    monkeypatch.setitem(PEOPLE, "liu", SALES)


def card(fields, **more):
    return {"class": "company.customer", "fields": {**STRANGER, **fields}, "consents": [CONSENT], **more}


def refused(suite, person, args):
    with pytest.raises(Conflict) as refusal:
        suite.calls(person, "create", args)
    assert refusal.value.code == "record.likely_duplicate"
    return refusal.value.facts


# -- whether a page goes on


@pytest.mark.covers("Q-147")
def test_a_search_goes_on_only_where_the_caller_may_read_more(suite):
    """Whether an older record fits is the value of that record."""
    suite.active()  # another department's: its mobile is not told to sales
    suite.creates()  # nor is anything of one that waits
    name, mobile = {"basic.name": {"like": "星澜"}}, {"contact.mobile": "19900001234"}
    mine = [suite.creates("sun") for _ in range(2)]

    for where in (mobile, {**mobile, **name}):
        page = suite.calls("sun", "search", asked(where, limit=1))
        assert [hit["id"] for hit in page["items"]] == [mine[1]] and page["next"] == mine[1]
        page = suite.calls("sun", "search", asked(where, limit=1, after=page["next"]))
        assert [hit["id"] for hit in page["items"]] == [mine[0]]
        assert page["next"] is None


def test_a_page_passes_over_whatever_the_caller_may_not_read_and_never_ends_within_it(suite, monkeypatch):
    monkeypatch.setattr(finding, "AT_ONCE", 2)
    mine = suite.creates("sun")
    for _ in range(5):
        suite.creates()

    page = suite.calls("sun", "search", asked({"contact.mobile": "19900001234"}, limit=1))

    assert [hit["id"] for hit in page["items"]] == [mine] and page["next"] is None


def test_a_kept_search_goes_on_no_further(suite):
    suite.creates()
    mine = suite.creates("sun")
    kept = asked({"contact.mobile": "19900001234"}, name="hers")
    search = suite.calls("sun", "save_search", kept)["id"]

    page = suite.calls("sun", "search", {"saved": search, "limit": 1})

    assert [hit["id"] for hit in page["items"]] == [mine] and page["next"] is None


def test_a_list_goes_on_only_where_its_reader_may_see_more(suite):
    theirs = suite.active()
    mine = suite.enters("sun", card({}))["id"]
    suite.settles("record", mine)

    page = view(suite, "liu", "unverified", limit=1)

    assert [line["id"] for line in page["items"]] == [mine] and page["next"] is None
    assert view(suite, "he", "unverified", limit=1)["next"] == mine
    assert [line["id"] for line in view(suite, "he", "unverified")["items"]] == [mine, theirs]


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_a_page_of_records_is_filled_with_what_its_reader_may_look_at_and_tells_of_nothing_between(
    suite, monkeypatch, at_once
):
    """
    A page cut short at what is others' would tell how many records of theirs lie there.
    """
    monkeypatch.setattr(listing, "AT_ONCE", at_once)
    mine = [suite.enters("sun", card({}))["id"]]
    for _ in range(3):
        suite.enters("zheng", card({}))
    mine = [suite.enters("sun", card({}))["id"], *mine]

    first = suite.calls("liu", "list", {"state": "pending", "limit": 1})
    second = suite.calls("liu", "list", {"state": "pending", "limit": 1, "after": first["next"]})

    assert [line["id"] for line in [*first["items"], *second["items"]]] == mine and second["next"] is None
    assert [line["id"] for line in suite.calls("liu", "list", {"state": "pending"})["items"]] == mine


def test_a_page_of_records_looks_through_so_many_and_says_where_to_go_on(suite, monkeypatch):
    monkeypatch.setattr(listing, "MOST", 2)
    mine = suite.enters("sun", card({}))["id"]
    for _ in range(3):
        suite.enters("zheng", card({}))

    first = suite.calls("liu", "list", {"state": "pending"})
    second = suite.calls("liu", "list", {"state": "pending", "after": first["next"]})

    assert (first["items"], [line["id"] for line in second["items"]]) == ([], [mine])


def test_a_destroyed_record_takes_no_line_of_a_list(suite):
    kept, gone = suite.active(), suite.active(**LI)
    destroys(suite, gone)

    page = suite.calls("he", "list", {"limit": 1})

    assert [line["id"] for line in page["items"]] == [kept] and page["next"] is None


# -- what a likely double tells


@pytest.mark.covers("Q-074", "Q-195")
def test_a_guessed_value_is_confirmed_to_nobody_who_could_not_read_it(suite):
    known = suite.active(**LI)

    told = refused(suite, "sun", card({"basic.id_number": ID}))

    assert told == {"candidates": [], "unseen": 1}
    assert refused(suite, "zheng", card({"basic.id_number": ID}))["candidates"] == [
        {"record": known, "number": "KH-2026-000001", "state": "active", "exact": True, "fields": ["basic.id_number"]}
    ]


def test_of_a_double_that_may_be_told_by_its_name_nothing_else_is_told(suite):
    """With the right name, a wrong code and the right one get the same answer."""
    known = suite.active(**LI)
    name = {"basic.name": FIELDS["basic.name"]}

    guesses = [refused(suite, "sun", card({**name, "basic.id_number": code})) for code in (ID, OTHER_ID)]

    told = {"record": known, "number": "KH-2026-000001", "state": "active", "exact": False, "fields": []}
    assert guesses == [{"candidates": [told], "unseen": 0}] * 2


def test_who_looks_for_doubles_of_his_own_record_learns_no_value_of_another(suite):
    suite.active(**LI)
    mine = suite.enters("sun", card({"basic.id_number": ID}, duplicates=ANOTHER))["id"]

    told = suite.calls("sun", "lookalikes", {"record": mine})

    assert (told["items"], told["unseen"]) == ([], 1)
    assert (told["accepted"][0]["of"], told["accepted"][0]["unseen"]) == ([], 1)


def test_the_list_of_duplicates_names_no_record_by_a_value_that_its_reader_could_not_read(suite):
    known = suite.active(**LI)
    mine = suite.enters("sun", card({"basic.id_number": ID}, duplicates=ANOTHER))["id"]
    suite.settles("record", mine)

    def others(person):
        items = suite.calls(person, "quality_list", {"name": "duplicates"})["items"]
        return {line["id"]: line["others"] for line in items}

    assert others("sun") == {mine: []}
    assert others("zheng")[known] == [], "it is not hers to read in the other record"
    met = suite.enters(
        "zheng", card({"contact.mobile": FIELDS["contact.mobile"]}, duplicates={**ANOTHER, "of": [known]})
    )
    suite.settles("record", met["id"])
    assert others("zheng")[known] == [met["id"]]


@pytest.mark.covers("Q-074")
def test_each_record_that_a_guess_met_has_an_entry_that_names_the_guesser(suite):
    known, other = suite.active(**LI), suite.active(**STRANGER, **{"basic.id_number": OTHER_ID})
    guess = {"basic.name": "李晓", "contact.mobile": "19900009999"}

    refused(suite, "sun", card({**guess, "basic.id_number": ID}))
    mine = suite.enters("sun", card({**guess, "basic.id_number": OTHER_ID}, duplicates=ANOTHER))["id"]
    suite.calls("sun", "lookalikes", {"record": mine})

    met = [entry for entry in suite.journal() if entry["type"] == "records.likeness_met"]
    assert [(entry["actor"], entry["record"]) for entry in met] == [("sun", known), ("sun", other), ("sun", other)]
    assert {tuple(entry["data"]["fields"]) for entry in met} == {("basic.id_number",)}
    assert ID not in str(suite.journal()) and OTHER_ID not in str(suite.journal())
    for one in (known, other):
        lines = suite.calls("sun", "timeline", {"record": one})["items"]
        assert "sun" not in {line["actor"] for line in lines}, "it would tell him what he hit"


def test_a_guess_that_matches_nothing_leaves_no_entry(suite):
    suite.active(**LI)

    suite.calls("sun", "create", card({"basic.id_number": OTHER_ID}))

    assert code_of(suite.calls, "sun", "create", card({"basic.id_number": "1"})) == "record.invalid"
    assert suite.told("records.likeness_met") == []


# -- what belongs to one customer, whoever serves him


def everywhere(suite, person, party, **more):
    return suite.calls(person, "withdraw_party_consent", {"party": party, "purpose": "service", **more})


def read(suite, person, record):
    return suite.calls(person, "read", {"record": record, "purpose": "service", "fields": ["basic.name"]})


def states(suite, *records):
    return [suite.store.record(one).purposes["service"] for one in records]


@pytest.mark.covers("Q-013")
def test_a_record_that_nobody_approved_gives_no_standing_over_its_customer(suite):
    """Whoever guesses a code would else take back what the customer agreed to with another department."""
    known = suite.active(**LI)
    party = suite.store.record(known).subject
    mine = suite.enters("sun", card({"basic.id_number": ID}, duplicates=ANOTHER))["id"]
    assert suite.store.record(mine).subject == party

    for evidence in ({}, {"how": "written"}):
        assert code_of(everywhere, suite, "sun", party, **evidence) == "right.missing"

    assert states(suite, known, mine) == ["given", "given"]
    suite.settles("record", mine)
    assert code_of(everywhere, suite, "sun", party) == "needs.missing"
    assert everywhere(suite, "sun", party, how="written")["records"] == sorted([known, mine])
    assert states(suite, known, mine) == ["withdrawn", "withdrawn"]


def test_a_paper_of_a_record_that_is_not_his_vouches_for_nobody(suite):
    known, mine = suite.active(**LI), suite.enters("sun", card({"basic.id_number": ID}, duplicates=ANOTHER))["id"]
    suite.settles("record", mine)
    party, paper = suite.store.record(known).subject, hands_in(suite, known, "identity", form="copy")

    assert code_of(everywhere, suite, "sun", party, document=paper) == "consent.document"
    assert states(suite, known, mine) == ["given", "given"]


def test_whose_a_new_record_is_confirms_no_guess(suite):
    known = suite.active(**LI)
    party = read(suite, "sun", known)["party"]
    mine = suite.enters("sun", card({"basic.id_number": ID}, duplicates=ANOTHER))["id"]

    assert party and read(suite, "sun", mine)["party"] is None
    assert suite.calls("sun", "consents", {"record": mine})["party"] is None
    assert [one["id"] for one in suite.calls("sun", "party", {"party": party})["records"]] == [known]
    suite.settles("record", mine)
    assert read(suite, "sun", mine)["party"] == party


def test_an_entry_of_his_own_shows_nobody_what_its_customer_agreed_to(suite):
    """What belongs to a record stands by that record's answers: they are told to who may view it, and nobody else."""
    known = suite.active()
    party = suite.store.record(known).subject
    complaint = {"date": "2026-11-19", "facts": "a late delivery"}
    told = {"class": "complaint", "about": known, "fields": {f"form.{name}": one for name, one in complaint.items()}}
    entry = suite.calls("qian", "add_entry", told)["id"]
    everywhere(suite, "zheng", party)
    suite.moves(known, "past")
    assert suite.store.record(entry).purposes == {"service": "withdrawn"}

    seen = suite.calls("qian", "party", {"party": party})

    assert [(one["id"], one["purposes"]) for one in seen["records"]] == [(entry, {})]
    assert seen["consents"] == []


def test_a_shared_telephone_is_told_to_who_may_read_both(suite):
    """A candidate is a party of the same name with the same telephone."""
    known = suite.active(**LI)
    other = suite.active(**{**LI, "basic.id_number": OTHER_ID})
    party, likely = (suite.store.record(one).subject for one in (known, other))

    assert suite.calls("zheng", "party", {"party": likely})["candidates"] == [party] != [likely]
    assert suite.calls("qian", "party", {"party": likely})["candidates"] == []


def test_whether_a_file_has_a_label_is_said_to_who_may_read_it(suite):
    known = suite.creates()
    asked_for = {"record": known, "purpose": "service"}

    assert code_of(suite.calls, "sun", "label", asked_for) == "right.missing"
    assert code_of(suite.calls, "sun", "put_label", {**asked_for, "label": "x"}) == "right.missing"
    assert code_of(suite.calls, "zheng", "label", asked_for) == "label.none"


# -- figures


@pytest.mark.covers("Q-147", "Q-160")
def test_of_records_that_are_not_his_to_open_nobody_is_told_small_figures(suite, monkeypatch):
    """Here most may look at a record in one place only, and nobody says there where he is."""
    regions = ["澄州"] * 6 + ["云浦"] * 7 + ["青榆"] * 2
    for n, region in enumerate(regions):
        suite.active(**{"basic.region": region, "contact.mobile": f"1990000{n:04d}", "basic.name": f"第{n}贸易行"})
    here = replace(REGIME.rights["look_up"], place="department_office")
    monkeypatch.setattr(REGIME, "rights", {"here": here, "serve": REGIME.rights["serve"]})

    def counted(person):
        return suite.calls(person, "statistics", {"class": "company.customer", "by": "basic.region"})

    mine, theirs = counted("zheng"), counted("qian")

    assert [(line["value"], line["records"]) for line in mine["items"]] == [("云浦", 7), ("澄州", 6), ("青榆", 2)]
    assert [(line["value"], line["records"]) for line in theirs["items"][:1]] == [("云浦", 7)]
    assert {(line["value"], line["records"], line["hidden"]) for line in theirs["items"][1:]} == {
        ("澄州", None, True),
        ("青榆", None, True),
    }, "a subtraction from the total does not bring the small one back"
    assert (theirs["records"], theirs["chart"]["series"][0]["values"]) == (15, [7])


def test_one_small_figure_is_not_told_as_the_total(suite, monkeypatch):
    suite.active()
    here = replace(REGIME.rights["look_up"], place="department_office")
    monkeypatch.setattr(REGIME, "rights", {"here": here})

    told = suite.calls("qian", "statistics", {"class": "company.customer", "by": "department"})

    assert [(line["value"], line["records"]) for line in told["items"]] == [("service", None)]
    assert told["records"] is None

"""A released import that goes as one, by the word of those who release: what somebody relied on since stays."""

from __future__ import annotations

import json

import pytest

from chassis.errors import status_of
from chassis.ids import new_id
from services.records import tables as t
from services.records.importing import leaving
from tests.service.given_records import code_of
from tests.service.test_records_import import a_table, begun, counts, imports
from tests.service.test_records_withdrawing import interrupted, left, state, withdrawn

WHY = "林晓舟 sent the list of another company"


def released(suite, rows=5, first=1):
    """An import whose records are valid; its id and theirs."""
    upload, _ = imports(suite, a_table(rows, first))
    suite.settles("import", upload)
    suite.calls(None, "run_imports")
    return upload, [row.id for row in suite.rows(t.records) if row.import_id == upload]


def asked(suite, upload, person="qian", reason=WHY):
    return suite.calls(person, "withdraw_import", {"upload": upload, "reason": reason})


def recalled(suite, upload):
    """Asked for, approved, and gone."""
    told = asked(suite, upload)
    suite.settles("withdrawal", upload)
    suite.calls(None, "run_imports")
    return told


@pytest.mark.covers("Q-119")
def test_a_released_import_goes_as_one_once_those_who_release_agree_and_its_numbers_are_void(suite):
    upload, records = released(suite, 120)
    numbers = {row.number for row in suite.rows(t.records)}
    key = suite.rows(t.parts)[0].key

    told = asked(suite, upload)
    suite.calls(None, "run_imports")
    assert (told["state"], told["outcome"], told["gone"], told["stayed"]) == ("recalling", "waiting", 120, 0)
    assert {row.state for row in suite.rows(t.records)} == {"active"}, "nothing goes before it is decided"
    suite.settles("withdrawal", upload)
    suite.calls(None, "run_imports")

    status = suite.calls("qian", "import_status", {"upload": upload})
    assert (status["state"], status["withdrawal"]["gone"], status["withdrawal"]["stayed"]) == ("withdrawn", 120, 0)
    assert {row.state for row in suite.rows(t.records)} == {"destroyed"}
    kept = left(suite)
    assert kept["part_versions"] == kept["tokens"] == kept["units"] == kept["alike"] == 0
    assert code_of(suite.keys.sealer, [key]) == "key.gone"
    voided = suite.told("records.number_voided")
    assert {one["number"] for one in voided} == numbers and {one["record"] for one in voided} == {*records}
    assert [(one["gone"], one["stayed"]) for one in suite.told("records.import_recalled")] == [(120, 0)]
    again, theirs = released(suite, 120)
    fresh = {row.number for row in suite.rows(t.records) if row.import_id == again}
    assert len(theirs) == len(fresh) == 120 and not fresh & numbers, "it may come again, under other numbers"


def changed(suite, record):
    fields = {"basic.name": "望杉机电集团有限公司"}
    suite.calls(
        "qian",
        "change",
        {"record": record, "version": 2, "fields": fields, "reason": "renamed", "requested_by": "reported"},
    )


def noted(suite, record):
    """Something else is made of it that no version of its own tells of."""
    told = {"id": new_id(), "scheme": "risk", "criteria": "c", "record_version": 2, "by": "he", "at": suite.clock.now()}
    with suite.database.write() as connection:
        connection.execute(leaving.suggestions.insert().values(record=record, **told))


LIVED = {
    "a change": changed,
    "a hold": lambda suite, record: suite.calls(None, "freeze", {"hold": new_id(), "records": [record], "part": ""}),
    "a grant": lambda suite, record: suite.grant("sun", record),
    "a suggestion": noted,
}


@pytest.mark.covers("Q-119")
@pytest.mark.parametrize("life", LIVED)
def test_what_somebody_relied_on_stays_while_the_rest_goes(suite, life):
    """
    A file that is wrong as a whole must not stay for ever because one line of it was corrected.
    """
    upload, records = released(suite)
    if life != "a hold":
        LIVED[life](suite, records[2])
        assert (asked(suite, upload)["gone"], suite.told("records.withdrawal_asked")[0]["staying"]) == (4, 1)
        suite.settles("withdrawal", upload)
    else:  # one that comes while the records are going
        asked(suite, upload)
        suite.settles("withdrawal", upload)
        LIVED[life](suite, records[2])
    suite.calls(None, "run_imports")

    states = {row.id: row.state for row in suite.rows(t.records) if row.import_id == upload}
    assert len(states) == 5
    assert [id for id, state in states.items() if state == "active"] == [records[2]]
    status = suite.calls("qian", "import_status", {"upload": upload})
    assert (status["state"], status["withdrawal"]["gone"], status["withdrawal"]["stayed"]) == ("withdrawn", 4, 1)
    assert suite.reads("qian", records[2], purpose="trade")["basic.name"]["state"] == "clear"
    assert len(suite.told("records.number_voided")) == 4


def test_every_table_about_a_record_is_either_its_life_or_made_with_it():
    """
    A new table that shows that somebody relied on a record must not be forgotten here.
    """
    of_itself = {"parts", "tokens", "facets", "units", "filings", "search_parts", "alike", "scores", "held_back"}
    by_version = {"happenings", "milestones", "moves", "assignments", "classifications", "signatures"}
    with_another = {"reasons", "export_lines", "likenesses"}  # beside a line of theirs, or not the record's own life
    known = {column.table.name for column in leaving.LIVED} | {
        made.record.table.name for made in leaving.MADE_BY_IMPORT
    }

    about = {table.name for table in t.metadata.sorted_tables if {"record", "survivor"} & set(table.c.keys())}

    assert about - known == of_itself | by_version - {"signatures"} | with_another


def test_nothing_happens_without_a_reason_a_right_or_an_approval(suite):
    upload, records = released(suite)

    assert code_of(withdrawn, suite, upload) == "reason.empty"
    assert code_of(asked, suite, upload, "qian", "…!") == "reason.empty"
    assert code_of(asked, suite, upload, "sun") == "right.missing"
    assert asked(suite, upload)["outcome"] == "waiting"
    assert code_of(asked, suite, upload) == "import.state", "it is asked for once"
    suite.settles("withdrawal", upload, "rejected")
    suite.calls(None, "run_imports")

    assert state(suite, upload) == "released"
    assert {row.state for row in suite.rows(t.records)} == {"active"} and len(records) == 5
    assert asked(suite, upload)["state"] == "recalling", "and may be asked for anew"


def test_a_hold_comes_before_it_and_what_was_approved_lapses_where_nothing_is_left_to_go(suite):
    upload, records = released(suite, 2)
    hold = new_id()
    suite.calls(None, "freeze", {"hold": hold, "records": records[:1], "part": ""})
    assert code_of(asked, suite, upload) == "hold.active"
    suite.calls(None, "unfreeze", {"hold": hold, "records": records[:1]})

    asked(suite, upload)
    suite.calls(None, "freeze", {"hold": new_id(), "records": records[:1], "part": ""})
    suite.settles("withdrawal", upload)
    other, theirs = released(suite, 2, first=500)
    asked(suite, other)
    suite.grant("sun", *theirs)
    suite.settles("withdrawal", other)
    suite.calls(None, "run_imports")

    assert [one["why"] for one in suite.told("records.withdrawal_lapsed")] == ["hold.active", "import.relied_on"]
    assert (state(suite, upload), state(suite, other)) == ("released", "released")
    assert {row.state for row in suite.rows(t.records)} == {"active"}
    assert code_of(asked, suite, other) == "import.relied_on"


def test_why_is_sealed_and_shown_to_those_whom_it_concerns(suite):
    upload, _ = released(suite)
    asked(suite, upload)

    assert code_of(suite.calls, "wu", "import_withdrawal", {"upload": upload}) == "right.missing"
    suite.approvals.steps["wu"] = {upload: new_id()}  # it awaits him now
    for person in ("qian", "wu"):
        told = suite.calls(person, "import_withdrawal", {"upload": upload})
        assert (told["reason"], told["by"], told["state"]) == (WHY, "qian", "recalling")
    assert suite.calls("wu", "import_status", {"upload": upload})["withdrawal"]["by"] == "qian"
    assert code_of(asked, suite, upload, "wu") == "right.missing", "to decide about it is not to ask for it"
    assert [one["import_id"] for one in suite.told("records.withdrawal_read")] == [upload] * 2
    kept = [json.dumps(row.withdrawal, ensure_ascii=False) for row in suite.rows(t.imports)]
    assert WHY not in f"{json.dumps(suite.journal(), ensure_ascii=False)}{kept}"


@pytest.mark.parametrize("place", ["_finish", "_over"])
def test_one_that_is_interrupted_ends_the_same(suite, monkeypatch, place):
    upload, records = released(suite, 70)
    suite.grant("sun", records[60])
    asked(suite, upload)
    suite.settles("withdrawal", upload)

    interrupted(suite, monkeypatch, place)

    assert state(suite, upload) == "withdrawn"
    told = [one["record"] for one in suite.told("records.number_voided")]
    assert len(told) == len(set(told)) == 69
    assert [(one["gone"], one["stayed"]) for one in suite.told("records.import_recalled")] == [(69, 1)]


@pytest.mark.parametrize("before", [True, False])
def test_a_record_that_went_with_its_import_says_so_instead_of_naming_a_certificate(suite, before):
    if before:
        upload, _ = imports(suite, a_table(2))
        withdrawn(suite, upload)
        suite.calls(None, "run_imports")
    else:
        upload, _ = released(suite, 2)
        recalled(suite, upload)
    record = suite.rows(t.records)[0].id

    with pytest.raises(Exception, match="withdrawn with its import") as refusal:
        suite.reads("qian", record, purpose="trade")

    assert (refusal.value.code, status_of(refusal.value)) == ("record.withdrawn", 410)
    assert refusal.value.facts == {"import": upload}


# -- a lost id


def listed(suite, person, **asked):
    answer = suite.calls(person, "imports", asked)
    return [one["id"] for one in answer["items"]], answer["next"]


def test_a_lost_id_is_found_among_ones_own_imports_newest_first(suite):
    first, _ = imports(suite, a_table(3))
    second, _ = imports(suite, a_table(3, first=100))
    third = begun(suite, a_table(2, first=200))
    suite.settles("import", first)
    suite.calls(None, "run_imports")

    assert listed(suite, "qian") == ([third, second, first], None)
    assert listed(suite, "qian", state="waiting") == ([second], None)
    page, following = listed(suite, "qian", limit=2)
    assert (page, following) == ([third, second], second)
    assert listed(suite, "qian", limit=2, after=following) == ([first], None)
    line = suite.calls("qian", "imports", {"state": "released"})["items"][0]
    assert (counts(line), line["rows"], line["class"], line["by"]) == ((3, 0, 0), 3, "trading.customer", "qian")
    assert code_of(suite.calls, "qian", "imports", {"state": "lost"}) == "input.invalid"


def test_imports_of_others_are_listed_for_whoever_could_release_them_and_for_nobody_else(suite):
    upload, _ = imports(suite, a_table(3))
    done, _ = released(suite, 2, first=100)

    assert listed(suite, "sun") == ([], None)
    assert listed(suite, "wu") == ([], None)
    suite.approvals.steps["wu"] = {upload: new_id(), done: new_id()}

    assert listed(suite, "wu") == ([upload], None), "what is decided awaits nobody"
    assert listed(suite, "wu", state="waiting") == ([upload], None)
    suite.approvals.away = True
    assert listed(suite, "wu") == ([], None) and listed(suite, "qian") == ([done, upload], None)

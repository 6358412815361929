"""An import that goes as one: withdrawn, rejected or broken off; nothing of it stays or is in the way later."""

from __future__ import annotations

from functools import partial

import pytest

from chassis.ids import new_id
from services.records import tables as t
from services.records.importing import withdrawing
from services.records.merging.tables import alike
from tests.service.given_records import at_once, code_of
from tests.service.test_records_import import a_table, begun, counts, imports


def withdrawn(suite, upload, person="qian"):
    return suite.calls(person, "withdraw_import", {"upload": upload})


def interrupted(suite, monkeypatch, place):
    """The process ends at this place of a withdrawal, and another one carries on."""

    def dies(*args):
        raise RuntimeError("the process ended here")

    with monkeypatch.context() as patched:
        patched.setattr(withdrawing, place, dies)
        with pytest.raises(RuntimeError):
            suite.calls(None, "run_imports")
    suite.calls(None, "run_imports")


def state(suite, upload):
    return suite.calls("qian", "import_status", {"upload": upload})["state"]


def left(suite):
    """Rows that hold anything sealed or blind."""
    return {table.name: len(suite.rows(table)) for table in (t.parts, t.part_versions, t.tokens, t.units, alike)}


@pytest.mark.covers("Q-119")
def test_a_withdrawn_import_leaves_nothing_behind_and_its_file_may_come_again(suite):
    upload, _ = imports(suite, a_table(120))
    parts = suite.rows(t.parts)

    assert withdrawn(suite, upload)["state"] == "withdrawing"
    suite.calls(None, "run_imports")

    assert state(suite, upload) == "withdrawn"
    assert {row.state for row in suite.rows(t.records)} == {"destroyed"}
    kept = left(suite)
    assert kept["part_versions"] == kept["tokens"] == kept["units"] == kept["alike"] == 0
    assert code_of(suite.keys.sealer, [parts[0].key]) == "key.gone"
    told = suite.told("records.withdrawn")
    assert len(told) == 120 and all(one["key_fingerprints"] and one["import_id"] == upload for one in told)
    assert [one["records"] for one in suite.told("records.import_withdrawn")] == [120]
    assert counts(imports(suite, a_table(120))[1]) == (120, 0, 0)


@pytest.mark.covers("Q-119", "Q-120")
def test_a_rejected_import_does_not_make_the_corrected_file_a_list_of_duplicates(suite):
    upload, _ = imports(suite, a_table(30))
    suite.settles("import", upload, "rejected")
    suite.calls(None, "run_imports")

    assert state(suite, upload) == "rejected"
    assert counts(imports(suite, a_table(30))[1]) == (30, 0, 0)
    record = next(row for row in suite.rows(t.records) if row.import_id == upload)
    assert code_of(suite.reads, "qian", record.id, purpose="trade") == "record.withdrawn"


def test_an_import_that_runs_is_withdrawn_with_what_it_had_taken(suite):
    body = a_table(450)
    upload = begun(suite, body)
    suite.calls("qian", "start_import", {"upload": upload, "size": len(body)})

    at_once([partial(suite.calls, None, "run_imports"), partial(withdrawn, suite, upload)])
    suite.calls(None, "run_imports")

    assert state(suite, upload) == "withdrawn"
    assert {row.state for row in suite.rows(t.records)} <= {"destroyed"}
    assert suite.rows(t.import_chunks) == []


def test_what_is_released_is_not_withdrawn_by_one_person_alone(suite):
    upload, _ = imports(suite, a_table(3))
    suite.settles("import", upload)

    assert code_of(withdrawn, suite, upload) == "import.state"
    suite.calls(None, "run_imports")
    assert code_of(withdrawn, suite, upload) == "reason.empty"
    assert {row.state for row in suite.rows(t.records)} == {"active"}
    assert code_of(withdrawn, suite, upload, "sun") == "right.missing"


def test_a_hold_comes_before_a_withdrawal_and_is_waited_for_after_a_rejection(suite):
    upload, _ = imports(suite, a_table(5))
    record, hold = suite.rows(t.records)[0].id, new_id()
    suite.calls(None, "freeze", {"hold": hold, "records": [record], "part": ""})

    assert code_of(withdrawn, suite, upload) == "hold.active"
    suite.settles("import", upload, "rejected")
    suite.calls(None, "run_imports")
    assert state(suite, upload) == "rejecting"
    assert [row.id for row in suite.rows(t.records) if row.state == "pending"] == [record]

    suite.calls(None, "unfreeze", {"hold": hold, "records": [record]})
    suite.calls(None, "run_imports")
    assert state(suite, upload) == "rejected"
    assert {row.state for row in suite.rows(t.records)} == {"destroyed"}


@pytest.mark.parametrize("place", ["_finish", "_over"])
def test_a_withdrawal_that_is_interrupted_ends_the_same(suite, monkeypatch, place):
    upload, _ = imports(suite, a_table(70))
    withdrawn(suite, upload)

    interrupted(suite, monkeypatch, place)

    assert state(suite, upload) == "withdrawn"
    told = [one["record"] for one in suite.told("records.withdrawn")]
    assert len(told) == len(set(told)) == 70


def test_a_file_of_which_nothing_comes_any_more_goes(suite, monkeypatch):
    upload = begun(suite, a_table(5))
    monkeypatch.setattr(withdrawing, "ABANDONED", withdrawing.ABANDONED * -1)  # a day has passed

    suite.calls(None, "run_imports")
    suite.calls(None, "run_imports")

    assert state(suite, upload) == "withdrawn" and suite.rows(t.import_chunks) == []

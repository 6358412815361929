"""Files on their way into records, on both databases: real dirt, crashes in the middle, and files that are none."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from functools import cache, partial
from pathlib import Path

import pytest
import xlsxwriter
import yaml

from chassis.errors import Invalid, Unavailable
from chassis.ids import new_id
from demo import data
from services.records import tables as t
from services.records.importing import batches, running
from tests.service.given_records import PEOPLE, at_once, code_of

MAPPING = Path(__file__).parents[2] / "demo" / "mappings" / "northwind.yaml"
LISTS = data.lists()
TITLES = 1  # rows that name the columns
COUNTS = ("accepted", "rejected", "duplicates")


def begun(suite, body, person="qian", piece=200_000, **given):
    """A file that is here whole; its upload."""
    args = {"class": "trading.customer", **given}
    upload = suite.calls(person, "begin_import", args)["upload"]
    for offset in range(0, len(body), piece):
        text = b64encode(body[offset : offset + piece]).decode()
        suite.calls(person, "put_chunk", {"upload": upload, "offset": offset, "bytes": text})
    return upload


def imports(suite, body, person="qian", **given):
    """A file taken in; its upload and where it stands."""
    upload = begun(suite, body, person, **given)
    suite.calls(person, "start_import", {"upload": upload, "size": len(body)})
    suite.calls(None, "run_imports")
    return upload, suite.calls(person, "import_status", {"upload": upload})


def counts(status):
    return tuple(status[name] for name in COUNTS)


def mapping():
    return yaml.load(MAPPING.read_text(), Loader=yaml.BaseLoader)  # noqa: S506


@cache
def a_table(rows, first=1):
    numbers = range(first, first + rows)
    lines = [f"望杉{number}机电有限公司,{data.credit_code(90_000_000 + number)}" for number in numbers]
    return "\n".join(["客户名称,统一社会信用代码", *lines, ""]).encode()


# -- real files


@pytest.mark.parametrize("name", ["csv", "workbook"])
def test_every_row_of_a_dirty_list_becomes_what_it_must_and_again_creates_nothing(suite, name):
    person, cls = {"csv": ("zheng", "company.customer"), "workbook": ("qian", "trading.customer")}[name]
    expected = LISTS.expected(name)
    wanted = (expected["accepted"], expected["rejected"], expected["duplicate"])

    upload, status = imports(suite, LISTS.files[name], person, **{"class": cls})
    _, again = imports(suite, LISTS.files[name], person, **{"class": cls})

    assert (status["state"], counts(status), status["rows"]) == ("waiting", wanted, sum(wanted))
    assert len(suite.rows(t.records)) == wanted[0] == len(suite.told("records.imported"))
    assert counts(again) == (0, wanted[1], wanted[0] + wanted[2]) and again["state"] == "released"
    report = suite.calls(person, "import_report", {"upload": upload})["csv"]
    assert len(report.splitlines()) >= 1 + wanted[1] + wanted[2]


def test_the_northwind_list_comes_in_whole_and_only_once(suite, shared_data):
    """
    Several alphabets, missing regions, telephone numbers as 21 countries write them, commas nobody quoted.
    """
    body = (shared_data / "northwind-customers.csv").read_bytes()

    upload, status = imports(suite, body, mapping=mapping())
    _, again = imports(suite, body, mapping=mapping())

    assert (status["rows"], counts(status), counts(again)) == (91, (76, 15, 0), (0, 15, 76))
    reasons = [problem["detail"] for row in suite.rows(t.import_rows) for problem in row.problems]
    assert all(len(reason) > 15 for reason in reasons), "a clerk can tell what to do"
    assert suite.calls("qian", "import_report", {"upload": upload}, language="zh")["csv"]


def test_a_dry_run_says_the_same_and_stores_nothing(suite):
    body = LISTS.files["workbook"]
    keys = len(suite.rows(t.parts))

    _, tried = imports(suite, body, dry_run=True)
    _, done = imports(suite, body)

    assert tried["state"] == "checked" and counts(tried) == counts(done)
    assert keys == 0 and len(suite.rows(t.records)) == done["accepted"]
    assert [one["dry_run"] for one in suite.told("records.import_finished")] == [True, False]


def test_a_released_import_is_numbered_without_gaps_and_a_rejected_one_stays_out(suite):
    first, one = imports(suite, a_table(250))
    second, _ = imports(suite, a_table(3, first=500))

    suite.settles("import", first)
    suite.settles("import", second, "rejected")
    at_once([partial(suite.calls, None, "run_imports")] * 3)

    assert one["accepted"] == 250
    numbers = sorted(told["number"] for told in suite.told("records.activated"))
    assert numbers == [f"T{number:04d}" for number in range(1, 251)]
    states = [suite.calls("qian", "import_status", {"upload": upload})["state"] for upload in (first, second)]
    assert states == ["released", "rejected"]
    states = [row.state for row in suite.rows(t.records)]
    assert (states.count("active"), states.count("destroyed")) == (250, 3)


# -- crashes


class Died(Exception):
    """The process ended here."""


@pytest.fixture(params=["here", "beside"])
def computing(request, monkeypatch):
    """Where rows are checked and sealed: in the process that keeps them, or in a copy of it."""
    monkeypatch.setattr(running, "LARGE", 0 if request.param == "beside" else 1 << 30)


@pytest.mark.parametrize("batch", [0, 1, 2])
def test_an_import_killed_in_the_middle_ends_as_if_it_had_not_been(suite, monkeypatch, batch, computing):
    body = a_table(450)
    upload = begun(suite, body)
    suite.calls("qian", "start_import", {"upload": upload, "size": len(body)})
    step, done = running.Run._step, []

    def dying(self, rows):
        if len(done) == batch:
            raise Died
        done.append(rows)
        return step(self, rows)

    monkeypatch.setattr(running.Run, "_step", dying)
    with pytest.raises(Died):
        suite.calls(None, "run_imports")
    monkeypatch.setattr(running.Run, "_step", step)
    assert suite.calls("qian", "import_status", {"upload": upload})["rows"] == (done[-1].last - TITLES if done else 0)
    suite.calls(None, "run_imports")

    status = suite.calls("qian", "import_status", {"upload": upload})
    assert (status["state"], counts(status)) == ("waiting", (450, 0, 0))
    assert len(suite.rows(t.records)) == 450 and len(suite.told("records.import_finished")) == 1
    assert suite.rows(t.import_chunks) == []


@pytest.mark.parametrize("read, together", [(False, running.QUIET), (True, running.ALONE)])
def test_fewer_rows_share_a_transaction_of_sqlite_while_somebody_reads(suite, monkeypatch, read, together):
    """
    Whoever reads writes his entry, and waits there for whoever else writes.
    """
    shared, step = [], running.Run._step
    monkeypatch.setattr(running.Run, "_step", lambda run, batch: shared.append(len(batch.fresh)) or step(run, batch))
    monkeypatch.setattr(running, "unwatched", lambda: not read)

    imports(suite, a_table(60))

    assert max(shared) == (together if suite.store.database.sqlite else 60)


def test_two_replicas_that_run_one_import_take_every_row_once(suite, computing):
    body = a_table(450)
    upload = begun(suite, body)
    suite.calls("qian", "start_import", {"upload": upload, "size": len(body)})

    at_once([partial(suite.calls, None, "run_imports")] * 2)
    suite.calls(None, "run_imports")

    status = suite.calls("qian", "import_status", {"upload": upload})
    assert (status["state"], counts(status)) == ("waiting", (450, 0, 0))
    assert len(suite.rows(t.records)) == 450 and len(suite.told("records.import_finished")) == 1


# -- pieces


def test_pieces_come_one_after_another_and_the_same_one_again_changes_nothing(suite):
    body = a_table(5)
    upload = suite.calls("qian", "begin_import", {"class": "trading.customer"})["upload"]

    def put(offset, raw, person="qian"):
        text = b64encode(raw).decode()
        return suite.calls(person, "put_chunk", {"upload": upload, "offset": offset, "bytes": text})

    put(0, body[:50])
    put(0, body[:50])
    assert code_of(put, 60, body[60:]) == "import.offset"
    assert code_of(put, 10, body[10:20]) == "import.offset"
    assert code_of(put, 50, body[50:], "sun") == "right.missing"
    assert code_of(suite.calls, "qian", "start_import", {"upload": upload, "size": len(body)}) == "import.incomplete"
    put(50, body[50:])
    suite.calls("qian", "start_import", {"upload": upload, "size": len(body)})
    suite.calls(None, "run_imports")

    assert counts(suite.calls("qian", "import_status", {"upload": upload})) == (5, 0, 0)


def test_a_piece_that_is_no_base64_is_refused(suite):
    upload = suite.calls("qian", "begin_import", {"class": "trading.customer"})["upload"]

    for text in ("", "no base64!", "YQ"):
        piece = {"upload": upload, "offset": 0, "bytes": text}
        assert code_of(suite.calls, "qian", "put_chunk", piece) == "input.invalid"


def test_the_file_lies_sealed_and_is_gone_with_its_key_afterwards(suite):
    body = a_table(5)
    upload = begun(suite, body)
    assert "望杉".encode() not in b"".join(row.sealed for row in suite.rows(t.import_chunks))
    [taken] = suite.rows(t.imports)

    suite.calls("qian", "start_import", {"upload": upload, "size": len(body)})
    suite.calls(None, "run_imports")

    assert suite.rows(t.import_chunks) == []
    assert code_of(suite.keys.sealer, [taken.key]) == "key.gone"


# -- refusals


def wide(columns):
    return (",".join(f"列{number}" for number in range(columns)) + "\n").encode()


def a_zip():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("customers.csv", "客户名称")
    return file.getvalue()


def a_sheet(columns):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet().write_row(0, 0, [f"列{number}" for number in range(columns)])
    return file.getvalue()


MAPPINGS = {
    "another class's": {"class": "company.customer", "columns": {"客户名称": "basic.name"}},
    "a field nobody has": {"columns": {"客户名称": "basic.name", "x": "nope.field"}},
    "a constant nobody has": {"columns": {"客户名称": "basic.name"}, "constants": {"nope.field": "1"}},
    "no mapping": {"columns": {"客户名称": {"to": "basic.name", "transforms": ["explode"]}}},
}
BAD = {
    "a ZIP named .xlsx": (a_zip(), {}, "import.not_a_workbook"),
    "another encoding than named": ("客户名称\n恒通\n".encode("gb18030"), {"encoding": "utf-8"}, "import.encoding"),
    "10,000 columns": (wide(10_000), {}, "import.too_many_columns"),
    "a sheet of 10,000 columns": (a_sheet(10_000), {}, "import.too_many_columns"),
    "no text": (bytes(range(256)) * 20, {}, "import.no_text"),
    "blanks": (b"   \n  ", {}, "import.empty"),
    "no header": (b"1,2,3\n4,5,6\n", {}, "import.no_header"),
    "a quote never closed": (a_table(300) + b'"' + a_table(20_000)[38:], {}, "import.unclosed_quote"),
    "300 good rows and a wide one": (a_table(300) + wide(10_000), {}, "import.too_many_columns"),
}


def test_what_cannot_be_read_is_refused_clearly_with_nothing_half_done(suite):
    for what, (body, given, code) in BAD.items():
        upload, status = imports(suite, body, **given)

        assert (status["state"], status["problem"]["code"]) == ("failed", code), what
        assert status["problem"]["detail"] and counts(status) == (0, 0, 0), what
        assert suite.rows(t.records) == [] and suite.rows(t.import_chunks) == [], what
        suite.calls(None, "run_imports")
        assert suite.calls("qian", "import_status", {"upload": upload})["state"] == "failed"
    assert suite.told("records.import_finished") == []


@pytest.mark.parametrize("what", MAPPINGS)
def test_a_mapping_that_cannot_be_meant_is_refused_once_and_before_the_file_comes(suite, what):
    """Otherwise it is told once for each row of the file, after the file was read."""
    asked = {"class": "trading.customer", "mapping": MAPPINGS[what]}

    with pytest.raises(Invalid) as refusal:
        suite.calls("qian", "begin_import", asked)

    assert refusal.value.code == "import.mapping" and suite.rows(t.imports) == []
    for error in refusal.value.facts.get("errors", []):
        assert error["pointer"].startswith(("/mapping/columns", "/mapping/constants"))


def test_a_database_that_is_away_for_a_moment_does_not_spoil_an_import(suite, monkeypatch):
    """
    Only what is wrong with the file itself ends an import; everything else passes, and the next tick carries on.
    """
    body = a_table(250)
    upload = begun(suite, body)
    suite.calls("qian", "start_import", {"upload": upload, "size": len(body)})
    kept, times = batches.Batch.keep, []

    def away(self, *args):
        times.append(args)
        if len(times) == 2:
            raise Unavailable("database.unavailable", "the database does not answer")
        kept(self, *args)

    monkeypatch.setattr(batches.Batch, "keep", away)
    suite.calls(None, "run_imports")
    assert suite.calls("qian", "import_status", {"upload": upload})["state"] == "running"
    suite.calls(None, "run_imports")

    assert counts(suite.calls("qian", "import_status", {"upload": upload})) == (250, 0, 0)


def test_who_may_not_import_a_class_begins_nothing(suite):
    assert code_of(suite.calls, "sun", "begin_import", {"class": "trading.customer"}) == "right.missing"
    assert code_of(suite.calls, "zheng", "begin_import", {"class": "trading.customer"}) == "right.missing"
    assert code_of(suite.calls, "qian", "begin_import", {"class": "trading"}) == "class.unknown"
    assert code_of(suite.calls, "qian", "import_status", {"upload": new_id()}) == "import.unknown"
    assert suite.rows(t.imports) == []


def test_imported_records_are_read_like_any_other(suite):
    imports(suite, a_table(1))
    [row] = suite.rows(t.records)
    suite.settles("import", row.import_id)
    suite.calls(None, "run_imports")

    seen = suite.reads("qian", row.id, "basic.name", purpose="trade")

    assert seen["basic.name"]["value"] == "望杉1机电有限公司"
    assert set(row.purposes.values()) == {"named"} and row.department == PEOPLE["qian"].department

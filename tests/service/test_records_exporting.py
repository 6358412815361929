"""Records taken out as a file: under a grant, read by read in the log, marked, sealed until fetched, then gone."""

from __future__ import annotations

import csv
import io
from base64 import b64decode
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from msoffcrypto import OfficeFile
from python_calamine import CalamineWorkbook

import regimes
from services.records.exporting import lines, making, store
from services.records.exporting.lines import Lines
from services.records.exporting.tables import export_lines, export_pieces, exports
from tests.service.given_records import FIELDS, REGIME, code_of
from tests.service.test_records_import import counts, imports

OPEN = ["basic.name", "basic.region"]


def granted(suite, person="sun", **given):
    return suite.grant(person, mode="export", purpose="service", once=True, **given)


def begun(suite, person="sun", run=True, **given):
    args = {"class": "company.customer", "purpose": "service", "format": "csv", "fields": OPEN, **given}
    export = suite.calls(person, "begin_export", args)["export"]
    if run:
        suite.calls(None, "run_exports")
    return export


def status(suite, export, person="sun"):
    return suite.calls(person, "export_status", {"export": export})


def fetched(suite, export, person="sun"):
    first = suite.calls(person, "export_chunk", {"export": export, "number": 0})
    others = [
        suite.calls(person, "export_chunk", {"export": export, "number": number})
        for number in range(1, first["pieces"])
    ]
    raw = b"".join(b64decode(piece["bytes"]) for piece in [first, *others])
    assert len(raw) == first["size"]
    return raw


def rows_of(raw):
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def opened(raw, password):
    book, plain = OfficeFile(io.BytesIO(raw)), io.BytesIO()
    book.load_key(password=password)
    book.decrypt(plain)
    plain.seek(0)
    return CalamineWorkbook.from_filelike(plain).get_sheet_by_index(0).to_python()


def own(suite, count=3, **given):
    """Records of the requester's own department."""
    names = [f"望杉{number}机电有限公司" for number in range(count)]
    made = [suite.active(**{"basic.name": name, **given}) for name in names]
    return names, made


@pytest.fixture
def department(suite, monkeypatch):
    """The requester works where the records are."""
    from tests.service import given_records

    moved = given_records.Actor("sun", "sun", "service", frozenset({"employee", "query_user"}))
    monkeypatch.setitem(given_records.PEOPLE, "sun", moved)


@pytest.mark.covers("Q-166")
def test_an_export_under_a_grant_holds_every_record_and_says_whose_it_is(suite, department):
    names, made = own(suite)
    grant = granted(suite)

    export = begun(suite)
    told = status(suite, export)
    raw = fetched(suite, export)

    assert (told["state"], told["count"], told["password"]) == ("ready", 3, None)
    rows = rows_of(raw)
    stamp = {row[0]: row[1] for row in rows[:7]}
    assert stamp["Requested by"] == "Sun Lei (sun)" and stamp["Mark"] == export and "(service)" in stamp["Purpose"]
    assert stamp["Classification"] and stamp["At"] == "2026-11-20 12:00+08:00" and stamp["Records"] == "3"
    assert sorted(row[1] for row in rows[9:]) == names
    reads = suite.told("records.read")
    assert {one["record"] for one in reads} == set(made)
    assert all(one["by_right"] or one["by_grant"] == [grant["id"]] for one in reads)
    [one] = suite.told("records.exported")
    assert (one["count"], one["by"], one["locked"]) == (3, "sun", False)


def test_without_a_grant_nothing_is_exported_and_the_refusal_names_the_request(suite, department):
    own(suite, 1)
    args = {"class": "company.customer", "purpose": "service", "format": "csv", "fields": OPEN}

    def asks(**given):
        return code_of(suite.calls, "sun", "begin_export", {**args, **given})

    assert asks() == "right.missing"
    granted(suite, **{"fields": ["basic"]})
    assert asks(fields=["basic.name", "contact.position"]) == "right.missing"
    assert asks(purpose="trade") == "right.missing"
    assert asks(purpose="curiosity") == "purpose.unknown"
    assert asks(fields=["basic.shoe_size"]) == "field.unknown"
    assert asks(**{"class": "customer.of.the.moon"}) == "class.unknown"
    assert asks(where={"basic.name": "望杉"}) == "query.unknown"
    assert suite.rows(exports) == []


def test_a_grant_that_holds_once_makes_one_file(suite, department):
    own(suite, 1)
    granted(suite)
    begun(suite)

    args = {"class": "company.customer", "purpose": "service", "format": "csv", "fields": OPEN}
    assert code_of(suite.calls, "sun", "begin_export", args) == "right.missing"


def test_a_revoked_grant_makes_no_file(suite, department):
    own(suite, 1)
    grant = granted(suite)
    export = begun(suite, run=False)
    suite.hears("drop_grant", {"grant": grant["id"]})

    suite.calls(None, "run_exports")

    assert status(suite, export)["problem"]["code"] == "right.missing"
    assert suite.told("records.read") == []


def test_what_leaves_encrypted_only_is_in_a_workbook_that_opens_with_its_password(suite, department):
    own(suite, 2)
    granted(suite)
    args = {"class": "company.customer", "purpose": "service", "format": "csv", "fields": ["contact.mobile"]}
    assert code_of(suite.calls, "sun", "begin_export", args) == "export.level"

    export = begun(suite, format="xlsx", fields=["basic.name", "contact.mobile"])
    told = status(suite, export)
    raw = fetched(suite, export)

    assert OfficeFile(io.BytesIO(raw)).is_encrypted()
    table = opened(raw, told["password"])
    assert [row[2] for row in table if "望杉" in str(row[1])] == [f"+86{FIELDS['contact.mobile']}"] * 2
    assert len(suite.told("records.export_unlocked")) == 1
    with pytest.raises(Exception):  # noqa: B017  (whatever the library says to a wrong password)
        opened(raw, "another")


def test_the_file_lies_sealed_and_goes_when_it_was_fetched(suite, department):
    own(suite, 2)
    granted(suite)
    export = begun(suite)
    assert all("望杉".encode() not in row.sealed for row in suite.rows(export_pieces))
    assert code_of(status, suite, export, "zheng") == "export.unknown"
    key = suite.rows(exports)[0].key

    fetched(suite, export)

    assert status(suite, export)["state"] == "fetched" and suite.rows(export_pieces) == []
    assert code_of(fetched, suite, export) == "export.gone"
    assert code_of(suite.keys.sealer, [key]) == "key.gone"
    assert len(suite.told("records.export_fetched")) == 1


def test_a_file_that_nobody_fetches_goes_within_the_hour(suite, department):
    own(suite, 1)
    granted(suite)
    export = begun(suite, format="xlsx", fields=["contact.mobile"])
    suite.clock.at += timedelta(hours=1)

    assert code_of(fetched, suite, export) == "export.gone"
    suite.calls(None, "sweep_exports")

    assert status(suite, export)["state"] == "expired" and suite.rows(export_pieces) == []
    [row] = suite.rows(exports)
    assert row.password is None and code_of(suite.keys.sealer, [row.lock]) == "key.gone"


@pytest.mark.covers("Q-166")
def test_nothing_leaves_while_the_ledger_does_not_follow(suite, department):
    own(suite, 1)
    granted(suite)
    export = begun(suite, run=False, format="xlsx", fields=["contact.mobile"])
    suite.lag.behind = timedelta(hours=1)

    suite.calls(None, "run_exports")
    assert status(suite, export)["state"] == "running" and suite.rows(export_pieces) == []
    suite.lag.behind = timedelta()
    suite.calls(None, "run_exports")

    assert status(suite, export)["state"] == "ready"


def test_a_class_wide_grant_is_for_the_requesters_own_department(suite):
    """
    His own head said yes; the head of the department whose records they are was not asked.
    """
    own(suite, 2)
    granted(suite)

    assert status(suite, begun(suite))["count"] == 0


def test_a_grant_for_records_takes_out_these_records(suite):
    names, made = own(suite, 3)
    suite.grant("sun", *made[:2], mode="export", purpose="service", once=True)

    export = begun(suite)

    assert sorted(row[1] for row in rows_of(fetched(suite, export))[9:]) == names[:2]


def test_what_begins_like_a_formula_is_text(suite, department):
    own(suite, 1, **{"contact.position": "=HYPERLINK(1)"})
    granted(suite)

    raw = fetched(suite, begun(suite, fields=["basic.name", "contact.position"]))

    assert rows_of(raw)[9][2] == "'=HYPERLINK(1)"


def test_what_was_exported_comes_in_again_as_what_is_known_already(suite, department):
    own(suite, 3)
    granted(suite)
    raw = fetched(suite, begun(suite, fields=["basic.name", "basic.region", "contact.position"]))

    _, again = imports(suite, raw, "zheng", **{"class": "company.customer"})

    assert counts(again)[2] == 3 or again["rejected"] == 3
    assert {one["field"] for one in again["columns"]} == {"basic.name", "basic.region", "contact.position"}


def takes_back(suite, record):
    """The customer takes the consent back that the record stands on."""
    consent = suite.store.consents(record)[0]["id"]
    suite.calls("zheng", "withdraw_consent", {"record": record, "consent": consent, "channel": "counter"})


def reads_of(suite):
    return Counter(one["record"] for one in suite.told("records.read"))


@pytest.mark.covers("Q-013")
def test_a_consent_taken_back_while_the_file_is_made_is_not_in_it(suite, department, monkeypatch):
    names, made = own(suite, 3)
    granted(suite)
    export, renew = begun(suite, run=False), Lines.renew

    def late(lines):
        takes_back(suite, made[1])
        renew(lines)

    with monkeypatch.context() as patched:
        patched.setattr(Lines, "renew", late)
        suite.calls(None, "run_exports")

    assert sorted(row[1] for row in rows_of(fetched(suite, export))[9:]) == [names[0], names[2]]
    assert [one["count"] for one in suite.told("records.exported")] == [2]


@pytest.mark.covers("Q-013")
def test_a_file_that_is_there_does_not_leave_with_what_was_taken_back(suite, department):
    names, made = own(suite, 3)
    granted(suite)
    export = begun(suite)
    takes_back(suite, made[0])

    assert code_of(fetched, suite, export) == "export.overtaken"
    assert code_of(fetched, suite, export) == "export.running" and suite.rows(export_pieces) == []
    suite.calls(None, "run_exports")

    rows = rows_of(fetched(suite, export))
    assert sorted(row[1] for row in rows[9:]) == names[1:] and dict(row[:2] for row in rows[:7])["Records"] == "2"
    assert [one["records"] for one in suite.told("records.export_overtaken")] == [[made[0]]]
    assert reads_of(suite)[made[1]] == reads_of(suite)[made[2]] == 1


def test_a_record_that_was_only_corrected_does_not_hold_its_file_back(suite, department):
    _, made = own(suite, 2)
    granted(suite)
    export = begun(suite)
    suite.moves(made[0], "suspended")

    assert len(rows_of(fetched(suite, export))) == 11


def test_a_file_whose_grant_was_revoked_does_not_leave(suite, department):
    own(suite, 1)
    grant = granted(suite)
    export = begun(suite)
    suite.hears("drop_grant", {"grant": grant["id"]})

    assert code_of(fetched, suite, export) == "right.missing"
    assert code_of(fetched, suite, export) == "export.failed" and suite.rows(export_pieces) == []
    suite.calls(None, "sweep_exports")
    assert suite.rows(export_lines) == []


@pytest.mark.parametrize("place", ["export.decided", "export.written", "export.piece", "export.made"])
def test_an_export_that_is_interrupted_goes_on_and_every_read_is_in_the_log_once(suite, department, monkeypatch, place):
    names, made = own(suite, 5)
    granted(suite)
    export = begun(suite, run=False)

    def dies(name):
        if name == place:
            raise RuntimeError("the process ended here")

    with monkeypatch.context() as patched:
        for module in (lines, making):
            patched.setattr(module, "failpoint", dies)
        patched.setattr(lines, "PAGE", 2)
        with pytest.raises(RuntimeError):
            suite.calls(None, "run_exports")
    suite.calls(None, "run_exports")

    assert sorted(row[1] for row in rows_of(fetched(suite, export))[9:]) == names
    assert reads_of(suite) == Counter(made) and len(suite.told("records.exported")) == 1


@pytest.mark.covers("Q-013")
def test_what_changed_while_the_process_was_down_is_decided_anew(suite, department, monkeypatch):
    names, made = own(suite, 3)
    granted(suite)
    export = begun(suite, run=False)
    with monkeypatch.context() as patched:
        patched.setattr(Lines, "_write", lambda self, readings: 1 / 0 if readings else None)
        with pytest.raises(ZeroDivisionError):
            suite.calls(None, "run_exports")
    takes_back(suite, made[2])

    suite.calls(None, "run_exports")

    assert sorted(row[1] for row in rows_of(fetched(suite, export))[9:]) == names[:2]
    assert reads_of(suite) == Counter({made[0]: 1, made[1]: 1, made[2]: 2})
    assert [one["code"] for one in suite.told("records.use_refused")] == ["consent.withdrawn"]


def test_what_is_classified_higher_than_its_class_does_not_stand_in_an_open_file(suite, department):
    names, made = own(suite, 2)
    granted(suite)
    granted(suite)
    version = suite.store.record(made[0]).version
    told = {"record": made[0], "version": version, "level": "highly_sensitive", "reason": "a threat"}
    suite.calls("wu", "set_level", told)

    rows = rows_of(fetched(suite, begun(suite)))[9:]
    book = begun(suite, format="xlsx")

    assert sorted(row[1] for row in rows) == sorted([names[1], "not in an open file"])
    assert opened(fetched(suite, book), status(suite, book)["password"])
    assert [one["level"] for one in suite.told("records.exported")] == ["general", "highly_sensitive"]


# -- registers


@pytest.mark.covers("Q-166")
def test_a_register_is_taken_out_by_whoever_keeps_it_and_by_nobody_else(suite):
    """
    What is too high for an open sheet leaves in a workbook with a password, which only its reader is told.
    """
    customer = suite.active()
    fields = {"form.date": "2026-11-19", "form.opinion": "送货及时"}
    asked = {"class": "feedback", "purpose": "service"}
    for _ in range(2):
        suite.calls("zheng", "add_entry", {"class": "feedback", "about": customer, "fields": fields})

    for keeper in ("he", "wu"):
        answer = suite.calls(keeper, "register_file", asked)
        table = opened(b64decode(answer["file"]), status(suite, answer["mark"], keeper)["password"])
        assert answer["locked"] and sum("送货及时" in row for row in table) == 2
        export = begun(suite, keeper, **{"class": "feedback", "format": "xlsx", "fields": ["form.opinion"]})
        table = opened(fetched(suite, export, keeper), status(suite, export, keeper)["password"])
        assert sum("送货及时" in row for row in table) == 2

    assert [len(one["records"]) for one in suite.told("records.register_exported")] == [2, 2]
    for other in ("zheng", "sun"):
        assert code_of(suite.calls, other, "register_file", asked) == "right.missing"


def test_every_register_that_is_shipped_can_be_taken_out_by_somebody(suite):
    """
    A register that nobody may print is not kept for anybody.
    """
    adopted = Path(__file__).parents[1] / "regimes" / "adopted"
    for regime in [REGIME, *(regimes.load(file.stem, adopted) for file in adopted.glob("*.yaml"))]:
        rights = [right for right in regime.rights.values() if "export" in right.may]
        kept = [found for found in regime.classes.values() if found.kind == "register"]
        shut = [found.name for found in kept if not any(found.is_a(right.of) for right in rights)]
        assert not shut, (regime.name, shut)


def test_a_line_is_looked_at_once_to_be_opened_and_once_for_the_file(suite, department, monkeypatch):
    """
    How high the file is was asked of all its lines at once, in memory: of 100,000 customers a hundred megabytes.
    """
    seen = Counter()

    class Noted(store.Line):
        def __init__(self, place, *told, **named):
            super().__init__(place, *told, **named)
            seen[place] += 1

    monkeypatch.setattr(store, "Line", Noted)
    own(suite, 4)
    granted(suite)

    export = begun(suite)

    assert status(suite, export)["state"] == "ready"
    assert {*seen.values()} == {3} and len(seen) >= 4, "found, written, and put into the file"

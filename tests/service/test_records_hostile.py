"""What a stranger's eyes tried on the engines of records, on both databases: free text, other doors, late answers."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from zipfile import is_zipfile

import pytest
from python_calamine import CalamineWorkbook

from chassis.errors import Unavailable
from chassis.ids import new_id
from services.records import tables as t
from services.records.reasons import may_read
from services.records.registers import tables as registers
from services.records.searching.tables import saved_searches
from tests.service.given_documents import proves
from tests.service.given_records import CONSENT, FIELDS, PEOPLE, REGIME, at_once, code_of
from tests.service.given_registers import FORMS
from tests.service.test_records_destroying import destroys
from tests.service.test_records_erasing import asks, decides
from tests.service.test_records_exporting import begun, fetched, own, status
from tests.service.test_records_merging import OTHER, merged
from tests.service.test_records_registers import a_card, a_form
from tests.service.test_records_views import card, cells

CANARY = "Canary 金丝雀 13800138000"
REFUSED = ("input.invalid", "document.kind_unknown", "channel.unknown", "consent.document")


def lies_in(suite, text):
    """The tables in which a text stands in clear, and whether the journal holds it."""
    told = {name: suite.rows(table) for name, table in t.metadata.tables.items()}
    return [name for name, rows in told.items() if text in str(rows)] + ["journal"] * (text in str(suite.journal()))


def asked_for(suite, record, **more):
    proves(suite, record, "customer_request")
    version = suite.store.record(record).version
    told = {"record": record, "version": version, "fields": {"contact.mobile": "19900005678"}, "reason": "as asked"}
    return {**told, "requested_by": "customer", "evidence": ["customer_request"], **more}


# -- the first answer is the answer


def test_a_repeated_call_gets_its_first_answer_though_that_call_used_up_what_it_stood_on(suite):
    [_, made] = own(suite, 1)
    suite.grant("sun", *made, mode="export", purpose="service", once=True)
    suite.grant("qian", mode="create", once=True, **{"class": "trading.customer"})
    fields = {"basic.name": "望杉机电有限公司", "business.direction": "buying"}
    card = {"class": "trading.customer", "fields": fields, "consents": [{**CONSENT, "purpose": "trade"}]}
    export = {"class": "company.customer", "purpose": "service", "format": "csv", "fields": ["basic.name"]}

    for person, method, args in (("qian", "create", card), ("sun", "begin_export", export)):
        first, again = (suite.calls(person, method, args, key=f"{method}-1") for _ in range(2))
        assert first == again
        assert code_of(suite.calls, person, method, args, key="another") in ("grant.used", "right.missing")
    assert [one["code"] for one in suite.told("records.refused")] == ["grant.used", "right.missing"]


def test_a_repeated_merge_and_a_repeated_dropping_get_their_first_answers(suite):
    stays, goes = suite.active(), suite.active(**OTHER)
    args = {"survivor": stays, "merged": goes, "fields": [], "reason": "the same buyer"}
    first = suite.calls("zheng", "merge", args, key="m-1")
    suite.settles("merge", first["merge"])
    kept = {"class": "company.customer", "where": {"basic.region": "澄州"}, "purpose": "service", "name": "x"}
    search = suite.calls("zheng", "save_search", kept)["id"]
    dropped = [suite.calls("zheng", "drop_search", {"search": search}, key="d-1") for _ in range(2)]

    assert suite.calls("zheng", "merge", args, key="m-1") == first
    assert dropped == [{"id": search}] * 2
    assert code_of(suite.calls, "zheng", "merge", {**args, "reason": "other"}, key="m-1") == "record.merged"


def test_a_grant_that_is_learned_on_the_way_takes_no_key(forms):
    unit = {"place.floor": "12", "place.unit": "1203", "tenant.name": "星澜贸易有限公司"}
    file = forms.opens("tenancy", unit)
    forms.calls("zheng", "set_level", {"record": file, "level": "highly_sensitive", "reason": "as agreed"})
    forms.grant("zheng", file, known=False, **{"class": "tenancy"})
    args = {"record": file, "purpose": "archive_use", "label": "星澜贸易有限公司"}

    wrong = code_of(forms.calls, "zheng", "put_label", {**args, "label": "another"}, key="l-1")
    answers = at_once([partial(forms.calls, "zheng", "put_label", args, key="l-1")] * 8)

    assert wrong == "label.differs", "a call that was refused leaves its key free"
    assert answers == [answers[0]] * 8 and answers[0]["outcome"] == "done"
    assert len(forms.told("records.labelled")) == 1


# -- free text where everybody can read it


def test_a_proof_is_named_by_the_regimes_words_and_never_in_a_customers(suite):
    record = suite.active(**{"business.demand": "overhaul"})
    moved = {"record": record, "version": 2, "to": "suspended", "reason": "as agreed", "evidence": [CANARY]}
    erased = {"record": record, "version": 2, "parts": ["business"], "requested_by": "customer", "reason": "she asks"}

    for method, args in (
        ("change", asked_for(suite, record, evidence=["customer_request", CANARY])),
        ("transition", moved),
        ("ask_erasure", {**erased, "evidence": ["identity", CANARY]}),
    ):
        assert code_of(suite.calls, "zheng", method, args) == "document.kind_unknown"
    assert lies_in(suite, "Canary") == []


@pytest.mark.parametrize(
    "given",
    [
        {"collection": {"documents": {CANARY: new_id()}}},
        {"collection": {"method": CANARY}},
        {"collection": {"provider": "Canary 金丝雀".ljust(36, "x")}},
        {"collection": {"channel": CANARY}},
        {"department": CANARY},
        {"department": "d" * 41},
        {"consents": [{**CONSENT, "document": "Canary 金丝雀".ljust(36, "x")}]},
    ],
)
def test_nothing_beside_the_fields_of_a_new_record_takes_a_sentence(suite, given):
    args = {"class": "company.customer", "fields": FIELDS, "consents": [CONSENT], **given}

    assert code_of(suite.calls, "zheng", "create", args) in REFUSED
    assert lies_in(suite, "Canary") == []


def test_a_class_without_channels_takes_no_free_text_for_one(forms):
    args = {"class": "tenancy", "fields": {"place.unit": "1", "place.floor": "1", "tenant.name": "恒通"}}

    made = code_of(forms.calls, "zheng", "create", {**args, "collection": {"channel": CANARY}})

    assert made == "channel.unknown" and lies_in(forms, "Canary") == []


def test_how_an_outcome_was_told_and_where_somebody_reads_are_words(suite):
    record = suite.active(**{"business.demand": "overhaul"})
    erasure = asks(suite, record, "business")
    decides(suite, erasure)
    told = {"record": record, "erasure": erasure, "through": CANARY}

    assert code_of(suite.calls, "zheng", "answer_erasure", told) == "input.invalid"
    asked = {"record": record, "purpose": "service", "place": CANARY}
    for method in ("read", "explain"):
        assert code_of(suite.calls, "zheng", method, asked) == "input.invalid"
    assert lies_in(suite, "Canary") == []


def test_what_a_mapping_gives_every_row_lies_sealed_and_goes_with_the_file(suite):
    body = "客户名称,手机,联系人\n望杉机电有限公司,19900005678,李雪梅\n".encode()
    columns = {"客户名称": "basic.name", "手机": "contact.mobile", "联系人": "contact.person"}
    plan = {"columns": columns, "constants": {"contact.address": "Canary 金丝雀路12号"}}
    upload = suite.calls("he", "begin_import", {"class": "company.customer", "mapping": plan})["upload"]
    suite.calls("he", "put_chunk", {"upload": upload, "offset": 0, "bytes": b64encode(body).decode()})
    assert lies_in(suite, "Canary") == [] and len(suite.rows(t.import_chunks)) == 2
    suite.calls("he", "start_import", {"upload": upload, "size": len(body)})

    suite.calls(None, "run_imports")

    told = suite.calls("he", "import_status", {"upload": upload})
    assert (told["state"], told["accepted"]) == ("waiting", 1)
    assert lies_in(suite, "Canary") == [] and suite.rows(t.import_chunks) == []
    [row] = [row for row in suite.rows(t.records) if row.import_id == upload]
    suite.settles("import", upload)
    suite.calls(None, "run_imports")
    assert suite.reads("he", row.id, "contact.address", purpose="contract")


# -- what a part of a right does not show


@pytest.mark.covers("Q-127")
def test_the_reason_of_a_change_is_for_who_may_read_all_that_it_changed(suite):
    record = suite.active()
    both = {"contact.mobile": "19900005678", "contact.city": "澄州"}
    why = asked_for(suite, record, fields=both, reason="her new number is 19900005678")
    suite.settles("change", suite.calls("zheng", "change", why)["change"])

    def history(person):
        return suite.calls(person, "versions", {"record": record, "purpose": "service"})["items"]

    assert history("zheng")[-1]["reason"] == "her new number is 19900005678"
    assert "19900005678" not in str(history("sun"))


def test_a_right_to_some_parts_or_in_one_place_reaches_no_reason(suite, monkeypatch):
    record, whole = suite.store.record(suite.active()), replace(REGIME.rights["look_up"], up_to=None)
    narrow = [replace(whole, parts=("basic",)), replace(whole, place="department_office")]

    for right, reaches in ((whole, True), *((one, False) for one in narrow)):
        monkeypatch.setattr(REGIME, "rights", {"only": right})
        assert REGIME.right(PEOPLE["sun"], "view", record.envelope())
        assert may_read(REGIME, PEOPLE["sun"], record) is reaches


def test_a_form_that_somebody_may_not_see_fills_no_record_of_his(forms):
    form = a_form(forms)
    before = len(forms.keys.unwrapped)

    assert code_of(forms.shows, "he", form, "trade") == "right.missing"
    assert code_of(a_card, forms, form, "he") == "record.unknown"
    assert forms.rows(registers.fillings) == [] and len(forms.keys.unwrapped) == before


def test_what_is_destroyed_is_not_there_for_who_could_not_have_read_it(forms):
    file = forms.opens("tenancy", {"place.floor": "12", "place.unit": "1203", "tenant.name": "恒通"})
    note = {"record": file, "event": "moved_in", "date": "2026-11-19"}
    assert code_of(forms.calls, "qian", "record_event", note) == "event.unknown"

    destroys(forms, file)

    assert code_of(forms.calls, "qian", "record_event", note) == "record.unknown"
    assert code_of(forms.calls, "zheng", "record_event", note) == "record.destroyed"


# -- erased is erased, wherever it lay


@pytest.mark.covers("Q-203")
def test_an_erased_part_goes_also_from_the_records_that_were_merged(suite):
    stays = suite.active(**{"business.demand": "overhaul"})
    goes = suite.active(**OTHER, **{"business.demand": "Canary demand"})
    keys = suite.store.keys_of(goes)
    merged(suite, stays, goes)
    history = {"record": stays, "purpose": "service"}
    assert "Canary demand" in str(suite.calls("zheng", "versions", history))

    decides(suite, asks(suite, stays, "business"))

    told = suite.calls("zheng", "versions", history)["items"]
    assert not any(one.get("part") == "business" for one in told) and "Canary demand" not in str(told)
    assert code_of(suite.keys.sealer, [keys["business"]]) == "key.gone"
    assert {*suite.told("records.erased")[0]["key_fingerprints"]} == {"business", f"business:{goes}"}
    assert any(one["record"] == goes and one.get("part") == "basic" for one in told), "the rest is kept"


# -- while the ledger does not follow


@pytest.mark.covers("Q-166")
def test_a_finished_file_and_its_password_stay_here_while_the_ledger_does_not_follow(suite):
    _, made = own(suite, 1)
    suite.grant("sun", *made, mode="export", purpose="service", once=True)
    export = begun(suite, format="xlsx", fields=["contact.mobile"])
    suite.lag.behind = timedelta(hours=1)

    assert code_of(fetched, suite, export) == code_of(status, suite, export) == "audit.lagging"
    suite.lag.behind = timedelta()
    assert status(suite, export)["password"] and fetched(suite, export)


def test_what_people_look_for_is_not_shown_while_the_ledger_does_not_follow(suite):
    kept = {"class": "company.customer", "where": {"contact.mobile": "19900001234"}, "purpose": "service"}
    search = suite.calls("zheng", "save_search", {**kept, "name": "her"})["id"]
    suite.lag.behind = timedelta(hours=1)

    for method, args in (("searches", {}), ("search", {"saved": search})):
        with pytest.raises(Unavailable):
            suite.calls("zheng", method, args)
    assert suite.told("records.searches_read") == []


def test_a_crash_while_a_kept_search_is_dropped_leaves_a_list_that_opens(suite, monkeypatch):
    kept = {"class": "company.customer", "where": {"basic.region": "澄州"}, "purpose": "service"}
    ids = [suite.calls("zheng", "save_search", {**kept, "name": name})["id"] for name in "ab"]

    def dies(*_):
        raise RuntimeError("died")

    monkeypatch.setattr(suite.keys.keys, "destroy", dies)
    with pytest.raises(RuntimeError):
        suite.calls("zheng", "drop_search", {"search": ids[0]})

    assert [one["id"] for one in suite.calls("zheng", "searches")["items"]] == [ids[1]]
    assert len(suite.rows(saved_searches)) == 1


# -- no more than was asked for


def test_a_search_by_what_stands_in_clear_opens_nothing(suite):
    record = suite.active()
    before = len(suite.keys.unwrapped)

    found = suite.calls(
        "zheng", "search", {"class": "company.customer", "purpose": "service", "where": {"state": "active"}}
    )

    assert [one["id"] for one in found["items"]] == [record] and found["items"][0]["fields"] == {}
    [entry] = suite.told("records.searched")
    assert (entry["records"], entry["clear"], entry["masked"]) == ([record], [], [])
    assert len(suite.keys.unwrapped) == before


def test_a_contents_list_asks_approvals_about_no_paper_one_by_one_and_survives_one_that_is_gone(forms, monkeypatch):
    volume = forms.opens("volume", {"volume.heading": "第一卷"})
    papers = [forms.opens("paper", {"file.heading": heading}, about=volume) for heading in ("决议", "通知", "附件")]
    with forms.database.write() as connection:
        connection.execute(t.records.update().where(t.records.c.id == papers[0]).values(state="destroying"))
    monkeypatch.setitem(FORMS.rights, "everybody", replace(FORMS.rights["everybody"], parts=("volume",)))
    before = forms.approvals.asked

    found = forms.calls("qian", "contents", {"record": volume, "purpose": "archive_use"})

    assert [line["id"] for line in found["items"]] == papers[1:]
    assert {line["fields"]["file.heading"]["state"] for line in found["items"]} == {"withheld"}
    assert forms.approvals.asked == before


def test_a_register_leaves_without_the_entry_that_was_destroyed(forms):
    slips = [forms.adds("slip", {"form.reason": reason}) for reason in ("核对", "付款")]
    with forms.database.write() as connection:
        connection.execute(t.records.update().where(t.records.c.id == slips[0]["id"]).values(state="destroyed"))

    assert table_of(forms, "slip")[-1][6] == "付款"
    assert [*forms.told("records.register_exported")[0]["records"]] == [slips[1]["id"]]


def test_what_a_raised_entry_says_does_not_lie_open_in_a_file(forms):
    slip = forms.adds("slip", {"form.reason": "核对"})
    raised = {"record": slip["id"], "level": "highly_sensitive", "reason": "names an account"}
    forms.calls("zheng", "set_level", raised)

    answer = forms.calls("he", "register_file", {"class": "slip", "purpose": "archive_use"})

    assert answer["locked"] and not is_zipfile(BytesIO(b64decode(answer["file"]))), "an encrypted workbook is no ZIP"


def test_what_a_raised_record_says_does_not_lie_open_in_the_file_of_a_view(suite):
    one, two = (card(suite, number) for number in range(2))
    assert sheet_of(suite, "customer_list").count("望杉") == 2
    suite.calls("he", "set_level", {"record": one, "level": "highly_sensitive", "reason": "names an account"})

    told = sheet_of(suite, "customer_list")

    assert (told.count("望杉"), told.count("not in an open file")) == (1, 2), "its name and its direction"
    assert {hit["id"] for hit in suite.calls("xu", "view", {"view": "customer_list"})["items"]} == {one, two}


def sheet_of(suite, view):
    return str(cells(suite, "xu", view))


def table_of(forms, register):
    answer = forms.calls("he", "register_file", {"class": register, "purpose": "archive_use"})
    return CalamineWorkbook.from_filelike(BytesIO(b64decode(answer["file"]))).get_sheet_by_index(0).to_python()


def test_a_long_life_is_told_to_its_newest_day(suite):
    record = suite.active()
    for _ in range(6):
        suite.reads("zheng", record, "basic.name")
    suite.moves(record, "suspended")

    first = suite.calls("zheng", "timeline", {"record": record, "limit": 5})
    lines = suite.calls("zheng", "timeline", {"record": record, "limit": 500, "after": first["next"]})["items"]

    assert len(first["items"]) == 5 and lines[-1]["type"] == "records.state_changed"
    assert [one["at"] for one in lines] == sorted(one["at"] for one in lines)


# -- on what somebody has read


def test_a_version_that_somebody_names_is_the_one_he_acts_on(suite):
    record = suite.active()
    suite.settles("change", suite.calls("zheng", "change", asked_for(suite, record))["change"])
    looked = {"fields": ["contact.mobile"], "method": "call_back", "source": "customer", "result": "confirmed"}
    [scheme] = [one["name"] for one in suite.calls("wu", "schemes", {"record": record})["schemes"]][:1]
    calls = {
        "verify": ("wu", looked),
        "set_level": ("zheng", {"level": "highly_sensitive", "reason": "as agreed"}),
        "set_scheme": ("zheng", {"name": scheme, "value": "unclassified", "reason": "as agreed"}),
        "record_event": ("zheng", {"event": "contacted", "date": "2026-11-19"}),
    }

    for method, (person, args) in calls.items():
        assert code_of(suite.calls, person, method, {"record": record, "version": 2, **args}) == "record.stale", method
    assert suite.calls("wu", "verify", {"record": record, "version": 3, **looked})["outcome"] == "done"

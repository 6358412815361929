"""Registers on both databases: filled in, signed in order, valid, edited, filling records; shown by governed reads."""

from __future__ import annotations

import json
from datetime import date
from functools import partial

import pytest

from chassis.errors import Forbidden
from chassis.ids import new_id
from demo.data import credit_code
from services.records import tables as t
from services.records.registers import tables as r
from tests.service.given_records import CONSENT, at_once, code_of
from tests.service.given_registers import FORMS

REASON = {"form.reason": "核对合同"}
VISIT = {"form.date": "2026-11-19", "form.kind_of_visit": "scheduled", "form.content": "客户满意"}
FORM = {"basic.name": "望杉机电有限公司", "business.direction": "buying", "basic.credit_code": credit_code(70_000_001)}


def errors_of(call, *args, **kwargs):
    with pytest.raises(Exception) as refusal:
        call(*args, **kwargs)
    return {error["pointer"]: error["code"] for error in refusal.value.facts["errors"]}


# -- filling in and signing


def test_an_entry_that_nobody_has_to_sign_is_valid_at_once_with_its_number(forms):
    customer = forms.active()

    made = forms.adds("feedback", {"form.date": "2026-11-19", "form.opinion": "服务很好"}, about=customer)

    assert (made["state"], made["number"], made["left"]) == ("active", "FB-2026-00001", 0)
    [valid] = forms.told("records.entry_valid")
    assert (valid["record"], valid["about"], valid["signers"]) == (made["id"], customer, [])
    assert "服务很好" not in str(forms.journal())


def test_a_proof_that_the_regime_has_no_word_for_is_refused_wherever_it_is_named(forms):
    customer, slip = forms.active(), forms.adds("slip", REASON)
    ended = {"record": customer, "event": "ended", "date": "2026-11-19", "evidence": ["identity", "nope"]}
    refused = {"/evidence/1": "document.kind_unknown"}

    assert errors_of(forms.adds, "slip", REASON, evidence=["identity", "nope"]) == refused
    assert errors_of(forms.signs, "zheng", slip, evidence=["identity", "nope"]) == refused
    assert errors_of(forms.calls, "he", "record_event", ended) == refused


@pytest.mark.covers("Q-064", "Q-218")
def test_an_entry_is_valid_when_all_have_signed_in_their_order(forms):
    slip = forms.adds("slip", REASON)
    assert (slip["state"], slip["left"]) == ("draft", 2)

    assert code_of(forms.signs, "he", slip) == "entry.not_yours"
    assert forms.signs("zheng", slip)["left"] == 1
    assert code_of(forms.signs, "zheng", slip) == "entry.signed_twice"
    assert code_of(forms.signs, "wu", slip) == "entry.not_yours"
    done = forms.signs("he", slip)

    assert (done["state"], done["left"], done["number"]) == ("active", 0, "JD-2026-0001")
    assert code_of(forms.signs, "he", slip) == "entry.signed"
    assert [(one["signer"], one["place"], one["left"]) for one in forms.told("records.entry_signed")] == [
        ("zheng", 0, 1),
        ("he", 1, 0),
    ]


def test_a_signature_fits_what_is_stored_and_an_edit_voids_all_of_them(forms):
    slip = forms.adds("slip", REASON)
    forms.signs("zheng", slip)
    done = forms.signs("he", slip)
    before = forms.shows("zheng", slip)["signatures"]

    forms.edits(slip["id"], {"form.reason": "核对付款"})

    assert [(one["holds"], one["intact"]) for one in before] == [(True, True)] * 2
    after = forms.shows("zheng", slip)
    assert [(one["holds"], one["intact"]) for one in after["signatures"]] == [(False, False)] * 2
    assert (after["state"], len(after["awaits"])) == ("draft", 2)
    assert forms.told("records.entry_reopened")[0]["voided"] == ["zheng", "he"]
    assert code_of(forms.signs, "zheng", done) == "record.stale", "whoever signs has read the entry as it stands"
    again = {**slip, "version": after["version"]}
    forms.signs("zheng", again)
    assert forms.signs("he", again)["number"] == done["number"], "an entry keeps its number"


def test_a_stored_entry_that_was_tampered_with_shows_that_its_signatures_do_not_fit(forms):
    slip = forms.adds("slip", REASON)
    forms.signs("zheng", slip)
    with forms.database.write() as connection:
        connection.execute(r.signatures.update().values(digest="0" * 64))

    assert [one["intact"] for one in forms.shows("zheng", slip)["signatures"]] == [False]


def test_of_16_who_sign_at_once_as_one_person_one_does_and_the_entry_is_valid_once(forms):
    slip = forms.adds("slip", REASON)
    at_once([partial(forms.signs, "zheng", slip)] * 16)
    answers = at_once([partial(forms.signs, "he", slip)] * 16)

    assert len([one for one in answers if isinstance(one, dict)]) == 1
    assert len(forms.rows(r.signatures)) == 2 and len(forms.told("records.entry_valid")) == 1


def test_one_key_makes_one_entry_and_one_signature(forms):
    args = {"class": "slip", "fields": REASON}
    made = [forms.calls("zheng", "add_entry", args, key="k-1") for _ in range(2)]
    signed = [
        forms.calls("zheng", "sign", {"entry": made[0]["id"], "version": made[0]["version"]}, key="k-2")
        for _ in range(2)
    ]

    assert made[0] == made[1] and signed[0] == signed[1]
    assert len(forms.rows(t.records)) == 1 == len(forms.rows(r.signatures))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"/fields/form.reason": "field.missing"}),
        ({**REASON, "form.lender": "he"}, {"/fields/form.lender": "signature.by_hand"}),
        ({**REASON, "form.colour": "red"}, {"/fields/form.colour": "field.unknown"}),
        ({**REASON, "form.items": [{"page": "3"}]}, None),
    ],
)
def test_what_is_wrong_in_a_form_is_named_and_nothing_is_kept(forms, fields, wrong):
    found = errors_of(forms.adds, "slip", fields)

    assert found == wrong if wrong else any(pointer.startswith("/fields/form.items") for pointer in found)
    assert forms.rows(t.records) == []


def test_a_table_in_a_form_keeps_its_rows_and_a_signature_field_is_not_edited_by_hand_either(forms):
    slip = forms.adds("slip", {**REASON, "form.items": [{"heading": "合同", "page": "3"}]})

    [line] = [line for line in forms.shows("zheng", slip)["lines"] if line["name"] == "form.items"]
    assert line["rows"] == [{"heading": "合同", "page": "3"}]
    read = forms.reads("zheng", slip["id"], "form.items", purpose="archive_use")["form.items"]
    assert read["rows"] == line["rows"] == json.loads(read["value"])
    assert errors_of(forms.edits, slip["id"], {"form.lender": "he"}) == {"/fields/form.lender": "signature.by_hand"}


def test_training_proves_something_for_a_year_and_is_signed_by_whom_it_is_about(forms):
    fields = {path: value for path, value in TRAINING.items() if path in FORMS.classes["training"].fields}
    made = forms.adds("training", fields, person="he", about="zheng")

    assert code_of(forms.signs, "he", made) == "entry.not_yours"
    forms.signs("zheng", made)

    [valid] = forms.told("records.entry_valid")
    assert (valid["about"], valid["valid_until"]) == ("zheng", "2027-11-20")
    assert forms.head(made["id"]).valid_until == date(2027, 11, 20)


def test_an_entry_about_a_person_is_about_somebody_who_is_here(forms):
    """
    Training of a name that was mistyped would prove nothing of anybody, and nobody would notice.
    """
    fields = {path: value for path, value in TRAINING.items() if path in FORMS.classes["training"].fields}

    assert code_of(forms.adds, "training", fields, person="he", about="zhneg") == "about.unknown"
    assert forms.told("records.created") == []


TRAINING = {"form.date": "2026-11-19", "form.topic": "保密", "form.taught_by": "he", "form.result": "合格",
            "form.content": "保密制度"}  # fmt: skip


def test_a_failed_check_is_told_by_its_items_with_what_the_regime_opens_for_it(forms):
    check = forms.adds("room_check", {"form.clean": "不合格", "form.doors": "passed"}, about="archive")
    assert forms.told("records.check_failed") == [], "nothing is established before it is signed"

    forms.signs("he", check)

    [failed] = forms.told("records.check_failed")
    assert (failed["items"], failed["finding"], failed["due"]) == (["form.clean"], "room", "2026-11-25")
    assert (failed["about"], failed["owner"]) == ("archive", {"role": "archivist"})


def test_entries_are_made_and_signed_in_their_register_and_come_in_by_no_other_road(forms):
    made = {"class": "slip", "fields": REASON}
    assert errors_of(forms.calls, "zheng", "create", made) == {"/class": "class.register"}

    assert code_of(forms.calls, "he", "begin_import", {"class": "slip", "name": "slips.csv"}) == "entry.unsigned"
    assert forms.rows(t.records) == []


# -- belonging


def test_an_entry_needs_what_it_is_about_alive_visible_and_of_the_right_class(forms):
    customer, other = forms.active(), forms.opens("volume", {"volume.heading": "第一卷"})
    add = partial(forms.adds, "visit_note", VISIT)

    assert errors_of(add) == {"/about": "about.missing"}
    assert errors_of(add, about=other) == {"/about": "about.wrong_class"}
    assert code_of(add, about=new_id()) == "record.unknown"
    assert errors_of(forms.adds, "slip", REASON, about=customer) == {"/about": "about.unwanted"}
    assert errors_of(forms.adds, "room_check", {"form.clean": "passed"}, about="../x") == {"/about": "about.invalid"}
    assert add(about=customer)["left"] == 1
    forms.moves(customer, "past")
    assert code_of(add, about=customer) == "record.state"
    assert len(forms.rows(t.records)) == 3


def test_an_entry_is_about_the_same_customer_and_falls_with_his_consent(forms):
    customer = forms.active()
    entry = forms.adds("feedback", {"form.date": "2026-11-19", "form.opinion": "好"}, about=customer)

    assert forms.head(entry["id"]).subject == forms.head(customer).subject
    assert forms.shows("zheng", entry, "service")["fields"]["form.opinion"]["state"] == "clear"
    [consent] = forms.calls("zheng", "consents", {"record": customer})["items"]
    forms.calls("zheng", "withdraw_consent", {"record": customer, "consent": consent["id"]})
    shown = forms.shows("zheng", entry, "service")["fields"]["form.opinion"]
    assert (shown["state"], shown["reason"]["code"]) == ("withheld", "consent.withdrawn")


def test_a_record_of_another_s_is_a_dossier_with_its_own_number(forms):
    customer = forms.active()
    visit = forms.opens("workshop_visit", {"visit.reason": "首保"}, about=customer)

    assert (forms.head(visit).number, forms.head(visit).about) == ("AS-2026-000001", customer)
    [line] = forms.calls("zheng", "list", {"about": customer})["items"]
    assert line["id"] == visit
    assert code_of(forms.calls, "zheng", "create", {"class": "workshop_visit", "fields": {"visit.reason": "x"}}) == (
        "about.missing"
    )


# -- complaints


@pytest.mark.covers("Q-210", "Q-212", "Q-213", "Q-214")
def test_a_complaint_goes_from_its_facts_over_what_was_done_to_its_end(forms):
    customer = forms.active()
    facts = {"form.date": "2026-11-19", "form.facts": "送货迟到", "form.channel": "hotline"}
    complaint = forms.adds("complaint", facts, about=customer)["id"]

    told = {"record": complaint, "event": "handled", "date": "2026-11-20"}
    lacking = errors_of(forms.calls, "zheng", "record_event", told)
    assert {*lacking} == {"/fields/form.cause", "/fields/form.handling", "/fields/form.result"}
    assert forms.told("records.event_recorded") == [], "a word does not end its time limit"
    forms.edits(complaint, {"form.cause": "车辆故障", "form.handling": "补送", "form.result": "客户满意"})
    forms.calls("zheng", "record_event", told)

    assert forms.head(complaint).milestones == {"handled": "2026-11-20"}
    [handled] = forms.told("records.event_recorded")
    assert (handled["record"], handled["happened"], handled["class"]) == (complaint, "handled", "complaint")
    lacking = errors_of(forms.moves, complaint, "past", person="wu")
    assert {*lacking} == {"/fields/form.prevention"}
    forms.edits(complaint, {"form.prevention": "备用车"})
    args = {"record": complaint, "version": forms.head(complaint).version, "to": "past", "reason": "as agreed"}
    asked = forms.calls("zheng", "transition", args)
    assert (asked["outcome"], forms.head(complaint).state) == ("waiting", "active"), "nobody closes it alone"
    assert forms.told("records.move_proposed")[-1]["kind"] == "end"
    forms.settles("move", asked["move"])
    assert forms.head(complaint).state == "past"
    [line] = forms.calls("zheng", "entries", {"class": "complaint", "about": customer})["items"]
    assert (line["state"], line["number"]) == ("past", "CO-2026-00001")


@pytest.mark.covers("Q-141", "Q-209")
def test_a_follow_up_plan_is_signed_by_who_made_it_and_by_the_head_and_is_kept_up(forms):
    customer = forms.active()
    plan = [{"measure": "季度回访", "owner": "zheng", "until": "2027-03-31"}]
    made = forms.adds("follow_up_plan", {"form.date": "2026-11-20", "form.plan": plan}, about=customer)

    assert code_of(forms.signs, "wu", made) == "entry.not_yours", "its maker first"
    forms.signs("zheng", made)
    assert forms.signs("wu", made)["state"] == "active"

    done = [{**plan[0], "result": "已回访"}]
    forms.edits(made["id"], {"form.plan": done})
    assert forms.head(made["id"]).state == "draft", "what is signed is never edited behind the signatures"


@pytest.mark.covers("Q-208", "Q-215", "Q-219")
def test_what_customers_say_is_kept_per_customer_in_registers_of_its_own(forms):
    customer = forms.active()
    for register, fields in {
        "feedback": {"form.date": "2026-11-19", "form.opinion": "好", "form.purchase_wish": "新款"},
        "survey_answer": {"form.date": "2026-11-19", "form.score": "92"},
        "quality_track": {"form.date": "2026-11-19", "form.product": "水泵", "form.finding": "噪音"},
    }.items():
        assert forms.adds(register, fields, about=customer)["state"] == "active"

    found = forms.calls("zheng", "contents", {"record": customer, "purpose": "archive_use"})["items"]
    assert {line["class"] for line in found} == {"feedback", "survey_answer", "quality_track"}


def test_an_entry_is_not_put_forward_without_its_signatures(forms):
    slip = forms.adds("slip", REASON)

    assert code_of(forms.moves, slip["id"], "pending") == "entry.unsigned"
    assert code_of(forms.moves, slip["id"], "active") == "record.state"


# -- forms that fill records


@pytest.mark.covers("Q-021", "Q-221")
def test_a_form_about_a_record_proposes_its_values_and_its_number_is_their_source(forms):
    customer = forms.active()

    made = forms.adds("comment", {"other.remark": "喜欢两个枕头"}, about=customer)
    [proposed] = forms.told("records.change_proposed")
    assert (proposed["record"], proposed["form"], proposed["by"]) == (customer, "comment", "zheng")
    assert forms.reads("zheng", customer, "other.remark")["other.remark"]["value"] is None, (
        "nothing before it is decided"
    )
    settled = {"kind": "change", "about": "change", "subject": proposed["change"], "outcome": "approved"}
    forms.hears("settle", {**settled, "decided_by": ["wu", "liu"]})

    assert forms.reads("zheng", customer, "other.remark")["other.remark"]["value"] == "喜欢两个枕头"
    history = forms.calls("zheng", "versions", {"record": customer, "purpose": "service"})["items"]
    [line] = [line for line in history if line["change"] == proposed["change"]]
    assert line["source"] == {"entry": made["id"], "class": "comment", "number": "YJ-001"}
    assert line["decided_by"] == ["wu", "liu"], "the team that took part"
    assert forms.shows("zheng", made)["filled"] == customer


def test_a_form_whose_change_is_not_approved_changes_nothing(forms):
    customer = forms.active()
    forms.adds("comment", {"other.remark": "喜欢两个枕头"}, about=customer)

    forms.settles("change", forms.told("records.change_proposed")[0]["change"], "rejected")

    assert forms.reads("zheng", customer, "other.remark")["other.remark"]["value"] is None


def a_form(forms, **fields):
    made = forms.adds("start_form", {**FORM, **fields}, person="sun")
    return forms.signs("sun", made)


def a_card(forms, form, person="qian", **fields):
    args = {"class": "trading.customer", "fields": fields, "source": form["id"]}
    return forms.calls(person, "create", {**args, "consents": [{**CONSENT, "purpose": "trade"}]})


@pytest.mark.covers("Q-238")
def test_a_new_card_takes_its_values_from_the_signed_form_once(forms):
    forms.grant("qian", mode="create", **{"class": "trading.customer"})
    form = a_form(forms)

    made = a_card(forms, form)
    card = made["id"]

    assert (made["state"], forms.head(card).number) == ("active", "T0001"), "the grant is its approval"
    shown = forms.reads("qian", card, "basic.name", "basic.credit_code", purpose="trade")
    assert [one["value"] for one in shown.values()] == [FORM["basic.name"], FORM["basic.credit_code"]]
    head = forms.calls("qian", "read", {"record": card, "purpose": "trade"})
    assert head["source"] == {"entry": form["id"], "class": "start_form", "number": form["number"]}
    assert forms.told("records.form_used")[0]["filled"] == card
    assert code_of(a_card, forms, a_form(forms)) == "record.exists", "one company, one card"


def test_a_form_is_used_only_signed_whole_for_its_class_and_by_who_may_create(forms):
    unsigned = forms.adds("start_form", FORM, person="sun")
    slip = forms.adds("slip", REASON)
    assert code_of(a_card, forms, unsigned) == "right.missing"
    forms.grant("qian", mode="create", **{"class": "trading.customer"})

    assert code_of(a_card, forms, unsigned) == "entry.unsigned"
    assert code_of(a_card, forms, slip) == "source.wrong_form"
    signed = forms.signs("sun", unsigned)
    said = {"basic.name": "别的名字"}
    assert errors_of(a_card, forms, signed, **said) == {"/fields/basic.name": "field.from_form"}
    assert forms.told("records.created")[-1]["class"] != "trading.customer"


def test_of_16_who_use_one_form_at_once_one_does(forms):
    forms.grant("qian", mode="create", **{"class": "trading.customer"})
    form = a_form(forms, **{"basic.credit_code": ""})  # so that it is not one company, one card that refuses

    answers = at_once([partial(a_card, forms, form)] * 16)

    assert sorted(answers, key=str)[:15] == ["entry.used"] * 15 and len(forms.rows(r.fillings)) == 1
    assert len([row for row in forms.rows(t.records) if row[2] == "trading.customer"]) == 1


@pytest.mark.parametrize("once", [False, True])
def test_a_repeated_creation_from_a_form_gets_the_answer_of_the_first(forms, once):
    """
    Also where the first has used up the grant that it stood on.
    """
    forms.grant("qian", mode="create", once=once, **{"class": "trading.customer"})
    form = a_form(forms)
    args = {"class": "trading.customer", "fields": {}, "source": form["id"]}
    args["consents"] = [{**CONSENT, "purpose": "trade"}]

    first, again = (forms.calls("qian", "create", args, key="k-1") for _ in range(2))

    assert first == again and len(forms.rows(r.fillings)) == 1


def test_a_form_with_a_wrong_check_digit_names_the_field(forms):
    good = FORM["basic.credit_code"]
    wrong = {**FORM, "basic.credit_code": good[:-1] + ("A" if good[-1] != "A" else "B")}

    assert errors_of(forms.adds, "start_form", wrong, person="sun") == {
        "/fields/basic.credit_code": "credit_code.check_digit"
    }


# -- shown


def test_an_entry_is_read_for_a_purpose_as_far_as_the_caller_may_and_journalled(forms):
    customer = forms.active()
    entry = forms.adds("feedback", {"form.date": "2026-11-19", "form.opinion": "好"}, about=customer)

    assert code_of(forms.shows, "qian", entry) == "right.missing"
    shown = forms.shows("zheng", entry)
    assert shown["fields"]["form.opinion"]["value"] == "好"
    read = forms.told("records.read")[-1]
    assert (read["record"], "form.opinion" in read["clear"]) == (entry["id"], True)
    assert code_of(
        forms.calls, "zheng", "entry", {"class": "slip", "entry": entry["id"], "purpose": "archive_use"}
    ) == ("record.unknown")


def test_a_register_lists_only_its_own_entries_that_the_caller_may_look_at(forms):
    customer = forms.active()
    entry = forms.adds("feedback", {"form.date": "2026-11-19", "form.opinion": "好"}, about=customer)

    assert [line["id"] for line in forms.calls("zheng", "entries", {"class": "feedback"})["items"]] == [entry["id"]]
    assert forms.calls("qian", "entries", {"class": "feedback"})["items"] == []
    assert forms.calls("zheng", "entries", {"class": "feedback", "about": new_id()})["items"] == []
    assert code_of(forms.calls, "zheng", "entries", {"class": "company.customer"}) == "register.unknown"


# -- contents and labels


@pytest.mark.covers("Q-082")
def test_a_volume_lists_its_papers_by_page(forms):
    volume = forms.opens("volume", {"volume.heading": "第一卷"})
    for page, heading in (("12", "决议"), ("3", "通知"), ("101", "附件"), (None, "未编页")):
        fields = {"file.heading": heading, **({"file.page": page} if page else {})}
        forms.opens("paper", fields, about=volume)

    found = forms.calls("zheng", "contents", {"record": volume, "purpose": "archive_use"})

    listed = [(line["place"], line["page"], line["fields"]["file.heading"]["value"]) for line in found["items"]]
    assert listed == [(1, "3", "通知"), (2, "12", "决议"), (3, "101", "附件"), (4, None, "未编页")]
    assert len([one for one in forms.told("records.read")]) == 4


@pytest.mark.covers("Q-080")
def test_the_label_is_what_the_record_says_now_and_only_that_text_counts_as_labelled(forms):
    unit = {"place.floor": "12", "place.unit": "1203", "tenant.name": "星澜贸易有限公司"}
    file = forms.opens("tenancy", unit)
    asked = {"record": file, "purpose": "archive_use"}

    assert forms.calls("zheng", "label", asked)["label"] == "星澜贸易有限公司"
    assert code_of(forms.calls, "sun", "label", asked) == "right.missing"
    forms.edits(file, {"tenant.name": "望杉机电有限公司"})
    assert code_of(forms.calls, "zheng", "put_label", {**asked, "label": "星澜贸易有限公司"}) == "label.differs"
    forms.calls("zheng", "put_label", {**asked, "label": "望杉机电有限公司"})
    [labelled] = forms.told("records.labelled")
    assert labelled["record"] == file and "望杉" not in str(forms.journal())


@pytest.mark.parametrize("person", ["sun", "qian"])
def test_who_may_only_enter_complaints_says_nothing_of_those_he_cannot_read(forms, person):
    """
    Whoever hears of a complaint may write one down; that is no right to vouch for what another department wrote.
    """
    entry = {"class": "complaint", "about": forms.active(), "fields": {"form.date": "2026-11-20", "form.facts": "late"}}
    complaint = forms.calls("zheng", "add_entry", entry)["id"]
    look = {"record": complaint, "fields": ["form.facts"], "source": "records", "result": "confirmed"}

    for call, args in (("verify", {**look, "method": "comparison"}), ("check_file", {"record": complaint})):
        with pytest.raises(Forbidden) as refusal:
            forms.calls(person, call, args)
        assert refusal.value.code == "right.missing"

    assert forms.calls("wu", "verify", {**look, "method": "comparison"})["verifications"]
    assert forms.calls("zheng", "check_file", {"record": complaint})["complete"]

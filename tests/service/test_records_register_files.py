"""Registers to take away and to print: words, names and local time, and a password where something in them is high."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO

from msoffcrypto import OfficeFile
from python_calamine import CalamineWorkbook

from services.records import tables as t
from tests.service.given_records import REGIME, code_of


def test_a_register_leaves_as_a_marked_sheet_without_formulas_encrypted_where_it_is_too_high(forms):
    for reason in ("=HYPERLINK(1)", "核对"):
        forms.adds("slip", {"form.reason": reason, "form.secret": "不得外传"})
    asked = {"class": "slip", "purpose": "archive_use"}

    answer = forms.calls("he", "register_file", asked, language="zh-CN")
    told = forms.calls("he", "export_status", {"export": answer["mark"]})
    cells = [cell for row in unlocked(answer, told["password"]) for cell in row]

    assert {
        "借阅申请单",
        f"{REGIME.purposes['archive_use'].zh} (archive_use)",
        answer["mark"],
        "'=HYPERLINK(1)",
        "核对",
        "不得外传",
    } <= {*cells}
    assert answer["locked"] and "不得明文导出" not in cells
    assert code_of(forms.calls, "wu", "export_status", {"export": answer["mark"]}) == "export.unknown"
    assert len([one for one in forms.told("records.read") if one["record"]]) == 2
    [taken] = forms.told("records.register_exported")
    assert (taken["mark"], len(taken["records"])) == (answer["mark"], 2)
    assert code_of(forms.calls, "zheng", "register_file", asked) == "right.missing"


def test_a_register_names_states_people_and_what_it_is_about_in_words(forms):
    customer = forms.active()
    [number] = [row.number for row in forms.rows(t.records) if row.id == customer]
    forms.adds("feedback", {"form.date": "2026-11-19", "form.opinion": "好"}, about=customer)
    forms.adds("slip", {"form.reason": "核对"})

    slips = forms.calls("he", "register_file", {"class": "slip", "purpose": "archive_use"}, language="zh-CN")
    feedback = forms.calls("he", "register_file", {"class": "feedback", "purpose": "service"}, language="zh-CN")

    assert not slips["locked"], "nothing in it is so high"
    assert "待签署或补全" in str(unlocked(slips)) and "draft" not in str(unlocked(slips))
    told = forms.calls("he", "export_status", {"export": feedback["mark"]})
    cells = [cell for row in unlocked(feedback, told["password"]) for cell in row]
    assert number in cells and customer not in cells and "active" not in cells
    assert "郑丽 (zheng)" in cells or any(cell.endswith(" (zheng)") for cell in cells)


def test_an_entry_to_print_says_names_numbers_and_local_time(forms):
    customer = forms.active()
    [number] = [row.number for row in forms.rows(t.records) if row.id == customer]
    entry = forms.adds("feedback", {"form.date": "2026-11-19", "form.opinion": "好"}, about=customer)

    shown = forms.shows("zheng", entry)

    assert shown["about_name"]["zh"] == number and shown["state_title"]["zh"] == "有效"
    assert shown["creator_name"]["en"].endswith(" (zheng)") and shown["creator_name"]["en"] != "zheng"
    assert shown["entered"].endswith("+08:00") and "." not in shown["entered"]


def unlocked(answer, password=None):
    """The rows of a register's file."""
    raw = BytesIO(b64decode(answer["file"]))
    if password:
        office, room = OfficeFile(raw), BytesIO()
        office.load_key(password=password)
        office.decrypt(room)
        raw = BytesIO(room.getvalue())
    return CalamineWorkbook.from_filelike(raw).get_sheet_by_index(0).to_python()

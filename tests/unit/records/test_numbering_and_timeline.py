"""Numbers after their pattern, and a record's life in sentences: every event has one or is silent on purpose."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from importlib import import_module

import pytest

from chassis.events import REGISTRY
from cli.documents import ROOT
from regimes.model import Number
from services.records import numbering
from services.records.saying import Words
from services.records.timeline import SENTENCES, sentence
from tests.unit.records.given import COMPANY, REGIME, TRADING, a_record

TODAY = date(2026, 11, 20)
# After destruction nobody reads the timeline; these others are about no single record, or the suite's own work.
SILENT = {
    "records.destroying",
    "records.destroyed",
    "records.destruction_probed",
    "records.export_begun",
    "records.export_fetched",
    "records.export_overtaken",
    "records.export_unlocked",
    "records.exported",
    "records.suspended",  # the change of state is told of already
    "records.reactivated",
    "records.closed",
    "records.import_finished",
    "records.import_recalled",
    "records.import_withdrawn",
    "records.number_voided",
    "records.withdrawal_asked",
    "records.withdrawal_lapsed",
    "records.withdrawal_read",
    "records.likeness_met",  # who guesses at values may see the timeline, and would learn there what he hit
    "records.listed",
    "records.opened_for_work",
    "records.quality_read",
    "records.reasons_read",
    "records.scored",
    "records.register_exported",
    "records.counted",
    "records.report_begun",
    "records.report_failed",
    "records.report_filed",
    "records.report_read",
    "records.search_dropped",
    "records.search_saved",
    "records.contents_ordered",  # each place on the page is a read of its own
    "records.searched",
    "records.searches_read",
    "records.view_counted",
    "records.view_read",
    "records.withdrawn",
}
for room in sorted((ROOT / "services" / "records").rglob("events.py")):  # their import fills the registry
    import_module(".".join(room.relative_to(ROOT).with_suffix("").parts))
OURS = {name for name in REGISTRY if name.startswith("records.")}


class Series:
    """Counts each series by itself."""

    def __init__(self):
        self.drawn, self.given = {}, set()

    def number_taken(self, class_, number):
        return number in self.given

    def next_number(self, series):
        self.drawn[series] = self.drawn.get(series, 0) + 1
        return self.drawn[series]


@pytest.mark.parametrize(
    ("pattern", "per", "series", "number"),
    [
        ("KH-{year}-{seq:6}", ("year",), "company.customer:2026", "KH-2026-000001"),
        ("T{seq:4}", (), "company.customer", "T0001"),
        ("{department}/{seq}", ("department",), "company.customer:service", "service/1"),
        ("{basic.region}{seq:2}", ("basic.region", "year"), "company.customer:澄州:2026", "澄州01"),
    ],
)
def test_a_number_follows_its_pattern_and_counts_in_its_series(pattern, per, series, number):
    found, work = replace(COMPANY, number=Number(pattern, per, True)), Series()

    assert numbering.give(work, found, a_record(facets={"basic.region": "澄州"}), TODAY) == number
    assert work.drawn == {series: 1}


def test_numbers_count_on_and_begin_anew_in_another_series():
    work = Series()

    numbers = [numbering.give(work, COMPANY, a_record(), date(year, 1, 1)) for year in (2026, 2026, 2027)]

    assert numbers == ["KH-2026-000001", "KH-2026-000002", "KH-2027-000001"]
    assert numbering.give(work, TRADING, a_record(), TODAY) == "T0001"


def test_a_class_without_numbers_draws_none():
    work = Series()

    assert numbering.give(work, replace(COMPANY, number=None), a_record(), TODAY) is None and work.drawn == {}


def test_a_number_that_an_earlier_scheme_gave_is_passed_over():
    work = Series()
    work.given = {"T0001", "T0002"}

    assert numbering.give(work, TRADING, a_record(), TODAY) == "T0003"


def test_values_that_hold_the_separator_count_in_series_of_their_own():
    number = Number("{basic.region}/{basic.kind}/{seq}", ("basic.region", "basic.kind"))
    found, work = replace(COMPANY, number=number), Series()

    for region, kind in (("a:", "b"), ("a", ":b"), ("a%3A", "b")):
        numbering.give(work, found, a_record(facets={"basic.region": region, "basic.kind": kind}), TODAY)

    assert set(work.drawn.values()) == {1}


def entry(type, data, actor="sun"):
    return {"type": type, "at": "2026-11-20T04:00:00.000000Z", "actor": actor, "purpose": "service", "data": data}


def data_of(type):
    if type == "records.refused":
        return {"call": "read", "code": "right.missing"}
    plain = {"list[str]": ["contact.mobile"], "int": 2, "dict[str, str]": {}, "bool": False}
    return {f.name.rstrip("_"): plain.get(str(f.type), "word") for f in fields(REGISTRY[type])}


@pytest.mark.parametrize("type", sorted((OURS | {"records.refused"}) - SILENT))
def test_every_event_of_a_record_has_a_sentence_in_both_languages(type):
    line = sentence(entry(type, data_of(type)))

    assert line["en"].isascii() and "{" not in line["en"] + line["zh"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in line["zh"])
    assert (line["at"], line["actor"], line["type"]) == ("2026-11-20T04:00:00.000000Z", "sun", type)


@pytest.mark.parametrize("type", sorted(SILENT))
def test_the_others_are_silent_on_purpose(type):
    assert sentence(entry(type, data_of(type))) is None


def test_every_sentence_belongs_to_an_event():
    assert SENTENCES.keys() == (OURS | {"records.refused"}) - SILENT


def test_what_is_not_known_is_a_dash_and_lists_are_read_out():
    activated = sentence(entry("records.activated", {"number": None}, actor=None))
    changed = sentence(entry("records.changed", {"fields": ["contact.mobile", "contact.email"]}))

    assert activated["en"] == "The record was approved and is valid as –"
    assert changed["en"] == "contact.mobile, contact.email changed"


@pytest.mark.parametrize(
    ("channel", "items", "purposes", "en", "zh"),
    [
        ("counter", ["a"], ["b"], "sun took in a through counter, for b", "sun 通过“counter”收集了 a，用途：b"),
        ("", ["a"], ["b"], "sun took in a, for b", "sun 收集了 a，用途：b"),
        ("", ["a"], [], "sun took in a", "sun 收集了 a"),
        ("counter", [], [], "sun noted where data comes from through counter", "sun 通过“counter”登记了资料来源"),
    ],
)
def test_of_a_collection_only_what_is_known_is_said(channel, items, purposes, en, zh):
    told = sentence(entry("records.collected", {"channel": channel, "items": items, "purposes": purposes}))

    assert (told["en"], told["zh"]) == (en, zh)


def test_of_an_entry_that_nobody_signs_neither_signature_nor_approval_is_told():
    register = next(found for found in REGIME.classes.values() if found.kind == "register")
    spoken = Words(REGIME, register.name)

    valid = sentence(entry("records.entry_valid", {"number": "FB-1", "signers": []}), spoken)
    active = sentence(entry("records.activated", {"number": "FB-1"}), spoken)
    signed = sentence(entry("records.entry_valid", {"number": "FB-1", "signers": ["he"]}), spoken)

    assert valid["en"] == "Nobody has to sign it: it is valid as FB-1" and "无需签署" in valid["zh"]
    assert active["en"] == "It is valid as FB-1" and "批准" not in active["zh"]
    assert signed["zh"].startswith("全部签署完毕")


def test_a_word_is_said_by_what_it_stands_for_in_its_sentence():
    """
    `past`, `general` and `confirmed` each name several things in one regime.
    """
    spoken, stage = Words(REGIME, "company.customer"), REGIME.schemes["stage"].values

    looked = {"field": "contact.mobile", "method": "call_back", "result": "confirmed"}
    verified = sentence(entry("records.verified", looked), spoken)
    moved = {"scheme": "stage", "before": "unclassified", "value": "past"}
    classed = sentence(entry("records.scheme_set", moved), spoken)
    lowered = {"scheme": "level", "before": "highly_sensitive", "value": "sensitive"}
    asked = sentence(entry("records.downgrade_proposed", lowered), spoken)

    assert verified["zh"].endswith("：属实") and verified["en"].endswith(": it is right")
    assert stage["unclassified"].zh in classed["zh"] and classed["zh"].endswith(stage["past"].zh)
    assert classed["en"].endswith(f"from {stage['unclassified'].en} to {stage['past'].en}")
    assert "“密级”由 高度敏感" in asked["zh"] and "the level from Highly sensitive" in asked["en"]


def test_names_are_said_in_the_words_of_the_regime_and_a_code_is_named_beside():
    spoken = Words(REGIME, "company.customer")

    given = sentence(entry("records.consent_given", {"consented": "service", "notice": "2026-1"}), spoken)
    changed = sentence(entry("records.changed", {"fields": ["contact.mobile", "contact.email"]}), spoken)
    refused = sentence(entry("records.refused", {"call": "read", "code": "right.missing"}), spoken)

    purpose, mobile = REGIME.purposes["service"], COMPANY.fields["contact.mobile"]
    assert f"“{purpose.zh}”" in given["zh"] and purpose.en in given["en"] and given["code"] is None
    assert changed["zh"].startswith(f"{mobile.zh}、") and changed["en"].startswith(mobile.en)
    assert refused["code"] == "right.missing"

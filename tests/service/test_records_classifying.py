"""Classification on both databases: set, suggested, lowered after approval, read at its level; and the reasons."""

from __future__ import annotations

import pytest

from chassis.ids import new_id
from services.records import tables as core
from services.records.classifying import tables as t
from services.records.verifying import tables as quality
from tests.service import given_records
from tests.service.given_records import REGIME, code_of
from tests.unit.records.classified import SCHEMES, only, regime

WHY = "the annual review of the board"


@pytest.fixture
def classified(monkeypatch):
    """Puts other schemes in force."""
    return lambda *names: monkeypatch.setattr(given_records, "REGIME", only(*names))


def sets(suite, record, scheme, value, person="he", **other):
    args = {"record": record, "name": scheme, "value": value, "reason": WHY, **other}
    return suite.calls(person, "set_scheme", args)


def decides(suite, downgrade, outcome="approved"):
    told = {"kind": "downgrade", "about": "downgrade", "subject": downgrade, "outcome": outcome}
    suite.hears("settle", told)


def row(suite, record):
    [found] = [one for one in suite.rows(core.records) if one.id == record]
    return found


@pytest.mark.covers("Q-090")
def test_parallel_schemes_each_keep_their_history_and_their_reasons_for_whom_those_are_meant(suite, classified):
    classified("nature", "storage")
    record = suite.active(**{"contact.address": ""})

    sets(suite, record, "nature", "basic")
    sets(suite, record, "nature", "transaction")
    sets(suite, record, "storage", "important")
    told = suite.calls("he", "schemes", {"record": record, "scheme": "nature"})

    assert [(one["before"], one["value"], one["by"], one["reason"]) for one in told["items"]] == [
        ("basic", "transaction", "he", WHY),
        (None, "basic", "he", WHY),
    ]
    now = {one["name"]: (one["value"], one["set"]) for one in told["schemes"]}
    assert now["nature"] == ("transaction", True) and now["stage"] == ("unclassified", False)
    assert [one["reason"] for one in suite.calls("sun", "schemes", {"record": record})["items"]] == [None] * 3
    assert WHY not in str(suite.journal()), "why stays with the record"
    assert [one["of"] for one in suite.told("records.reasons_read")] == ["schemes"]
    page = suite.calls("he", "schemes", {"record": record, "limit": 2})
    assert [one["scheme"] for one in page["items"]] == ["storage", "nature"] and page["next"]
    rest = suite.calls("he", "schemes", {"record": record, "limit": 2, "after": page["next"]})
    assert [one["value"] for one in rest["items"]] == ["basic"] and rest["next"] is None


@pytest.mark.covers("Q-090")
def test_what_may_not_be_set_leaves_nothing_behind(suite, classified):
    classified("nature")
    record = suite.active()

    assert code_of(sets, suite, record, "nature", "basic", "zheng") == "scheme.set_by"
    assert code_of(sets, suite, record, "nature", "secret") == "scheme.value"
    assert code_of(sets, suite, record, "colour", "red") == "scheme.unknown"
    assert code_of(suite.calls, "sun", "set_level", {"record": record, "level": "general", "reason": WHY}) == (
        "right.missing"
    )
    assert [suite.rows(table) for table in (t.classifications, t.reasons, t.downgrades)] == [[]] * 3


@pytest.mark.covers("Q-090")
def test_every_event_of_a_record_and_its_envelope_carry_its_schemes(suite, classified):
    classified("nature")
    record = suite.active()
    sets(suite, record, "nature", "transaction")

    envelope = suite.calls(None, "envelope", {"record": record})
    suite.calls("zheng", "record_event", {"record": record, "event": "contacted", "date": "2026-11-20"})

    assert (envelope["nature"], envelope["stage"]) == ("transaction", "unclassified")
    assert suite.told("records.event_recorded")[0]["schemes"] == {"nature": "transaction"}
    assert suite.told("records.created")[0]["schemes"] == {}


@pytest.mark.covers("Q-098", "Q-099")
def test_a_record_is_born_at_the_level_of_what_nobody_has_classified_yet(suite, classified):
    classified("secrecy")

    record = suite.creates(**{"contact.address": ""})

    assert row(suite, record).level == "highly_sensitive"
    assert suite.reads("zheng", record, "basic.name")["basic.name"]["state"] == "clear", "the responsible reads all"


@pytest.mark.covers("Q-092", "Q-099")
def test_the_first_classification_by_whom_the_regime_names_ends_the_highest_level_and_the_next_lower_one_waits(
    suite, classified
):
    classified("secrecy")
    record = suite.active(**{"contact.address": ""})

    sets(suite, record, "secrecy", "company_secret")

    assert row(suite, record).level == "sensitive"
    assert {part.level for part in suite.rows(core.parts)} == {"sensitive"}
    assert sets(suite, record, "secrecy", "public")["outcome"] == "waiting"


@pytest.mark.covers("Q-090", "Q-091", "Q-001", "Q-104")
def test_a_record_is_classified_at_filing_by_facets_and_by_the_stage_of_its_relation(suite):
    record = suite.creates()

    sets(suite, record, "stage", "potential")
    suite.settles("record", record)
    sets(suite, record, "stage", "current", "zheng")

    lines = suite.calls("he", "schemes", {"record": record, "scheme": "stage"})["items"]
    assert [(one["value"], one["by"], one["version"]) for one in lines] == [
        ("current", "zheng", 4),
        ("potential", "he", 2),
    ]
    by_region = suite.calls("he", "list", {"class": "company.customer", "basic.region": "澄州"})["items"]
    assert [one["id"] for one in by_region] == [record]
    other = suite.active(**{"contact.mobile": "19900004400"})
    for stage, found in (("current", [record]), ("unclassified", [other]), ("lost", [])):
        listed = suite.calls("he", "list", {"record.stage": stage})["items"]
        assert [one["id"] for one in listed] == found
    assert code_of(suite.calls, "he", "list", {"record.stage": "nowhere"}) == "query.no_such_word"


@pytest.mark.covers("Q-096", "Q-098")
def test_a_higher_class_closes_every_field_at_once_and_raises_the_parts(suite, classified):
    classified("storage")
    record = suite.active(**{"contact.address": ""})
    assert suite.reads("sun", record, "basic.name")["basic.name"]["state"] == "clear"

    sets(suite, record, "storage", "core")

    assert suite.reads("sun", record, "basic.name")["basic.name"]["state"] == "withheld"
    assert suite.reads("zheng", record, "basic.name")["basic.name"]["state"] == "clear"
    assert {part.level for part in suite.rows(core.parts)} == {"highly_sensitive"}
    assert suite.told("records.classified")[0]["before"] == "sensitive"
    assert suite.lag.waited, "a read of the highest level waits for the ledger"


@pytest.mark.covers("Q-100")
def test_a_lower_class_waits_for_its_approval_and_takes_effect_once(suite, classified):
    classified("storage")
    record = suite.active(**{"contact.address": ""})
    sets(suite, record, "storage", "core")

    asked = sets(suite, record, "storage", "general")
    assert (asked["outcome"], row(suite, record).level) == ("waiting", "highly_sensitive")
    waiting = suite.calls("he", "schemes", {"record": record})["waiting"]
    assert [(one["scheme"], one["value"], one["reason"]) for one in waiting] == [("storage", "general", None)]
    assert suite.calls("zheng", "schemes", {"record": record})["waiting"][0]["reason"] == WHY
    for _ in range(2):
        decides(suite, asked["downgrade"])

    assert (row(suite, record).level, row(suite, record).schemes) == ("sensitive", {"storage": "general"})
    assert len(suite.told("records.scheme_set")) == 2
    [proposed] = suite.told("records.downgrade_proposed")
    assert (proposed["before"], proposed["value"], proposed["by"]) == ("core", "general", "he")
    lines = suite.calls("zheng", "schemes", {"record": record})["items"]
    assert (lines[0]["downgrade"], lines[0]["reason"]) == (asked["downgrade"], WHY)
    assert {part.level for part in suite.rows(core.parts)} == {"general", "sensitive"}


@pytest.mark.covers("Q-100")
def test_a_downgrade_that_is_rejected_or_overtaken_lowers_nothing(suite, classified):
    classified("storage")
    record = suite.active()
    sets(suite, record, "storage", "core")
    rejected = sets(suite, record, "storage", "general")["downgrade"]

    assert code_of(sets, suite, record, "storage", "general") == "proposal.waits"
    decides(suite, rejected, "rejected")
    asked = [sets(suite, record, "storage", value)["downgrade"] for value in ("general", "important")]
    for downgrade in asked:
        decides(suite, downgrade)
    sets(suite, record, "storage", "core")

    assert [one["why"] for one in suite.told("records.downgrade_lapsed")] == ["rejected", "record.stale"]
    assert row(suite, record).level == "highly_sensitive"


@pytest.mark.covers("Q-098", "Q-100")
def test_a_record_is_raised_at_once_and_comes_back_down_only_after_approval_and_never_below_its_fields(suite):
    record = suite.active(**{"contact.address": ""})

    raised = suite.calls("zheng", "set_level", {"record": record, "level": "highly_sensitive", "reason": WHY})
    assert (raised["level"], raised["outcome"], row(suite, record).raised) == ("highly_sensitive", "done") + (
        "highly_sensitive",
    )
    below = {"record": record, "level": "general", "reason": WHY}
    assert code_of(suite.calls, "zheng", "set_level", below) == "level.floor"
    asked = suite.calls("zheng", "set_level", {**below, "level": "sensitive"})
    decides(suite, asked["downgrade"])

    assert (row(suite, record).level, row(suite, record).raised) == ("sensitive", None)


@pytest.mark.covers("Q-101")
def test_a_grade_is_suggested_by_the_criteria_under_a_journalled_opening_and_confirmed_by_a_person(suite, monkeypatch):
    schemes = {"grade": {**SCHEMES["grade"], "values": {
        "none": {"en": "None", "zh": "无"},
        "near": {"en": "Near", "zh": "近", "criteria": {"basic.region": "澄州", "contact.city": {"known": "false"}}},
    }}}  # fmt: skip
    monkeypatch.setattr(given_records, "REGIME", regime(schemes))
    record = suite.active()

    asked = {"record": record, "name": "grade"}
    assert code_of(suite.calls, "sun", "suggest_scheme", asked) == "scheme.set_by"
    made = suite.calls("he", "suggest_scheme", asked)
    assert (made["value"], row(suite, record).schemes) == ("near", {}), "nothing is graded before a person says so"
    opened = [one for one in suite.told("records.opened_for_work") if one["work"] == "grading"]
    assert [one["subject"] for one in opened] == ["grade"]

    sets(suite, record, "grade", "near", suggestion=made["suggestion"])
    [line] = suite.calls("he", "schemes", {"record": record})["items"]
    assert (line["criteria"], line["suggested"], line["by"]) == (made["criteria"], "near", "he")
    assert code_of(sets, suite, record, "grade", "near", suggestion=made["suggestion"]) == "suggestion.stale"
    assert code_of(sets, suite, record, "grade", "near", suggestion=record) == "suggestion.unknown"


@pytest.mark.covers("Q-096")
def test_a_term_of_secrecy_is_told_to_whoever_reviews_it(suite, classified):
    classified("tier")
    record = suite.active()

    sets(suite, record, "tier", "company")

    due = {"class": "company.customer", "milestone": "tier_review", "on_or_before": "2027-11-20"}
    assert [one["id"] for one in suite.calls(None, "due", due)["records"]] == [record]
    [now] = [one for one in suite.calls("he", "schemes", {"record": record})["schemes"] if one["name"] == "tier"]
    assert now["until"] == "2027-11-20"
    assert suite.calls(None, "envelope", {"record": record})["keeper"] == {"role": "head", "in": "sales"}


def test_a_right_may_hang_on_a_scheme(suite, monkeypatch):
    """
    The tier, not the field, decides who reads without asking.
    """
    rights = {**REGIME.merged["rights"]}
    rights["look_up"] = {**rights["look_up"], "when": {"record.nature": "basic"}}
    monkeypatch.setattr(given_records, "REGIME", regime({"nature": SCHEMES["nature"]}, rights=rights))
    record = suite.active()

    assert suite.reads("sun", record, "basic.name")["basic.name"]["state"] == "clear", "unset counts as basic"
    sets(suite, record, "nature", "transaction")

    assert code_of(suite.reads, "sun", record, "basic.name") == "right.missing"


def test_a_change_of_state_keeps_its_reason_sealed_and_history_shows_it(suite):
    record = suite.active(**{"contact.address": ""})
    to = {"record": record, "version": 2, "to": "suspended", "reason": WHY}

    suite.calls("zheng", "transition", to)
    history = suite.calls("zheng", "versions", {"record": record, "purpose": "service"})["items"]

    assert (history[-1]["before"], history[-1]["state"], history[-1]["by"]) == ("active", "suspended", "zheng")
    assert history[-1]["reason"] == WHY and WHY not in str(suite.journal())
    others = suite.calls("sun", "versions", {"record": record, "purpose": "service"})["items"]
    assert (others[-1]["state"], others[-1]["reason"]) == ("suspended", None)
    assert WHY.encode() not in b"".join(one.sealed for one in suite.rows(t.reasons))


def test_reasons_are_not_read_while_the_ledger_does_not_follow(suite, classified):
    classified("nature")
    record = suite.active()
    sets(suite, record, "nature", "basic")
    suite.lag.behind = suite.clock.now() - suite.clock.now().replace(year=2020)

    assert code_of(suite.calls, "zheng", "schemes", {"record": record}) == "audit.lagging"


def test_with_a_record_go_its_reasons_its_figures_and_what_is_filtered(suite, classified):
    classified("nature")
    record = suite.active()
    sets(suite, record, "nature", "basic")
    version, disposal, certificate = row(suite, record).version, new_id(), new_id()

    body = {"record": record, "version": version, "disposal": disposal, "certificate": certificate}
    suite.calls(None, "destroy", {**body, "grant": suite.grant("he", record, mode="destroy")})

    assert [suite.rows(table) for table in (t.reasons, core.facets, quality.scores, quality.held_back)] == [[]] * 4
    assert [one.value for one in suite.rows(t.classifications)] == ["basic"], "that it was classified stays"
    assert code_of(sets, suite, record, "nature", "transaction") == "record.destroyed"

"""Which duties a happening opens under a regime, for whom and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import regimes
from services.retention.duties import rules
from tests.unit.retention.given import NOON, a_loan

EXTRA = """
regime: extra
en: Extra
zh: 附加
extends: [company]
settings: {contract_keep: P10Y, contact_limit: P2Y, log_keep: P12Y, review_every: quarter, fine_unit: record_only}
duties:
  hand_over:
    en: Hand over
    zh: 移交
    opens: company.customer.delivered
    owner: {person: responsible}
    due: {after: P3B}
    done: company.customer.ended
    missed: {violation: overdue_loan}
  same_day:
    en: The same day
    zh: 当日
    opens: company.customer.contacted
    when: {record.state: active}
    owner: {role: head, in: record}
    due: {after: P0D}
"""


@pytest.fixture(scope="module")
def regime(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regimes")
    (folder / "extra.yaml").write_text(EXTRA)
    return regimes.load("extra", folder)


def an_event(happened, on="2026-09-30", **given):
    data = {"class": "company.customer", "state": "active", "department": "service", "responsible": "zheng"}
    data |= {"creator": "sun", "level": "general", "happened": happened, "on": on, **given}
    return {"id": "e-1", "record": "r-1", "at": "2026-09-30T04:00:00.000000Z", "data": data}


def opened(regime, event):
    happening = rules.of_record(event)
    return rules.opened_by(regime, happening, happening.names(regime))


def test_three_working_days_from_wednesday_30_september_2026_end_on_a_make_up_saturday(regime):
    (duty,) = opened(regime, an_event("delivered"))

    assert (duty.name, duty.owner, duty.due) == ("hand_over", "zheng", "2026-10-10")
    assert duty.due_at.astimezone(UTC) == datetime(2026, 10, 10, 16, tzinfo=UTC)


def test_a_duty_counts_from_the_day_it_happened_not_from_the_day_it_was_told(regime):
    (duty,) = opened(regime, an_event("delivered", on="2026-09-01"))

    assert duty.due == "2026-09-04"


def test_the_same_day_lasts_until_midnight_where_the_regime_is_in_force(regime):
    (duty,) = opened(regime, an_event("contacted"))

    assert (duty.due, duty.role) == ("2026-09-30", "head:service")
    assert duty.due_at.isoformat() == "2026-10-01T00:00:00+08:00"


def test_a_condition_that_does_not_hold_opens_nothing(regime):
    assert opened(regime, an_event("contacted", state="past")) == []


def test_what_no_duty_is_about_opens_and_closes_nothing(regime):
    happening = rules.of_record(an_event("quarrelled"))

    names = happening.names(regime)

    assert rules.opened_by(regime, happening, names) == [] and rules.closes(regime, names) == []


def test_a_happening_closes_the_duties_that_are_done_by_it(regime):
    happening = rules.of_record(an_event("ended"))

    assert rules.closes(regime, happening.names(regime)) == ["company.customer.ended"]


def test_a_loan_always_opens_the_duty_to_return(regime):
    (duty,) = rules.of_loan(regime, a_loan())

    assert (duty.owner, duty.done_by, duty.violation) == ("sun", "loan.returned", "overdue_loan")
    assert duty.due_at == a_loan().due_at


def test_a_regime_without_a_word_on_loans_still_opens_it(regime):
    silent = type("Silent", (), {"duties": {}, "timezone": regime.timezone})()

    (duty,) = rules.of_loan(silent, a_loan())

    assert (duty.name, duty.owner, duty.violation) == ("return_loan", "sun", None)


def test_a_yearly_duty_has_one_key_a_year(regime):
    keys = {key for month in (1, 6, 12) for key, _ in rules.recurring(regime, date(2026, month, 15))}

    assert {key for key in keys if key.startswith("yearly_check")} == {"yearly_check:2026-01-01"}
    assert len(keys) == 4, "and one of each quarter that was looked at"


def test_a_duty_of_nobody_in_particular_falls_to_the_head_of_the_department():
    assert rules.resolve({"person": "giver"}, {}, "sales") == (None, "head:sales")
    assert rules.resolve({"any_of": [{"role": "archivist"}, {"role": "head"}]}, {}, None) == (None, "archivist")
    assert rules.resolve({"role": "member", "in": "finance_section"}, {}, "sales") == (None, "member:finance_section")
    assert NOON.tzinfo is UTC

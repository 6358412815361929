"""Schemes and views: what the engines read of them, and names that lead nowhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import regimes
from chassis.errors import Invalid
from regimes import check, conditions
from regimes.people import Organisation
from tests.unit.regimes.given import case, envelope

ANSWERS = "settings: {contract_keep: P10Y, contact_limit: P2Y, log_keep: P12Y, review_every: quarter}\n"
TIER = """
schemes:
  tier:
    {en: Custody tier, zh: 保管级别, of: trading.customer, unset: company, set_by: [archivist],
     values: {company: {en: Company, zh: 公司级, keeper: chairman, level: highly_sensitive, lasts: P5Y},
              individual: {en: Individual, zh: 个人级, keeper: {person: responsible},
                           criteria: {business.since: {older: P3Y}}}}}
"""


def a_regime(folder: Path, text: str) -> regimes.Regime:
    (folder / "mine.yaml").write_text("regime: mine\nextends: [company, trading]\n" + ANSWERS + TIER + text, "utf-8")
    return regimes.load("mine", folder)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(Invalid) as found:
        a_regime(folder, text)
    return str(found.value)


@pytest.mark.covers("Q-001", "Q-090", "Q-104")
def test_a_record_has_the_schemes_of_its_class_and_of_those_it_extends(tmp_path: Path) -> None:
    regime = a_regime(tmp_path, "")

    assert [one.name for one in regime.schemes_of("company.customer")] == ["stage", "reach", "route", "importance"]
    tier = {one.name: one for one in regime.schemes_of("trading.customer")}["tier"]
    assert tier.unset == "company" and tier.set_by == ({"role": "archivist"},)
    assert tier.values["company"].keeper == {"role": "chairman"} and tier.values["company"].lasts == "P5Y"
    assert tier.values["individual"].level is None


def test_a_rule_may_hang_on_a_scheme_set_or_not(tmp_path: Path, company: Organisation) -> None:
    rule = "requests: {view: {rules: {tiers: {of: trading.customer, when: {record.tier: company}, chain: [chairman]}}}}"
    regime = a_regime(tmp_path, rule)

    def deciders(**schemes: str) -> list[Any]:
        record = envelope("trading.customer", **schemes)
        return [step.who for step in regime.rule("view", case(company, "sun", record)).chain]

    assert {"role": "chairman"} in deciders()  # what is not classified counts as the unset value
    assert {"role": "chairman"} in deciders(tier="company")
    assert {"role": "chairman"} not in deciders(tier="individual")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("schemes: {tier: {unset: compny}}", "did you mean company"),
        ("schemes: {tier: {of: trading.custmer}}", "did you mean trading.customer"),
        ("schemes: {tier: {set_by: [archivst]}}", "did you mean archivist"),
        ("schemes: {tier: {values: {company: {level: secret}}}}", "there is no 'secret'"),
        ("schemes: {tier: {values: {individual: {keeper: {person: keper}}}}}", "did you mean keeper"),
        ("schemes: {tier: {values: {odd: {level: general}}}}", "'odd' has no title"),
        ("schemes: {tier: {values: {individual: {criteria: {business.sinse: {older: P3Y}}}}}}", "mean business.since"),
        ("schemes: {state: {en: S, zh: 甲, of: customer, unset: a, values: {a: {en: A, zh: 甲}}}}", "state is taken"),
        (
            "requests: {view: {rules: {x: {of: trading.customer, when: {record.tier: compny}, chain: [chairman]}}}}",
            "did you mean company",
        ),
        (
            "requests: {view: {rules: {x: {of: company.customer, when: {record.tier: company}, chain: [chairman]}}}}",
            "the scheme 'tier' is not one of the classes",
        ),
        (
            "requests: {view: {rules: {x: {of: customer, when: {record.changed: {older: P1Y}}, chain: [chairman]}}}}",
            "a condition here reads",
        ),
        (
            "requests: {view: {rules: {x: {of: customer, when: {event.on: {coming: P7D}}, chain: [chairman]}}}}",
            "stands in views only",
        ),
        (
            "requests: {view: {rules: {x: {of: customer, when: {applicant.class: other_dept}, chain: [archivist]}}}}",
            "there is no 'other_dept'",
        ),
        ("requests: {view: {rules: {x: {of: customer, needs: [{entry: start_from}], chain: []}}}}", "start_form"),
        ("rights: {x: {who: employee, may: [view], of: customer, needs: [{read: custmer}]}}", "there is no 'custmer'"),
        ("rights: {x: {who: {person: nobody}, may: [view], of: customer}}", "there is no 'nobody'"),
    ],
)  # fmt: skip
def test_a_misspelt_scheme_or_value_is_refused(tmp_path: Path, text: str, word: str) -> None:
    if text.startswith("schemes: {tier"):
        (tmp_path / "below.yaml").write_text("regime: below\nextends: [company, trading]\n" + ANSWERS + TIER, "utf-8")
        (tmp_path / "mine.yaml").write_text("regime: mine\nextends: [below]\n" + text, "utf-8")
    else:
        tier = "" if text.startswith("schemes") else TIER
        (tmp_path / "mine.yaml").write_text(
            f"regime: mine\nextends: [company, trading]\n{ANSWERS}{tier}{text}", "utf-8"
        )
    with pytest.raises(Invalid) as found:
        regimes.load("mine", tmp_path)
    assert word in str(found.value)


VIEW = "views: {{v: {{en: V, zh: 视图, of: trading.customer, read: finance_clerk, purpose: trade, {rest}}}}}"


@pytest.mark.parametrize(
    ("rest", "word"),
    [
        ("fields: [basic.nmae]", "did you mean basic.name"),
        ("fields: [basic.name], when: {record.tier: compny}", "did you mean company"),
        ("fields: [basic.name], when: {basic.kind: enterprize}", "did you mean enterprise"),
        ("fields: [basic.name], when: {basic.born: x}", "no field 'basic.born'"),
        ("fields: [basic.name], split_by: departmant", "did you mean department"),
        ("fields: [basic.name], when: {business.since: {coming: P7B}}", "days, months or years"),
        ("sum: credit.grade", "is no measure"),
        ("sum: credit.owed, share_by: credit.defaults", "there is no 'credit.defaults'"),
        ("smallest: 5", "shows nothing"),
        ("count: record, smallest: 0", "at least 1"),
        ("fields: [basic.name], colour: red", "unknown key"),
    ],
)
def test_a_view_that_could_show_nothing_is_refused(tmp_path: Path, rest: str, word: str) -> None:
    told = refusal(tmp_path, VIEW.format(rest=rest))
    assert word in told and "views.v" in told


def test_a_view_reads_only_what_its_purpose_opens(tmp_path: Path) -> None:
    view = "views: {v: {en: V, zh: 视图, of: company.customer, read: archivist, purpose: %s, fields: [%s]}}"
    assert a_regime(tmp_path, view % ("marketing", "basic.name")).views["v"].purpose == "marketing"
    assert "may not be read for marketing" in refusal(tmp_path, view % ("marketing", "credit.grade"))
    assert "not collected for trade" in refusal(tmp_path, view % ("trade", "basic.name"))


@pytest.mark.covers("Q-056", "Q-200")
def test_the_shipped_views_are_there(hengtong: regimes.Regime) -> None:
    views = hengtong.views
    assert {"incomplete", "unverified", "stale", "duplicates", "prospects", "composition"} <= set(views)
    assert views["customer_list"].split_by == "department" and views["customer_list"].when == [
        {"record.state": "active"}
    ]
    assert views["credit_shares"].smallest == 5 and views["credit_shares"].every == "quarter"
    assert views["unit_uses"].smallest == 5, "where the regime names no figure"


@pytest.mark.covers("Q-092", "Q-093", "Q-094", "Q-095", "Q-097", "Q-099")
def test_every_secrecy_wording_counts_as_its_highest_until_set(tmp_path: Path, company: Organisation) -> None:
    (tmp_path / "mine.yaml").write_text(
        "regime: mine\nextends: [company, trading, classification]\n" + ANSWERS, "utf-8"
    )
    regime = regimes.load("mine", tmp_path)

    for name in ("secrecy", "sensitivity", "information", "storage"):
        scheme = regime.schemes[name]
        ranks = {value.name: regime.levels[value.level or ""].rank for value in scheme.values.values()}
        assert ranks[scheme.unset] == max(ranks.values())
    assert not check.refused(check.run(regime, company))


@pytest.mark.covers("Q-200")
@pytest.mark.parametrize(
    ("test", "actual", "holds"),
    [
        ({"older": "P1Y"}, "2025-05-19", True),
        ({"older": "P1Y"}, "2025-05-20", False),
        ({"older": "P1Y"}, "2025-05-19T23:00:00Z", True),
        ({"older": "P1Y"}, None, False),
        ({"coming": "P7D"}, "2026-05-27", True),
        ({"coming": "P7D"}, "2026-05-28", False),
        ({"coming": "P7D"}, "1990-05-22", True),  # a birthday comes every year
        ({"coming": "P7D"}, "1990-05-19", False),
        ({"coming": "P7D"}, "2027-05-22", False),  # a day still to come is meant itself
        ({"coming": "P7D"}, "unknown", False),
    ],
)
def test_days_are_compared_with_the_day_it_is(test: Any, actual: Any, holds: bool) -> None:
    when = [{"regular.birthday": test}]
    assert conditions.holds(when, {"regular.birthday": actual, "today": date(2026, 5, 20)}) is holds


def test_a_birthday_on_29_february_is_the_28th_in_other_years() -> None:
    case = {"regular.birthday": "2000-02-29", "today": date(2026, 2, 27)}
    assert conditions.holds([{"regular.birthday": {"coming": "P1D"}}], case)

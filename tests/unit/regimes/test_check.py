"""The linter: the shipped regimes pass, and each planted fault is named."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import regimes
from regimes import check, supervision
from regimes.people import Organisation
from regimes.regime import Regime


def changed(regime: Regime, path: str, value: Any) -> Regime:
    """The regime with one value replaced; None takes it out."""
    merged = copy.deepcopy(regime.merged)
    *above, last = path.split("/")
    place = merged
    for key in above:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return Regime(merged)


def codes(regime: Regime, company: Organisation | None = None) -> set[str]:
    return {one.code for one in check.run(regime, company) if one.grade == "error"}


def test_the_demo_regime_has_no_error(hengtong: regimes.Regime, company: Organisation) -> None:
    found = check.run(hengtong, company)
    assert not check.refused(found), found
    assert any(one.code == "chain.dead_end" and one.detail.endswith("for chen") for one in found)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("requests/view/rules/files/chain", ["archivist"], "example.failed"),
        ("requests/destroy/rules/destroy_files/chain", [], "chain.alone"),
        ("requests/create/rules/reviewed", None, "action.no_rule"),
        ("requests/change/rules/reported", None, "action.no_rule"),
        ("duties/return_loan/due/after", "P8D", "example.failed"),
        ("schedules/contracts/end_of", "month", "example.failed"),
        ("tariffs/files/doubles/employee", "3", "example.failed"),
        ("requests/borrow/rules/exception/chain", ["query_user"], "example.failed"),
        ("classes/company.customer/department", "moon", "place.unknown"),
    ],
)
def test_a_planted_fault_is_named(
    hengtong: regimes.Regime, company: Organisation, path: str, value: Any, code: str
) -> None:
    assert code in codes(changed(hengtong, path, value), company)


def test_every_rule_is_needed_by_an_example(hengtong: regimes.Regime) -> None:
    """Taking any one rule away breaks an example."""
    for kind, entry in hengtong.requests.items():
        for name in entry.rules:
            assert codes(changed(hengtong, f"requests/{kind}/rules/{name}", None)), f"{kind}.{name}"


def test_a_rule_without_example_and_a_role_nobody_holds(hengtong: regimes.Regime, company: Organisation) -> None:
    quiet = changed(hengtong, "examples", [])
    assert {one.code for one in check.run(quiet)} == {"rule.no_example"}
    people = {name: person for name, person in company.people.items() if name != "he"}
    smaller = Organisation(people, company.departments, company.bodies)
    assert "role.unheld" in codes(hengtong, smaller)


def test_fines_double_from_the_nth_offence(hengtong: regimes.Regime) -> None:
    found = supervision.fines(hengtong, ["overdue_loan"] * 3, "employee")
    assert [(one.amount, one.nth) for one in found] == [("20", 1), ("40", 2), ("40", 3)]
    assert found[0].unit == "record_only"


def test_offences_count_within_month_or_rolling_period(hengtong: regimes.Regime) -> None:
    from dataclasses import replace
    from datetime import date

    tariff = hengtong.tariffs["files"]
    assert supervision.counts_from(tariff, date(2026, 11, 20), hengtong.calendar) == date(2026, 11, 1)
    rolling = replace(tariff, within="P7D")
    assert supervision.counts_from(rolling, date(2026, 11, 20), hengtong.calendar) == date(2026, 11, 14)


def test_the_command_prints_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    from tests.unit.regimes.conftest import DEMO

    assert check.main(["hengtong", str(DEMO / "regimes"), str(DEMO / "organisation.yaml")]) == 0
    assert "findings" in capsys.readouterr().out

"""Any class of any regime takes a valid record alike on the three roads, and says of a wrong value what to do."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import regimes
from chassis.errors import Invalid
from regimes import Regime, check, examples, organisation
from services.records import sealing
from tests.regimes.values import broken, by_hand, records

ROOT = Path(__file__).resolve().parents[2]
ADOPTED = Path(__file__).parent / "adopted"
PEOPLE = ROOT / "demo" / "organisation.yaml"
HOUSES = sorted(path.stem for path in ADOPTED.glob("*.yaml"))
QUICK = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def loaded(name: str) -> Regime:
    """One of the regimes that houses adopt, or the demo's."""
    return regimes.load(name, ADOPTED, ROOT / "demo" / "regimes")


def every_class() -> list[tuple[str, str]]:
    """Each class once, in the first regime that has it."""
    found: dict[str, str] = {}
    for regime in ("hengtong", *HOUSES):
        for name in loaded(regime).classes:
            found.setdefault(name, regime)
    return [(regime, name) for name, regime in found.items()]


CLASSES = [pytest.param(regime, name, id=name) for regime, name in every_class()]


@pytest.mark.covers("Q-066", "Q-072")
@pytest.mark.parametrize("name", HOUSES)
def test_every_regime_stands_with_the_people_of_the_demo_and_all_its_examples_hold(name: str) -> None:
    findings = check.run(loaded(name), organisation.load(PEOPLE))

    assert [one for one in findings if one.grade == "error" or one.code == "rule.no_example"] == []
    assert list(examples.failures(loaded(name))) == []


@pytest.mark.covers("Q-042", "Q-043", "Q-044", "Q-045", "Q-046", "Q-047", "Q-048", "Q-050", "Q-052")
@pytest.mark.parametrize("name", HOUSES)
def test_every_customer_class_has_the_six_modules_and_their_fields(name: str) -> None:
    regime = loaded(name)
    norm = regime.all_classes["customer"]
    for entry in (one for one in regime.classes.values() if one.is_a(("customer",))):
        assert norm.fields.keys() <= entry.fields.keys(), entry.name
        ranks = {path: (regime.levels[entry.fields[path].level].rank, field) for path, field in norm.fields.items()}
        assert all(rank >= regime.levels[field.level].rank for rank, field in ranks.values()), entry.name


@pytest.mark.covers("Q-071", "Q-118")
@pytest.mark.parametrize(("regime", "name"), CLASSES)
@QUICK
@given(data=st.data())
def test_a_valid_record_is_taken_alike_by_entry_import_and_change(regime: str, name: str, data: st.DataObject) -> None:
    house = loaded(regime)
    found = house.classes[name]
    given_ = data.draw(records(found, house))

    entered = sealing.check(found, given_, house)
    facets = sealing.facets_of(found, entered)

    # A file brings texts; a change brings some fields to what the record is already.
    assert sealing.check(found, dict(entered), house) == entered, "what was stored reads back as it is"
    rest = {path: value for path, value in given_.items() if path not in facets}
    assert sealing.check(found, rest, house, whole=False, known=facets) == {path: entered[path] for path in rest}
    assert sealing.complete(found, entered, entered)


@pytest.mark.covers("Q-067", "Q-073", "Q-074")
@pytest.mark.parametrize(("regime", "name"), CLASSES)
def test_a_wrong_value_is_refused_by_field_rule_and_remedy(regime: str, name: str) -> None:
    house = loaded(regime)
    found = house.classes[name]
    for path, field in by_hand(found).items():
        wrong = broken(field)
        with pytest.raises(Invalid) as refused:
            sealing.check(found, {path: wrong}, house, whole=False)
        [error] = refused.value.facts["errors"]
        assert error["pointer"] == f"/fields/{path}"
        assert "." in error["code"] and len(error["detail"]) > 10
        assert wrong not in error["detail"], "an answer never repeats a value"


@pytest.mark.covers("Q-070")
@pytest.mark.parametrize(("regime", "name"), CLASSES)
@QUICK
@given(data=st.data())
def test_no_core_field_may_be_missing(regime: str, name: str, data: st.DataObject) -> None:
    house = loaded(regime)
    found = house.classes[name]
    given_ = data.draw(records(found, house))
    core = [path for path in found.core if path in given_]
    if not core:
        return
    left_out = data.draw(st.sampled_from(core))

    assert pointers(found, {path: one for path, one in given_.items() if path != left_out}, house) == {
        f"/fields/{left_out}"
    }


def pointers(found: Any, given_: dict[str, Any], house: Regime) -> set[str]:
    """What is wrong with a record."""
    with pytest.raises(Invalid) as refused:
        sealing.check(found, given_, house)
    return {error["pointer"] for error in refused.value.facts["errors"]}

"""Every requirement of records is answered by a test, by a regime, or waits for a reason that is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace as Of

import pytest

from cli import requirements
from tests.requirements import Proofs

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (Q-\d{3}) \|", re.M)
NAMED = re.compile(r"`(tests/[^`]+)`")


def page() -> str:
    """The map as it lies in the tree."""
    return requirements.MAP.read_text("utf-8")


def test_the_map_has_every_requirement_once() -> None:
    assert sorted(ROW.findall(page())) == sorted(requirements.wanted())


def test_what_is_left_out_has_a_reason_and_is_a_requirement() -> None:
    waiting = requirements.left_out()

    assert waiting.keys() <= requirements.wanted().keys()
    assert [name for name, reason in waiting.items() if len(str(reason)) < 20] == []
    assert page().partition("## What waits")[2].count("\n| Q-") == len(waiting)


def test_what_is_not_left_out_is_proved_by_a_test_or_said_in_a_regime() -> None:
    rows = [line for line in page().partition("## What waits")[0].splitlines() if ROW.match(line)]

    assert [line for line in rows if line.endswith("| – | – |")] == []


def test_every_test_on_the_map_is_there_and_says_what_it_proves() -> None:
    for line in (line for line in page().splitlines() if ROW.match(line)):
        name = line.split("|")[1].strip()
        for test in NAMED.findall(line):
            file, function = test.split("::")[0], test.split("::")[-1]
            before, found, _ = (ROOT / file).read_text("utf-8").partition(f"def {function}(")
            assert found, test
            marked = before.rpartition("\n\n\n")[2] + "".join(re.findall(r"pytestmark = .*", before))
            assert name in marked, f"{test} does not say that it proves {name}"


def test_a_regime_that_answers_a_requirement_is_named_beside_it() -> None:
    said = requirements.in_regimes()

    assert "property.yaml" in said["Q-079"], "a range of requirements names each of them"
    assert page().count("`property.yaml`") >= 3


@pytest.mark.parametrize(("outcomes", "proved"), [([True, True], ["Q-001"]), ([True, False], [])])
def test_only_a_test_all_of_whose_cases_pass_proves_anything(
    tmp_path: Path, outcomes: list[bool], proved: list[str]
) -> None:
    proofs = Proofs(tmp_path)
    marker = Of(args=("Q-001",))
    cases = [Of(nodeid=f"tests/a.py::test_it[{n}]", iter_markers=lambda name: [marker]) for n in range(2)]
    proofs.pytest_collection_finish(Of(items=cases))

    for case, passed in zip(cases, outcomes, strict=True):
        proofs.pytest_runtest_logreport(Of(nodeid=case.nodeid, passed=passed))
    proofs.pytest_sessionfinish()

    assert json.loads((tmp_path / "tests.a.py.json").read_text("utf-8")) == {"tests/a.py::test_it": proved}

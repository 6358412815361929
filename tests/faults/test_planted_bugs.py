"""Five planted bugs: a checker that never found anything proves nothing."""

from __future__ import annotations

import random
import sys

import pytest

from tests.faults.crashing import EVERYWHERE, client_of, findings_of, run_rounds
from tests.system.conftest import running
from tests.system.suite import Suite

CAUGHT = {
    "publish-before-commit": {"extra_events"},
    "no-inbox": {"doubled", "lost"},
    "journal-after-answer": {"unjournalled"},
    "mark-before-confirm": {"stuck", "lost"},
    # Whoever repeats a creation is told that there is such a customer already, and had not asked for that.
    "answer-not-kept": {"doubled", "unexpected"},
}


# All of them under `make faults`; otherwise two, drawn by lot.
PLANTED = sorted(CAUGHT) if EVERYWHERE else random.SystemRandom().sample(sorted(CAUGHT), 2)


@pytest.mark.parametrize("bug", PLANTED)
def test_checker_finds(bug: str) -> None:
    with running("embedded", (sys.executable, "-m", "tests.faults.planted", bug)) as suite:
        die_in_the_middle(suite, bug)

        findings = findings_of(suite, seconds=12)

        assert findings.kinds() & CAUGHT[bug], findings.lines()


def die_in_the_middle(suite: Suite, bug: str) -> None:
    """One round, in which the process dies where this bug hurts."""
    client = client_of(suite, patience=5)
    if bug == "journal-after-answer":
        run_rounds(suite, client, 1)
        suite.kill9("suite")
        suite.restart("suite")
        return
    suite.kill9("suite")
    suite.fail["suite"] = "planted:1"
    suite.restart("suite")
    run_rounds(suite, client, 1)

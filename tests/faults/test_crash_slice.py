"""A slice of `make chaos`: each of the seven things dies once while four clients write."""

from __future__ import annotations

import pytest

from tests.faults.chaos import Run

pytestmark = pytest.mark.slow


def test_nothing_is_lost_doubled_or_unjournalled_whatever_is_killed() -> None:
    run = Run(kills=1, writes=150, between=8)

    findings = run.execute()

    print(*run.lines(findings), sep="\n")
    assert findings.lines() == []
    assert len(run.history.acknowledged()) >= 150

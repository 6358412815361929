"""kill -9 of the one process at every failpoint: nothing lost, nothing twice, once it is back."""

from __future__ import annotations

import pytest

from tests.faults.crashing import client_of, findings_of, run_rounds
from tests.system.conftest import running

pytestmark = pytest.mark.timeout(180)

PLACES = ("relay.numbered:3", "relay.confirmed:3", "relay.confirmed:11")


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_lost_or_doubled_when_the_process_dies_at(place: str) -> None:
    with running("embedded") as suite:
        client = client_of(suite)
        suite.kill9("suite")
        suite.fail["suite"] = place
        suite.restart("suite", ready=False)

        run_rounds(suite, client)

        assert suite.deaths == ["suite"]
        assert findings_of(suite).lines() == []

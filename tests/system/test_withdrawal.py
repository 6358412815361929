"""A consent taken back shuts in every process at once: embedded, and with two of records side by side."""

from __future__ import annotations

import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.http import Refusal
from tests.nodes.processes import LOOPBACK, end_with_parent, free_port
from tests.system.life import a_record, activate
from tests.system.suite import ROOT, Suite

SECOND, FIGURE = "records-2", "muniment_requests_total"
READS = 'entrypoint="read"'


@contextmanager
def a_second_records(suite: Suite) -> Iterator[None]:
    """Another process of records beside the first; embedded there is one process and no other."""
    if not suite.distributed:
        yield
        return
    suite.ports[SECOND] = free_port()
    with (suite.logs / f"{SECOND}.log").open("ab") as log:
        suite.processes[SECOND] = subprocess.Popen(
            [*suite.program, "serve", "records"],
            cwd=ROOT,
            env=suite.environment(SECOND),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=end_with_parent,  # noqa: PLW1509
        )
    try:
        suite.wait_ready([SECOND])
        yield
    finally:
        suite.terminate(SECOND)
        del suite.processes[SECOND]


def reads(suite: Suite, process: str) -> float:
    """How many reads a process has answered."""
    with urllib.request.urlopen(f"http://{LOOPBACK}:{suite.ports[process]}/metrics", timeout=30) as answer:
        found = [line for line in answer.read().decode().splitlines() if line.startswith(FIGURE) and READS in line]
    return sum(float(line.rpartition(" ")[2]) for line in found)


@pytest.mark.covers("Q-013")
def test_what_was_taken_back_is_shut_in_every_process_from_the_answer_on(suite: Suite) -> None:
    """
    The promise is one second; what holds is that no read begun after the answer shows anything.
    """
    record = a_record(suite, {"contact.mobile": "19900001234"})
    activate(suite, record)
    clerk, path = suite.gateway("zheng"), f"/v1/records/{record}?purpose=service&fields=contact.mobile"

    def shown() -> str:
        try:
            return str(clerk.get(path)["fields"]["contact.mobile"]["state"])
        except Refusal as refusal:
            return refusal.code

    with a_second_records(suite):
        assert {shown() for _ in range(20)} == {"clear"}
        answers = clerk.get(f"/v1/records/{record}/consents")
        given = answers["items"][0]["id"]

        clerk.post(f"/v1/records/{record}/consents/{given}/withdrawal", {})

        assert [shown() for _ in range(20)] == ["consent.withdrawn"] * 20
        if suite.distributed:
            assert reads(suite, SECOND) > 0 and reads(suite, "records") > 0, "both have answered"
    whole = clerk.get(f"/v1/parties/{answers['party']}")
    assert [one["id"] for one in whole["records"]] == [record]
    assert [(one["state"], one["receipt"]) for one in whole["consents"]] == [("withdrawn", given)]
    assert clerk.get("/v1/privacy-notices")["items"][0]["version"] == "2026-1"
    assert [one["origin"] for one in clerk.get(f"/v1/records/{record}/collections")["items"]] == ["customer"]

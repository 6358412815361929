"""Logs let out what is on their list and nothing else; failpoints end a process exactly where they are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CANARY = "13812345678-canary"
LOGGING = f"""
import logging
from chassis import logs
logs.configure()
logs.log.warning("event.failed", service="records", number=3, name="{CANARY}", body={{"mobile": "{CANARY}"}},
                 exc_info=ValueError("{CANARY}"), reason="{CANARY}")
logs.log.info("too.quiet", service="records")
logging.getLogger("nameko").error("args: %s", "{CANARY}")
try:
    raise ValueError("{CANARY}")
except ValueError:
    logs.log.error("worker.failed", exc_info=True, error="ValueError")
    logging.getLogger("kombu").exception("raw: %r", "{CANARY}")
"""
FAILING = """
from chassis.failpoints import failpoint
for number in range(5):
    failpoint("other")
    failpoint("here")
    print(number, flush=True)
"""


def ran(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)


def test_only_what_is_on_the_list_comes_out() -> None:
    done = ran(LOGGING)

    first, second = (json.loads(line) for line in done.stderr.splitlines())
    assert done.returncode == 0 and CANARY not in done.stderr + done.stdout
    assert {"event": "event.failed", "service": "records", "number": 3, "level": "warning"}.items() <= first.items()
    assert set(first) == {"event", "service", "number", "level", "timestamp"}
    assert set(second) == {"event", "error", "level", "timestamp"}


@pytest.mark.parametrize(
    ("named", "code", "passed"), [("", 0, 5), ("here", 137, 0), ("here:3", 137, 2), ("here:9", 0, 5), ("nowhere", 0, 5)]
)
def test_a_failpoint_ends_the_process_at_the_nth_passing_and_else_does_nothing(
    named: str, code: int, passed: int
) -> None:
    done = ran(FAILING, MUNIMENT_FAIL=named)

    assert (done.returncode, len(done.stdout.splitlines())) == (code, passed)

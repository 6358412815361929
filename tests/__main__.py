"""Every test, in several processes side by side, the longest first: much of what they do is to wait.

Each has private nodes of its own; on a broker that AMQP_URI names they take turns. With arguments it is plain pytest.
Ends non-zero if any does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
NODES_AND_SUITES = ("tests/faults/test_broker_faults.py", "tests/faults/test_crash_slice.py")
SUITES_ALONE = tuple(f"tests/system/test_{name}.py" for name in ("canaries", "fail_closed", "given_servers", "road"))
OF_RECORDS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/service/test_records_*.py"))
# What pytest is given, longest first; a file that is named nowhere runs with its folder.
SHARES = {
    "faults: one process": ("tests/faults", *(f"--ignore={path}" for path in NODES_AND_SUITES)),
    "services: records": tuple(OF_RECORDS),
    "system": ("tests/system", *(f"--ignore={path}" for path in SUITES_ALONE)),
    "system: suites of their own": SUITES_ALONE,
    "faults: broker and database": NODES_AND_SUITES,
    "contracts": ("tests/contracts",),
    "services: the others": ("tests/service", *(f"--ignore={path}" for path in OF_RECORDS)),
    "units": ("tests/unit",),
    "regimes": ("tests/regimes",),
}
IN_MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes that the nodes and suites of all shares never need at once


def main(arguments: list[str]) -> int:
    """Run all and show each as soon as it is done."""
    with _environment() as environment:
        if arguments:
            return _pytest(arguments, environment).wait()
        # On one given broker their queues, which have the same names, would meet.
        given = os.environ.get("AMQP_URI", "").startswith("amqp")
        with ThreadPoolExecutor(1 if given else (os.cpu_count() or 1) + 1) as workers:
            codes = list(workers.map(partial(_share, environment), SHARES))
    failed = [name for name, code in zip(SHARES, codes, strict=True) if code]
    print(f"FAILED: {', '.join(failed)}" if failed else "all passed", flush=True)
    return max(codes, key=abs)


def _share(environment: dict[str, str], name: str) -> int:
    begun, output = time.monotonic(), Path(environment["TMPDIR"]) / f"{name.replace(' ', '-')}.log"
    with output.open("wb") as file:
        code = _pytest(["-q", *SHARES[name]], environment, file).wait()
    text = output.read_text(errors="replace")
    print(f"---- {name}: {time.monotonic() - begun:.0f} s\n{text}", flush=True)
    return code


def _pytest(arguments: list[str], environment: dict[str, str], output: object = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, env=environment, stdout=output, stderr=output and subprocess.STDOUT)  # type: ignore


@contextmanager
def _environment() -> Iterator[dict[str, str]]:
    """What is written for an hour only is written to memory, where there is enough; what is compiled is kept."""
    with tempfile.TemporaryDirectory(prefix="muniment-tests-", dir=_room(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # a PostgreSQL that root starts runs as another user
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        yield kept | {"TMPDIR": folder, "MUNIMENT_TESTS_PREPARED": folder}


def _room() -> Path | None:
    roomy = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM
    return IN_MEMORY if roomy and psutil.virtual_memory().available > ROOM else None


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # the processes were interrupted as well, and have ended their nodes by now
        sys.exit(main(sys.argv[1:]))
    sys.exit(130)

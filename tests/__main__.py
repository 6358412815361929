"""Every test, in two processes side by side: one for what needs a service or two, one for whole suites and faults.

Each has private nodes of its own; on a broker that AMQP_URI names they take turns. With arguments it is plain pytest.
Ends non-zero if either does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HALVES = {
    "units, services, contracts": ("tests/unit", "tests/service", "tests/contracts"),
    "suites, faults": ("tests/system", "tests/regimes", "tests/faults"),
}


def main(arguments: list[str]) -> int:
    """Run and show both, one after the other, as soon as both are done."""
    if arguments:
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode
    with tempfile.TemporaryDirectory() as folder:
        running = {}
        for number, (name, paths) in enumerate(HALVES.items()):
            running[name] = _start(paths, Path(folder) / str(number))
            # On one broker their queues, which have the same names, would meet.
            if os.environ.get("AMQP_URI", "").startswith("amqp"):
                running[name][0].wait()
        codes = [process.wait() for process, _ in running.values()]
        for name, (_, output) in running.items():
            print(f"---- {name}", output.read_text(errors="replace"), sep="\n", flush=True)
    return max(codes, key=abs)


def _start(paths: tuple[str, ...], output: Path) -> tuple[subprocess.Popen[bytes], Path]:
    with output.open("wb") as file:
        command = [sys.executable, "-m", "pytest", "-q", *paths]
        return subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT), output


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
